package verdict_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

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

func TestGUID(t *testing.T) {
	guid := func(s string) (g dtyp.GUID) {
		copy(g[:], s)
		return g
	}
	tests := map[string]struct {
		guid      dtyp.GUID
		text      string
		anomalies int
	}{
		"Samba":               {guid("fileserver"), "fileserver", 0},
		"one character":       {guid("a"), "a", 0},
		"fifteen":             {guid("fifteen-letters"), "fifteen-letters", 0},
		"impacket":            {guid("AAAAAAAAAAAAAAAA"), "", 1},
		"sixteen, lower case": {guid("sixteen-letters!"), "", 1},
		"upper case":          {guid("FILESERVER"), "", 0},
		"a space":             {guid("file server"), "", 0},
		"no NetBIOS name":     {guid("a:b"), "", 0},
		"an escape":           {guid("a\x1b[31m"), "", 0},
		"zeros between":       {guid("a\x00b"), "", 0},
		"zeros":               {dtyp.GUID{}, "", 1},
		"random":              {dtyp.GUID{0x93, 0xAD, 0x25, 0x50, 0x9C, 0xB4, 0x11, 0xE7, 0xB4, 0x23, 0x83, 0xDE, 0x96, 0x8B, 0xCD, 0x7C}, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*report.Report{
				of(t, conn(1, done, all(t), takesWith(t, smb.DialectSMB210, func(r *negotiate.SMB2Response) { r.ServerGUID = tt.guid }))),
				of(t, conn(1, done, smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) { r.ServerGUID = tt.guid }))),
			} {
				require.Equal(t, tt.guid.String(), r.ServerGUID)
				require.Equal(t, tt.text, r.ServerGUIDText)
				require.Len(t, r.Anomalies, tt.anomalies)
			}
		})
	}
	r := of(t, conn(1, done, all(t), takesWith(t, smb.DialectSMB210, func(r *negotiate.SMB2Response) {
		r.ServerGUID = dtyp.GUID{0x10, 0xB8, 0xA7, 0x6B, 0xAD, 0x9D, 0xD1, 0x11, 0x80, 0xB4, 0, 0xC0, 0x4F, 0xD4, 0x30, 0xC8}
	})))
	require.Equal(t, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", r.ServerGUID, "mixed-endian, as Windows prints it")
	r = of(t, conn(1, done, smb1(t), lanman(t, 3, nil)))
	require.Empty(t, r.ServerGUID)
}

// Whatever is in the security buffer, the rest of the report is there.
func TestMechanisms(t *testing.T) {
	ntlm, krb5 := spnego.OIDNTLMSSP, spnego.OIDKRB5
	many := slices.Repeat([]spnego.OID{krb5}, 70)
	tests := map[string]struct {
		blob   []byte
		form   string
		listed report.Answer
		hint   string
	}{
		"NegTokenInit":  {build(t, spnego.NegTokenInit{MechTypes: []spnego.OID{krb5, ntlm}}), "NegTokenInit", yes, ""},
		"no NTLM":       {build(t, spnego.NegTokenInit{MechTypes: []spnego.OID{krb5}}), "NegTokenInit", no, ""},
		"a hint":        {build(t, spnego.NegTokenInit2{MechTypes: []spnego.OID{ntlm}, NegHints: &spnego.NegHints{HintName: []byte("FILES$@EXAMPLE.COM")}}), "NegTokenInit2", yes, "FILES$@EXAMPLE.COM"},
		"please ignore": {build(t, spnego.NegTokenInit2{MechTypes: []spnego.OID{ntlm}, NegHints: &spnego.NegHints{HintName: []byte(spnego.HintPleaseIgnore)}}), "NegTokenInit2", yes, spnego.HintPleaseIgnore},
		"an empty list": {build(t, spnego.NegTokenInit{MechTypes: []spnego.OID{}}), "NegTokenInit", report.Unknown, ""},
		"a list cut":    {build(t, spnego.NegTokenInit{MechTypes: many}), "NegTokenInit", report.Unknown, ""},
		"raw":           {build(t, ntlmssp.DefaultNegotiate()), "raw-ntlmssp", yes, ""},
		"empty":         {nil, "empty", report.Unknown, ""},
		"garbage":       {[]byte{0x60, 0x82, 0xFF, 0xFF, 1, 2, 3}, "unparsed", report.Unknown, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, r := range []*report.Report{
				of(t, conn(1, done, all(t), takesWith(t, smb.DialectSMB210, func(r *negotiate.SMB2Response) { r.SecurityBuffer = tt.blob }))),
				of(t, conn(1, done, smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) { r.SecurityBlob = tt.blob }))),
			} {
				require.Equal(t, tt.form, r.SPNEGO.Form)
				require.Equal(t, tt.listed, r.NTLM.Listed)
				require.Equal(t, tt.hint, r.SPNEGO.Hint)
				require.Equal(t, report.Unknown, r.NTLM.Challenge)
				require.Equal(t, report.OutcomeSMB, r.Outcome)
				require.NotEmpty(t, r.ServerGUID)
				require.False(t, r.SystemTime.IsZero())
				require.Equal(t, tt.form == "unparsed" || name == "a list cut", len(r.Anomalies) > 0)
			}
		})
	}
	// Without a blob NTLM is not known, and told so.
	r := of(t, conn(1, done, smb1(t), lanman(t, 3, nil)))
	require.Nil(t, r.SPNEGO)
	require.Equal(t, &report.NTLM{Listed: report.Unknown, Challenge: report.Unknown}, r.NTLM)
}

const flags = ntlmssp.FlagNegotiateUnicode | ntlmssp.FlagNegotiateTargetInfo | ntlmssp.FlagTargetTypeServer | ntlmssp.FlagNegotiateVersion

func challenge(t testing.TB) []byte { return challengeOf(t, 20348) }

// challengeOf is the challenge of a Windows 10.0 of some build.
func challengeOf(t testing.TB, windows uint16) []byte {
	t.Helper()
	return build(t, ntlmssp.Challenge{
		TargetName: wire.AppendUTF16(nil, "ВЕРА"), Flags: flags, ServerChallenge: [8]byte{1, 2, 3, 4, 5, 6, 7, 8},
		Version: &ntlmssp.Version{ProductMajorVersion: 10, ProductBuild: windows, NTLMRevisionCurrent: ntlmssp.NTLMRevisionW2K3},
		AVPairs: []ntlmssp.AVPair{
			ntlmssp.TextPair(ntlmssp.AVDNSTreeName, "example.com"), ntlmssp.TextPair(ntlmssp.AVNbComputerName, "Ве"),
			ntlmssp.TextPair(ntlmssp.AVNbDomainName, "EXAMPLE"), ntlmssp.TextPair(ntlmssp.AVDNSDomainName, "example.com"),
			ntlmssp.TextPair(ntlmssp.AVDNSComputerName, "be.example.com"), ntlmssp.TimestampPair(dtyp.FiletimeOf(noon)),
			ntlmssp.TextPair(ntlmssp.AVNbComputerName, "again"),
		},
	})
}

func talk(t testing.TB, answer ...dialogue.Frame) *dialogue.Dialogue {
	return conn(1, done, append([]dialogue.Frame{all(t), takes(t, smb.DialectSMB302), setup(t, type1(t))}, answer...)...)
}

func TestChallenge(t *testing.T) {
	for _, blob := range [][]byte{inResp(t, challenge(t)), challenge(t)} { // in SPNEGO, and raw
		n := of(t, talk(t, setupAnswer(t, blob))).NTLM
		require.Equal(t, yes, n.Challenge)
		require.Equal(t, []string{"ВЕРА", "server", "Ве", "EXAMPLE", "be.example.com", "example.com", "example.com"},
			[]string{n.TargetName, n.TargetType, n.NetBIOSComputer, n.NetBIOSDomain, n.DNSComputer, n.DNSDomain, n.DNSForest})
		require.Equal(t, noon, n.Timestamp)
		require.Equal(t, &report.NTLMVersion{Major: 10, Build: 20348, Revision: 15}, n.Version)
		require.Len(t, n.AVPairs, 7)
		require.Equal(t, report.AVPair{ID: 1, Name: "MsvAvNbComputerName", Value: "Ве", Data: "12043504"}, n.AVPairs[1])
	}
	smb1Setup := ask("ntlm-challenge", build(t, smb.SMB1SessionSetupRequest{
		Header: smb.SMB1Header{Command: smb.SMB1SessionSetupAndX}, WordCount: smb.SetupWordsExtended,
		AndXCommand: smb.SMB1NoFurtherCommand, VcNumber: 1, SecurityBlob: type1(t),
	}))
	h := smb1Header(dtyp.StatusMoreProcessingRequired)
	h.Command = smb.SMB1SessionSetupAndX
	answer := got(build(t, smb.SMB1SessionSetupResponse{
		Header: h, WordCount: smb.SetupAnswerWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand, SecurityBlob: inResp(t, challenge(t)),
		NativeOS: h.Encode("Windows 5.1"), NativeLanMan: h.Encode("Ве\u202e"), PrimaryDomain: h.Encode("EXAMPLE"),
	}))
	r := of(t, conn(1, done, smb1(t), nt(t, 4, nil), smb1Setup, answer))
	require.Equal(t, "Ве", r.NTLM.NetBIOSComputer)
	require.Equal(t, []string{"Windows 5.1", "Ве\u202e", "EXAMPLE"}, []string{r.SMB1.NativeOS, r.SMB1.NativeLANManager, r.SMB1.PrimaryDomain})
}

// Without extended security the negotiate response has the names, in UTF-16 or in the server's code page.
func TestNamesWithoutExtendedSecurity(t *testing.T) {
	names := func(capabilities smb.SMB1Capabilities, flags2 smb.SMB1Flags2, name []byte) *report.SMB1 {
		return of(t, conn(1, done, smb1(t), nt(t, 4, func(r *negotiate.SMB1Response) {
			r.Capabilities, r.Header.Flags2, r.Challenge = capabilities, flags2, make([]byte, 8)
			r.DomainName, r.ServerName = name, name
		}))).SMB1
	}
	s := names(smb.SMB1CapUnicode, smb.SMB1Flags2Unicode, wire.AppendUTF16(nil, "Ве"))
	require.Equal(t, []string{"Ве", "Ве"}, []string{s.PrimaryDomain, s.ServerName})
	s = names(0, 0, []byte("VE\xC5"))
	require.Equal(t, []string{`VE\xc5`, `VE\xc5`}, []string{s.PrimaryDomain, s.ServerName})
	require.Equal(t, no, s.ExtendedSecurity, "asked for, and not answered")
}

// A challenge of any shape gives what can be read of it.
func TestOddChallenges(t *testing.T) {
	base := ntlmssp.Challenge{TargetName: []byte("FILES\xE9"), Flags: ntlmssp.FlagNegotiateOEM | ntlmssp.FlagTargetTypeDomain}
	t.Run("neither Version nor TargetInfo", func(t *testing.T) {
		for _, size := range []int{32, 40, 48} {
			c := base
			c.HeaderSize = size
			n := of(t, talk(t, setupAnswer(t, inResp(t, build(t, c))))).NTLM
			require.Equal(t, yes, n.Challenge)
			require.Equal(t, `FILES\xe9`, n.TargetName, "OEM where UNICODE is off")
			require.Equal(t, "domain", n.TargetType)
			require.Nil(t, n.Version)
			require.Empty(t, n.AVPairs)
			require.Empty(t, n.NetBIOSComputer)
		}
	})
	t.Run("odd lengths", func(t *testing.T) {
		c := base
		c.AVPairs = []ntlmssp.AVPair{
			{ID: ntlmssp.AVNbComputerName, Value: []byte{'A', 0, 'B'}}, {ID: ntlmssp.AVTimestamp, Value: []byte{1, 2, 3}},
			{ID: ntlmssp.AVFlags, Value: []byte{1}}, {ID: 0x77, Value: []byte{1}}, {ID: ntlmssp.AVDNSDomainName, Value: []byte{0, 0}},
			{ID: ntlmssp.AVNbDomainName, Value: []byte{0x3D, 0xD8}}, {ID: ntlmssp.AVDNSTreeName, Value: []byte{0x3D, 0xD8, 0x00, 0xDE}},
		}
		r := of(t, talk(t, setupAnswer(t, inResp(t, build(t, c)))))
		require.Equal(t, `A\x42`, r.NTLM.NetBIOSComputer)
		require.Equal(t, `\uD83D`, r.NTLM.NetBIOSDomain)
		require.Equal(t, "😀", r.NTLM.DNSForest)
		require.Empty(t, r.NTLM.DNSDomain)
		require.True(t, r.NTLM.Timestamp.IsZero())
		require.Len(t, r.NTLM.AVPairs, 7)
		require.NotEmpty(t, r.Anomalies)
	})
	t.Run("timestamps that are no time", func(t *testing.T) {
		for _, stamp := range []dtyp.Filetime{0, 1 << 63, 1<<63 - 1, 1<<64 - 1} {
			c := base
			c.AVPairs = []ntlmssp.AVPair{ntlmssp.TimestampPair(stamp)}
			n := of(t, talk(t, setupAnswer(t, inResp(t, build(t, c))))).NTLM
			require.Equal(t, time.Time{}, n.Timestamp)
			require.Empty(t, n.AVPairs[0].Value)
		}
	})
	t.Run("offsets beyond the end", func(t *testing.T) {
		b := challenge(t)
		for _, at := range []int{16, 44} { // BufferOffset of TargetName and of TargetInfo
			bad := slices.Clone(b)
			copy(bad[at:], []byte{0xFF, 0xFF, 0xFF, 0x7F})
			r := of(t, talk(t, setupAnswer(t, inResp(t, bad))))
			require.Equal(t, yes, r.NTLM.Challenge)
			require.Equal(t, at == 16, r.NTLM.TargetName == "")
			require.Equal(t, at == 44, r.NTLM.NetBIOSComputer == "")
			require.NotEmpty(t, r.Anomalies)
		}
	})
}

// No challenge is nothing that is known, and the evidence tells why.
func TestNoChallenge(t *testing.T) {
	h := smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 1, Flags: smb.SMB2FlagServerToRedir, Status: dtyp.StatusLogonFailure}
	tests := map[string]struct {
		end    dialogue.End
		answer []dialogue.Frame
		result report.Result
	}{
		"refused":      {done, []dialogue.Frame{got(build(t, smb.SMB2ErrorResponse{Header: h}))}, report.ResultRefused},
		"dropped":      {closed, nil, report.ResultClosed},
		"reset":        {reset, nil, report.ResultReset},
		"silence":      {dialogue.EndTimeout, nil, report.ResultTimeout},
		"canceled":     {dialogue.EndCanceled, nil, report.ResultNotTested},
		"no token":     {done, []dialogue.Frame{setupAnswer(t, nil)}, report.ResultSupported},
		"garbage":      {done, []dialogue.Frame{setupAnswer(t, []byte{1, 2, 3})}, report.ResultSupported},
		"a cut token":  {done, []dialogue.Frame{setupAnswer(t, inResp(t, challenge(t)[:20]))}, report.ResultSupported},
		"our own back": {done, []dialogue.Frame{setupAnswer(t, type1(t))}, report.ResultSupported},
		"in SMB1":      {done, []dialogue.Frame{nt(t, 4, nil)}, report.ResultMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := talk(t, tt.answer...)
			d.End = tt.end
			r := of(t, d)
			says(t, r, map[string]report.Answer{"3.0.2": yes, "3.1.1": no})
			require.Equal(t, report.Unknown, r.NTLM.Challenge)
			require.Equal(t, tt.result, r.Evidence["/ntlm/challenge"][0].Result)
			require.Empty(t, r.NTLM.TargetName+r.NTLM.NetBIOSComputer+r.NTLM.DNSComputer, "never the target as it was typed")
			require.Equal(t, tt.end != done, r.Reason != "")
		})
	}
}

// TestNoGUID: an answer that promises a GUID and is cut off before it has none, which is not a GUID of zeros. Found by
// TestMutants of package fingerprint.
func TestNoGUID(t *testing.T) {
	whole := nt(t, 4, nil)
	r := of(t, conn(1, done, smb1(t), whole))
	require.NotEmpty(t, r.ServerGUID)
	short := whole
	short.Data = bytes.Clone(whole.Data[:smb.SMB1HeaderSize+1+2*negotiate.AnswerWordsNT+2])
	binary.LittleEndian.PutUint16(short.Data[len(short.Data)-2:], 0) // ByteCount
	r = of(t, conn(1, done, smb1(t), short))
	require.Equal(t, yes, r.SMB1.Supported)
	require.Empty(t, r.ServerGUID)
}
