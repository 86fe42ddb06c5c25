package smbtest_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/testdata"
)

func build(t *testing.T, o negotiate.Offer) []byte {
	t.Helper()
	b, err := o.Build(rand.Reader)
	require.NoError(t, err)
	return b
}

// recordedDialogue makes a dialogue of a question and what came back.
func recordedDialogue(question []byte, end dialogue.End, replies ...[]byte) *dialogue.Dialogue {
	d := &dialogue.Dialogue{Connected: time.Unix(1, 0), End: end}
	d.Frames = append(d.Frames, dialogue.Frame{Sent: true, Kind: dialogue.Message, Data: question})
	for _, r := range replies {
		d.Frames = append(d.Frames, dialogue.Frame{Kind: dialogue.Message, Data: r})
	}
	return d
}

func answer(t *testing.T, d smb.Dialect) []byte {
	t.Helper()
	h := smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1}
	b, err := negotiate.SMB2Response{Header: h, Dialect: d, SecurityMode: smb.SigningEnabled}.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

// ask sends a request over a connection of its own to a server and returns all that comes back.
func ask(t *testing.T, server *smbtest.Replay, request []byte) ([]byte, error) {
	t.Helper()
	client, end := smbtest.Pipe(smbtest.Path{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Handle(end)
	}()
	framed, err := smb.AppendFrame(nil, request)
	require.NoError(t, err)
	_, err = client.Write(framed)
	require.NoError(t, err)
	require.NoError(t, client.CloseWrite())
	got, err := io.ReadAll(client)
	<-done
	require.NoError(t, client.Close())
	return got, err
}

// A request with other random bytes and another message number is answered as the recorded one, with its own number.
func TestReplayByMeaning(t *testing.T) {
	server := smbtest.NewReplay([]*dialogue.Dialogue{
		recordedDialogue(build(t, negotiate.All()), dialogue.EndDone, answer(t, smb.DialectSMB311)),
		recordedDialogue(build(t, negotiate.Single(smb.DialectSMB210)), dialogue.EndDone, answer(t, smb.DialectSMB210)),
	})
	for offer, want := range map[string]smb.Dialect{"all": smb.DialectSMB311, "single": smb.DialectSMB210} {
		o := negotiate.All()
		if offer == "single" {
			o = negotiate.Single(smb.DialectSMB210)
		}
		request := build(t, o)
		request[24] = 7 // MessageId
		got, err := ask(t, server, request)
		require.NoError(t, err)
		r, err := negotiate.ParseSMB2Response(got[smb.FrameHeaderSize:])
		require.NoError(t, err)
		require.Equal(t, want, r.Dialect)
		require.EqualValues(t, 7, r.Header.MessageID)
	}
	require.Empty(t, server.Unmatched())
}

// What was not recorded closes the connection and is told.
func TestReplayUnmatched(t *testing.T) {
	server := smbtest.NewReplay([]*dialogue.Dialogue{
		recordedDialogue(build(t, negotiate.All()), dialogue.EndDone, answer(t, smb.DialectSMB311)),
	})
	for _, o := range []negotiate.Offer{negotiate.Conservative(), negotiate.SMB1Only(), negotiate.Single(smb.DialectSMB311)} {
		got, err := ask(t, server, build(t, o))
		require.NoError(t, err)
		require.Empty(t, got)
	}
	require.Len(t, server.Unmatched(), 3)
	require.Contains(t, server.Unmatched()[1], smb.DialectNTLM012)
}

// Connections end as the recorded ones did.
func TestReplayEnds(t *testing.T) {
	request := build(t, negotiate.All())
	got, err := ask(t, smbtest.NewReplay([]*dialogue.Dialogue{recordedDialogue(request, dialogue.EndClosed)}), request)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = ask(t, smbtest.NewReplay([]*dialogue.Dialogue{recordedDialogue(request, dialogue.EndReset)}), request)
	require.True(t, errors.Is(err, syscall.ECONNRESET), "%v", err)
}

// Connections that begin alike take turns through the dialogues that were recorded.
func TestReplayTurns(t *testing.T) {
	request := build(t, negotiate.All())
	server := smbtest.NewReplay([]*dialogue.Dialogue{
		recordedDialogue(request, dialogue.EndClosed),
		recordedDialogue(request, dialogue.EndDone, answer(t, smb.DialectSMB311)),
		{End: dialogue.EndRefused}, // never a connection
	})
	for range 2 {
		got, err := ask(t, server, request)
		require.NoError(t, err)
		require.Empty(t, got)
		got, err = ask(t, server, request)
		require.NoError(t, err)
		require.NotEmpty(t, got)
	}
}

// Clients that are no SMB clients, or break off, end the connection and nothing else.
func TestReplayOfBrokenClients(t *testing.T) {
	server := smbtest.NewReplay(nil)
	for _, data := range []string{"", "GET", "\x00\x00\x00\x10short", "\x00\xFF\xFF\xFFlong", "\x85\x00\x00\x00\x00\x00\x00\x00"} {
		client, end := smbtest.Pipe(smbtest.Path{})
		_, err := client.Write([]byte(data))
		require.NoError(t, err)
		require.NoError(t, client.CloseWrite())
		server.Handle(end)
		require.NoError(t, client.Close())
	}
}

// Meanings differ where the question does, and not where only random bytes do.
func TestMeaning(t *testing.T) {
	offers := []negotiate.Offer{
		negotiate.All(), negotiate.Conservative(), negotiate.SMB1Only(), negotiate.Multi(),
		{SMB1: negotiate.SMB1Only().SMB1, NoExtendedSecurity: true},
	}
	for _, d := range smb.Dialects() {
		offers = append(offers, negotiate.Single(d))
	}
	seen := map[string]bool{}
	for _, o := range offers {
		meaning := smbtest.Meaning(build(t, o))
		require.Equal(t, meaning, smbtest.Meaning(build(t, o)), "random bytes make no difference")
		require.False(t, seen[meaning], "two offers of one meaning: %s", meaning)
		seen[meaning] = true
	}
	require.Equal(t, "unreadable", smbtest.Meaning([]byte("GET /")))
	echo, err := hex.DecodeString("fe534d42400000000000000000000d00" + "00000000000000000000000000000000" +
		"00000000000000000000000000000000" + "00000000000000000000000000000000")
	require.NoError(t, err)
	require.Equal(t, "SMB2 NEGOTIATE", smbtest.Meaning(echo)) // Command is at offset 12
}

// Any client can be pointed at a recorded server: over a real socket as well.
func TestReplayOverTCP(t *testing.T) {
	names, err := testdata.Names()
	require.NoError(t, err)
	require.NotEmpty(t, names)
	dialogues, err := testdata.Dialogues(names[0])
	require.NoError(t, err)
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer smbtest.Serve(l, smbtest.NewReplay(dialogues).Handle)()
	conn, err := net.DialTimeout("tcp", l.Addr().String(), 5*time.Second)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	framed, err := smb.AppendFrame(nil, build(t, negotiate.All()))
	require.NoError(t, err)
	_, err = conn.Write(framed)
	require.NoError(t, err)
	head := make([]byte, smb.FrameHeaderSize+4)
	_, err = io.ReadFull(conn, head)
	require.NoError(t, err)
	require.True(t, smb.IsSMB2(head[smb.FrameHeaderSize:]))
}

// Two ports of one server are played apart: what was recorded at one is never played at the other.
func TestReplayOfPorts(t *testing.T) {
	all, err := testdata.Dialogues("samba-4.17.12-three-ports")
	require.NoError(t, err)
	replay := smbtest.NewReplay(all)
	network := smbtest.NewNetwork(smbtest.Path{})
	for _, port := range []string{"445", "8445"} {
		l, err := network.Listen("files:" + port)
		require.NoError(t, err)
		defer smbtest.Serve(l, replay.Handle)()
	}
	answers := map[string]string{} // by their bytes, the port where each was recorded
	for _, d := range all {
		if len(d.Frames) > 1 && d.Frames[0].Probe == "all-offer" && d.Transport == dialogue.DirectTCP {
			answers[string(d.Frames[1].Data)] = d.Address[strings.LastIndexByte(d.Address, ':')+1:]
		}
	}
	require.Len(t, answers, 2)
	for _, port := range []string{"8445", "445", "445", "8445", "445"} {
		conn, err := network.Dial(t.Context(), "tcp", "files:"+port)
		require.NoError(t, err)
		request, err := negotiate.All().Build(rand.Reader)
		require.NoError(t, err)
		framed, err := smb.AppendFrame(nil, request)
		require.NoError(t, err)
		_, err = conn.Write(framed)
		require.NoError(t, err)
		head := make([]byte, smb.FrameHeaderSize)
		_, err = io.ReadFull(conn, head)
		require.NoError(t, err)
		h, err := smb.ParseFrameHeader(head)
		require.NoError(t, err)
		reply := make([]byte, h.Length)
		_, err = io.ReadFull(conn, reply)
		require.NoError(t, err)
		require.Equal(t, port, answers[string(reply)])
		require.NoError(t, conn.Close())
	}
}
