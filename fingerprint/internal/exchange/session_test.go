package exchange_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
)

var (
	standing  = []byte{0x82, 0, 0, 0}
	keptAlive = []byte{0x85, 0, 0, 0}
	called    = smb.MakeNetBIOSName("*SMBSERVER", smb.SuffixFileServer)
	anyWrites = map[string]smbtest.Path{
		"at once": {}, "by bytes": {Down: smbtest.Link{Segment: 1, Latency: time.Millisecond}},
	}
)

func retarget(address string) []byte {
	b, _ := smb.Retarget{Address: netip.MustParseAddrPort(address)}.AppendBinary([]byte{0x84, 0, 0, 6})
	return b
}

// call makes a session request of a peer over a network of its own, and asks a question if the session stands.
func call(t *testing.T, path smbtest.Path, edit func(*exchange.Settings), handle func(net.Conn)) (exchange.Session, []byte, *dialogue.Dialogue) {
	t.Helper()
	network, stop := listen(t, path, handle)
	defer stop()
	p := peer(settings(network))
	if edit != nil {
		edit(p.Settings)
	}
	p.Transport = dialogue.NetBIOSSession
	c := p.Open(t.Context())
	require.True(t, c.Ready())
	session := c.Call(t.Context(), called, wait)
	require.Equal(t, session.Stands, c.Ready())
	var answer []byte
	if session.Stands {
		answer = c.Ask(t.Context(), "question", question(t), wait)
	}
	d := c.Done()
	require.Zero(t, network.Counts().Open)
	require.Equal(t, dialogue.NetBIOSSession, d.Transport)
	return session, answer, d
}

// A session stands, is refused or led elsewhere, however the bytes come and whatever keep-alives come before.
func TestCall(t *testing.T) {
	elsewhere := netip.MustParseAddrPort("192.0.2.9:1139")
	tests := map[string]struct {
		packets [][]byte
		session exchange.Session
		reason  string
	}{
		"stands":               {[][]byte{standing}, exchange.Session{Stands: true}, ""},
		"after keep-alives":    {[][]byte{keptAlive, keptAlive, standing}, exchange.Session{Stands: true}, ""},
		"no such name":         {[][]byte{{0x83, 0, 0, 1, 0x82}}, exchange.Session{Refused: true, Code: smb.SessionCalledNotPresent}, "the NetBIOS session was refused: called name not present (0x82)"},
		"refused, keep-alive":  {[][]byte{keptAlive, {0x83, 0, 0, 1, 0x8F}}, exchange.Session{Refused: true, Code: smb.SessionUnspecified}, "the NetBIOS session was refused: unspecified error (0x8F)"},
		"refused with 0":       {[][]byte{{0x83, 0, 0, 1, 0}}, exchange.Session{Refused: true}, "the NetBIOS session was refused: unknown code (0x00)"},
		"led elsewhere":        {[][]byte{retarget("192.0.2.9:1139")}, exchange.Session{Retarget: elsewhere}, "the NetBIOS session was led elsewhere: to 192.0.2.9:1139"},
		"led to a zero":        {[][]byte{retarget("0.0.0.0:0")}, exchange.Session{Retarget: netip.MustParseAddrPort("0.0.0.0:0")}, "the NetBIOS session was led elsewhere: to 0.0.0.0:0"},
		"refused, and garbage": {[][]byte{{0x83, 0, 0, 1, 0x80}, []byte("more")}, exchange.Session{Refused: true, Code: smb.SessionNotListeningOnCalled}, "the NetBIOS session was refused: not listening on called name (0x80)"},
	}
	for name, tt := range tests {
		for pathName, path := range anyWrites {
			t.Run(name+" "+pathName, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					session, answer, d := call(t, path, nil, answers(answers(stay, framed(t, message(t, nil))), tt.packets...))
					require.Equal(t, tt.session, session)
					first := d.Frames[0]
					require.Equal(t, []any{true, dialogue.Session, "session-request"}, []any{first.Sent, first.Kind, first.Probe})
					require.Equal(t, []byte{0x81, 0, 0, 68}, first.Data[:4])
					request, err := smb.ParseSessionRequest(first.Data[4:])
					require.NoError(t, err)
					require.Equal(t, smb.SessionRequest{Called: called, Calling: smb.MakeNetBIOSName("SMBSCOPE", 0)}, request)
					for i, p := range tt.packets[:min(len(tt.packets), len(d.Frames)-1)] { // nothing is read behind a refusal
						f := d.Frames[i+1]
						require.Equal(t, []any{false, dialogue.Session, p}, []any{f.Sent, f.Kind, f.Data})
					}
					require.Equal(t, tt.reason, d.Reason)
					if tt.session.Stands {
						require.Equal(t, message(t, nil), answer)
						require.Equal(t, dialogue.EndDone, d.End)
					} else {
						require.Equal(t, dialogue.EndSession, d.End)
					}
				})
			})
		}
	}
}

// In a session questions are asked as over direct TCP, with keep-alives anywhere between messages.
func TestAskInSession(t *testing.T) {
	reply := framed(t, message(t, nil))
	for pathName, path := range anyWrites {
		t.Run(pathName, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				twice := answers(answers(answers(stay, keptAlive, reply), keptAlive, keptAlive, reply, keptAlive), standing, keptAlive)
				network, stop := listen(t, path, twice)
				defer stop()
				p := peer(settings(network))
				p.Transport = dialogue.NetBIOSSession
				c := p.Open(t.Context())
				require.True(t, c.Call(t.Context(), called, wait).Stands)
				for range 2 {
					require.Equal(t, message(t, nil), c.Ask(t.Context(), "q", question(t), wait))
				}
				d := c.Done()
				require.Equal(t, dialogue.EndDone, d.End)
				const m, s = dialogue.Message, dialogue.Session
				require.Equal(t, []dialogue.Kind{s, s, s, s, m, s, s, m}, kinds(d))
				requests, sent, _ := d.Cost()
				require.Equal(t, 2, requests, "the session request asks no SMB question")
				require.Equal(t, 72+2*(4+len(question(t))), sent)
			})
		})
	}
}

// Every way in which a session does not come about has its end, and what came is kept.
func TestCallEnds(t *testing.T) {
	tests := map[string]struct {
		peer func(net.Conn)
		end  dialogue.End
		got  string // what was received last
	}{
		"silent":               {smbtest.Silent, dialogue.EndTimeout, ""},
		"closes at once":       {smbtest.CloseAtOnce, dialogue.EndClosed, ""},
		"resets at once":       {smbtest.ResetAtOnce, dialogue.EndReset, ""},
		"closes then":          {answers(leave), dialogue.EndClosed, ""},
		"keep-alive and close": {answers(leave, keptAlive), dialogue.EndClosed, "\x85\x00\x00\x00"},
		"header cut":           {answers(leave, []byte{0x83, 0}), dialogue.EndClosed, "\x83\x00"},
		"code cut":             {answers(leave, []byte{0x83, 0, 0, 1}), dialogue.EndClosed, "\x83\x00\x00\x01"},
		"retarget cut":         {answers(stay, retarget("192.0.2.9:1139")[:9]), dialogue.EndTimeout, string(retarget("192.0.2.9:1139")[:9])},
		"HTTP":                 {smbtest.SaysFirst("HTTP/1.1 400 Bad Request\r\n\r\n"), dialogue.EndForeign, "HTTP/1.1 400 Bad Request\r\n\r\n"},
		"echo":                 {smbtest.Echo, dialogue.EndForeign, string([]byte{0x81, 0, 0, 68})},
		"one foreign byte":     {answers(leave, []byte("S")), dialogue.EndForeign, "S"},
		"cut and foreign":      {answers(leave, []byte{0x83, 1}), dialogue.EndForeign, "\x83\x01"},
		"a message":            {answers(stay, framed(t, message(t, nil))), dialogue.EndForeign, string(framed(t, message(t, nil)))},
		"an empty message":     {answers(stay, make([]byte, 4)), dialogue.EndForeign, "\x00\x00\x00\x00"},
		"positive with a byte": {answers(stay, []byte{0x82, 0, 0, 1, 0}), dialogue.EndForeign, "\x82\x00\x00\x01\x00"},
		"negative without":     {answers(stay, []byte{0x83, 0, 0, 0}), dialogue.EndForeign, "\x83\x00\x00\x00"},
		"negative with two":    {answers(stay, []byte{0x83, 0, 0, 2, 0x82, 0x82}), dialogue.EndForeign, "\x83\x00\x00\x02\x82\x82"},
		"retarget of four":     {answers(stay, []byte{0x84, 0, 0, 4, 192, 0, 2, 1}), dialogue.EndForeign, "\x84\x00\x00\x04\xC0\x00\x02\x01"},
		"a long keep-alive":    {answers(stay, []byte{0x85, 0, 0, 1, 0}), dialogue.EndForeign, "\x85\x00\x00\x01\x00"},
		"flags":                {answers(stay, []byte{0x82, 1, 0, 0}), dialogue.EndForeign, "\x82\x01\x00\x00"},
		"another type":         {answers(stay, []byte{0x86, 0, 0, 0}), dialogue.EndForeign, "\x86\x00\x00\x00"},
		"endless keep-alives":  {smbtest.KeepAlives, dialogue.EndLimit, "\x85\x00\x00\x00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session, _, d := call(t, smbtest.Path{}, nil, tt.peer)
				require.Zero(t, session)
				require.Equal(t, tt.end, d.End, d.Reason)
				require.NotEmpty(t, d.Reason)
				require.Equal(t, tt.got != "", d.Received())
				require.Contains(t, string(d.Frames[len(d.Frames)-1].Data), tt.got)
				require.LessOrEqual(t, len(d.Frames), 1+64)
			})
		})
	}
}

// What comes behind the response belongs to the questions: a server that says something unasked is no SMB server.
func TestAfterTheResponse(t *testing.T) {
	for name, extra := range map[string][]byte{"garbage": []byte("HTTP/1.1"), "a second response": standing, "a late refusal": {0x83, 0, 0, 1, 0x80}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session, answer, d := call(t, smbtest.Path{}, nil, answers(stay, append(standing[:4:4], extra...)))
				require.True(t, session.Stands)
				require.Nil(t, answer)
				require.Equal(t, dialogue.EndForeign, d.End)
				require.Equal(t, extra, d.Frames[len(d.Frames)-1].Data)
			})
		})
	}
}

func TestCallDeadlines(t *testing.T) {
	cause := errors.New("the user has left")
	synctest.Test(t, func(t *testing.T) {
		drip := smbtest.Drip(time.Second-1, retarget("192.0.2.1:1139"), false)
		for _, handle := range []func(net.Conn){smbtest.Silent, drip} {
			network, stop := listen(t, smbtest.Path{}, handle)
			c, start := peer(settings(network)).Open(t.Context()), time.Now()
			require.Zero(t, c.Call(t.Context(), called, wait))
			require.Equal(t, wait, time.Since(start))
			require.Equal(t, dialogue.EndTimeout, c.Done().End)

			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			c, start = peer(settings(network)).Open(ctx), time.Now()
			require.Zero(t, c.Call(ctx, called, wait))
			require.Equal(t, time.Second, time.Since(start))
			d := c.Done()
			require.Equal(t, dialogue.EndCanceled, d.End)
			require.Equal(t, cause.Error(), d.Reason)

			// A dialogue that has ended takes no call, and a context that has sends none.
			require.Zero(t, c.Call(t.Context(), called, wait))
			require.Len(t, d.Frames, len(c.Done().Frames))
			ctx, cancel = context.WithCancelCause(t.Context())
			c = peer(settings(network)).Open(ctx)
			cancel(cause)
			synctest.Wait()
			require.Zero(t, c.Call(ctx, called, wait))
			require.Empty(t, c.Done().Frames)
			stop()
		}
	})
}

// The budget counts the session's bytes: 72 of the request, 4 of the response.
func TestCallBudget(t *testing.T) {
	for bytes, want := range map[int]struct {
		stands bool
		frames int
	}{71: {false, 0}, 72: {false, 1}, 75: {false, 1}, 76: {true, 2}} {
		synctest.Test(t, func(t *testing.T) {
			session, _, d := call(t, smbtest.Path{}, func(s *exchange.Settings) { s.Bytes = bytes }, answers(stay, standing))
			require.Equal(t, want.stands, session.Stands, bytes)
			require.Equal(t, dialogue.EndBudget, d.End, "the question is more than is left")
			sent := 0
			for _, f := range d.Frames {
				if f.Sent || want.stands {
					sent++
				}
			}
			require.Equal(t, want.frames, sent)
		})
	}
}

// A retarget is followed once, to another port of the host that answered.
func TestRedirect(t *testing.T) {
	const session = "192.0.2.1:139"
	port := func(to string) netip.AddrPort { return netip.MustParseAddrPort(to) }
	synctest.Test(t, func(t *testing.T) {
		network := smbtest.NewNetwork(smbtest.Path{})
		for at, handle := range map[string]func(net.Conn){
			session:          answers(leave, retarget("192.0.2.1:1139")),
			"192.0.2.1:1139": answers(leave, retarget(session)), // and back again
		} {
			l, err := network.Listen(at)
			require.NoError(t, err)
			defer smbtest.Serve(l, handle)()
		}
		open := func(p *exchange.Peer) (netip.AddrPort, *dialogue.Dialogue) {
			c := p.Open(t.Context())
			to := c.Call(t.Context(), called, wait).Retarget
			return to, c.Done()
		}
		p := peer(settings(network))
		p.Port, p.Transport = 139, dialogue.NetBIOSSession
		require.False(t, p.Redirect(port("192.0.2.1:1139")), "nobody has answered yet")
		to, d := open(p)
		require.Equal(t, session, d.Address)
		for _, bad := range []netip.AddrPort{port("192.0.2.9:1139"), port(session), port("192.0.2.1:0"), port("[2001:db8::1]:1139"), {}} {
			require.False(t, p.Redirect(bad), bad)
		}
		require.True(t, p.Redirect(to))
		to, d = open(p)
		require.Equal(t, "192.0.2.1:1139", d.Address)
		require.Equal(t, port(session), to)
		require.False(t, p.Redirect(to), "no going round")
		require.False(t, p.Redirect(port("192.0.2.1:7")))
		_, d = open(p)
		require.Equal(t, "192.0.2.1:1139", d.Address)

		// A name that was resolved has the address that answered.
		p = peer(settings(network))
		p.Host, p.Port, p.Settings.Resolve = "files", 139, resolver("192.0.2.7", "::ffff:192.0.2.1")
		require.True(t, p.Open(t.Context()).Ready())
		require.False(t, p.Redirect(port("192.0.2.7:1139")))
		require.True(t, p.Redirect(port("192.0.2.1:1139")))

		// One that a dialer resolved has none that is known.
		p = peer(settings(network))
		p.Host, p.Port = "files", 139
		p.Settings.Dial = func(ctx context.Context, kind, _ string) (net.Conn, error) { return network.Dial(ctx, kind, session) }
		require.True(t, p.Open(t.Context()).Ready())
		require.False(t, p.Redirect(port("192.0.2.1:1139")))
	})
}

// The front of smbtest is a server of sessions for a scanner as well; without a transport the dialogue is direct TCP.
func TestCallOfNetBIOS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		front := smbtest.NetBIOS([]smb.NetBIOSName{called}, answers(stay, framed(t, message(t, nil))))
		session, answer, d := call(t, smbtest.Path{}, nil, front)
		require.True(t, session.Stands)
		require.Equal(t, message(t, nil), answer)
		session, _, again := call(t, smbtest.Path{}, nil, smbtest.NetBIOS(nil, stay))
		require.Equal(t, exchange.Session{Refused: true, Code: smb.SessionCalledNotPresent}, session)
		// What was recorded plays again.
		for _, recorded := range []*dialogue.Dialogue{d, again} {
			server := smbtest.NewReplay([]*dialogue.Dialogue{recorded})
			_, _, replayed := call(t, smbtest.Path{}, nil, server.Handle)
			require.Empty(t, server.Unmatched())
			require.Equal(t, recorded.End, replayed.End)
			require.Equal(t, len(recorded.Frames), len(replayed.Frames))
			for i, f := range recorded.Frames {
				require.Equal(t, f.Kind, replayed.Frames[i].Kind)
				if f.Kind == dialogue.Session { // messages have numbers
					require.Equal(t, f.Data, replayed.Frames[i].Data)
				}
			}
		}
		network, stop := listen(t, smbtest.Path{}, smbtest.Silent)
		defer stop()
		require.Equal(t, dialogue.DirectTCP, peer(settings(network)).Open(t.Context()).Done().Transport)
	})
}

// A connection of the caller's own can be called too.
func TestCallOfAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := smbtest.Pipe(smbtest.Path{})
		_, err := server.Write(standing)
		require.NoError(t, err)
		c := exchange.Adopt(t.Context(), settings(smbtest.NewNetwork(smbtest.Path{})), client, "quick")
		require.True(t, c.Call(t.Context(), called, wait).Stands)
		d := c.Done()
		require.Equal(t, dialogue.NetBIOSSession, d.Transport)
		require.False(t, d.Connected.IsZero())
		_, err = io.ReadFull(server, make([]byte, 72))
		require.NoError(t, err)
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
	})
}
