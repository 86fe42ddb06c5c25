package smbtest_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

func personality(t *testing.T, name string) smbtest.Personality {
	t.Helper()
	p, ok := smbtest.PersonalityOf(name)
	require.True(t, ok, name)
	p.Now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	return p
}

func framed(t *testing.T, message []byte) []byte {
	t.Helper()
	b, err := smb.AppendFrame(nil, message)
	require.NoError(t, err)
	return b
}

// said writes messages over one connection and returns the messages that came back.
func said(t *testing.T, p smbtest.Personality, messages ...[]byte) [][]byte {
	t.Helper()
	packets := make([][]byte, len(messages))
	for i, m := range messages {
		packets[i] = framed(t, m)
	}
	got, _ := converse(t, p.Handle, packets...) // a reset where it left with something unread
	return frames(t, got)
}

// frames cuts what a server wrote into the messages behind their headers; session packets are left out.
func frames(t *testing.T, b []byte) (list [][]byte) {
	t.Helper()
	for len(b) > 0 {
		h, err := smb.ParseFrameHeader(b)
		require.NoError(t, err)
		if h.Type == smb.FrameMessage {
			list = append(list, b[smb.FrameHeaderSize:smb.FrameHeaderSize+h.Length])
		}
		b = b[smb.FrameHeaderSize+h.Length:]
	}
	return list
}

func chosen(t *testing.T, message []byte) negotiate.SMB2Response {
	t.Helper()
	r, err := negotiate.ParseSMB2Response(message)
	require.NoError(t, err)
	return r
}

// The values of one answer, as the documents have them.
func TestPersonalityNegotiateValues(t *testing.T) {
	const all = smb.CapDFS | smb.CapLeasing | smb.CapLargeMTU | smb.CapMultiChannel | smb.CapDirectoryLeasing
	for _, c := range []struct {
		name  string
		offer negotiate.Offer
		caps  smb.SMB2Capabilities
		size  uint32
		blob  int // bytes, of public captures and of auth.c
		mode  smb.SecurityMode
		start bool
		types []negotiate.ContextType
	}{
		{"synthetic-windows-7-member", negotiate.All(), 0x07, 1 << 20, 120, 1, true, nil},
		{"synthetic-windows-7-workgroup", negotiate.Single(smb.DialectSMB202), 0x01, 1 << 16, 320, 1, true, nil},
		{"synthetic-windows-server-2012-r2-dc", negotiate.All(), all | smb.CapEncryption, 8 << 20, 120, 3, true, nil},
		{"synthetic-windows-server-2016-member", negotiate.All(), all, 8 << 20, 120, 1, true, []negotiate.ContextType{1, 2}},
		{"synthetic-windows-10-1903-workgroup", negotiate.All(), all, 8 << 20, 320, 1, false, []negotiate.ContextType{1, 2, 3}},
		{"synthetic-windows-server-2022-dc", negotiate.Reversed(), all, 8 << 20, 120, 3, false, []negotiate.ContextType{1, 2, 3, 7, 8}},
		{
			"synthetic-windows-11-24h2-workgroup", negotiate.All(), all | smb.CapNotifications, 8 << 20, 320, 3, false,
			[]negotiate.ContextType{1, 2, 3, 8},
		},
		{"synthetic-ksmbd", negotiate.Reversed(), smb.CapLargeMTU, 4 << 20, 96, 1, false, []negotiate.ContextType{1, 2, 256, 8}},
		{"synthetic-macos", negotiate.All(), 0x66, 4 << 20, 128, 3, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			replies := said(t, personality(t, c.name), build(t, c.offer))
			require.Len(t, replies, 1)
			r := chosen(t, replies[0])
			require.Equal(t, c.caps, r.Capabilities)
			require.Equal(t, c.size, r.MaxReadSize)
			require.Len(t, r.SecurityBuffer, c.blob)
			require.Equal(t, c.mode, r.SecurityMode)
			require.Equal(t, c.start, r.ServerStartTime != 0)
			if strings.Contains(c.name, "windows") {
				require.EqualValues(t, 4, r.ServerGUID[7]>>4, "a random GUID")
				require.EqualValues(t, 2, r.ServerGUID[8]>>6)
			} else {
				require.Equal(t, c.name == "synthetic-ksmbd", r.ServerGUID == dtyp.GUID{})
			}
			var types []negotiate.ContextType
			for _, ctx := range r.Contexts {
				types = append(types, ctx.Type)
			}
			require.Equal(t, c.types, types)
			if p, err := negotiate.ParsePreauthIntegrity(dataOf(r, negotiate.ContextPreauthIntegrity)); err == nil {
				require.Len(t, p.Salt, 32)
			}
		})
	}
}

func dataOf(r negotiate.SMB2Response, t negotiate.ContextType) []byte {
	ctx, _ := r.Context(t)
	return ctx.Data
}

// What is compressed is in chains from 2004 on: one algorithm and Pattern_V1.
func TestPersonalityCompression(t *testing.T) {
	chain := negotiate.Compression{Flags: negotiate.CompressionChained, Algorithms: []negotiate.CompressionAlgorithm{2, 4}}
	for name, want := range map[string]negotiate.Compression{
		"synthetic-windows-10-1903-member":     {Algorithms: []negotiate.CompressionAlgorithm{2}},
		"synthetic-windows-10-22h2-member":     chain,
		"synthetic-windows-server-2025-member": chain,
	} {
		r := chosen(t, said(t, personality(t, name), build(t, negotiate.All()))[0])
		got, err := negotiate.ParseCompression(dataOf(r, negotiate.ContextCompression))
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

// A second negotiation, and a first message that is not numbered 0, cost the connection.
func TestPersonalityCloses(t *testing.T) {
	all := build(t, negotiate.All())
	again, err := negotiate.ParseSMB2Request(all)
	require.NoError(t, err)
	again.Header.MessageID = 1
	second, err := again.AppendBinary(nil)
	require.NoError(t, err)
	p := personality(t, "synthetic-windows-server-2022-member")
	require.Len(t, said(t, p, all, second), 1)
	require.Empty(t, said(t, p, second))
	// SMB1 leads to SMB2, whose negotiation is numbered 1.
	replies := said(t, p, build(t, negotiate.Multi()), second)
	require.Len(t, replies, 2)
	require.Equal(t, smb.DialectWildcard, chosen(t, replies[0]).Dialect)
	require.Equal(t, smb.DialectSMB311, chosen(t, replies[1]).Dialect)
	require.Empty(t, said(t, p, build(t, negotiate.SMB1Only())), "SMB1 is off")
	require.Len(t, said(t, personality(t, "synthetic-windows-server-2016-member"), build(t, negotiate.SMB1Only())), 1)
	refused := said(t, p, build(t, negotiate.Offer{SMB2: []smb.Dialect{0x0399}}))
	h, err := smb.ParseSMB2Header(refused[0])
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusNotSupported, h.Status)
	require.Empty(t, said(t, p, []byte("\xFFSMBnonsense")))
	require.Empty(t, said(t, p, []byte("nonsense")))
}

// Unusual negotiations are answered as the specification wants it by Windows, and as its source says by ksmbd.
func TestPersonalityBehaviours(t *testing.T) {
	windows := map[string]string{
		"behaviour-unknown-cipher": "3.1.1 chosen", "behaviour-unknown-compression": "3.1.1 chosen",
		"behaviour-unknown-signing": "3.1.1 chosen", "behaviour-duplicate-dialects": "3.0 chosen",
		"behaviour-no-contexts":      "STATUS_INVALID_PARAMETER",
		"behaviour-unknown-hash":     "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP",
		"behaviour-two-preauth":      "STATUS_INVALID_PARAMETER",
		"behaviour-wildcard-dialect": "STATUS_NOT_SUPPORTED", "behaviour-no-dialects": "STATUS_INVALID_PARAMETER",
		"behaviour-message-id-1": "closed", "behaviour-unknown-smb1-dialect": "closed",
	}
	for _, b := range negotiate.Behaviours() {
		request, err := b.Build(&counting{})
		require.NoError(t, err)
		require.Equal(t, windows[b.ID], reaction(t, said(t, personality(t, "synthetic-windows-server-2022-dc"), request)), b.ID)
		i := slices.IndexFunc(b.Seen, func(s negotiate.Sighting) bool { return strings.HasPrefix(s.Server, "Linux ksmbd") })
		got := said(t, personality(t, "synthetic-ksmbd"), request)
		require.True(t, strings.HasPrefix(b.Seen[i].Answer, reaction(t, got)), b.ID)
		for kind, context := range map[string]negotiate.ContextType{
			"no encryption context": negotiate.ContextEncryption, "no signing context": negotiate.ContextSigning,
		} {
			if strings.Contains(b.Seen[i].Answer, kind) {
				require.Nil(t, dataOf(chosen(t, got[0]), context), b.ID)
			}
		}
	}
	request, err := negotiate.Behaviours()[0].Build(&counting{})
	require.NoError(t, err)
	e := dataOf(chosen(t, said(t, personality(t, "synthetic-windows-10-22h2-member"), request)[0]), negotiate.ContextEncryption)
	require.Equal(t, []byte{1, 0, 0, 0}, e, "the cipher that says that none is common")
	request, err = negotiate.Behaviours()[2].Build(&counting{})
	require.NoError(t, err)
	s := dataOf(chosen(t, said(t, personality(t, "synthetic-windows-server-2022-dc"), request)[0]), negotiate.ContextSigning)
	require.Equal(t, []byte{1, 0, 1, 0}, s, "AES-CMAC, which was not offered")
}

func reaction(t *testing.T, replies [][]byte) string {
	t.Helper()
	if len(replies) == 0 {
		return "closed"
	}
	if r, err := negotiate.ParseSMB2Response(replies[0]); err == nil {
		return r.Dialect.String() + " chosen"
	}
	if r, err := negotiate.ParseSMB1Response(replies[0]); err == nil && r.Refused() {
		return "DialectIndex 0xFFFF"
	}
	h, err := smb.ParseSMB2Header(replies[0])
	require.NoError(t, err)
	return h.Status.String()
}

// Without a session nothing is granted.
func TestPersonalityNeedsASession(t *testing.T) {
	p := personality(t, "synthetic-windows-server-2016-dc")
	tree := smb.SMB2TreeConnectRequest{
		Header: smb.SMB2Header{Command: smb.SMB2TreeConnect, MessageID: 1, Credits: 1},
		Path:   []byte("\\\x00\\\x00a\x00\\\x00I\x00P\x00C\x00$\x00"),
	}
	request, err := tree.AppendBinary(nil)
	require.NoError(t, err)
	replies := said(t, p, build(t, negotiate.All()), request)
	require.Len(t, replies, 2)
	h, err := smb.ParseSMB2Header(replies[1])
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusUserSessionDeleted, h.Status)
}

// Over NetBIOS sessions sizes are those of 2.0.2, and large MTU is not told.
func TestPersonalityOverNetBIOS(t *testing.T) {
	p := personality(t, "synthetic-windows-server-2022-member")
	all := framed(t, build(t, negotiate.All()))
	got, err := converse(t, p.Handle, sessionRequest(t, p.Computer), all)
	require.NoError(t, err)
	require.Equal(t, standing, got[:4])
	r := chosen(t, frames(t, got)[0])
	require.EqualValues(t, 65536, r.MaxTransactSize)
	require.Zero(t, r.Capabilities&smb.CapLargeMTU)
	got, _ = converse(t, p.Handle, sessionRequest(t, "NOBODY"), all)
	require.Equal(t, refused, got)
	synctest.Test(t, func(t *testing.T) {
		r, _ := scanOf(t, p, fingerprint.Scanner{}, "139")
		require.Equal(t, report.OutcomeSMB, r.Outcome)
		require.Equal(t, report.Yes, r.Dialects["3.1.1"])
	})
}

// Hostile requests end in an answer or a close, with every personality.
func FuzzPersonality(f *testing.F) {
	for _, o := range []negotiate.Offer{
		negotiate.All(), negotiate.Multi(), negotiate.SMB1Only(), negotiate.NotExtended(), negotiate.Reversed(),
	} {
		b, err := o.Build(bytes.NewReader(make([]byte, 64)))
		require.NoError(f, err)
		f.Add(b, []byte("\xFESMB"))
		f.Add([]byte("\xFFSMBr"), b)
	}
	all := smbtest.Personalities()
	f.Fuzz(func(t *testing.T, first, second []byte) {
		if len(first) > 1<<16 || len(second) > 1<<16 {
			return
		}
		for _, i := range []int{0, 20, len(all) - 6, len(all) - 4, len(all) - 2} {
			for _, m := range said(t, all[i], first, second) {
				require.True(t, smb.IsSMB2(m) || smb.IsSMB1(m))
			}
		}
	})
}

// A personality in place of a server, for a demonstration or the test of a program.
func ExamplePersonality() {
	network := smbtest.NewNetwork(smbtest.Path{})
	listener, err := network.Listen("192.0.2.1:445")
	if err != nil {
		fmt.Println(err)
		return
	}
	server, _ := smbtest.PersonalityOf("synthetic-windows-server-2022-dc")
	defer smbtest.Serve(listener, server.Handle)()

	scanner := fingerprint.Scanner{Level: fingerprint.LevelQuick, Dial: network.Dial}
	r, err := scanner.Scan(context.Background(), "192.0.2.1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.PreferredDialect, "signing required:", r.Signing.SMB2.Required)
	fmt.Println(r.NTLM.NetBIOSComputer, r.NTLM.DNSDomain, r.NTLM.Version.Build)
	roles := []smbtest.PersonalityRole{}
	for _, p := range smbtest.Personalities() {
		if p.Product == server.Product && !slices.Contains(roles, p.Role) {
			roles = append(roles, p.Role)
		}
	}
	fmt.Println(roles)

	// Output:
	// 3.1.1 signing required: yes
	// SYNTHETIC-DC synthetic.example 20348
	// [member workgroup dc]
}
