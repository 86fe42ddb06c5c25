package fingerprint_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// Names are called in their order, each once, until one is taken; then only that one.
func TestCalledNames(t *testing.T) {
	const given, usual, told = "GIVEN<20>", "*SMBSERVER<20>", "TOLD<20>"
	const long = "files-of-a-place" // one byte too long for a name
	tests := map[string]struct {
		called, target string
		answer         func(string) string
		service        string // what the name service tells
		want           []string
		queries        int
	}{
		"the usual one":             {"", "192.0.2.1", takes(noName, usual), "TOLD", []string{usual}, 0},
		"the given one":             {"given", "192.0.2.1", takes(noName, usual, given), "TOLD", []string{given}, 0},
		"a given one is unknown":    {"given", "192.0.2.1", takes(noName, usual), "TOLD", []string{given, usual}, 0},
		"the usual one is given":    {"*smbserver", "192.0.2.1", takes(noName, told), "TOLD", []string{usual, told}, 1},
		"the told one":              {"", "192.0.2.1", takes(noName, told), "TOLD", []string{usual, told}, 1},
		"all three":                 {"given", "192.0.2.1", takes(noName, told), "TOLD", []string{given, usual, told}, 1},
		"not listening on it":       {"given", "192.0.2.1", takes("\x83\x00\x00\x01\x80", told), "TOLD", []string{given, usual, told}, 1},
		"not listening to us":       {"given", "192.0.2.1", takes("\x83\x00\x00\x01\x81", told), "TOLD", []string{given, usual, told}, 1},
		"unspecified":               {"given", "192.0.2.1", takes(undefined, told), "TOLD", []string{given, usual, told}, 1},
		"the given one is told":     {"told", "files:139", takes(noName, "FILES<20>"), "TOLD", []string{told, usual, "FILES<20>"}, 1},
		"the label":                 {"", "files.example.org:139", takes(noName, "FILES<20>"), "TOLD", []string{usual, told, "FILES<20>"}, 1},
		"the label, no answer":      {"", "files.example.org:139", takes(noName, "FILES<20>"), "", []string{usual, "FILES<20>"}, 1},
		"the label is told":         {"", "told.example.org:139", always(noName), "TOLD", []string{usual, told}, 1},
		"the label is given":        {"told", "told.example.org:139", always(noName), "", []string{told, usual}, 1},
		"the longest label":         {"", long[1:] + ":139", always(noName), "", []string{usual, strings.ToUpper(long[1:]) + "<20>"}, 1},
		"a label that is too long":  {"", long + ":139", always(noName), "", []string{usual}, 1},
		"an address has no label":   {"", "192.0.2.1:139", always(noName), "", []string{usual}, 1},
		"the first has no room":     {"given", "files:139", takes(noRoom, usual, told), "TOLD", []string{given}, 0},
		"the second has no room":    {"", "files:139", takes(noRoom, told), "TOLD", []string{usual}, 0},
		"the told one has no room":  {"", "files:139", func(s string) string { return map[bool]string{true: noRoom, false: noName}[s == told] }, "TOLD", []string{usual, told}, 1},
		"dropped, and no other":     {"", "files:139", always(""), "TOLD", []string{usual}, 0},
		"led elsewhere, no other":   {"given", "files:139", always(retarget(t, "192.0.2.9:139")), "TOLD", []string{given}, 0},
		"not SMB, and no other one": {"given", "files:139", always("HTTP/1.1 400 Bad Request\r\n"), "TOLD", []string{given}, 0},
	}
	for name, tt := range tests {
		for _, level := range fingerprint.Levels() {
			t.Run(name+"/"+string(level), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := &desk{answer: tt.answer, behind: everything()}
					where := tt.target
					if !strings.HasSuffix(where, ":139") {
						where += ":139"
					}
					network := listening(t, smbtest.Path{}, map[string]func(net.Conn){where: d.handle})
					s, service := fixed(network), tells(t, tt.service)
					s.Level, s.CalledName, s.Ports = level, tt.called, []uint16{139}
					service.join(s)
					r, dialogues := observed(t, s, network, tt.target)
					require.Equal(t, tt.want, d.names())
					require.Len(t, service.asked, tt.queries)

					last := tt.want[len(tt.want)-1]
					if tt.answer(last) != stands {
						require.NotEqual(t, report.OutcomeSMB, r.Outcome)
						require.NotEmpty(t, r.Reason)
						require.Empty(t, r.Transports[0].CalledName)
						if tt.answer(last) != "" { // a request that is dropped is repeated
							require.Len(t, d.called, len(tt.want))
						}
						return
					}
					require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
					require.Empty(t, r.Reason)
					require.Equal(t, strings.TrimSuffix(last, "<20>"), r.Transports[0].CalledName)
					require.Len(t, r.Transports, 1)
					require.Len(t, d.called, len(dialogues)-tt.queries, "each connection asks for one session")
					if tt.service != "" && tt.queries > 0 {
						require.Equal(t, "TOLD", r.NetBIOS.Names[1].Name)
						require.Equal(t, "02:00:5e:00:53:01", r.NetBIOS.MAC)
					} else {
						require.Nil(t, r.NetBIOS)
					}
				})
			})
		}
	}
}

// The name service is asked at the address that is scanned, and costs its bytes and no connection.
func TestNameServiceIsAskedAtTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: takes(noName, "TOLD<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: d.handle})
		s, service := fixed(network), tells(t, "TOLD")
		s.Level = fingerprint.LevelQuick
		service.join(s)
		r, dialogues := observed(t, s, network, sessionAddress)
		require.Equal(t, []string{"192.0.2.1:137"}, service.asked)
		require.Len(t, dialogues, 3)
		require.Equal(t, dialogue.NetBIOSNameService, dialogues[1].Transport)
		require.Equal(t, 2, r.Cost.Connections)
		require.Equal(t, 2, r.Cost.Requests, "a negotiation and a session setup")
		sent := 0
		for _, d := range dialogues {
			_, n, _ := d.Cost()
			sent += n
		}
		require.Equal(t, sent, r.Cost.BytesSent)
	})
}

// A silent name service does not use up the time for the name that is called after it.
func TestSilentNameServiceLeavesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: takes(noName, "FILES<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){"files:139": d.handle})
		for _, limit := range []time.Duration{100 * time.Millisecond, time.Second, 20 * time.Second} {
			s := fixed(network)
			s.Timeout = limit
			tells(t, "").join(s)
			start := time.Now()
			r, _ := observed(t, s, network, "files:139")
			require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
			require.LessOrEqual(t, time.Since(start), min(limit, 2*time.Second)+slack)
		}
	})
}

// With a caller's dialer there is no way to send UDP.
func TestNoUDPPastADialer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: always(noName)}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){"files:139": d.handle})
		s := fixed(network)
		made := 0
		fingerprint.Adjust(s, func(set *exchange.Settings) {
			made++
			require.Nil(t, set.DialUDP)
		})
		_, dialogues := observed(t, s, network, "files:139")
		require.Equal(t, 1, made)
		require.Equal(t, []string{"*SMBSERVER<20>", "FILES<20>"}, d.names())
		require.Len(t, dialogues, 2)
		for _, d := range dialogues {
			require.Equal(t, dialogue.NetBIOSSession, d.Transport)
		}
	})
}

// A server whose names are all refused has refused, and the report says with which code.
func TestAllNamesRefused(t *testing.T) {
	for refusal, words := range map[string]string{
		noName: "called name not present (0x82)", noRoom: "insufficient resources (0x83)", undefined: "unspecified error (0x8F)",
		"\x83\x00\x00\x01\x42": "0x42",
	} {
		for _, level := range fingerprint.Levels() {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{answer: always(refusal)}
				network := listening(t, smbtest.Path{}, map[string]func(net.Conn){"files:139": d.handle})
				s := fixed(network)
				s.Level = level
				r, _ := observed(t, s, network, "files:139")
				require.Equal(t, report.OutcomeRefused, r.Outcome, r.Reason)
				require.Equal(t, report.OutcomeRefused, r.Transports[0].Outcome)
				require.Contains(t, r.Reason, words)
				require.Nil(t, r.Dialects)
			})
		}
	}
}

// The detectors ask over sessions as the whole scan does.
func TestDetectorsOverSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: takes(noName, "*SMBSERVER<20>"), behind: everything()}
		network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: d.handle})
		s := fixed(network)
		s.CalledName = "given"
		whole, _ := observed(t, s, network, sessionAddress)
		for name, detect := range map[string]func(context.Context, string) (*fingerprint.Report, error){
			"dialects": s.DetectDialects, "SMB1": s.DetectSMB1, "signing": s.DetectSigning,
		} {
			d.called = nil
			r, err := detect(t.Context(), sessionAddress)
			require.NoError(t, err)
			require.Equal(t, []string{"GIVEN<20>", "*SMBSERVER<20>"}, d.names(), name)
			require.Equal(t, report.OutcomeSMB, r.Outcome, name)
			if r.SMB1 != nil {
				require.Equal(t, whole.SMB1.Supported, r.SMB1.Supported)
			}
		}
	})
}

// A caller's connection to port 139 begins with a session request, of one name: there is no second connection.
func TestScanConnOfASession(t *testing.T) {
	for called, want := range map[string]string{"": "*SMBSERVER<20>", "files": "FILES<20>"} {
		for _, answer := range []string{stands, alive + stands, noName, noRoom, ""} {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{answer: always(answer), behind: everything()}
				network := listening(t, smbtest.Path{}, map[string]func(net.Conn){sessionAddress: d.handle})
				conn, err := network.Dial(t.Context(), "tcp", sessionAddress)
				require.NoError(t, err)
				defer conn.Close()
				var dialogues []*dialogue.Dialogue
				s := &fingerprint.Scanner{CalledName: called, Dialogues: func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }}
				r, err := s.ScanConn(t.Context(), conn)
				require.NoError(t, err)
				require.Equal(t, []string{want}, d.called)
				require.Equal(t, text(t, r), text(t, fingerprint.Observe(dialogues)[0]))
				require.Equal(t, "netbios-session", r.Transports[0].Transport)
				require.Equal(t, 1, r.Cost.Connections)
				require.Equal(t, 1, network.Counts().Dials)
				require.Equal(t, 1, network.Counts().Open, "it is the caller's")
				require.Equal(t, strings.HasSuffix(answer, stands), r.Outcome == report.OutcomeSMB, r.Reason)
				switch answer {
				case noName, noRoom:
					require.Equal(t, report.OutcomeRefused, r.Outcome, r.Reason)
				case "":
					require.Equal(t, report.OutcomeClosed, r.Outcome, r.Reason)
				default:
					require.Equal(t, strings.TrimSuffix(want, "<20>"), r.Transports[0].CalledName)
				}
			})
		}
	}
}
