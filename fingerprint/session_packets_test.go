package fingerprint_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/testdata"
)

// However the packets of the session service come, the report is the same as over a session without any of it.
func TestSessionsHoweverTheyCome(t *testing.T) {
	latency := 3 * time.Millisecond
	paths := map[string]smbtest.Path{
		"at once": {}, "by bytes": {Up: smbtest.Link{Segment: 1}, Down: smbtest.Link{Segment: 1}},
		"by bytes, far away": {Up: smbtest.Link{Segment: 1, Latency: latency}, Down: smbtest.Link{Segment: 1, Latency: latency}},
		"by fives":           {Down: smbtest.Link{Segment: 5}},
	}
	servers := map[string]func(handle func(net.Conn)) *desk{
		"plain":          func(h func(net.Conn)) *desk { return &desk{answer: always(stands), behind: h} },
		"keep-alives":    func(h func(net.Conn)) *desk { return &desk{answer: always(alive + alive + stands), behind: h} },
		"in one segment": func(h func(net.Conn)) *desk { return &desk{answer: always(stands + alive), behind: h} },
		"between messages": func(h func(net.Conn)) *desk {
			return &desk{answer: always(stands), behind: func(c net.Conn) { h(&keepAlives{Conn: c}) }}
		},
		"everywhere": func(h func(net.Conn)) *desk {
			return &desk{answer: always(alive + stands + alive), behind: func(c net.Conn) { h(&keepAlives{Conn: c}) }}
		},
	}
	for _, level := range fingerprint.Levels() {
		want := ""
		for pathName, path := range paths {
			for name, server := range servers {
				t.Run(string(level)+"/"+pathName+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d := server(replay(t, "samba-4.17.12-nt1").Handle)
						network := listening(t, path, map[string]func(net.Conn){sessionAddress: d.handle})
						s := fixed(network)
						s.Level = level
						fingerprint.Poison(s)
						r, _ := observed(t, s, network, sessionAddress)
						require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
						require.Equal(t, "*SMBSERVER", r.Transports[0].CalledName)
						r.Cost.BytesReceived = 0
						if got := timeless(t, r); want == "" {
							want = got
						} else {
							require.Equal(t, want, got)
						}
					})
				})
			}
		}
	}
}

// What is no session service has its outcome, at port 139 too.
func TestOutcomesOfSessions(t *testing.T) {
	tests := map[string]struct {
		peer    func(net.Conn)
		outcome report.Outcome
		guess   string
		quickly bool
	}{
		"silent":           {smbtest.Silent, report.OutcomeTimedOut, "", false},
		"closes":           {smbtest.CloseAtOnce, report.OutcomeClosed, "", true},
		"resets":           {smbtest.ResetAtOnce, report.OutcomeReset, "", true},
		"half-closes":      {smbtest.HalfClose, report.OutcomeClosed, "", true},
		"web server":       {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, report.OutcomeNotSMB, "http", true},
		"speaks first":     {smbtest.SaysFirst("SSH-2.0-OpenSSH_9.2p1\r\n"), report.OutcomeNotSMB, "ssh", true},
		"echoes":           {smbtest.Echo, report.OutcomeNotSMB, "echo", true},
		"keep-alives":      {smbtest.KeepAlives, report.OutcomeError, "", true},
		"half a response":  {(&desk{answer: always("\x82\x00")}).handle, report.OutcomeError, "", true},
		"drips keep-alive": {smbtest.Drip(time.Second, []byte(alive), true), report.OutcomeTimedOut, "", false},
		"silent behind it": {(&desk{answer: always(stands), behind: smbtest.Silent}).handle, report.OutcomeTimedOut, "", false},
		"not SMB behind":   {(&desk{answer: always(stands), behind: smbtest.SaysFirst("SSH-2.0-OpenSSH_9.2p1\r\n")}).handle, report.OutcomeNotSMB, "", true},
	}
	for name, tt := range tests {
		for _, level := range fingerprint.Levels() {
			for _, sequential := range []bool{false, true} {
				t.Run(name+"/"+string(level), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: tt.peer})
						s := fixed(network)
						s.Level, s.Sequential, s.Timeout = level, sequential, timeout
						start := time.Now()
						r, _ := observed(t, s, network, sessionAddress)
						require.Equal(t, tt.outcome, r.Outcome, r.Reason)
						require.NotEmpty(t, r.Reason)
						if tt.guess != "" {
							require.Equal(t, tt.guess, r.ProtocolGuess)
						}
						require.Equal(t, tt.outcome == report.OutcomeNotSMB, r.FirstBytes != "")
						require.LessOrEqual(t, time.Since(start), timeout+slack)
						if tt.quickly {
							require.Less(t, time.Since(start), timeout/2)
						}
						require.Nil(t, r.Dialects)
						require.LessOrEqual(t, r.Cost.Connections, 6)
					})
				})
			}
		}
	}
}

// A session that is led to another port of the server is followed there, once; what is led to another host is not.
func TestRetarget(t *testing.T) {
	const second, third, stranger = "192.0.2.1:1139", "192.0.2.1:2139", "192.0.2.9:1139"
	tests := map[string]struct {
		first, second, third string // answers
		dialled              []string
		outcome              report.Outcome
	}{
		"another port":     {retarget(t, second), stands, "", []string{sessionAddress, second}, report.OutcomeSMB},
		"two other ports":  {retarget(t, second), retarget(t, third), stands, []string{sessionAddress, second}, report.OutcomeRefused},
		"there and back":   {retarget(t, second), retarget(t, sessionAddress), stands, []string{sessionAddress, second}, report.OutcomeRefused},
		"round in circles": {retarget(t, sessionAddress), "", "", []string{sessionAddress}, report.OutcomeRefused},
		"another host":     {retarget(t, stranger), stands, "", []string{sessionAddress}, report.OutcomeRefused},
		"port 0":           {retarget(t, "192.0.2.1:0"), "", "", []string{sessionAddress}, report.OutcomeRefused},
		"to nobody":        {retarget(t, "192.0.2.1:3139"), "", "", []string{sessionAddress, "192.0.2.1:3139"}, report.OutcomeRefused},
		"to a refusal":     {retarget(t, second), noRoom, "", []string{sessionAddress, second}, report.OutcomeRefused},
	}
	for name, tt := range tests {
		for _, level := range fingerprint.Levels() {
			t.Run(name+"/"+string(level), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := listening(t, smbtest.Path{}, map[string]func(net.Conn){
						sessionAddress: (&desk{answer: always(tt.first), behind: everything()}).handle,
						second:         (&desk{answer: always(tt.second), behind: everything()}).handle,
						third:          (&desk{answer: always(tt.third), behind: everything()}).handle,
						stranger:       (&desk{answer: always(stands), behind: everything()}).handle,
					})
					s := fixed(network)
					s.Level = level
					var dialled []string
					dial := s.Dial
					var mu sync.Mutex
					s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
						mu.Lock()
						dialled = append(dialled, address)
						mu.Unlock()
						return dial(ctx, network, address)
					}
					r, _ := observed(t, s, network, sessionAddress)
					require.Equal(t, tt.dialled, slices.Compact(dialled))
					require.Equal(t, tt.outcome, r.Outcome, r.Reason)
					if tt.outcome == report.OutcomeSMB {
						require.Equal(t, second, r.Transports[1].Address)
						require.Equal(t, "*SMBSERVER", r.Transports[1].CalledName)
						require.NotEqual(t, report.OutcomeSMB, r.Transports[0].Outcome)
						for _, n := range r.Negotiated {
							require.Equal(t, 1, n.Transport)
						}
						return
					}
					require.Len(t, dialled, len(tt.dialled))
					if name != "to nobody" && name != "to a refusal" {
						require.Contains(t, r.Reason, "led elsewhere")
					}
					if name == "another host" {
						require.Contains(t, r.Reason, stranger)
					}
				})
			})
		}
	}
}

// A retarget counts for each name anew only as far as the one that was followed: names go on at the port that it led to.
func TestRetargetThenAnotherName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		front := &desk{answer: always(retarget(t, "192.0.2.1:1139"))}
		back := &desk{answer: takes(noName, "*SMBSERVER<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: front.handle, "192.0.2.1:1139": back.handle})
		s := fixed(network)
		s.CalledName = "given"
		r, _ := observed(t, s, network, sessionAddress)
		require.Equal(t, []string{"GIVEN<20>"}, front.names())
		require.Equal(t, []string{"GIVEN<20>", "*SMBSERVER<20>"}, back.names())
		require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
		require.Equal(t, "*SMBSERVER", r.Transports[1].CalledName)
	})
}

// A packet of the session service in answer to direct TCP leads to sessions, at whatever port.
func TestSessionsAtAnyPort(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		for _, refusal := range []string{undefined, noName, noRoom} {
			synctest.Test(t, func(t *testing.T) {
				const where = "192.0.2.1:8139"
				d := &desk{answer: takes(noName, "*SMBSERVER<20>"), wrong: refusal, behind: everything()}
				network := listening(t, smbtest.Path{}, map[string]func(net.Conn){where: d.handle})
				s := fixed(network)
				s.Level, s.CalledName = level, "given"
				r, _ := observed(t, s, network, where)
				require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
				require.Equal(t, []string{"GIVEN<20>", "*SMBSERVER<20>"}, d.names())
				require.Equal(t, []report.Transport{
					{Transport: "direct-tcp", Address: where, Outcome: report.OutcomeNotSMB},
					{Transport: "netbios-session", Address: where, Outcome: report.OutcomeSMB, CalledName: "*SMBSERVER"},
				}, r.Transports)
				require.Empty(t, r.FirstBytes)
				for _, n := range r.Negotiated {
					require.Equal(t, 1, n.Transport)
				}
			})
		}
	}
}

// A server that drops session requests at port 139 is asked without them; one that drops everything has closed.
func TestDirectTCPAtTheSessionPort(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		synctest.Test(t, func(t *testing.T) {
			network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: everything()})
			s := fixed(network)
			s.Level = level
			r, _ := observed(t, s, network, sessionAddress)
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
			require.Empty(t, r.Reason)
			require.Equal(t, []report.Transport{
				{Transport: "netbios-session", Address: sessionAddress, Outcome: report.OutcomeClosed},
				{Transport: "direct-tcp", Address: sessionAddress, Outcome: report.OutcomeSMB},
			}, r.Transports)
		})
	}
}

// A server that drops a session request once was busy: it is called again, after a rest and then one question at a time.
func TestSessionRequestDroppedOnce(t *testing.T) {
	for _, level := range fingerprint.Levels() {
		for _, drop := range []func(net.Conn){smbtest.CloseAtOnce, smbtest.ResetAtOnce} {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{answer: takes(noName, "GIVEN<20>"), behind: everything()}
				var count atomic.Int64
				network := listening(t, smbtest.Path{Down: smbtest.Link{Latency: time.Millisecond}}, map[string]func(net.Conn){
					sessionAddress: func(conn net.Conn) {
						if count.Add(1) == 1 {
							drop(conn)
							return
						}
						d.handle(conn)
					},
				})
				s := fixed(network)
				s.Level, s.CalledName = level, "given"
				r, dialogues := observed(t, s, network, sessionAddress)
				require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
				require.Empty(t, r.Reason)
				require.Equal(t, []report.Transport{
					{Transport: "netbios-session", Address: sessionAddress, Outcome: report.OutcomeSMB, CalledName: "GIVEN"},
				}, r.Transports)
				require.Equal(t, []string{"GIVEN<20>"}, d.names())
				require.GreaterOrEqual(t, dialogues[1].Started.Sub(dialogues[0].Ended), 75*time.Millisecond)
				require.Equal(t, 1, network.Counts().MaxOpen, "one question at a time")
				require.False(t, s.Sequential, "the scanner is the caller's")
			})
		}
	}
}

// replayAt445 plays, at any port, what was recorded at port 445.
func replayAt445(t *testing.T, name string) *smbtest.Replay {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	return smbtest.NewReplay(slices.DeleteFunc(dialogues, func(d *dialogue.Dialogue) bool { return !strings.HasSuffix(d.Address, ":445") }))
}

// What a scanner leaves out it leaves out over sessions too, and the answers are those of direct TCP, at each level.
func TestSessionsTellWhatDirectTCPTells(t *testing.T) {
	edits := map[string]func(*fingerprint.Scanner){
		"all":        func(*fingerprint.Scanner) {},
		"NoSMB1":     func(s *fingerprint.Scanner) { s.NoSMB1 = true },
		"NoNTLM":     func(s *fingerprint.Scanner) { s.NoNTLM = true },
		"sequential": func(s *fingerprint.Scanner) { s.Sequential = true },
	}
	for name, edit := range edits {
		eachRecording(t, func(t *testing.T, recording string, level fingerprint.Level) {
			if recordedReport(t, recording).Cost.Repeats > 1 {
				return // the replay of a busy server depends on how often it was asked
			}
			direct := listening(t, smbtest.Path{}, map[string]func(net.Conn){address: replay(t, recording).Handle})
			front := smbtest.NetBIOS([]smb.NetBIOSName{smb.MakeNetBIOSName("*SMBSERVER", smb.SuffixFileServer)}, replayAt445(t, recording).Handle)
			session := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: front})
			s := fixed(direct)
			s.Level = level
			edit(s)
			want, _ := observed(t, s, direct, address)
			s = fixed(session)
			s.Level = level
			edit(s)
			got, _ := observed(t, s, session, sessionAddress)
			require.Equal(t, "netbios-session", got.Transports[0].Transport, name)
			got.Cost.BytesSent -= 72 * got.Cost.Connections
			got.Cost.BytesReceived -= len(stands) * got.Cost.Connections
			require.Equal(t, timeless(t, want), timeless(t, got), name)
		})
	}
}
