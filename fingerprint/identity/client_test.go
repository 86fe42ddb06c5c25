package identity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// A message is anything that a client sends.
type message interface {
	AppendBinary(b []byte) ([]byte, error)
}

// clientOf is what a captured client that sends these messages is reported to be.
func clientOf(t *testing.T, messages ...message) *report.Client {
	t.Helper()
	d := &dialogue.Dialogue{
		Target: "192.0.2.1:445", Level: "passive", Connection: 1, Transport: dialogue.DirectTCP, Address: "192.0.2.1:445",
		Client: "192.0.2.2:50000", End: dialogue.EndDone, Capture: &dialogue.Capture{File: "made.pcap", FirstFrame: 1},
		Started: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
	}
	for _, m := range messages {
		b, err := m.AppendBinary(nil)
		require.NoError(t, err)
		d.Frames = append(d.Frames, dialogue.Frame{Sent: true, Kind: dialogue.Message, Data: b})
	}
	return verdict.Of([]*dialogue.Dialogue{d}, verdict.Options{}).Client
}

func fingerprintOf(t *testing.T, messages ...message) string {
	t.Helper()
	hash, _ := identity.ClientOf(clientOf(t, messages...))
	return hash
}

// offer returns an SMB2 negotiate request with some contexts.
func offer(t *testing.T, r negotiate.SMB2Request, contexts ...interface {
	Context() (negotiate.Context, error)
}) negotiate.SMB2Request {
	t.Helper()
	r.Header.Command = smb.SMB2Negotiate
	for _, c := range contexts {
		ctx, err := c.Context()
		require.NoError(t, err)
		r.Contexts = append(r.Contexts, ctx)
	}
	return r
}

func setup(t *testing.T, m message) smb.SMB2SessionSetupRequest {
	t.Helper()
	blob, err := m.AppendBinary(nil)
	require.NoError(t, err)
	return smb.SMB2SessionSetupRequest{Header: smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 1}, SecurityBuffer: blob}
}

// goSMB2 is what github.com/hirochachacha/go-smb2 v1.1.0 sends by conn.go and feature.go of its source.
func goSMB2(t *testing.T, guid dtyp.GUID, salt byte) negotiate.SMB2Request {
	return offer(t, negotiate.SMB2Request{
		Dialects:     []smb.Dialect{smb.DialectSMB311, smb.DialectSMB302, smb.DialectSMB300, smb.DialectSMB210, smb.DialectSMB202},
		SecurityMode: smb.SigningEnabled, Capabilities: smb.CapLargeMTU | smb.CapEncryption, ClientGUID: guid,
	}, negotiate.PreauthIntegrity{
		HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: []byte(strings.Repeat(string(rune(salt)), 32)),
	}, negotiate.Encryption{Ciphers: []negotiate.Cipher{negotiate.CipherAES128GCM, negotiate.CipherAES128CCM}})
}

// TestClientIsSpecified holds a whole fingerprint against what the documentation of ClientOf says, digit by digit.
func TestClientIsSpecified(t *testing.T) {
	c := clientOf(t, goSMB2(t, dtyp.GUID{1}, 's'))
	hash, canonical := identity.ClientOf(c)
	require.Equal(t, "smb1=-;smb2=0311,0302,0300,0210,0202;mode=0001;caps=00000044;guid=set;"+
		"contexts=0001(0001/32)+0002(0002,0001);ntlm=-", canonical)
	// The first digits of what sha256sum prints of the text before ";ntlm".
	require.Equal(t, "c1_311_0502_b82c27135d06_000000", hash)

	identity.FillClient(c)
	require.Equal(t, hash, c.Hash)
	require.Equal(t, canonical, c.Canonical)
	identity.FillClient(nil)

	require.Equal(t, hash, fingerprintOf(t, goSMB2(t, dtyp.GUID{2}, 'x')), "a GUID and a salt change nothing")
}

func TestClientWithEverything(t *testing.T) {
	old := negotiate.SMB1Request{
		Header:   smb.SMB1Header{Command: smb.SMB1Negotiate},
		Dialects: []string{"PC NETWORK PROGRAM 1.0", "A,b;c%\xE9\x01", smb.DialectNTLM012, smb.DialectSMB2Any},
	}
	r := offer(t, negotiate.SMB2Request{
		Dialects: []smb.Dialect{smb.DialectSMB202, 0x0222, smb.DialectSMB311}, SecurityMode: smb.SigningEnabled | smb.SigningRequired | 0x80,
		Capabilities: 0x8000007F,
	},
		negotiate.PreauthIntegrity{HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512, 9}, Salt: make([]byte, 8)},
		negotiate.Encryption{},
		negotiate.Compression{Flags: 1, Algorithms: []negotiate.CompressionAlgorithm{4, 2}},
		negotiate.Netname{Name: []byte("s\x00e\x00c\x00r\x00e\x00t\x00")},
		negotiate.Transport{Flags: 1},
		negotiate.RDMATransform{Transforms: []negotiate.RDMATransformID{1, 2}},
		negotiate.Signing{Algorithms: []negotiate.SigningAlgorithm{2, 1, 0}},
		negotiate.POSIXVersion1(),
	)
	r.Contexts = append(r.Contexts,
		negotiate.Context{Type: 0x7777, Data: []byte("abc")}, negotiate.Context{Type: negotiate.ContextEncryption, Data: []byte{1}},
		negotiate.Context{Type: negotiate.ContextNetname})
	login := ntlmssp.Negotiate{
		Flags: ntlmssp.FlagNegotiateUnicode | ntlmssp.FlagNegotiateOEMDomainSupplied | ntlmssp.FlagNegotiateOEMWorkstationSupplied |
			ntlmssp.FlagNegotiateVersion | ntlmssp.FlagNegotiate56,
		DomainName: []byte("SECRETDOM"), Workstation: []byte("SECRETBOX"),
		Version: &ntlmssp.Version{ProductMajorVersion: 10, ProductBuild: 19041, NTLMRevisionCurrent: 15},
	}
	c := clientOf(t, old, r, setup(t, login))
	require.Equal(t, "SECRETDOM", c.NTLM.Domain)
	hash, canonical := identity.ClientOf(c)
	require.Equal(t, "smb1=PC NETWORK PROGRAM 1.0,A%2cb%3bc%25\\xe9%01,NT LM 0.12,SMB 2.???;smb2=0202,0222,0311;mode=0083;caps=8000007f;"+
		"guid=zero;contexts=0001(0001,0009/8)+0002()+0003(00000001/0004,0002)+0005+0006(00000001)+0007(0001,0002)+0008(0002,0001,0000)+"+
		"0100(16)+7777(3)+0002(1)+0005;ntlm=82000001/10.0.19041.15", canonical)
	require.Regexp(t, `^c1_311_0311_[0-9a-f]{12}_[0-9a-f]{6}$`, hash)

	login.Version = nil
	_, without := identity.ClientOf(clientOf(t, setup(t, login)))
	require.Empty(t, without, "no fingerprint without a negotiate request")
	_, without = identity.ClientOf(clientOf(t, r, setup(t, login)))
	require.True(t, strings.HasSuffix(without, ";ntlm=82000001/-"), without)
	many := r
	many.Contexts = many.Contexts[:0:0]
	many.Dialects = make([]smb.Dialect, 120)
	require.Regexp(t, `^c1_000_9900_`, fingerprintOf(t, many), "120 dialects that are zero")
}

func TestClientOfOldDialects(t *testing.T) {
	for want, dialects := range map[string][]string{
		"2ff":  {smb.DialectNTLM012, smb.DialectSMB2002, smb.DialectSMB2Any},
		"202":  {smb.DialectNTLM012, smb.DialectSMB2002},
		"nt1":  {smb.DialectLANMAN21, smb.DialectNTLM012},
		"lm":   {smb.DialectCore, smb.DialectDOSLM12X002},
		"core": {smb.DialectCore, smb.DialectXenixCore},
	} {
		hash, canonical := identity.ClientOf(clientOf(t, negotiate.SMB1Request{
			Header: smb.SMB1Header{Command: smb.SMB1Negotiate}, Dialects: dialects,
		}))
		require.True(t, strings.HasPrefix(hash, "c1_"+want+"_0000_"), hash)
		require.Equal(t, "smb1="+strings.Join(dialects, ",")+";smb2=-;mode=-;caps=-;guid=-;contexts=-;ntlm=-", canonical)
	}
	hash, _ := identity.ClientOf(clientOf(t, negotiate.SMB1Request{
		Header: smb.SMB1Header{Command: smb.SMB1Negotiate}, Dialects: []string{smb.DialectNTLANMAN10},
	}))
	require.True(t, strings.HasPrefix(hash, "c1_nt1_"), hash)
}

// TestClientNeedsAnOffer: what is not there has no fingerprint, and what an importer makes up does no harm.
func TestClientNeedsAnOffer(t *testing.T) {
	for _, c := range []*report.Client{nil, {}, {Address: "192.0.2.2:1", NTLM: &report.ClientNTLM{Flags: []string{}}}} {
		hash, canonical := identity.ClientOf(c)
		require.Empty(t, hash+canonical)
	}
	_, canonical := identity.ClientOf(&report.Client{
		Dialects: []string{"nine"}, SecurityMode: []string{"?"}, GUID: "00000000-0000-0000-0000-000000000000",
		Contexts: []report.Context{{Type: "a;b", Data: "zz"}},
	})
	require.Equal(t, "smb1=-;smb2=0000;mode=0000;caps=00000000;guid=zero;contexts=a%3bb(1);ntlm=-", canonical)
}
