//go:build linux

package livetest

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// The questions that nmap's scripts answer too.
const (
	questionDialects    = "dialects"
	questionSMB1        = "SMB1"
	questionSMB1Signing = "SMB1 signing required"
	questionSMB2Signing = "SMB2 signing required"
	questionEncryption  = "encryption supported"

	noAnswer = "no answer"
)

func questions() []string {
	return []string{questionDialects, questionSMB1, questionSMB1Signing, questionSMB2Signing, questionEncryption}
}

// answers are what somebody says of a server, by question.
type answers map[string]string

// answers is what smb.conf says. A question that does not arise has no answer.
func (t truth) answers() answers {
	first, last := slices.Index(standardDialects, t.from), slices.Index(standardDialects, t.to)
	a := answers{
		questionDialects:   strings.Join(standardDialects[first:last+1], ", "),
		questionSMB1:       string(report.AnswerOf(t.from == nt1)),
		questionEncryption: string(t.encryption),
	}
	if t.signingSMB1 != "" {
		a[questionSMB1Signing] = string(t.signingSMB1)
	}
	if t.signingSMB2 != "" {
		a[questionSMB2Signing] = string(t.signingSMB2)
	}
	return a
}

func answersOfReport(r *report.Report) answers {
	var taken []string
	for _, d := range standardDialects {
		switch r.Dialects[d] {
		case report.Yes:
			taken = append(taken, d)
		case report.No:
		default:
			taken = append(taken, d+" unknown")
		}
	}
	return answers{
		questionDialects:    strings.Join(taken, ", "),
		questionSMB1:        string(r.SMB1.Supported),
		questionSMB1Signing: string(r.Signing.SMB1.Required),
		questionSMB2Signing: string(r.Signing.SMB2.Required),
		questionEncryption:  string(r.Encryption.Supported),
	}
}

// answersOfSmbclient offers each dialect alone with smbclient.
func answersOfSmbclient(t testing.TB, target string) answers {
	t.Helper()
	names := map[string]string{
		nt1: "NT1", "2.0.2": "SMB2_02", "2.1": "SMB2_10", "3.0": "SMB3_00", "3.0.2": "SMB3_02", "3.1.1": "SMB3_11",
	}
	var taken []string
	for _, d := range standardDialects {
		output, err := smbclient(t, target, names[d])
		if err == nil {
			taken = append(taken, d)
			continue
		}
		require.Contains(t, output, "protocol negotiation failed", d)
	}
	return answers{questionDialects: strings.Join(taken, ", ")}
}

// An nmapScript is what a script of nmap's says of a host.
type nmapScript struct {
	ID       string     `xml:"id,attr"`
	Tables   []nmapElem `xml:"table"`
	Elements []nmapElem `xml:"elem"`
}

type nmapElem struct {
	Key      string     `xml:"key,attr"`
	Text     string     `xml:",chardata"`
	Elements []nmapElem `xml:"elem"`
}

// runNmap runs nmap's scripts at a host, and returns what they say.
func runNmap(t testing.TB, host string) answers {
	t.Helper()
	const scripts = "smb-protocols,smb2-security-mode,smb2-capabilities,smb-security-mode"
	output, err := run(t, "", nil, "nmap", "-Pn", "-n", "-p445", "--script", scripts, "-oX", "-", host)
	require.NoError(t, err, output)
	begin := strings.Index(output, "<?xml")
	require.GreaterOrEqual(t, begin, 0, output)
	var result struct {
		State struct {
			State string `xml:"state,attr"`
		} `xml:"host>ports>port>state"`
		Scripts []nmapScript `xml:"host>hostscript>script"`
	}
	require.NoError(t, xml.Unmarshal([]byte(output[begin:]), &result), output)
	require.Equal(t, "open", result.State.State, output)
	require.NotEmpty(t, result.Scripts, output)
	a := answers{}
	for _, question := range questions() {
		a[question] = noAnswer
	}
	for _, script := range result.Scripts {
		a.addScript(script)
	}
	return a
}

func (a answers) addScript(s nmapScript) {
	switch s.ID {
	case "smb-protocols":
		var taken []string
		for _, elem := range s.Tables[0].Elements {
			taken = append(taken, nmapDialect(elem.Text))
		}
		a[questionDialects] = strings.Join(taken, ", ")
		a[questionSMB1] = string(report.AnswerOf(slices.Contains(taken, nt1)))
	case "smb-security-mode":
		for _, elem := range s.Elements {
			if elem.Key == "message_signing" { // required, supported or disabled
				a[questionSMB1Signing] = string(report.AnswerOf(elem.Text == "required"))
			}
		}
	case "smb2-security-mode":
		for _, table := range s.Tables {
			for _, elem := range table.Elements {
				a[questionSMB2Signing] = string(report.AnswerOf(strings.HasSuffix(elem.Text, "enabled and required")))
			}
		}
	case "smb2-capabilities":
		for _, table := range s.Tables { // for a server without SMB2 there is none
			has := slices.ContainsFunc(table.Elements, func(e nmapElem) bool { return e.Text == "Encryption" })
			if a[questionEncryption] != "yes" {
				a[questionEncryption] = string(report.AnswerOf(has))
			}
		}
	}
}

// nmapDialect is the usual name of a dialect that nmap calls "202", "2:0:2" or "NT LM 0.12 (SMBv1) [dangerous, ...".
func nmapDialect(text string) string {
	if name, _, ok := strings.Cut(text, " (SMBv1)"); ok {
		return name
	}
	names := map[string]string{"202": "2.0.2", "210": "2.1", "300": "3.0", "302": "3.0.2", "311": "3.1.1"}
	if name, ok := names[strings.ReplaceAll(text, ":", "")]; ok {
		return name
	}
	return text
}

// besideNmap are the setups that nmap scans too.
func besideNmap() []string {
	return []string{
		"default", "nt1", "lanman1-nt1", "signing-mandatory", "encryption-off", "max-2.1", "only-3.1.1",
	}
}

// A wrongAnswer is one that nmap is known to give.
type wrongAnswer struct{ setup, question, answer, why string }

// nmapIsWrong has each wrong answer of nmap 7.93 in these setups.
func nmapIsWrong() []wrongAnswer {
	const noBit = "It offers no capabilities, so that the server does not name encryption among its own; and at 3.1.1, " +
		"where a negotiate context tells, it does not read the contexts."
	var list []wrongAnswer
	for _, setup := range []string{"default", "nt1", "signing-mandatory", "only-3.1.1"} {
		list = append(list, wrongAnswer{setup, questionEncryption, "no", noBit})
	}
	return list
}

// nmap and a scan of level standard beside what smb.conf says: the scan is right everywhere, and nmap wrong where it is
// known to be.
func TestBesideNmap(t *testing.T) {
	requireLive(t)
	names := besideNmap()
	rows := make([]besideRow, len(names))
	t.Run("setups", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				all := truths()
				at := slices.IndexFunc(all, func(t truth) bool { return t.name == name })
				require.GreaterOrEqual(t, at, 0, "no setup has the name %q", name)
				server := startSamba(t, sambaConfig{Global: all[at].global})
				rows[i] = besideRow{
					setup: name, global: all[at].global, truth: all[at].answers(),
					ours: answersOfReport(scan(t, server.Target(), fingerprint.LevelStandard)),
					nmap: runNmap(t, server.Addr), smbclient: answersOfSmbclient(t, server.Target()),
				}
			})
		}
	})
	require.False(t, t.Failed(), "there is no table without all setups")
	var wrong []wrongAnswer
	for _, row := range rows {
		for _, question := range questions() {
			truth, ok := row.truth[question]
			if !ok {
				require.Equal(t, "unknown", row.ours[question], "%s: %s does not arise", row.setup, question)
				require.Equal(t, noAnswer, row.nmap[question], "%s: %s does not arise", row.setup, question)
				continue
			}
			require.Equal(t, truth, row.ours[question], "%s: %s", row.setup, question)
			if witness, ok := row.smbclient[question]; ok {
				require.Equal(t, truth, witness, "%s: %s, by smbclient", row.setup, question)
			}
			if answer := row.nmap[question]; answer != truth && answer != noAnswer {
				wrong = append(wrong, wrongAnswer{setup: row.setup, question: question, answer: answer})
			}
		}
	}
	known := nmapIsWrong()
	for i := range known {
		known[i].why = ""
	}
	require.ElementsMatch(t, known, wrong, "the wrong answers of nmap that are known, and those that it gave")
	requireDocument(t, rows, fmt.Sprintf("Seen with nmap %s and Samba %s.",
		version(t, `Nmap version (\S+)`, "nmap", "--version"), version(t, `Version (\S+)`, "smbd", "--version")))
}
