package fingerprint_test

import (
	"strconv"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/testdata/truth"
)

// clientFacts compares what the client said of itself.
func clientFacts(s truth.Stream, c *report.Client) []captureFact {
	facts := []captureFact{{"client", s.Client, c.Address}}
	add := func(name string, theirs, ours any) { facts = append(facts, captureFact{name, theirs, ours}) }
	if len(s.SMB1Requests) > 0 {
		add("client's SMB1 dialects", s.SMB1Requests[0].Dialects, c.SMB1Dialects)
	} else {
		add("client's SMB1 dialects", []string(nil), c.SMB1Dialects)
	}
	if len(s.SMB2Requests) > 0 {
		m := s.SMB2Requests[0]
		var dialects []string
		for _, d := range m.Dialects {
			dialects = append(dialects, smb.Dialect(d).String())
		}
		add("client's dialects", dialects, c.Dialects)
		bits, _ := strconv.ParseUint(m.Capabilities, 0, 32)
		add("client's capabilities", smb.SMB2Capabilities(bits).Tokens(), c.Capabilities)
		mode, _ := strconv.ParseUint(m.Mode, 0, 16)
		add("client's security mode", smb.SecurityMode(mode).Tokens(), c.SecurityMode)
		add("client's contexts", len(m.Contexts), len(c.Contexts))
		if c.GUID != "" {
			add("client's GUID", m.GUID, c.GUID)
		} else {
			add("client's GUID", "00000000-0000-0000-0000-000000000000", m.GUID)
		}
	} else {
		add("client's dialects", true, c.Dialects == nil && c.SecurityMode == nil && c.Capabilities == nil && c.GUID == "")
	}
	return append(facts, logonFacts(s, c.NTLM)...)
}

func logonFacts(s truth.Stream, n *report.ClientNTLM) []captureFact {
	var first, second *truth.NTLM
	for _, m := range s.Setups {
		switch {
		case m.Response || m.NTLMSSP == nil:
		case m.NTLMSSP.Type == 1 && first == nil:
			first = m.NTLMSSP
		case m.NTLMSSP.Type == 3 && (second == nil || second.User == "NULL" && m.NTLMSSP.User != "NULL"):
			second = m.NTLMSSP
		}
	}
	if n == nil {
		return []captureFact{{"client's NTLM", first != nil || second != nil, false}}
	}
	var user, domain, workstation string
	for _, m := range []*truth.NTLM{first, second} {
		if m == nil {
			continue
		}
		for _, pair := range []struct {
			to   *string
			from string
		}{{&user, m.User}, {&domain, m.Domain}, {&workstation, m.Host}, {&workstation, m.Calling}} {
			if pair.from != "" && pair.from != "NULL" {
				*pair.to = pair.from
			}
		}
	}
	facts := []captureFact{
		{"client's user", user, n.User}, {"client's domain", domain, n.Domain}, {"client's workstation", workstation, n.Workstation},
	}
	if first != nil {
		flags, _ := strconv.ParseUint(first.Flags, 0, 32)
		facts = append(facts, captureFact{"client's flags", ntlmssp.Flags(flags).Tokens(), n.Flags})
	}
	var version *truth.NTLMVersion
	for _, m := range []*truth.NTLM{first, second} {
		if m != nil && version == nil {
			version = m.Version
		}
	}
	if version != nil && n.Version != nil {
		v := *n.Version
		return append(facts, captureFact{"client's version", *version,
			truth.NTLMVersion{Major: int(v.Major), Minor: int(v.Minor), Build: int(v.Build), Revision: int(v.Revision)}})
	}
	return append(facts, captureFact{"client's version", version != nil, n.Version != nil})
}
