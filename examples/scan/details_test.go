package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

func TestVerbose(t *testing.T) {
	for _, width := range []string{"", "80"} {
		w := world{scan: answering(sample()), env: map[string]string{"COLUMNS": width}}
		require.Equal(t, exitDone, w.run(t.Context(), "-v", "first", "second"))
		// The evidence of a row comes before the next row.
		require.Regexp(t, `(?s)\nfirst .*`+
			`1 all-offer +SMB2 NEGOTIATE → supported.*`+
			`no +/signing/smb2/required\s+all-offer: supported STATUS_SUCCESS: SecurityMode 1\n.*`+
			`unknown +/smb1/supported\s+all-offer: not-tested\n.*`+
			`\nsecond .*/signing/smb2/required`, w.stdout.String())
	}
}

func TestRaw(t *testing.T) {
	w := world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "-raw", "a"))
	require.Contains(t, w.stdout.String(), "all-offer request, 4 bytes\n  00000000  fe 53 4d 42")
	require.Contains(t, w.stdout.String(), "|.SMB|")
	require.NotContains(t, w.stdout.String(), "evidence")
}

func TestRawReachesTheScanner(t *testing.T) {
	o, err := parseOptions([]string{"-raw", "-timeout", "3s", "-port", "1445", "-level", "quick"}, nil)
	require.NoError(t, err)
	s := o.scanner()
	require.True(t, s.Raw)
	require.Equal(t, []uint16{1445}, s.Ports)
	require.Equal(t, "3s", s.Timeout.String())
	require.Equal(t, "quick", string(s.Level))
	require.Equal(t, 64, o.parallel)
}

func TestAnswersOf(t *testing.T) {
	r := sample()
	r.Dialects = nil
	lookup := answersOf(&r)
	require.Equal(t, "no", lookup("/signing/smb2/required"))
	require.Equal(t, "unknown", lookup("/smb1/supported"))
	require.Equal(t, "unknown", lookup("/dialects/3.1.1"), "absent")
	require.Equal(t, "unknown", lookup("/encryption"), "no answer")
	require.Equal(t, "unknown", lookup(""))
}

func TestMatrix(t *testing.T) {
	r := sample()
	buffer := uint32(16644)
	r.Dialects = answers("y nuyny")
	r.Dialects["LANMAN2.1"], r.Dialects["LANMAN1.0"], r.Dialects["LM1.2X002"] = report.Unknown, report.No, ""
	r.SMB1 = &report.SMB1{
		Supported: report.Yes, MaxBufferSize: &buffer, SecurityLevel: "share", Capabilities: []string{"CAP_UNICODE", "0x20000000"},
	}
	r.Negotiated = []report.Negotiated{
		{
			Dialect: "3.1.1", MaxTransactSize: 8 << 20, MaxReadSize: 8 << 20, MaxWriteSize: 8 << 20,
			SecurityMode: []string{"SMB2_NEGOTIATE_SIGNING_ENABLED", "SMB2_NEGOTIATE_SIGNING_REQUIRED"},
			Capabilities: []string{"SMB2_GLOBAL_CAP_DFS", "SMB2_GLOBAL_CAP_LEASING"},
		},
		{Dialect: "3.0", MaxTransactSize: 65536, MaxReadSize: 1000, MaxWriteSize: 1 << 20},
		{Dialect: "3.0", MaxTransactSize: 65536, MaxReadSize: 65536, MaxWriteSize: 65536}, // to another offer
		{Dialect: "3.0", MaxTransactSize: 65536, MaxReadSize: 65536, MaxWriteSize: 65536},
	}
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	_, after, _ := strings.Cut(w.stdout.String(), "\n  dialects\n")
	matrix, _, _ := strings.Cut(after, "\n\n")
	require.Equal(t, strings.TrimPrefix(`
    3.1.1       yes      up to 8 MiB · signing enabled required · DFS LEASING
    3.0.2       no
    3.0         yes      up to 64 KiB transact, 1000 B read, 1 MiB write · signing (no flags) · (no flags)
                         up to 64 KiB · signing (no flags) · (no flags)
    2.1         unknown
    2.0.2       no
    NT LM 0.12  yes      up to 16644 B · share security · UNICODE 0x20000000
    SMB1        unknown  LANMAN2.1, LM1.2X002
    SMB1        no       LANMAN1.0
    SMB1        unknown  PC NETWORK PROGRAM 1.0`, "\n"), matrix)

	w = world{scan: refused}
	require.Equal(t, exitDone, w.run(t.Context(), "-v", "a"))
	require.NotContains(t, w.stdout.String(), "dialects", "there is nothing to tell")
}
