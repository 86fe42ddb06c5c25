package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// full has every kind of answer of level full.
func full() fingerprint.Report {
	r := sample()
	context := func(a report.Answer) report.Algorithm { return report.Algorithm{Answer: a, Basis: report.BasisContext} }
	r.Level = report.LevelFull
	r.Dialects = answers("y nuyny")
	r.Dialects["LANMAN2.1"], r.Dialects["LM1.2X002"], r.Dialects["LANMAN1.0"] = report.Yes, report.Unknown, report.No
	r.SMB1 = &report.SMB1{Supported: report.Yes, OtherDialects: map[string]report.Answer{
		"NT LANMAN 1.0": report.Yes, "XENIX CORE": report.Unknown, "DOS LANMAN2.1": report.No, "DOS LM1.2X002": report.Yes,
	}}
	r.Signing.Algorithms = map[string]report.Algorithm{"AES-CMAC": context(report.Yes), "AES-GMAC": context(report.No)}
	r.Encryption = &report.Encryption{
		Supported: report.Yes, Required: report.Unknown, Preferred: "AES-256-GCM", Selection: report.SelectionServer,
		Ciphers: map[string]report.Algorithm{
			"AES-128-CCM": context(report.Yes), "AES-128-GCM": context(report.No),
			"AES-256-GCM": context(report.Yes), "AES-256-CCM": {Answer: report.Unknown},
		},
	}
	r.Compression = &report.Compression{
		Supported: report.Yes, Chained: report.Yes, Selection: report.SelectionClient,
		Algorithms: map[string]report.Answer{"LZNT1": report.No, "LZ77": report.Yes, "LZ77+Huffman": report.Yes, "Pattern_V1": report.Unknown},
	}
	r.RDMATransforms = &report.RDMATransforms{
		Supported: report.Yes, Algorithms: map[string]report.Answer{"ENCRYPTION": report.Yes, "SIGNING": report.No},
	}
	r.POSIXExtensions = report.No
	return r
}

// reports is a scan that finds a report for each target.
func reports(of map[string]fingerprint.Report) scanFunc {
	return func(ctx context.Context, target string) (*fingerprint.Report, error) {
		return answering(of[target])(ctx, target)
	}
}

// below returns what stands between the table and the summary.
func below(s string) string {
	_, after, _ := strings.Cut(s, "\n\n")
	matrix, _, _ := strings.Cut(after, "\n1 target")
	return matrix
}

func TestPanel(t *testing.T) {
	const dialects = `
  dialects
    3.1.1                   yes
    3.0.2                   no
    3.0                     yes
    2.1                     ?
    2.0.2                   no
    NT LM 0.12              yes !
    LANMAN2.1               yes !
    LM1.2X002               ?
    LANMAN1.0               no
    PC NETWORK PROGRAM 1.0  ?
    other SMB1              yes !
`
	wide := `
  dialects                           ciphers                  compression
    3.1.1                   yes        AES-128-GCM  no          LZNT1         no
    3.0.2                   no         AES-128-CCM  yes         LZ77          yes
    3.0                     yes        AES-256-GCM  yes*        LZ77+Huffman  yes
    2.1                     ?          AES-256-CCM  ?           Pattern_V1    ?
    2.0.2                   no         order        server      LZ4           ?
    NT LM 0.12              yes !      required     ?           chained       yes
    LANMAN2.1               yes !    signing                    order         client
    LM1.2X002               ?          AES-GMAC     no        RDMA transforms
    LANMAN1.0               no         AES-CMAC     yes         ENCRYPTION    yes
    PC NETWORK PROGRAM 1.0  ?          HMAC-SHA256  ?           SIGNING       no
    other SMB1              yes !                             extensions
                                                                POSIX         no

  other dialects of SMB1, yes: DOS LM1.2X002, NT LANMAN 1.0
  other dialects of SMB1, unknown: XENIX CORE
  other dialects of SMB1, no: DOS LANMAN2.1
`
	for _, width := range []string{"", "84", "120"} {
		w := world{scan: answering(full()), env: map[string]string{"COLUMNS": width}}
		require.Equal(t, exitDone, w.run(t.Context(), "a"))
		require.Equal(t, strings.TrimPrefix(wide, "\n"), below(w.stdout.String()), width)
		require.Contains(t, w.stdout.String(), "* is what the server chooses")
		require.Contains(t, w.stdout.String(), "required is yes or ?")
		require.Contains(t, w.stdout.String(), "? is not known")
	}
	w := world{scan: answering(full()), env: map[string]string{"COLUMNS": "80"}}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Contains(t, w.stdout.String(), "\n    LANMAN2.1               yes !  signing                  order         client\n", "closer")
	// One column below the other.
	w = world{scan: answering(full()), env: map[string]string{"COLUMNS": "50"}}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Contains(t, w.stdout.String(), dialects+"\n  ciphers                  compression\n")

	// At other levels there is no panel, and no word of it.
	r := full()
	r.Level = report.LevelStandard
	w = world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.NotContains(t, w.stdout.String(), "AES")
	require.NotContains(t, w.stdout.String(), "* is")
}

// With -v the panel has all but the dialects, which stand above it with more than their answers.
func TestPanelInDetails(t *testing.T) {
	w := world{scan: answering(full())}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.Contains(t, w.stdout.String(), `
    SMB1        yes      LANMAN2.1
    SMB1        unknown  LM1.2X002
    SMB1        no       LANMAN1.0
    SMB1        unknown  PC NETWORK PROGRAM 1.0
    SMB1        yes      DOS LM1.2X002, NT LANMAN 1.0
    SMB1        unknown  XENIX CORE
    SMB1        no       DOS LANMAN2.1

  ciphers                  signing               compression
    AES-128-GCM  no          AES-GMAC     no       LZNT1         no
    AES-128-CCM  yes         AES-CMAC     yes      LZ77          yes
    AES-256-GCM  yes*        HMAC-SHA256  ?        LZ77+Huffman  yes
    AES-256-CCM  ?         RDMA transforms         Pattern_V1    ?
    order        server      ENCRYPTION   yes      LZ4           ?
    required     ?           SIGNING      no       chained       yes
                           extensions              order         client
                             POSIX        no

  questions
`[1:])
	require.Equal(t, 1, strings.Count(w.stdout.String(), "Pattern_V1"), "it is told once")

	// What the level never asks is absent, and what it could not learn is not.
	r := full()
	r.Level, r.Dialects = report.LevelStandard, answers("n yyyyy")
	r.SMB1 = &report.SMB1{Supported: report.No}
	r.RDMATransforms, r.POSIXExtensions, r.Encryption.Selection, r.Encryption.Preferred, r.Encryption.Required = nil, "", "", "", ""
	w = world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.Contains(t, w.stdout.String(), "    AES-256-CCM  ?                              Pattern_V1    ?\n")
	require.NotRegexp(t, `RDMA|POSIX|(?m)^    (order|required) `, w.stdout.String())
	require.Contains(t, w.stdout.String(), "? is not known", "the mark is explained where only the panel has it")
}

func TestBlocks(t *testing.T) {
	dead := fingerprint.Report{Level: report.LevelFull, Outcome: report.OutcomeRefused, Reason: "the connection was refused"}
	scan := func(width string, flags ...string) string {
		w := world{env: map[string]string{"COLUMNS": width}, scan: reports(map[string]fingerprint.Report{
			"192.0.2.1": full(), "192.0.2.2": dead, "files.corp.example:8445": full(),
		})}
		require.Equal(t, exitDone, w.run(t.Context(), append(flags, "192.0.2.1", "192.0.2.2", "files.corp.example:8445")...))
		return w.stdout.String()
	}
	wide := `
dialects
                                                        NT LM  LANMAN  LM1.2  LANMAN  PC NET.  other
TARGET                   3.1.1  3.0.2  3.0  2.1  2.0.2  0.12   2.1     X002   1.0     1.0      SMB1
────────────────────────────────────────────────────────────────────────────────────────────────────
192.0.2.1                yes    no     yes  ?    no     yes !  yes !   ?      no      ?        yes !
files.corp.example:8445  yes    no     yes  ?    no     yes !  yes !   ?      no      ?        yes !

encryption and signing
                         AES-128  AES-128  AES-256  AES-256                    AES   AES   HMAC
TARGET                   GCM      CCM      GCM      CCM      order   required  GMAC  CMAC  SHA256
─────────────────────────────────────────────────────────────────────────────────────────────────
192.0.2.1                no       yes      yes*     ?        server  ?         no    yes   ?
files.corp.example:8445  no       yes      yes*     ?        server  ?         no    yes   ?

compression, RDMA transforms, POSIX extensions
                                      LZ77+    Pattern                        RDMA   RDMA
TARGET                   LZNT1  LZ77  Huffman  _V1      LZ4  chained  order   encr.  sign  POSIX
────────────────────────────────────────────────────────────────────────────────────────────────
192.0.2.1                no     yes   yes      ?        ?    yes      client  yes    no    no
files.corp.example:8445  no     yes   yes      ?        ?    yes      client  yes    no    no

192.0.2.2: the connection was refused
`
	for _, width := range []string{"", "120"} {
		require.Contains(t, scan(width), wide)
		require.Contains(t, scan(width, "-v"), "192.0.2.1                no       yes      yes*")
	}
	narrow := scan("80")
	require.Contains(t, narrow, `
encryption and signing
  AES-128  AES-128  AES-256  AES-256                    AES   AES   HMAC
  GCM      CCM      GCM      CCM      order   required  GMAC  CMAC  SHA256
  ────────────────────────────────────────────────────────────────────────
192.0.2.1
  no       yes      yes*     ?        server  ?         no    yes   ?
files.corp.example:8445
  no       yes      yes*     ?        server  ?         no    yes   ?
`)
	for l := range strings.Lines(narrow) {
		require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimSuffix(l, "\n")), 80, l)
	}

	// One among several has its name above its panel.
	w := world{scan: reports(map[string]fingerprint.Report{"a": full(), "b": dead})}
	require.Equal(t, exitDone, w.run(t.Context(), "a", "b"))
	require.Contains(t, w.stdout.String(), "\n\na\n  dialects  ")
}

// Nothing of a matrix says no where nothing is known, with and without colour.
func TestMatrixUnknownIsNeverNo(t *testing.T) {
	cases := map[string]fingerprint.Report{
		"absent": {},
		"zero": {
			SMB1: &report.SMB1{}, Signing: &report.Signing{}, Encryption: &report.Encryption{}, Compression: &report.Compression{},
			RDMATransforms: &report.RDMATransforms{},
		},
		"new answers": {
			SMB1:            &report.SMB1{OtherDialects: map[string]report.Answer{"XENIX CORE": "perhaps"}},
			Signing:         &report.Signing{Algorithms: map[string]report.Algorithm{"AES-CMAC": {Answer: "perhaps"}}},
			Encryption:      &report.Encryption{Supported: "perhaps", Required: "perhaps", Ciphers: map[string]report.Algorithm{"AES-128-GCM": {Answer: "perhaps"}}},
			Compression:     &report.Compression{Supported: "perhaps", Chained: "perhaps", Algorithms: map[string]report.Answer{"LZ4": "perhaps"}},
			RDMATransforms:  &report.RDMATransforms{Algorithms: map[string]report.Answer{"SIGNING": "perhaps"}},
			POSIXExtensions: "perhaps", Dialects: map[string]report.Answer{"3.1.1": "perhaps"},
		},
	}
	for name, r := range cases {
		t.Run(name, func(t *testing.T) {
			r.Level, r.Outcome = report.LevelFull, report.OutcomeSMB
			for _, args := range [][]string{{"a"}, {"a", "b"}, {"-v", "a"}, {"-v", "a", "b"}} {
				for _, terminal := range []bool{false, true} {
					w := world{scan: answering(r), terminal: terminal, env: map[string]string{"COLUMNS": "80"}}
					require.Equal(t, exitDone, w.run(t.Context(), args...))
					matrix, _, _ := strings.Cut(w.stdout.String(), " in ") // the summary
					matrix = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(matrix, "")
					require.Contains(t, matrix, "POSIX")
					require.NotRegexp(t, `(?i)\b(no|yes)\b|–`, matrix)
					require.Contains(t, w.stdout.String(), "? is not known")
				}
			}
		})
	}
}

func TestOrder(t *testing.T) {
	yes, no, open := report.Yes, report.No, report.Unknown
	cases := map[string]struct {
		selection report.Selection
		supported report.Answer
		answers   []report.Answer
		want      string
	}{
		"server":         {selection: report.SelectionServer, supported: yes, answers: []report.Answer{yes, yes}, want: "server"},
		"client":         {selection: report.SelectionClient, supported: yes, answers: []report.Answer{yes, yes}, want: "client"},
		"not learnt":     {supported: yes, answers: []report.Answer{yes, yes}, want: "?"},
		"one and a half": {supported: yes, answers: []report.Answer{yes, open, no}, want: "?"},
		"only one":       {supported: yes, answers: []report.Answer{yes, no}, want: "–"},
		"none":           {supported: no, want: "–"},
		"nothing known":  {want: "?"},
		"unheard of":     {selection: "dice\x1b", supported: yes, want: `dice\x1b`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, orderLine(c.selection, c.supported, c.answers).text)
		})
	}
}

func TestAnyOther(t *testing.T) {
	cases := map[string]report.Answer{"": report.Unknown, "nnn": report.No, "nun": report.Unknown, "nuy": report.Yes, "n?n": report.Unknown}
	for in, want := range cases {
		r := fingerprint.Report{SMB1: &report.SMB1{OtherDialects: map[string]report.Answer{}}}
		for i, c := range in {
			r.SMB1.OtherDialects[string(rune('A'+i))] = map[rune]report.Answer{'y': report.Yes, 'n': report.No, 'u': report.Unknown, '?': "?"}[c]
		}
		require.Equal(t, want, anyOther(&r), in)
	}
	require.Equal(t, report.Unknown, anyOther(&fingerprint.Report{}))
}
