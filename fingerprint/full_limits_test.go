package fingerprint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// eachDetailed runs a test for each of the detailed servers, in a bubble of its own.
func eachDetailed(t *testing.T, test func(t *testing.T, tt detailedCase)) {
	for name, tt := range detailedCases() {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, tt) }) })
	}
}

// truthful checks that an answer is right or unknown, and returns how many are known.
func truthful(t *testing.T, s *detailed, r *fingerprint.Report) (known int) {
	t.Helper()
	got := answersIn(t, r)
	for path, want := range s.truth() {
		if got[path].Known() {
			if path == "/smb1/supported" && got[path] == report.No {
				want = report.AnswerOf(len(commonOf(s.old, smb.SMB1Dialects())) > 0) // that is what no means until others are asked for
			}
			require.Equal(t, want, got[path], "%s: %+v", path, r.Evidence[path])
			known++
		}
	}
	return known
}

// The same server gives the same report, to the byte.
func TestFullIsDeterministic(t *testing.T) {
	for name, tt := range detailedCases() {
		t.Run(name, func(t *testing.T) {
			first := ""
			for range 4 {
				synctest.Test(t, func(t *testing.T) {
					r, _ := fullScan(t, tt.server, nil)
					if first == "" {
						first = text(t, r)
					}
					require.Equal(t, first, text(t, r))
				})
			}
		})
	}
}

// One connection at a time tells the same, unless the time ends before.
func TestFullSequential(t *testing.T) {
	eachDetailed(t, func(t *testing.T, tt detailedCase) {
		wide, _ := fullScan(t, tt.server, nil)
		r, network := fullScan(t, tt.server, func(s *fingerprint.Scanner) { s.Sequential = true })
		require.Equal(t, 1, network.Counts().MaxOpen)
		truthful(t, tt.server, r)
		if wide.DurationMS < 3000 {
			require.Equal(t, answersIn(t, wide), answersIn(t, r), said(r))
		}
	})
}

// Without SMB1 or NTLM what only these would have told is unknown, and nothing of them is sent.
func TestFullWithout(t *testing.T) {
	eachDetailed(t, func(t *testing.T, tt detailedCase) {
		r, _ := fullScan(t, tt.server, func(s *fingerprint.Scanner) { s.NoSMB1 = true })
		for _, asked := range tt.server.asked {
			require.NotContains(t, asked, "SMB1")
		}
		if r.Outcome == report.OutcomeSMB {
			truthful(t, tt.server, r)
			for path, answer := range answersIn(t, r) {
				if strings.HasPrefix(path, "/smb1/") || strings.HasPrefix(path, "/dialects/") && !strings.Contains("2.0.2 2.1 3.0.2 3.1.1", path[10:]) {
					require.Equal(t, report.Unknown, answer, path)
				}
			}
			for _, d := range smb.Dialects() {
				require.Equal(t, tt.server.truth()["/dialects/"+d.String()], r.Dialects[d.String()])
			}
		}
		r, _ = fullScan(t, tt.server, func(s *fingerprint.Scanner) { s.NoNTLM = true })
		require.NotContains(t, fmt.Sprint(said(r)), "ntlm")
		require.NotContains(t, fmt.Sprint(said(r)), "unencrypted", "a question that needs a session setup")
		require.Equal(t, report.Unknown, r.Encryption.Required)
		truthful(t, tt.server, r)
	})
}

// A budget of connections is never gone past, and what is known by then is right. One that is enough changes nothing.
func TestFullBudget(t *testing.T) {
	eachDetailed(t, func(t *testing.T, tt detailedCase) {
		whole, _ := fullScan(t, tt.server, nil)
		known := 0
		for n := 1; n <= whole.Cost.Connections; n++ {
			r, network := fullScan(t, tt.server, func(s *fingerprint.Scanner) { s.Budget.Connections = n })
			require.LessOrEqual(t, r.Cost.Connections, n)
			require.LessOrEqual(t, network.Counts().Dials, n)
			if r.Outcome == report.OutcomeSMB {
				require.Equal(t, n < whole.Cost.Connections, strings.Contains(r.Reason, "budget"), r.Reason)
				known = truthful(t, tt.server, r)
			}
		}
		require.Equal(t, truthful(t, tt.server, whole), known)
	})
}

// Level full knows all that level standard does, of each of the servers.
func TestFullKnowsMore(t *testing.T) {
	eachDetailed(t, func(t *testing.T, tt detailedCase) {
		less, _ := fullScan(t, tt.server, func(s *fingerprint.Scanner) { s.Level = fingerprint.LevelStandard })
		full, _ := fullScan(t, tt.server, nil)
		more := answersIn(t, full)
		for path, answer := range answersIn(t, less) {
			if answer.Known() && (path != "/smb1/supported" || answer == report.Yes) { // other dialects may be found
				require.Equal(t, answer, more[path], path)
			}
		}
		require.LessOrEqual(t, less.Cost.Connections, full.Cost.Connections)
	})
}

// Behaviours 7 and 8: every SMB2 question has all capability bits, but the one that asks what happens without encryption;
// each algorithm is offered alone where it is open, Pattern_V1 chained and beside one other.
func TestFullOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := detailedCases()["encryption required, only 3.x"].server
		server.compression = nil // so that an answer leaves none open
		_, _ = fullScan(t, server, nil)
		without := 0
		for _, asked := range server.asked {
			switch {
			case !strings.Contains(asked, "SMB2 negotiate"):
			case strings.Contains(asked, fmt.Sprint(negotiate.AllCapabilities)):
			default:
				without++
				require.Contains(t, asked, fmt.Sprint(negotiate.AllCapabilities&^smb.CapEncryption))
			}
		}
		require.Equal(t, 1, without)
	})
	synctest.Test(t, func(t *testing.T) {
		server := detailedCases()["everything"].server
		var questions []negotiate.SMB2Request
		server.dislikes = func(r negotiate.SMB2Request) way {
			server.mu.Lock()
			defer server.mu.Unlock()
			questions = append(questions, r)
			return answer
		}
		_, _ = fullScan(t, server, nil)
		alone := map[string]int{}
		for _, r := range questions {
			if c, ok := r.Context(negotiate.ContextEncryption); ok {
				if e, _ := negotiate.ParseEncryption(c.Data); len(e.Ciphers) == 1 {
					alone[e.Ciphers[0].String()]++
				}
			}
			if c, ok := r.Context(negotiate.ContextSigning); ok {
				if e, _ := negotiate.ParseSigning(c.Data); len(e.Algorithms) == 1 {
					alone[e.Algorithms[0].String()]++
				}
			}
			if c, ok := r.Context(negotiate.ContextCompression); ok {
				if e, _ := negotiate.ParseCompression(c.Data); len(e.Algorithms) == 2 {
					require.True(t, e.Chained())
					require.Equal(t, negotiate.CompressionPatternV1, e.Algorithms[0])
					alone[e.Algorithms[1].String()]++
				}
			}
		}
		require.Equal(t, map[string]int{ // all but what the answer to the all-offer has taken
			"AES-128-GCM": 1, "AES-256-CCM": 1, "AES-256-GCM": 1, "HMAC-SHA256": 1, "AES-CMAC": 1, "LZNT1": 1, "LZ77+Huffman": 1, "LZ4": 1,
		}, alone)
	})
}

// A server that drops what it took before is left alone: what is still open is not asked for.
func TestFullLeavesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := detailedCases()["refuses what it does not know"].server
		refuses := server.dislikes
		server.denies = shut
		server.dislikes = func(r negotiate.SMB2Request) way {
			if len(r.Dialects) == 1 && r.Dialects[0] == smb.DialectSMB311 && len(r.Contexts) == 4 && refuses(r) == answer {
				if c, ok := r.Context(negotiate.ContextCompression); ok {
					if p, _ := negotiate.ParseCompression(c.Data); len(p.Algorithms) == len(negotiate.CompressionAlgorithms()) {
						return shut // the control question
					}
				}
			}
			return refuses(r)
		}
		r, _ := fullScan(t, server, nil)
		require.Equal(t, "control", r.Probes[len(r.Probes)-1].ID, said(r))
		require.Equal(t, report.ResultClosed, r.Probes[len(r.Probes)-1].Result)
		require.Contains(t, fmt.Sprint(said(r)), "algorithms-1 refused", "there is something left to ask")
		truthful(t, server, r)
	})
}
