//go:build linux

package livetest

import (
	"fmt"
	"strconv"

	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// addToken adds what a security blob holds. A blob that is no token at all is an error.
func (f facts) addToken(blob []byte) error {
	token, err := spnego.Parse(blob)
	for _, name := range []string{
		"gss-api.OID", "spnego.MechType", "spnego.hintName", "spnego.negResult", "spnego.supportedMech",
		"spnego.responseToken", "spnego.mechToken", "spnego.mechListMIC",
	} {
		f.set(name)
	}
	framed := false
	switch token.Form {
	case spnego.FormNegTokenInit:
		framed = !token.Init.Bare
		f.filled("spnego.mechToken", token.Init.MechToken)
		f.filled("spnego.mechListMIC", token.Init.MechListMIC)
	case spnego.FormNegTokenInit2:
		framed = !token.Init2.Bare
		f.filled("spnego.mechToken", token.Init2.MechToken)
		f.filled("spnego.mechListMIC", token.Init2.MechListMIC)
	case spnego.FormNegTokenResp:
		r := token.Resp
		framed = r.Framed
		if r.NegState != nil {
			f.decimal("spnego.negResult", int(*r.NegState))
		}
		if r.SupportedMech != "" {
			f.set("spnego.supportedMech", string(r.SupportedMech))
		}
		f.filled("spnego.responseToken", r.ResponseToken)
		f.filled("spnego.mechListMIC", r.MechListMIC)
	}
	if framed {
		f.set("gss-api.OID", string(spnego.OIDSPNEGO))
	}
	for _, oid := range token.Mechanisms() {
		f["spnego.MechType"] = append(f["spnego.MechType"], string(oid))
	}
	if hint, ok := token.Hint(); ok {
		f.set("spnego.hintName", hint.Text())
	}
	if err != nil {
		return err
	}
	return f.addNTLM(token.Inner())
}

// null is what tshark prints for a name that is empty.
func null(name string) string {
	if name == "" {
		return "NULL"
	}
	return name
}

func (f facts) addNTLM(msg []byte) error {
	kind, ok := ntlmssp.TypeOf(msg)
	if !ok {
		f.set("ntlmssp.messagetype")
		return nil
	}
	f.hexadecimal("ntlmssp.messagetype", 8, uint64(kind))
	var flags ntlmssp.Flags
	var version *ntlmssp.Version
	switch kind {
	case ntlmssp.TypeNegotiate:
		n, err := ntlmssp.ParseNegotiate(msg)
		if err != nil {
			return err
		}
		flags, version = n.Flags, n.Version
		f.set("ntlmssp.negotiate.domain", null(string(n.DomainName)))
		f.set("ntlmssp.negotiate.callingworkstation", null(string(n.Workstation)))
	case ntlmssp.TypeChallenge:
		ch, err := ntlmssp.ParseChallenge(msg)
		if err != nil {
			return err
		}
		flags, version = ch.Flags, ch.Version
		f.addChallenge(ch)
	case ntlmssp.TypeAuthenticate:
		au, err := ntlmssp.ParseAuthenticate(msg)
		if err != nil {
			return err
		}
		flags, version = au.Flags, au.Version
		f.set("ntlmssp.auth.domain", null(au.Flags.Text(au.DomainName)))
		f.set("ntlmssp.auth.username", null(au.Flags.Text(au.UserName)))
		f.set("ntlmssp.auth.hostname", null(au.Flags.Text(au.Workstation)))
		f.filled("ntlmssp.auth.lmresponse", au.LmChallengeResponse)
		f.filled("ntlmssp.auth.ntresponse", au.NtChallengeResponse)
		f.filled("ntlmssp.auth.sesskey", au.EncryptedRandomSessionKey)
		f.set("ntlmssp.authenticate.mic")
		if au.MIC != nil {
			f.bytes("ntlmssp.authenticate.mic", au.MIC[:])
		}
	}
	f.hexadecimal("ntlmssp.negotiateflags", 8, uint64(flags))
	for _, name := range []string{"major", "minor", "build_number", "ntlm_current_revision"} {
		f.set("ntlmssp.version." + name)
	}
	if version != nil {
		f.decimal("ntlmssp.version.major", int(version.ProductMajorVersion))
		f.decimal("ntlmssp.version.minor", int(version.ProductMinorVersion))
		f.decimal("ntlmssp.version.build_number", int(version.ProductBuild))
		f.decimal("ntlmssp.version.ntlm_current_revision", int(version.NTLMRevisionCurrent))
	}
	return nil
}

func (f facts) addChallenge(ch ntlmssp.Challenge) {
	const prefix = "ntlmssp.challenge.target_info."
	f.set("ntlmssp.challenge.target_name", ch.TargetNameText())
	f.bytes("ntlmssp.ntlmserverchallenge", ch.ServerChallenge[:])
	f.decimal(prefix+"length", len(ch.TargetInfo))
	names := map[ntlmssp.AVID]string{
		ntlmssp.AVNbComputerName: "nb_computer_name", ntlmssp.AVNbDomainName: "nb_domain_name",
		ntlmssp.AVDNSComputerName: "dns_computer_name", ntlmssp.AVDNSDomainName: "dns_domain_name",
		ntlmssp.AVDNSTreeName: "dns_tree_name", ntlmssp.AVTargetName: "target_name",
	}
	for _, name := range names {
		f.set(prefix + name)
	}
	for _, name := range []string{"item.type", "item.length", "timestamp", "flags"} {
		f.set(prefix + name)
	}
	add := func(name, value string) { f[prefix+name] = append(f[prefix+name], value) }
	for _, pair := range ch.AVPairs {
		add("item.type", fmt.Sprintf("0x%04x", uint16(pair.ID)))
		add("item.length", strconv.Itoa(len(pair.Value)))
		if name, ok := names[pair.ID]; ok {
			add(name, pair.Text())
		}
		if at, ok := pair.Timestamp(); ok {
			add("timestamp", timeText(at))
		}
		if bits, ok := pair.Flags(); ok {
			add("flags", fmt.Sprintf("0x%08x", uint32(bits)))
		}
	}
	if len(ch.TargetInfo) > 0 { // MsvAvEOL, which ends the list, is none of AVPairs
		add("item.type", "0x0000")
		add("item.length", "0")
	}
}
