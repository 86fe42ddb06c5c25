package fingerprint_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/testdata/truth"
)

// A captureFact is something that a report and another dissector (tshark) say of a stream.
type captureFact struct {
	name         string
	theirs, ours any
}

// TestCaptures observes every stream of other people's captures: what a report says of it is what tshark saw. That nothing
// is a no that was not offered, TestCapturesHold of package verdict checks.
func TestCaptures(t *testing.T) {
	compared := map[string]int{}
	outcomes, explained := map[report.Outcome]int{}, 0
	for _, s := range truth.Streams(t) {
		t.Run(fmt.Sprintf("line %d %s", s.Line, s.File), func(t *testing.T) {
			d := s.Dialogue()
			reports := fingerprint.Observe([]*dialogue.Dialogue{d})
			require.Len(t, reports, 1)
			r := reports[0]
			outcomes[r.Outcome]++
			for _, f := range append(serverFacts(s, r), clientFacts(s, r.Client)...) {
				compared[f.name]++
				theirs, ours := fmt.Sprint(f.theirs), fmt.Sprint(f.ours)
				if why := explainedFacts()[fmt.Sprint(s.File, " ", d.Capture.Stream, " ", f.name)]; why != "" {
					require.NotEqual(t, theirs, ours, "a difference that is explained and does not occur: %s", why)
					explained++
					continue
				}
				if theirs != ours {
					t.Errorf("%s: tshark %s, the report %s", f.name, theirs, ours)
				}
			}
			whole := fingerprint.Observe([]*dialogue.Dialogue{s.Everything()})
			require.Len(t, whole, 1)
			require.Equal(t, r.Outcome, whole[0].Outcome)
			require.Equal(t, r.Dialects, whole[0].Dialects, "other messages change no answer")
			require.Equal(t, r.Signing, whole[0].Signing)
			require.Equal(t, r.NTLM, whole[0].NTLM)
		})
	}
	for _, name := range []string{"NTLM version", "NTLM time", "sizes", "hint", "SMB1 capabilities", "client's GUID", "client's flags"} {
		require.NotZero(t, compared[name], name)
	}
	require.Len(t, explainedFacts(), explained)
	total := 0
	for _, n := range compared {
		total += n
	}
	t.Logf("outcomes %v; %d facts compared, %d explained differences: %v", outcomes, total, explained, compared)
}

// explainedFacts are the differences, by file, stream and fact.
func explainedFacts() map[string]string {
	return map[string]string{
		"OISF-suricata-verify__smb2-peter.pcap 0 null session": "to tshark no user name is enough; the client sent a whole NTLMv2 " +
			"response with none, which is no anonymous logon",
		"ajbanjara-Wireshark__packet_capture.pcap 3 null session": "the logon is behind a gap, where tshark does not look for the next message",
	}
}

// serverFacts compares what a report says of the server.
func serverFacts(s truth.Stream, r *report.Report) []captureFact {
	facts := []captureFact{
		{"level", report.LevelPassive, r.Level},
		{"server", s.Server, r.Capture.Server},
		{"smb", answered(s), r.Outcome == report.OutcomeSMB},
	}
	if !answered(s) {
		return facts
	}
	add := func(name string, theirs, ours any) { facts = append(facts, captureFact{name, theirs, ours}) }
	add("dialects", chosenDialects(s), yesDialects(r))
	add("upgrade to SMB2", slices.ContainsFunc(s.SMB2Responses, func(m truth.SMB2Response) bool { return m.Dialect == 0x2FF }),
		r.SMB1.UpgradeToSMB2 == report.Yes)
	enabled, required := smb2Signing(s)
	add("SMB2 signing enabled", enabled, r.Signing.SMB2.Enabled)
	add("SMB2 signing required", required, r.Signing.SMB2.Required)
	enabled, required = smb1Signing(s)
	add("SMB1 signing enabled", enabled, r.Signing.SMB1.Enabled)
	add("SMB1 signing required", required, r.Signing.SMB1.Required)
	first := firstAnswers(s)
	add("GUID", first.guid, r.ServerGUID)
	add("system time", first.time, r.SystemTime)
	add("start time", first.started, r.ServerStartTime)
	if r.SPNEGO != nil {
		var list []string
		for _, m := range r.SPNEGO.Mechanisms {
			list = append(list, m.OID)
		}
		add("mechanisms", first.mechanisms, list)
		add("hint", first.hint, r.SPNEGO.Hint)
	} else {
		add("mechanisms", first.mechanisms, []string(nil))
	}
	for _, m := range s.SMB2Responses {
		if m.Status != "0x00000000" || m.Dialect == 0x2FF {
			continue
		}
		i := slices.IndexFunc(r.Negotiated, func(n report.Negotiated) bool { return n.Dialect == smb.Dialect(m.Dialect).String() })
		if i < 0 {
			add("negotiated", smb.Dialect(m.Dialect), "nothing")
			continue
		}
		n := r.Negotiated[i]
		bits, _ := strconv.ParseUint(m.Capabilities, 0, 32)
		add("capabilities", smb.SMB2Capabilities(bits).Tokens(), n.Capabilities)
		add("sizes", []uint32{m.MaxTransact, m.MaxRead, m.MaxWrite}, []uint32{n.MaxTransactSize, n.MaxReadSize, n.MaxWriteSize})
		add("contexts", len(m.Contexts), len(n.Contexts))
	}
	add("null session", slices.Contains(s.Special, "null-session"), r.NullSession != nil && r.NullSession.Session == report.Yes)
	return append(facts, append(ntlmFacts(s, r.NTLM), smb1Facts(s, r.SMB1)...)...)
}

// answered tells whether a server's answer to a negotiation or a session setup was captured.
func answered(s truth.Stream) bool {
	return len(s.SMB1Responses)+len(s.SMB2Responses) > 0 || slices.ContainsFunc(s.Setups, func(m truth.Setup) bool { return m.Response })
}

func chosenDialects(s truth.Stream) []string {
	var list []string
	for _, m := range s.SMB2Responses {
		if d := smb.Dialect(m.Dialect); m.Status == "0x00000000" && slices.Contains(smb.Dialects(), d) {
			list = append(list, d.String())
		}
	}
	for _, m := range s.SMB1Responses {
		if m.Dialect != nil {
			list = append(list, *m.Dialect)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func yesDialects(r *report.Report) []string {
	var list []string
	for _, answers := range []map[string]report.Answer{r.Dialects, r.SMB1.OtherDialects} {
		for d, a := range answers {
			if a == report.Yes {
				list = append(list, d)
			}
		}
	}
	slices.Sort(list)
	return list
}

func smb2Signing(s truth.Stream) (enabled, required report.Answer) {
	enabled, required = report.Unknown, report.Unknown
	for _, m := range s.SMB2Responses {
		if m.Status != "0x00000000" || !slices.Contains(smb.Dialects(), smb.Dialect(m.Dialect)) {
			continue
		}
		if m.SigningEnabled || m.SigningRequired {
			enabled = report.Yes
		}
		if required != report.Yes {
			required = report.AnswerOf(m.SigningRequired)
		}
	}
	return enabled, required
}

func smb1Signing(s truth.Stream) (enabled, required report.Answer) {
	enabled, required = report.Unknown, report.Unknown
	for _, m := range s.SMB1Responses {
		if m.WCT != 17 {
			continue
		}
		mode, _ := strconv.ParseUint(m.Mode, 0, 16)
		if enabled != report.Yes {
			enabled = report.AnswerOf(mode&0x0C != 0)
		}
		if required != report.Yes {
			required = report.AnswerOf(mode&0x08 != 0)
		}
	}
	return enabled, required
}

// A captureFirst is what the first answers that tell it tell.
type captureFirst struct {
	guid          string
	time, started time.Time
	mechanisms    []string
	hint          string
}

// firstAnswers reads the truth's negotiate responses in the order of their packets.
func firstAnswers(s truth.Stream) captureFirst {
	type answer struct {
		frame       int
		guid        string
		now, start  uint64
		blob        *truth.Blob
		hasSecurity bool
	}
	var list []answer
	for _, m := range s.SMB2Responses {
		if m.Status == "0x00000000" {
			list = append(list, answer{m.Frame, m.GUID, m.CurrentTime, m.BootTime, m.Blob, true})
		}
	}
	for _, m := range s.SMB1Responses {
		a := answer{frame: m.Frame, blob: m.Blob}
		switch {
		case m.SystemTime != nil:
			a.now = *m.SystemTime
		case m.DateTime != nil:
			local, err := time.Parse("Jan _2, 2006 15:04:05.999999999 MST", *m.DateTime)
			if err == nil {
				a.now = uint64(dtyp.FiletimeOf(local.Add(time.Duration(m.TimeZone) * time.Minute)))
			}
		}
		if m.ServerGUID != nil {
			var g dtyp.GUID
			raw, _ := hex.DecodeString(strings.ReplaceAll(*m.ServerGUID, "-", ""))
			copy(g[:], raw)
			a.guid, a.hasSecurity = g.String(), true
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b answer) int { return a.frame - b.frame })
	var f captureFirst
	listed := false
	for _, a := range list {
		if f.guid == "" {
			f.guid = a.guid
		}
		if t, ok := dtyp.Filetime(a.now).Time(); ok && f.time.IsZero() {
			f.time = t
		}
		if t, ok := dtyp.Filetime(a.start).Time(); ok && f.started.IsZero() {
			f.started = t
		}
		if a.hasSecurity && !listed {
			listed = true
			if a.blob != nil {
				f.mechanisms, f.hint = a.blob.Mechanisms, a.blob.Hint
			}
		}
	}
	return f
}

// ntlmFacts compares the first challenge.
func ntlmFacts(s truth.Stream, n *report.NTLM) []captureFact {
	i := slices.IndexFunc(s.Setups, func(m truth.Setup) bool { return m.Response && m.NTLMSSP != nil && m.NTLMSSP.Type == 2 })
	facts := []captureFact{{"challenge", i >= 0, n.Challenge == report.Yes}}
	if i < 0 {
		return facts
	}
	m := s.Setups[i].NTLMSSP
	text := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	for name, pair := range map[string][2]string{
		"target": {m.Target, n.TargetName}, "NetBIOS computer": {text(m.NbComputer), n.NetBIOSComputer},
		"NetBIOS domain": {text(m.NbDomain), n.NetBIOSDomain}, "DNS computer": {text(m.DNSComputer), n.DNSComputer},
		"DNS domain": {text(m.DNSDomain), n.DNSDomain}, "DNS forest": {text(m.DNSTree), n.DNSForest},
		"server challenge": {m.Challenge, n.ServerChallenge},
	} {
		facts = append(facts, captureFact{name, pair[0], pair[1]})
	}
	flags, _ := strconv.ParseUint(m.Flags, 0, 32)
	facts = append(facts, captureFact{"NTLM flags", ntlmssp.Flags(flags).Tokens(), n.Flags})
	if m.Version != nil && n.Version != nil {
		v := *n.Version
		facts = append(facts, captureFact{"NTLM version", *m.Version,
			truth.NTLMVersion{Major: int(v.Major), Minor: int(v.Minor), Build: int(v.Build), Revision: int(v.Revision)}})
	} else {
		facts = append(facts, captureFact{"NTLM version", m.Version != nil, n.Version != nil})
	}
	if m.Timestamp != nil {
		at, _ := dtyp.Filetime(*m.Timestamp).Time()
		facts = append(facts, captureFact{"NTLM time", at, n.Timestamp})
	}
	return facts
}

// smb1Facts compares the server's own words.
func smb1Facts(s truth.Stream, r *report.SMB1) []captureFact {
	var system, manager string
	for _, m := range s.Setups {
		if m.Version != 1 || !m.Response {
			continue
		}
		if system == "" && manager == "" && m.NativeOS != nil {
			system = *m.NativeOS
			if m.NativeLanMan != nil {
				manager = *m.NativeLanMan
			}
		}
	}
	valid := func(text string) string { return strings.ToValidUTF8(text, "?") }
	facts := []captureFact{
		{"native OS", system, valid(r.NativeOS)}, {"native LAN manager", manager, valid(r.NativeLANManager)},
		{"SMB1", len(s.SMB1Responses) > 0, r.Supported == report.Yes},
	}
	for _, m := range s.SMB1Responses {
		if m.WCT == 17 && m.Capabilities != nil {
			bits, _ := strconv.ParseUint(*m.Capabilities, 0, 32)
			facts = append(facts, captureFact{"SMB1 capabilities", smb.SMB1Capabilities(bits).Tokens(), r.Capabilities})
			break
		}
	}
	return facts
}
