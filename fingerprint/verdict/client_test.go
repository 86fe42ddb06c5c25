package verdict_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
	"github.com/smbscope/smbscope/smb/wire"
)

// captured makes a connection one that was read from a capture.
func captured(d *dialogue.Dialogue) *dialogue.Dialogue {
	d.Level, d.Client, d.Capture = "passive", "192.0.2.2:50000", &dialogue.Capture{File: "a.pcap", Stream: 7, FirstFrame: 3}
	for i := range d.Frames {
		d.Frames[i].Probe = ""
	}
	return d
}

// windows10 is a version, and clientName names in UTF-16.
func windows10() *ntlmssp.Version {
	return &ntlmssp.Version{ProductMajorVersion: 10, ProductBuild: 19045, NTLMRevisionCurrent: ntlmssp.NTLMRevisionW2K3}
}

func authenticate(t testing.TB, edit func(*ntlmssp.Authenticate)) []byte {
	t.Helper()
	m := ntlmssp.Authenticate{
		Flags: ntlmssp.FlagNegotiateUnicode | ntlmssp.FlagNegotiateVersion, UserName: wire.AppendUTF16(nil, "вера"),
		DomainName: wire.AppendUTF16(nil, "EXAMPLE"), Workstation: wire.AppendUTF16(nil, "PC\x1b1"), NtChallengeResponse: []byte("secret"),
		Version: windows10(),
	}
	if edit != nil {
		edit(&m)
	}
	return build(t, m)
}

// logsOn is the second session setup of a logon.
func logsOn(t testing.TB, blob []byte) dialogue.Frame {
	t.Helper()
	return ask("", build(t, smb.SMB2SessionSetupRequest{
		Header: smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 2, SessionID: 5}, SecurityBuffer: blob,
	}))
}

func TestClient(t *testing.T) {
	upgrade := request(t, negotiate.Offer{SMB1: []string{smb.DialectNTLM012, "\xE9\x01", smb.DialectSMB2Any}})
	offer := edited(t, negotiate.Single(smb.DialectSMB311), func(r *negotiate.SMB2Request) {
		r.Dialects = []smb.Dialect{smb.DialectSMB311, 0x0222}
		r.SecurityMode, r.Capabilities, r.ClientGUID = smb.SigningRequired, smb.CapLargeMTU, dtyp.GUID{0x12, 0x34}
		r.Contexts = []negotiate.Context{{Type: negotiate.ContextNetname, Data: wire.AppendUTF16(nil, "be")}, {Type: 0x77, Data: []byte{9}}}
	})
	first := build(t, ntlmssp.Negotiate{
		Flags: ntlmssp.FlagNegotiateOEM | ntlmssp.FlagNegotiateOEMWorkstationSupplied, DomainName: []byte("HOME"), Workstation: []byte("OLD\xFF"),
	})
	inInit := build(t, spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: first})
	d := captured(conn(1, done, ask("", upgrade), takes(t, smb.DialectWildcard), ask("", offer), takes(t, smb.DialectSMB311),
		setup(t, inInit), setupAnswer(t, inResp(t, challenge(t))), logsOn(t, inResp(t, authenticate(t, nil)))))
	want := &report.Client{
		Address: "192.0.2.2:50000", SMB1Dialects: []string{smb.DialectNTLM012, "\\xe9\x01", smb.DialectSMB2Any},
		Dialects: []string{"3.1.1", "Dialect(0x0222)"}, SecurityMode: []string{"SMB2_NEGOTIATE_SIGNING_REQUIRED"},
		Capabilities: []string{"SMB2_GLOBAL_CAP_LARGE_MTU"}, GUID: "00003412-0000-0000-0000-000000000000",
		Contexts: []report.Context{{Type: "SMB2_NETNAME_NEGOTIATE_CONTEXT_ID", Data: hex.EncodeToString([]byte("b\x00e\x00"))}, {Type: "0x0077", Data: "09"}},
		NTLM: &report.ClientNTLM{
			Version: &report.NTLMVersion{Major: 10, Build: 19045, Revision: 15},
			Flags:   []string{"NTLM_NEGOTIATE_OEM", "NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED"},
			User:    "вера", Domain: "EXAMPLE", Workstation: "PC\x1b1",
		},
	}
	require.Equal(t, want, of(t, d).Client)

	// What the server says, and another client, change nothing.
	other := captured(conn(2, done, all(t), takes(t, smb.DialectSMB311)))
	other.Client = "192.0.2.3:1"
	require.Equal(t, want, of(t, d, other).Client)
	d.Capture = nil
	require.Nil(t, of(t, d).Client, "a scan is no client that is reported")
}

// TestClientSaysNothing: what was not sent is not there.
func TestClientSaysNothing(t *testing.T) {
	require.Equal(t, &report.Client{Address: "192.0.2.2:50000"}, of(t, captured(conn(1, done, takes(t, smb.DialectSMB210)))).Client)

	old := of(t, captured(conn(1, done, ask("", edited(t, negotiate.Single(smb.DialectSMB202), func(r *negotiate.SMB2Request) {
		r.ClientGUID = dtyp.GUID{}
	}))))).Client
	require.Empty(t, old.GUID, "2.0.2 has none")
	require.Nil(t, old.SMB1Dialects)
	require.Nil(t, old.NTLM)
	require.Nil(t, old.Contexts)
	require.NotNil(t, old.SecurityMode)

	zero := edited(t, negotiate.Single(smb.DialectSMB210), func(r *negotiate.SMB2Request) {
		r.ClientGUID, r.Capabilities = dtyp.GUID{}, 0
	})
	c := of(t, captured(conn(1, done, ask("", zero)))).Client
	require.Equal(t, "00000000-0000-0000-0000-000000000000", c.GUID, "zeros were sent where a GUID should be")
	require.Equal(t, []string{}, c.Capabilities, "none was seen, which is not the same as not seen")
}

// TestClientLogons reads the messages wherever they are, and of several logons the one of a user.
func TestClientLogons(t *testing.T) {
	ntlm := func(frames ...dialogue.Frame) *report.ClientNTLM {
		return of(t, captured(conn(1, done, append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB311)}, frames...)...))).Client.NTLM
	}
	nobody := authenticate(t, func(m *ntlmssp.Authenticate) {
		m.UserName, m.DomainName, m.Workstation, m.NtChallengeResponse = nil, nil, nil, nil
		m.Version, m.Flags = &ntlmssp.Version{}, ntlmssp.FlagNegotiateUnicode
	})
	require.Equal(t, &report.ClientNTLM{}, ntlm(logsOn(t, nobody)), "zeros are no version where none is sent")
	require.Equal(t, "вера", ntlm(logsOn(t, nobody), logsOn(t, authenticate(t, nil)), logsOn(t, nobody)).User)
	require.Nil(t, ntlm(logsOn(t, []byte("Kerberos"))))
	require.Nil(t, ntlm(logsOn(t, []byte("\x60\x03NTLMSSP\x00\x01\x00\x00\x00"))), "what no token holds is no message")
	require.Nil(t, ntlm(logsOn(t, inResp(t, challenge(t)))), "a client sends no challenge")

	r := smb.SMB1SessionSetupRequest{
		Header:    smb.SMB1Header{Command: smb.SMB1SessionSetupAndX, Flags2: smb.SMB1Flags2Unicode | smb.SMB1Flags2ExtendedSecurity},
		WordCount: smb.SetupWordsExtended, AndXCommand: 0xFF, Capabilities: smb.SMB1CapExtendedSecurity, SecurityBlob: type1(t),
		NativeOS: wire.AppendUTF16(nil, "Windows"),
	}
	n := of(t, captured(conn(1, done, smb1(t), nt(t, 4, nil), ask("", build(t, r))))).Client.NTLM
	require.Equal(t, ntlmssp.DefaultNegotiate().Flags.Tokens(), n.Flags)
	require.Empty(t, n.User+n.Domain+n.Workstation)
}
