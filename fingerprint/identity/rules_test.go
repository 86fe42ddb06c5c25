package identity

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
	"github.com/smbscope/smbscope/testdata/truth"
)

// exampleOf returns the report of an example: a recording, "file#stream" of a shared capture, or a piece of a report.
func exampleOf(t *testing.T, example string) *report.Report {
	t.Helper()
	if strings.HasPrefix(example, "{") {
		r := &report.Report{Outcome: report.OutcomeSMB}
		require.NoError(t, json.Unmarshal([]byte(example), r))
		if r.Transports == nil {
			r.Transports = []report.Transport{{Transport: "direct-tcp", Outcome: report.OutcomeSMB}}
		}
		return r
	}
	if file, stream, ok := strings.Cut(example, "#"); ok {
		for _, s := range truth.Streams(t) {
			if s.File == file && s.TCPStream != nil && strconv.Itoa(*s.TCPStream) == stream {
				return verdict.Of([]*dialogue.Dialogue{s.Dialogue()}, verdict.Options{})
			}
		}
		t.Fatalf("no capture has %s", example)
	}
	text, err := testdata.Report(example)
	require.NoError(t, err)
	r := new(report.Report)
	require.NoError(t, json.Unmarshal(text, r))
	return r
}

// TestEveryRuleHasAnExample runs the example of each rule: a row that nothing makes fire is dead.
func TestEveryRuleHasAnExample(t *testing.T) {
	for i, r := range rules {
		t.Run(r.stack+"/"+strconv.Itoa(i), func(t *testing.T) {
			require.NotEmpty(t, r.source)
			require.NotEmpty(t, r.example)
			require.NotZero(t, r.weight)
			require.NotEmpty(t, stackByID(r.stack).product)
			require.NotEmpty(t, r.sees(traitsOf(exampleOf(t, r.example))), r.example)
			require.Empty(t, r.sees(traitsOf(&report.Report{Outcome: report.OutcomeSMB})), "a report without answers says nothing")
		})
	}
}

func TestEveryLieHasAnExample(t *testing.T) {
	for _, l := range lies() {
		require.NotEmpty(t, l.source)
		sentence := l.sees(traitsOf(exampleOf(t, l.example)))
		require.NotEmpty(t, sentence, l.example)
		require.Contains(t, Of(exampleOf(t, l.example)).Reasons, sentence)
	}
}

func TestEveryContradictionHasAnExample(t *testing.T) {
	for _, c := range contradictions() {
		require.NotEmpty(t, c.sees(traitsOf(exampleOf(t, c.example))), c.example)
	}
}

func TestEveryLineOfSambaHasAnExample(t *testing.T) {
	for _, l := range sambaLines() {
		require.Equal(t, l.release, sambaLine(traitsOf(exampleOf(t, l.example))), l.example)
	}
}

// TestEveryStackCanBeNamed holds that what speaks for a stack is enough to name it, printers apart: of those only numbers
// are known that others have measured, which make them candidates.
func TestEveryStackCanBeNamed(t *testing.T) {
	printers := []string{stackCanon, stackEpson, stackHP, stackKyocera, stackSharp, stackBrother}
	for _, s := range stacks {
		if slices.Contains(printers, s.id) {
			continue
		}
		most := 0.0
		for _, r := range rules {
			if r.stack == s.id && r.weight > 0 {
				most += r.weight
			}
		}
		require.Greater(t, most, unknownWeight, s.id)
	}
}

// TestWeakSignsNameNothing holds that no product is named by one weak sign alone: what many may send.
func TestWeakSignsNameNothing(t *testing.T) {
	for _, piece := range []string{
		`{"negotiated":[{"dialect":"3.1.1","transport":0,"max_transact_size":8388608,"max_read_size":8388608,"max_write_size":8388608}]}`,
		`{"negotiated":[{"dialect":"3.0","transport":0,"max_transact_size":4194304,"max_read_size":4194304,"max_write_size":4194304}]}`,
		`{"negotiated":[{"dialect":"3.1.1","transport":0}],"server_guid":"00000000-0000-0000-0000-000000000000"}`,
		`{"compression":{"supported":"yes"}}`,
		`{"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":1,"revision":15}}}`,
		`{"ntlm":{"challenge":"yes","version":{"major":6,"minor":1,"build":0,"revision":15}}}`,
		`{"smb1":{"max_mpx":1,"max_buffer_size":65535,"capabilities":["CAP_RAW_MODE","CAP_NT_FIND"]}}`,
		`{"smb1":{"max_mpx":50,"max_buffer_size":16644,"max_raw_size":65536,"capabilities":["CAP_INFOLEVEL_PASSTHRU"]}}`,
		`{"smb1":{"native_os":"Unix"}}`,
		`{"smb1":{"native_os":"Windows 6.1"}}`,
	} {
		id := Of(exampleOf(t, piece))
		require.Empty(t, id.Product, piece)
		require.Empty(t, id.Version, piece)
		require.Zero(t, id.Confidence, piece)
		require.Empty(t, id.CPE, piece)
	}
	require.Nil(t, Of(&report.Report{Outcome: report.OutcomeTimedOut}))
	require.NotEmpty(t, Of(&report.Report{Outcome: report.OutcomeSMB}).Reasons)
}

// TestCopiedValuesDoNotWin holds that a Windows version that somebody copied names no Windows.
func TestCopiedValuesDoNotWin(t *testing.T) {
	for _, piece := range []string{
		// The version of Server 2019 without its mechanisms.
		`{"dialects":{"NT LM 0.12":"no"},"evidence":{"/dialects/NT LM 0.12":[{"result":"closed"}]},"negotiated":[{"dialect":"3.1.1","transport":0,"max_transact_size":8388608,"max_read_size":8388608,"max_write_size":8388608}],"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]},"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":17763,"revision":15},"av_pairs":[{"id":2},{"id":1},{"id":4},{"id":3},{"id":7}]}}`,
		// A storage box that compresses, with Kerberos and without NEGOEX.
		`{"compression":{"supported":"yes"},"negotiated":[{"dialect":"3.1.1","transport":0,"max_transact_size":8388608,"max_read_size":8388608,"max_write_size":8388608}],"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
		// Responder's answers without a challenge.
		`{"negotiated":[{"dialect":"2.1","transport":0,"max_transact_size":1048576,"max_read_size":1048576,"max_write_size":1048576}],"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.2.840.113554.1.2.2.3","name":"KRB5-U2U"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`,
	} {
		id := Of(exampleOf(t, piece))
		require.NotEqual(t, "Windows", id.Product, piece)
		require.Zero(t, id.Build, piece)
	}
}

// TestVersionsAreThoseSent holds that only what Samba sends as a version is one.
func TestVersionsAreThoseSent(t *testing.T) {
	for manager, want := range map[string][2]string{ // version, CPE
		"Samba 4.17.12-Debian": {"4.17.12-Debian", "cpe:2.3:a:samba:samba:4.17.12:*:*:*:*:*:*:*"},
		"Samba 4.20.0rc2":      {"4.20.0rc2", "cpe:2.3:a:samba:samba:4.20.0:rc2:*:*:*:*:*:*"},
		"Samba 3.0.28a":        {"3.0.28a", "cpe:2.3:a:samba:samba:3.0.28a:*:*:*:*:*:*:*"},
		"Samba unknown":        {"", "cpe:2.3:a:samba:samba:*:*:*:*:*:*:*:*"},
		"Samba":                {"", "cpe:2.3:a:samba:samba:*:*:*:*:*:*:*:*"},
		"nas server 2.0":       {"", "cpe:2.3:a:samba:samba:*:*:*:*:*:*:*:*"},
	} {
		id := Of(exampleOf(t, `{"server_guid":"00736162-0000-0000-0000-000000000000","server_guid_text":"bas","smb1":{"native_os":"Unix","native_lan_manager":"`+manager+`"}}`))
		require.Equal(t, "Samba", id.Product, manager)
		require.Equal(t, want[0], id.Version, manager)
		require.Equal(t, []string{want[1]}, id.CPE, manager)
	}
	require.Empty(t, Of(exampleOf(t, `{"smb1":{"native_os":"Unix","native_lan_manager":"foo-apple"}}`)).Product)
	require.Equal(t, "5.0", Of(exampleOf(t, `{"smb1":{"native_os":"Windows 5.0"}}`)).Version)
}

func stackByID(id string) stack {
	for _, s := range stacks {
		if s.id == id {
			return s
		}
	}
	return stack{}
}
