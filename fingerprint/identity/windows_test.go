package identity

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	listsNEGOEX = `"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.30","name":"NEGOEX"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}`
	listsVista  = `"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.2.840.113554.1.2.2.3","name":"KRB5-U2U"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}`
	started     = `"server_start_time":"2026-01-01T00:00:00Z","system_time":"2026-11-24T00:00:00Z"`
)

// smb2At is the answer to one dialect with one size.
func smb2At(dialect, size string, capabilities ...string) string {
	list := `"` + strings.Join(capabilities, `","`) + `"`
	if len(capabilities) == 0 {
		list = ""
	}
	return `"dialects":{"` + dialect + `":"yes"},"negotiated":[{"dialect":"` + dialect + `","transport":0,"capabilities":[` + list +
		`],"max_transact_size":` + size + `,"max_read_size":` + size + `,"max_write_size":` + size + `}]`
}

// TestReleasesWithoutBuild tells releases apart by what shows without a build: each row is what a server answers and the
// products that it can be, those with the most to say for them first.
func TestReleasesWithoutBuild(t *testing.T) {
	const mib, mib8 = "1048576", "8388608"
	for _, c := range []struct {
		name  string
		piece string
		most  []string // those with the largest confidence
		never []string // those that cannot be
		less  []string // those that can be, with a setting
	}{
		{"2.1 with 1 MiB that tells its start", smb2At("2.1", mib) + "," + listsNEGOEX + "," + started,
			[]string{"Windows 7", "Windows Server 2008 R2"}, []string{"Windows Vista", "Windows 10", "Windows 8.1"}, nil},
		{"3.0 with 1 MiB", smb2At("3.0", mib) + "," + listsNEGOEX + "," + started,
			[]string{"Windows 8", "Windows Server 2012"}, []string{"Windows 7", "Windows 10", "Windows 8.1"}, nil},
		{"3.0.2", smb2At("3.0.2", mib8) + "," + listsNEGOEX + "," + started,
			[]string{"Windows 8.1", "Windows Server 2012 R2"}, []string{"Windows 8", "Windows Server 2019"}, []string{"Windows 10", "Windows Server 2016"}},
		{"2.0.2 without NEGOEX", smb2At("2.0.2", "65536") + "," + listsVista + "," + started,
			[]string{"Windows Server 2008", "Windows Vista"}, []string{"Windows 7", "Windows 10"}, nil},
		{"3.1.1 that tells its start", smb2At("3.1.1", mib8) + "," + listsNEGOEX + "," + started,
			[]string{"Windows 10", "Windows Server 2016"}, []string{"Windows Server 2019", "Windows 11", "Windows Server 2012 R2"}, nil},
		{"3.1.1 that tells none", smb2At("3.1.1", mib8) + "," + listsNEGOEX,
			[]string{"Windows 10", "Windows 11", "Windows Server 2019", "Windows Server 2022", "Windows Server 2025"},
			[]string{"Windows Server 2016", "Windows 8.1"}, nil},
		{"one that cannot compress", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"compression":{"supported":"no"}`,
			[]string{"Windows 10", "Windows Server 2019"}, []string{"Windows Server 2016"}, []string{"Windows 11", "Windows Server 2022"}},
		{"one that compresses", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"compression":{"supported":"yes","algorithms":{"LZ77":"yes"}}`,
			[]string{"Windows 10", "Windows 11", "Windows Server 2022", "Windows Server 2025"}, []string{"Windows Server 2019"}, nil},
		{"one with patterns", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"compression":{"supported":"yes","algorithms":{"Pattern_V1":"yes"}}`,
			[]string{"Windows 10", "Windows 11", "Windows Server 2022", "Windows Server 2025"}, []string{"Windows Server 2019"}, nil},
		{"one with LZ4", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"compression":{"supported":"yes","algorithms":{"LZ4":"yes"}}`,
			[]string{"Windows 11", "Windows Server 2025"}, []string{"Windows Server 2022", "Windows 10"}, nil},
		{"one with 256-bit ciphers", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"encryption":{"supported":"yes","ciphers":{"AES-256-GCM":{"answer":"yes"}}}`,
			[]string{"Windows 11", "Windows Server 2022", "Windows Server 2025"}, []string{"Windows Server 2019", "Windows 10"}, nil},
		{"one without 256-bit ciphers", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"encryption":{"supported":"yes","ciphers":{"AES-256-GCM":{"answer":"no"}}}`,
			[]string{"Windows 10", "Windows Server 2019"}, []string{"Windows Server 2016"}, []string{"Windows 11", "Windows Server 2022"}},
		{"one that notifies", smb2At("3.1.1", mib8, "SMB2_GLOBAL_CAP_NOTIFICATIONS") + "," + listsNEGOEX,
			[]string{"Windows 11", "Windows Server 2025"}, []string{"Windows Server 2022", "Windows 10"}, nil},
		{"a client's buffer in SMB1", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"smb1":{"max_buffer_size":4356}`,
			[]string{"Windows 10", "Windows 11"}, nil, nil},
		{"a server's buffer in SMB1", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"smb1":{"max_buffer_size":16644}`,
			[]string{"Windows Server 2019", "Windows Server 2022", "Windows Server 2025"}, nil, nil},
		{"a controller by its type", smb2At("3.1.1", mib8) + "," + listsNEGOEX + `,"null_session":{"server_info":{"status":"","type":["SV_TYPE_DOMAIN_CTRL"]}}`,
			[]string{"Windows Server 2019", "Windows Server 2022", "Windows Server 2025"}, []string{"Windows 10", "Windows 11"}, nil},
		{"2.1 with 8 MiB", smb2At("2.1", mib8) + "," + listsNEGOEX + "," + started,
			[]string{"Windows 8", "Windows 8.1", "Windows 10"}, []string{"Windows 7"}, nil},
		{"3.0 where 3.0.2 was not asked for", smb2At("3.0", "65536") + "," + listsNEGOEX + "," + started + `,"dialects":{"3.0":"yes","3.1.1":"no"}`,
			[]string{"Windows 8"}, []string{"Windows 7"}, []string{"Windows 8.1", "Windows 10"}},
		{"SMB1 alone with NEGOEX", `"dialects":{"NT LM 0.12":"yes","2.0.2":"no"},` + listsNEGOEX,
			[]string{"Windows 10", "Windows 11", "Windows 7", "Windows 8", "Windows 8.1"}, []string{"Windows XP", "Windows 2000", "Windows NT 4.0", "Windows Vista"}, nil},
		{"2.1 where 3.0 was refused", `"dialects":{"2.1":"yes","3.0":"no"},"negotiated":[{"dialect":"2.1","transport":0}],` + listsNEGOEX + "," + started,
			[]string{"Windows 7", "Windows Server 2008 R2"}, []string{"Windows Vista"}, []string{"Windows 8", "Windows 10"}},
	} {
		tr := traitsOf(exampleOf(t, "{"+c.piece+"}"))
		groups := windowsCandidates(tr, 1)
		top := 0.0
		byName := map[string]float64{}
		for _, g := range groups {
			byName[g.Product] = g.Confidence
			top = max(top, g.Confidence)
		}
		for _, product := range c.most {
			require.InDelta(t, top, byName[product], 1e-9, "%s: %s: %v", c.name, product, byName)
		}
		for _, product := range c.never {
			require.Zero(t, byName[product], "%s: %s: %v", c.name, product, byName)
		}
		for _, product := range c.less {
			require.Greater(t, byName[product], 0.0, "%s: %s: %v", c.name, product, byName)
			require.Less(t, byName[product], top, "%s: %s: %v", c.name, product, byName)
		}
		for _, niche := range []string{"Azure Stack HCI", "Windows Server, Semi-Annual Channel"} {
			require.Less(t, byName[niche], top, c.name)
		}
		require.False(t, noReleaseFits(tr), c.name)
	}
	require.True(t, noReleaseFits(traitsOf(exampleOf(t, `{`+smb2At("2.1", "1048576")+`,`+listsVista+`}`))), "no Windows 7 lists no NEGOEX")
}

// TestReleaseSpans holds how the releases of one product are written, and when the last of them ends.
func TestReleaseSpans(t *testing.T) {
	groups := windowsCandidates(traitsOf(exampleOf(t, "{"+smb2At("3.1.1", "8388608")+","+listsNEGOEX+`,"encryption":{"supported":"yes","ciphers":{"AES-256-GCM":{"answer":"yes"}}}}`)), 0.5)
	sum := 0.0
	for _, g := range groups {
		sum += g.Confidence
		if g.Product == "Windows 11" {
			require.Equal(t, "21H2 to 26H1", g.Release)
			require.Equal(t, "2034-10-10", g.SupportEnds)
		}
	}
	require.InDelta(t, 0.5, sum, 1e-9)
}

// TestEnablementPackages holds which builds are a parent and its enablement package.
func TestEnablementPackages(t *testing.T) {
	require.True(t, sameParent(10, 0, 19041, 19045))
	require.True(t, sameParent(10, 0, 18362, 18363))
	require.True(t, sameParent(10, 0, 26100, 26200))
	require.False(t, sameParent(10, 0, 17763, 19041))
	require.False(t, sameParent(10, 0, 19041, 22000))
}

// TestTwoBuilds holds when a native OS and an NTLM version cannot be of one server.
func TestTwoBuilds(t *testing.T) {
	for piece, want := range map[string]bool{
		`"native_os":"Windows 10 Pro 19045","native_lan_manager":"Windows 10 Pro 6.3"}|19041`:                             false,
		`"native_os":"Windows 10 Pro 26120","native_lan_manager":"Windows 10 Pro 6.3"}|26100`:                             false, // a preview
		`"native_os":"Windows Server 2019 Standard 17763","native_lan_manager":"Windows Server 2019 Standard 6.3"}|17763`: false,
		`"native_os":"Windows Server 2019 Standard 14393","native_lan_manager":"Windows Server 2019 Standard 6.3"}|14393`: true,
		`"native_os":"Windows Server 2016 Standard 14393","native_lan_manager":"Windows Server 2016 Standard 6.3"}|17763`: true,
		`"native_os":"Windows 7 Ultimate 7601 Service Pack 1","native_lan_manager":"Windows 7 Ultimate 6.1"}|19041`:       true,
		`"native_os":"Windows 7 Ultimate 7601 Service Pack 1","native_lan_manager":"Windows 7 Ultimate 6.1"}|31000`:       false, // of which nothing is known
		`"native_os":"Unix","native_lan_manager":"Samba 4.9"}|17763`:                                                      false,
	} {
		native, build, _ := strings.Cut(piece, "|")
		r := exampleOf(t, `{"smb1":{`+native+`,"ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":`+build+`,"revision":15}}}`)
		require.Equal(t, want, namesTwoBuilds(traitsOf(r)), piece)
	}
}

// TestTraits holds how a report is read: the transport that speaks for the server, and times of one moment.
func TestTraits(t *testing.T) {
	of := func(text string) *traits { return traitsOf(exampleOf(t, text)) }
	require.Equal(t, startSet, of(`{`+smb2At("2.1", "1")+`,"server_start_time":"2026-11-24T00:00:00Z","system_time":"2026-11-24T00:00:03Z"}`).start())
	require.Equal(t, startNow, of(`{`+smb2At("2.1", "1")+`,"server_start_time":"2026-11-24T00:00:00Z","system_time":"2026-11-24T00:00:02Z"}`).start())
	require.Equal(t, startNone, of(`{`+smb2At("2.1", "1")+`}`).start())
	require.Equal(t, startUnseen, of(`{}`).start())
	other := of(`{"transports":[{"transport":"netbios-session","outcome":"smb"},{"transport":"direct-tcp","outcome":"refused"}],"negotiated":[{"dialect":"2.1","transport":0,"max_read_size":1},{"dialect":"2.1","transport":0,"max_read_size":2}]}`)
	require.EqualValues(t, 1, other.rows["2.1"].MaxReadSize)
	direct := of(`{"transports":[{"transport":"netbios-session","outcome":"smb"},{"transport":"direct-tcp","outcome":"smb"}],"negotiated":[{"dialect":"2.1","transport":0},{"dialect":"2.0.2","transport":1}]}`)
	require.Equal(t, "2.0.2", direct.best)
	require.False(t, of(`{"ntlm":{"challenge":"yes"}}`).orders(), "no attributes are in no order")
}
