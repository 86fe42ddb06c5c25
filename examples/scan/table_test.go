package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

func TestTable(t *testing.T) {
	w := world{scan: answering(sample())}
	require.Equal(t, exitDone, w.run(t.Context(), "192.0.2.1"))
	require.Equal(t, strings.TrimPrefix(`
TARGET     OUTCOME  DIALECTS       SIGNING         ENCRYPTS  SMB1  NAME  DOMAIN        PRODUCT HINTS    SKEW   MS
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
192.0.2.1  smb      3.1.1, older?  not required !  yes       ?     DC1   corp.example  NTLM 10.0.20348  ±20ms  12
`, "\n"), rows(w.stdout.String()))
	require.Contains(t, w.stdout.String(), "! is a risk")
	require.Contains(t, w.stdout.String(), "? is not known")
}

// rows returns the table without what stands below it.
func rows(s string) string {
	table, _, _ := strings.Cut(s, "\n\n")
	return table + "\n"
}

func TestColourOnlyWhereWanted(t *testing.T) {
	cases := map[string]struct {
		env      map[string]string
		terminal bool
		want     bool
	}{
		"terminal":      {terminal: true, want: true},
		"pipe":          {},
		"NO_COLOR":      {terminal: true, env: map[string]string{"NO_COLOR": "1"}},
		"dumb terminal": {terminal: true, env: map[string]string{"TERM": "dumb"}},
	}
	var plain string
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{scan: answering(sample()), terminal: c.terminal, env: c.env}
			require.Equal(t, exitDone, w.run(t.Context(), "-v", "-raw", "a", "b"))
			require.Equal(t, c.want, strings.Contains(w.stdout.String(), "\x1b"))
			if c.want {
				require.Contains(t, w.stdout.String(), "\x1b[1;31mnot required !\x1b[0m")
			}
			stripped := rows(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(w.stdout.String(), ""))
			if plain == "" {
				plain = stripped
			}
			require.Equal(t, plain, stripped, "colour moves nothing")
		})
	}
}

// Unknown answers, and those of parts that are absent, must never look like a no.
func TestUnknownIsNeverNo(t *testing.T) {
	unknown := report.SigningMode{Enabled: report.Unknown, Required: report.Unknown}
	cases := map[string]fingerprint.Report{
		"absent": {},
		"zero": {
			SMB1: &report.SMB1{}, Signing: &report.Signing{SMB1: &report.SigningMode{}, SMB2: &report.SigningMode{}},
			Encryption: &report.Encryption{},
		},
		"unknown": {
			SMB1: &report.SMB1{Supported: report.Unknown}, Signing: &report.Signing{SMB1: &unknown, SMB2: &unknown},
			Encryption: &report.Encryption{Supported: report.Unknown, Required: report.Unknown},
			Dialects:   map[string]report.Answer{"3.1.1": report.Unknown, "NT LM 0.12": report.Unknown},
		},
		"no part":    {Signing: &report.Signing{}},
		"new answer": {SMB1: &report.SMB1{Supported: "perhaps"}, Encryption: &report.Encryption{Supported: "perhaps"}},
	}
	for name, r := range cases {
		t.Run(name, func(t *testing.T) {
			for _, width := range []string{"", "80"} {
				r.Outcome = report.OutcomeTimedOut
				w := world{scan: answering(r), env: map[string]string{"COLUMNS": width}}
				require.Equal(t, exitDone, w.run(t.Context(), "192.0.2.1"))
				require.Regexp(t, `192\.0\.2\.1 +timed-out +\? +\? +\? +\? +0\.0`, w.stdout.String())
				require.NotRegexp(t, `(?i)\bno\b|not required`, rows(w.stdout.String()))
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	r := sample()
	r.SMB1.Supported, r.Signing.SMB1.Required, r.Signing.SMB2.Required = report.No, report.No, report.Yes
	r.Encryption.Supported = report.No
	w := world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Regexp(t, `(?m)^a +smb +2\.0\.2–3\.0\.2\?, 3\.1\.1 +SMB2 required +no +no +DC1.*\n +SMB1 not required !$`, w.stdout.String())

	r.SMB1.Supported, r.Encryption.Required = report.Yes, report.Yes
	r.Signing.SMB2.Required = report.Unknown
	r.Dialects, r.PreferredDialect = map[string]report.Answer{"LANMAN1.0": report.Yes, "NT LM 0.12": report.Yes}, ""
	w = world{scan: answering(r)}
	require.Equal(t, exitDone, w.run(t.Context(), "a"))
	require.Regexp(t, `(?m)^a +smb +SMB1, 2\.0\.2–3\.1\.1\? +not required ! +required +yes ! `, w.stdout.String())
}

// hostile has everything that a terminal or a reader could be fooled with in every text that a server chooses.
func hostile() fingerprint.Report {
	const evil = "E\x1b[31m\x1b]0;title\x07\u202eevil\u2066\u200b\u009b1m\x00\r\n\xff\u2028\U000e0041" + `\uD800`
	long := evil + strings.Repeat("x", 70_000)
	r := sample()
	r.Reason, r.ProtocolGuess, r.FirstBytes = evil, evil, "1b5b33316de280ae"
	r.PreferredDialect, r.ServerGUIDText = evil, evil
	*r.NTLM = report.NTLM{NetBIOSComputer: long, NetBIOSDomain: evil + "d", DNSComputer: evil + "c", DNSDomain: long}
	r.SMB1 = &report.SMB1{NativeLANManager: long, NativeOS: evil, PrimaryDomain: evil, ServerName: evil}
	r.Anomalies = []report.Anomaly{{Where: evil, What: evil}}
	r.Evidence = map[string][]report.Evidence{
		"/ntlm/netbios_computer": {{Probe: evil, Result: evil, Status: evil, Text: evil}},
		"/" + evil:               {{}},
	}
	r.Probes = []report.Probe{
		{ID: evil, Sent: evil, Result: evil, Status: evil, Request: "1b5b33316d", Response: "e280ae"},
		{ID: "behaviour-" + evil, Sent: evil, Result: evil, Status: evil},
	}
	r.Level = report.LevelFull
	r.SMB1.OtherDialects = map[string]report.Answer{long: report.Yes, evil: evil, "d" + evil: report.No}
	r.Transports = []report.Transport{
		{Transport: evil, Address: evil, Outcome: evil, CalledName: long}, {Transport: evil, Address: "192.0.2.1:" + evil},
	}
	r.NetBIOS = &report.NetBIOS{Names: []report.NetBIOSName{{Name: long, Suffix: evil, Flags: []string{evil}}, {}}, MAC: evil}
	r.Negotiated = []report.Negotiated{
		{Dialect: "3.1.1", SecurityMode: []string{evil}, Capabilities: []string{evil}}, {Dialect: "3.1.1", Transport: 7},
	}
	r.Encryption = &report.Encryption{Supported: evil, Required: evil, Selection: evil, Preferred: evil}
	r.Compression = &report.Compression{Chained: evil, Selection: evil, Algorithms: map[string]report.Answer{"LZ4": evil}}
	r.POSIXExtensions = evil
	r.NullSession = &report.NullSession{
		Session: evil, IPC: evil, Guest: evil, UnknownUserMapsToGuest: evil,
		Attempts: []report.SessionAttempt{
			{Dialect: long, Transport: 1, Identity: evil, Result: evil, Status: evil, SessionFlags: []string{evil}, IPCStatus: evil},
			{Transport: 7, SMB1Action: []string{evil}},
		},
	}
	return r
}

func TestHostileText(t *testing.T) {
	for _, flags := range [][]string{{}, {"-v"}, {"-raw"}, {"-json"}, {"-v", "second"}, {"-null", "-guest"}, {"-v", "-null", "-guest"}} {
		for _, width := range []string{"", "80", "120"} {
			w := world{scan: answering(hostile()), env: map[string]string{"COLUMNS": width}}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, "a")...))
			for _, c := range w.stdout.String() {
				require.True(t, unicode.IsPrint(c) || c == '\n', "%U in %v", c, flags)
			}
			require.Contains(t, w.stdout.String(), `\uD800`)
			if len(flags) == 0 {
				require.Less(t, w.stdout.Len(), 6_000, "a name is not a flood")
			}
		}
	}
}

// JSON keeps the text as it is, whatever it is.
func TestHostileTextInJSON(t *testing.T) {
	w := world{scan: answering(hostile())}
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "a"))
	got := parse(t, w.stdout.String())
	require.Len(t, got, 1)
	require.Equal(t, strings.ToValidUTF8(hostile().NTLM.DNSComputer, "\ufffd"), got[0].NTLM.DNSComputer)
}

// No line is wider than the terminal, and all text is there, whatever the mixture of rows.
func TestWidths(t *testing.T) {
	dead := fingerprint.Report{Outcome: report.OutcomeUnreachable, Reason: "the server could not be reached", DurationMS: 5000}
	old := sample()
	old.PreferredDialect, old.Dialects = "", map[string]report.Answer{"NT LM 0.12": report.Yes}
	old.Signing.SMB1.Required = report.No
	old.SMB1 = &report.SMB1{Supported: report.Yes, NativeLANManager: "Samba 4.17.12-Debian", PrimaryDomain: "WORKGROUP"}
	old.NTLM = &report.NTLM{NetBIOSComputer: "MUSEUM", NetBIOSDomain: "MUSEUM", Version: &report.NTLMVersion{Major: 6, Minor: 1}}
	kinds := []fingerprint.Report{sample(), dead, old}
	scan := func(ctx context.Context, target string) (*fingerprint.Report, error) {
		return answering(kinds[len(target)%len(kinds)])(ctx, target)
	}
	for _, width := range []string{"80", "100", "120"} {
		for _, flags := range [][]string{nil, {"-v"}} {
			w := world{scan: scan, env: map[string]string{"COLUMNS": width}}
			limit := map[string]int{"80": 80, "100": 100, "120": 120}[width]
			targets := []string{"192.0.2.1", "192.0.2.10", "192.0.2.100", "[2001:db8::12:3456]:445"}
			require.Equal(t, exitDone, w.run(t.Context(), append(flags, targets...)...))
			for l := range strings.Lines(w.stdout.String()) {
				require.LessOrEqual(t, text.StringWidthWithoutEscSequences(strings.TrimSuffix(l, "\n")), limit, l)
			}
			for _, want := range []string{
				"DC1", "corp.example", "NTLM 10.0.20348", "MUSEUM", "4.17.12-Debian", "unreachable", "WORKGROUP",
			} {
				require.Contains(t, w.stdout.String(), want)
			}
		}
	}
}

// Reasons are told once for all targets that share them.
func TestReasonsAreGrouped(t *testing.T) {
	w := world{scan: answering(fingerprint.Report{Outcome: report.OutcomeTimedOut, Reason: "no connection in time"})}
	require.Equal(t, exitDone, w.run(t.Context(), "a", "b", "c", "d", "e"))
	require.Contains(t, w.stdout.String(), "\na, b, c and 2 more: no connection in time\n")
	require.Contains(t, w.stdout.String(), "5 targets in ")
	require.Contains(t, w.stdout.String(), ": 5 timed-out\n")
}

func TestNames(t *testing.T) {
	cases := map[string]struct {
		ntlm         *report.NTLM
		smb1         *report.SMB1
		guid         string
		name, domain []string
	}{
		"nothing": {},
		"domain controller": {
			ntlm: ntlm("DC1", "CORP", "dc1.corp.example", "corp.example"),
			name: []string{"DC1"}, domain: []string{"corp.example"},
		},
		"other domain name": {
			ntlm: ntlm("DC1", "OLD", "dc1.corp.example", "corp.example"),
			name: []string{"DC1"}, domain: []string{"corp.example", "OLD"},
		},
		"long name": {
			ntlm: ntlm("LONGLONGLONGLON", "CORP", "longlonglonglonglong.corp.example", "corp.example"),
			name: []string{"LONGLONGLONGLON", "longlonglonglonglong.corp.example"}, domain: []string{"corp.example"},
		},
		"in no domain": {
			ntlm: ntlm("NAS", "NAS", "nas", ""),
			name: []string{"NAS"}, domain: []string{"NAS"},
		},
		"in a workgroup": {
			ntlm: ntlm("NAS", "NAS", "", ""), smb1: &report.SMB1{PrimaryDomain: "HOME"},
			name: []string{"NAS"}, domain: []string{"HOME"},
		},
		"domain and SMB1": {
			ntlm: ntlm("NAS", "CORP", "", ""), smb1: &report.SMB1{PrimaryDomain: "HOME"},
			name: []string{"NAS"}, domain: []string{"CORP"},
		},
		"SMB1 without NTLM": {
			smb1: &report.SMB1{ServerName: "OS2", PrimaryDomain: "HOME"},
			name: []string{"OS2"}, domain: []string{"HOME"},
		},
		"GUID of Samba":          {guid: "nas", name: []string{"nas"}},
		"GUID of Samba, useless": {guid: "nas", ntlm: ntlm("NAS", "", "", ""), name: []string{"NAS"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := &fingerprint.Report{NTLM: c.ntlm, SMB1: c.smb1, ServerGUIDText: c.guid}
			require.Equal(t, texts(c.name...), nameCell(r))
			require.Equal(t, texts(c.domain...), domainCell(r))
		})
	}
}

func ntlm(computer, domain, dnsComputer, dnsDomain string) *report.NTLM {
	return &report.NTLM{NetBIOSComputer: computer, NetBIOSDomain: domain, DNSComputer: dnsComputer, DNSDomain: dnsDomain}
}

func TestSkew(t *testing.T) {
	cases := map[time.Duration]string{
		0: "±20ms", 20 * time.Millisecond: "±20ms", -21 * time.Millisecond: "-21ms", 1500 * time.Millisecond: "+1.5s",
		-5 * time.Minute: "-5min", 3 * time.Hour: "+3.0h", -72 * time.Hour: "-3d",
	}
	for skew, want := range cases {
		ms, exact := float64(skew)/float64(time.Millisecond), 20.0
		require.Equal(t, cell{{text: want}}, skewCell(&fingerprint.Report{ClockSkewMS: &ms, ClockSkewErrorMS: &exact}))
	}
	require.Empty(t, skewCell(&fingerprint.Report{}))
}

// Four usual rows stand side by side at 120 columns, and with names below them at 80.
func TestLayouts(t *testing.T) {
	r := sample()
	r.PreferredDialect, r.Dialects = "", answers("y nnnnn")
	r.SMB1 = &report.SMB1{Supported: report.Yes, NativeLANManager: "Samba 4.17.12-Debian", PrimaryDomain: "WORKGROUP"}
	r.NTLM.NetBIOSDomain, r.NTLM.DNSDomain = r.NTLM.NetBIOSComputer, ""
	for width, wide := range map[string]bool{"": true, "120": true, "80": false} {
		w := world{scan: answering(r), env: map[string]string{"COLUMNS": width}}
		require.Equal(t, exitDone, w.run(t.Context(), "192.0.2.100", "192.0.2.101:139"))
		require.Equal(t, wide, strings.Contains(w.stdout.String(), "PRODUCT HINTS"), width)
		require.Equal(t, !wide, strings.Contains(w.stdout.String(), "\n  DC1"), width)
	}
}
