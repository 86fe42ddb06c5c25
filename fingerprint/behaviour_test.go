package fingerprint_test

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// The recording of a server that was asked the behaviour probes too.
const behaved = "samba-4.17.12-behaviour"

func isBehaviour(p report.Probe) bool { return strings.HasPrefix(p.ID, "behaviour-") }

// behaviourIDs lists the behaviour probes and the controls of a report in their order.
func behaviourIDs(r *fingerprint.Report) (ids []string) {
	for _, p := range r.Probes {
		if isBehaviour(p) || p.ID == "control" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// The probes come behind everything else, each alone, with a control after every third and after the last, and they
// change no answer.
func TestBehaviour(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		synctest.Test(t, func(t *testing.T) {
			without := fixed(serve(t, smbtest.Path{}, replay(t, behaved).Handle))
			without.Level = level
			want := scan(t, without)
			require.Empty(t, behaviourIDs(want))

			server := replay(t, behaved)
			network := serve(t, smbtest.Path{}, server.Handle)
			s := fixed(network)
			s.Level, s.BehaviourProbes = level, true
			var dialogues []*dialogue.Dialogue
			s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
			got := scan(t, s)
			require.Empty(t, server.Unmatched())
			require.Empty(t, got.Reason)
			require.Equal(t, text(t, got), text(t, fingerprint.Observe(dialogues)[0]))

			var order []string
			for i, b := range negotiate.Behaviours() {
				if order = append(order, b.ID); i%3 == 2 {
					order = append(order, "control")
				}
			}
			require.Equal(t, append(order, "control"), behaviourIDs(got))
			require.LessOrEqual(t, len(order)+1, 15)
			require.Equal(t, want.Cost.Connections+len(order)+1, got.Cost.Connections)
			require.Zero(t, got.Cost.Repeats)
			first := slices.IndexFunc(got.Probes, isBehaviour)
			require.False(t, slices.ContainsFunc(got.Probes[first:], func(p report.Probe) bool { return !isBehaviour(p) && p.ID != "control" }))
			last := time.Time{}
			for _, d := range dialogues[want.Cost.Connections:] {
				require.False(t, d.Started.Before(last), "two at a time")
				require.Len(t, sentFrames(d), 1, "nothing follows a probe on its connection")
				last = d.Ended
			}
			got.Cost, got.Probes, got.Anomalies = want.Cost, want.Probes, want.Anomalies
			require.Equal(t, want.Identity.Product, got.Identity.Product)
			got.Identity = want.Identity // which may have more reasons
			for path, list := range got.Evidence {
				got.Evidence[path] = slices.DeleteFunc(list, func(e report.Evidence) bool { return e.Probe == "control" })
			}
			require.Equal(t, timeless(t, want), timeless(t, got))
		})
	}
}

func sentFrames(d *dialogue.Dialogue) (list []dialogue.Frame) {
	for _, f := range d.Frames {
		if f.Sent {
			list = append(list, f)
		}
	}
	return list
}

// Old and small servers, and those that drop offers in SMB2, are not asked. A server that drops SMB1 is: Windows does.
func TestBehaviourIsForSturdyServers(t *testing.T) {
	for name, c := range map[string]struct {
		server scripted
		asked  bool
	}{
		"SMB1 alone":    {scripted{smb1: "take"}, false},
		"2.0.2":         {scripted{smb2: smb.Dialects()[:1], smb1: "take"}, false},
		"2.1":           {scripted{smb2: smb.Dialects()[:2], smb1: "refuse"}, true},
		"3.1.1":         {scripted{smb2: smb.Dialects()[4:], smb1: "refuse"}, true},
		"without SMB1":  {scripted{smb2: smb.Dialects(), smb1: "close"}, true},
		"busy":          {scripted{smb2: smb.Dialects(), smb1: "take"}, false},
		"drops refused": {scripted{smb2: smb.Dialects()[3:], smb1: "close"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.server.t = t
				handle := c.server.handle
				switch name {
				case "busy":
					handle = limited(handle, 2, 20*time.Millisecond)
				case "drops refused":
					server := &moody{two: c.server.smb2, refuses: shut, denies: shut}
					handle = server.handle
				}
				s := fixed(serve(t, smbtest.Path{}, handle))
				s.BehaviourProbes = true
				require.Equal(t, c.asked, len(behaviourIDs(scan(t, s))) > 4, "and no controls of repeats alone")
			})
		})
	}
}

// A server that no longer takes what it took is left alone, and the reason names the last probe; so it is where it falls
// silent or refuses connections.
func TestBehaviourBreaker(t *testing.T) {
	ends := map[string]func(net.Conn){
		"closes": func(conn net.Conn) { _ = conn.Close() },
		"resets": smbtest.ResetAtOnce,
		"silent": func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)); time.Sleep(time.Hour); _ = conn.Close() },
		"refuses": func(conn net.Conn) {
			scripted{t: t, smb1: "refuse"}.handle(conn)
		},
	}
	for name, end := range ends {
		for after := 1; after <= 5; after++ {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					server, n := scripted{t: t, smb2: smb.Dialects(), smb1: "refuse"}, 0
					var mu sync.Mutex
					asked := map[string]bool{}
					for _, b := range negotiate.Behaviours() {
						request, err := b.Build(new(repeating))
						require.NoError(t, err)
						asked[smbtest.Meaning(request)] = true
					}
					handle := func(conn net.Conn) {
						mu.Lock()
						broken := n >= after
						mu.Unlock()
						if broken {
							end(conn)
							return
						}
						server.handle(&overheard{Conn: conn, seen: func(request []byte) {
							if mu.Lock(); asked[smbtest.Meaning(request)] {
								n++
							}
							mu.Unlock()
						}})
					}
					s := fixed(serve(t, smbtest.Path{}, handle))
					s.Level, s.BehaviourProbes, s.Ports = fingerprint.LevelQuick, true, []uint16{445, 139}
					start := time.Now()
					r := scan(t, s)
					ids := behaviourIDs(r)
					until := (after + 2) / 3 * 3
					require.Equal(t, "control", ids[len(ids)-1])
					require.Len(t, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "control" }), until, "%v", ids)
					require.Contains(t, r.Reason, ids[len(ids)-2])
					require.Len(t, r.Transports, 1, "its other ports are left alone too")
					require.Equal(t, report.Yes, r.Dialects["3.1.1"])
					require.LessOrEqual(t, time.Since(start), 35*time.Second)
				})
			})
		}
	}
}

// overheard shows a server's requests to somebody, once each is read whole.
type overheard struct {
	net.Conn
	seen func(request []byte)
	read []byte
}

func (w *overheard) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.read = append(w.read, b[:n]...)
	if h, e := smb.ParseFrameHeader(w.read); e == nil && len(w.read) == smb.FrameHeaderSize+h.Length {
		w.seen(w.read[smb.FrameHeaderSize:])
	}
	return n, err
}

// Once a target, nothing in SMB1 without SMB1, within the budget, and silence has its bound.
func TestBehaviourLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, behaved).Handle))
		s.BehaviourProbes, s.NoSMB1 = true, true
		r := scan(t, s)
		require.Len(t, behaviourIDs(r), 10+4)
		require.False(t, slices.ContainsFunc(r.Probes, func(p report.Probe) bool { return strings.HasPrefix(p.Sent, "SMB_COM") }))
	})
	synctest.Test(t, func(t *testing.T) {
		server := func(conn net.Conn) { scripted{t: t, smb2: smb.Dialects(), smb1: "refuse"}.handle(conn) }
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: server, "192.0.2.1:8445": server})
		s := fixed(network)
		s.Level, s.BehaviourProbes, s.Ports = fingerprint.LevelQuick, true, []uint16{445, 8445}
		r := scan(t, s)
		require.Len(t, r.Transports, 2)
		require.Len(t, behaviourIDs(r), 11+4)
		for _, p := range r.Probes {
			require.True(t, !isBehaviour(p) || p.Transport == 0)
		}
	})
	for limit := 1; limit < 16; limit++ {
		synctest.Test(t, func(t *testing.T) {
			network := serve(t, smbtest.Path{}, replay(t, behaved).Handle)
			s := fixed(network)
			s.Level, s.BehaviourProbes, s.Budget.Connections = fingerprint.LevelQuick, true, limit
			r := scan(t, s)
			require.Equal(t, limit, network.Counts().Dials)
			require.Contains(t, r.Reason, "budget")
		})
	}
	synctest.Test(t, func(t *testing.T) {
		server := scripted{t: t, smb2: smb.Dialects(), smb1: "refuse"}
		s := fixed(serve(t, smbtest.Path{}, func(conn net.Conn) {
			request := server.read(conn)
			r, err := negotiate.ParseSMB2Request(request)
			if err == nil && len(r.Dialects) > 0 && r.Header.MessageID == 0 && len(r.Contexts) > 1 {
				server.write(conn, server.answerSMB2(r))
				_ = conn.Close()
				return
			}
			time.Sleep(time.Minute)
			_ = conn.Close()
		}))
		s.Level, s.BehaviourProbes = fingerprint.LevelQuick, true
		r := scan(t, s)
		silent := 0
		for _, p := range r.Probes {
			if isBehaviour(p) && p.Result == report.ResultTimeout {
				silent++
				require.LessOrEqual(t, p.DurationMS, 2000.0)
			}
		}
		require.Positive(t, silent)
	})
}

// Verdicts know behaviour probes by their identifiers, and take nothing else for one.
func TestBehaviourIdentifiers(t *testing.T) {
	for _, b := range negotiate.Behaviours() {
		require.True(t, strings.HasPrefix(b.ID, verdict.BehaviourID), b.ID)
	}
	for _, o := range []negotiate.Offer{
		negotiate.All(), negotiate.Conservative(), negotiate.Reversed(), negotiate.Single(smb.DialectSMB311), negotiate.Multi(),
		negotiate.SMB1Only(), negotiate.NotExtended(), negotiate.Older(), negotiate.Others(), negotiate.Unencrypted(smb.DialectSMB311),
	} {
		require.False(t, strings.HasPrefix(o.ID, verdict.BehaviourID) || strings.HasSuffix(o.ID, verdict.Again) || o.ID == verdict.Control, o.ID)
	}
}
