package smbtest_test

import (
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

var (
	standing = []byte{0x82, 0, 0, 0}
	refused  = []byte{0x83, 0, 0, 1, 0x82}
	keptUp   = []byte{0x85, 0, 0, 0}
)

// sessionRequest is a session request for a name with its header.
func sessionRequest(t *testing.T, called string) []byte {
	t.Helper()
	b, err := smb.SessionRequest{
		Called: smb.MakeNetBIOSName(called, smb.SuffixFileServer), Calling: smb.MakeNetBIOSName("TEST", smb.SuffixWorkstation),
	}.AppendBinary([]byte{0x81, 0, 0, 68})
	require.NoError(t, err)
	require.Len(t, b, 72)
	return b
}

// session makes a dialogue of a session request, what came back, and a question with its reply.
func session(t *testing.T, called string, end dialogue.End, replies [][]byte, then ...[]byte) *dialogue.Dialogue {
	t.Helper()
	d := &dialogue.Dialogue{Connected: time.Unix(1, 0), Transport: dialogue.NetBIOSSession, End: end}
	d.Frames = append(d.Frames, dialogue.Frame{Sent: true, Kind: dialogue.Session, Data: sessionRequest(t, called)})
	for _, r := range replies {
		d.Frames = append(d.Frames, dialogue.Frame{Kind: dialogue.Session, Data: r})
	}
	for i, m := range then {
		d.Frames = append(d.Frames, dialogue.Frame{Sent: i%2 == 0, Kind: dialogue.Message, Data: m})
	}
	return d
}

// converse writes packets to a handler over one connection and
// returns all that came back.
func converse(t *testing.T, handle func(net.Conn), packets ...[]byte) ([]byte, error) {
	t.Helper()
	client, end := smbtest.Pipe(smbtest.Path{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		handle(end)
		_ = end.Close()
	}()
	for _, p := range packets {
		if _, err := client.Write(p); err != nil {
			break // the server has gone
		}
	}
	_ = client.CloseWrite()
	got, err := io.ReadAll(client)
	<-done
	require.NoError(t, client.Close())
	return got, err
}

// answered returns the dialect of the message behind prefix.
func answered(t *testing.T, got, prefix []byte) smb.Dialect {
	t.Helper()
	require.Greater(t, len(got), len(prefix)+smb.FrameHeaderSize)
	require.Equal(t, string(prefix), string(got[:len(prefix)]))
	r, err := negotiate.ParseSMB2Response(got[len(prefix)+smb.FrameHeaderSize:])
	require.NoError(t, err)
	return r.Dialect
}

// A session is answered as one was that called the same name, and questions in it as in such a one.
func TestReplaySessions(t *testing.T) {
	all, single := build(t, negotiate.All()), build(t, negotiate.Single(smb.DialectSMB210))
	kept := append(append([]byte{}, keptUp...), standing...)
	dialogues := []*dialogue.Dialogue{
		recordedDialogue(all, dialogue.EndDone, answer(t, smb.DialectSMB311)),
		session(t, "OTHER", dialogue.EndSession, [][]byte{refused}),
		session(t, "FILES", dialogue.EndDone, [][]byte{keptUp, standing}, all, answer(t, smb.DialectSMB302)),
		session(t, "FILES", dialogue.EndDone, [][]byte{keptUp, standing}, single, answer(t, smb.DialectSMB210)),
		{Connected: time.Unix(1, 0), Transport: dialogue.NetBIOSNameService, Frames: []dialogue.Frame{
			{Sent: true, Kind: dialogue.Raw, Data: []byte("datagram")}, {Kind: dialogue.Raw, Data: []byte("names")},
		}},
		session(t, "THIRD", dialogue.EndDone, [][]byte{standing}, all, answer(t, smb.DialectSMB300)),
		session(t, "THIRD", dialogue.EndDone, [][]byte{standing}, all, answer(t, smb.DialectSMB202)),
	}
	// Transports decide, not frames: the beginning of a session may be missing, and a server may take a session request
	// at the port of direct TCP.
	headless := session(t, "", dialogue.EndDone, nil, build(t, negotiate.Single(smb.DialectSMB300)), answer(t, smb.DialectSMB300))
	headless.Frames = headless.Frames[1:]
	beheaded := session(t, "DIRECT", dialogue.EndDone, [][]byte{standing})
	beheaded.Transport = dialogue.DirectTCP
	dialogues = append(dialogues, headless, beheaded)
	framed := func(m []byte) []byte {
		b, err := smb.AppendFrame(nil, m)
		require.NoError(t, err)
		return b
	}
	server := smbtest.NewReplay(dialogues)
	third := []smb.Dialect{smb.DialectSMB300, smb.DialectSMB202, smb.DialectSMB300}
	for i := range 3 { // whichever question comes, and however often
		got, err := converse(t, server.Handle, framed(all))
		require.NoError(t, err)
		require.Equal(t, smb.DialectSMB311, answered(t, got, nil), "without a session request")
		got, err = converse(t, server.Handle, sessionRequest(t, "files"), framed(all))
		require.NoError(t, err)
		require.Equal(t, smb.DialectSMB302, answered(t, got, kept))
		got, err = converse(t, server.Handle, sessionRequest(t, "files"), framed(single))
		require.NoError(t, err)
		require.Equal(t, smb.DialectSMB210, answered(t, got, kept))
		got, err = converse(t, server.Handle, sessionRequest(t, "other"), framed(all))
		require.NoError(t, err)
		require.Equal(t, refused, got, "and closed")
		got, err = converse(t, server.Handle, sessionRequest(t, "third"), framed(all))
		require.NoError(t, err)
		require.Equal(t, third[i], answered(t, got, standing), "turns of one name are not those of another")
	}
	require.Empty(t, server.Unmatched())

	// Neither kind serves connections of the other, and what was not recorded is told.
	for _, tt := range []struct {
		missed  string
		packets [][]byte
	}{
		{smbtest.Meaning(single), [][]byte{framed(single)}},
		{smbtest.Meaning(build(t, negotiate.Single(smb.DialectSMB300))), [][]byte{framed(build(t, negotiate.Single(smb.DialectSMB300)))}},
		{"unreadable", [][]byte{framed([]byte("datagram"))}},
		{"session request for NOBODY<20>", [][]byte{sessionRequest(t, "nobody")}},
		{"session request for DIRECT<20>", [][]byte{sessionRequest(t, "direct")}},
		{"session request for FILES<20>", [][]byte{framed(all), sessionRequest(t, "files")}},
		{"unreadable session request", [][]byte{{0x81, 0, 0, 2, 1, 2}}},
		{smbtest.Meaning(build(t, negotiate.SMB1Only())), [][]byte{sessionRequest(t, "files"), framed(build(t, negotiate.SMB1Only()))}},
	} {
		before := len(server.Unmatched())
		_, err := converse(t, server.Handle, tt.packets...)
		require.NoError(t, err)
		require.Equal(t, []string{tt.missed}, server.Unmatched()[before:])
	}
}

// Sessions that were answered in different ways take turns, and so do the questions in those that stand.
func TestReplaySessionTurns(t *testing.T) {
	all := build(t, negotiate.All())
	server := smbtest.NewReplay([]*dialogue.Dialogue{
		session(t, "FILES", dialogue.EndReset, nil),
		session(t, "FILES", dialogue.EndDone, [][]byte{standing}, all, answer(t, smb.DialectSMB311)),
		session(t, "FILES", dialogue.EndDone, [][]byte{standing}, all, answer(t, smb.DialectSMB210)),
		session(t, "FILES", dialogue.EndClosed, [][]byte{standing}),
		session(t, "FILES", dialogue.EndDone, [][]byte{keptUp, standing}, all, answer(t, smb.DialectSMB202)),
	})
	framed, err := smb.AppendFrame(nil, all)
	require.NoError(t, err)
	for range 2 {
		_, err = converse(t, server.Handle, sessionRequest(t, "FILES"), framed)
		require.ErrorIs(t, err, syscall.ECONNRESET)
		for _, dialect := range []smb.Dialect{smb.DialectSMB311, smb.DialectSMB210} {
			got, err := converse(t, server.Handle, sessionRequest(t, "FILES"), framed)
			require.NoError(t, err)
			require.Equal(t, dialect, answered(t, got, standing))
		}
		got, err := converse(t, server.Handle, sessionRequest(t, "FILES"), framed)
		require.NoError(t, err)
		require.Equal(t, standing, got, "and closed")
		got, err = converse(t, server.Handle, sessionRequest(t, "FILES"), framed)
		require.NoError(t, err)
		require.Equal(t, smb.DialectSMB202, answered(t, got, append(keptUp[:4:4], standing...)))
	}
	require.Empty(t, server.Unmatched())
}

func TestNetBIOS(t *testing.T) {
	name := smb.MakeNetBIOSName("files", smb.SuffixFileServer)
	front := smbtest.NetBIOS([]smb.NetBIOSName{smb.MakeNetBIOSName("*SMBSERVER", smb.SuffixFileServer), name}, smbtest.Echo)
	echoed := append(append([]byte{}, standing...), "hello"...)
	for text, tt := range map[string]struct {
		packets [][]byte
		want    []byte
	}{
		"its name":          {[][]byte{sessionRequest(t, "FILES"), []byte("hello")}, echoed},
		"the common name":   {[][]byte{sessionRequest(t, "*SMBSERVER"), []byte("hello")}, echoed},
		"another name":      {[][]byte{sessionRequest(t, "OTHER"), []byte("hello")}, refused},
		"no request":        {[][]byte{[]byte("\x00\x00\x00\x44" + string(make([]byte, 68)))}, []byte{}},
		"a request too big": {[][]byte{{0x81, 1, 0xFF, 0xFF}}, []byte{}},
		"a byte too many":   {[][]byte{append([]byte{0x81, 0, 0, 69}, append(sessionRequest(t, "FILES")[4:], 0)...)}, []byte{}},
		"a request cut":     {[][]byte{sessionRequest(t, "FILES")[:71]}, []byte{}},
		"a header cut":      {[][]byte{{0x81, 0}}, []byte{}},
		"an unreadable one": {[][]byte{append([]byte{0x81, 0, 0, 68}, make([]byte, 68)...)}, []byte{}},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := converse(t, front, tt.packets...)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}
