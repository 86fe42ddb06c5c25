package identity_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// of makes an identity of a piece of a report in JSON.
func of(t *testing.T, text string) *report.Identity {
	t.Helper()
	r := &report.Report{
		Outcome: report.OutcomeSMB, Transports: []report.Transport{{Transport: "direct-tcp", Outcome: report.OutcomeSMB}},
	}
	require.NoError(t, json.Unmarshal([]byte(text), r))
	return identity.Of(r)
}

// TestRecordings holds that every recorded server is named, and that a version is stated only where the server sent it.
func TestRecordings(t *testing.T) {
	products := map[string]string{"samba": "Samba", "impacket": "Impacket smbserver"}
	for _, name := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			r := recorded(t, name)
			id := identity.Of(r)
			stem, _, _ := strings.Cut(name, "-")
			require.Equal(t, products[stem], id.Product)
			if name == "samba-4.17.12-plaintext" { // it sends numbers alone, and those are Windows' but for CAP_UNIX
				require.Less(t, id.Confidence, 0.7)
			} else {
				require.GreaterOrEqual(t, id.Confidence, 0.9)
			}
			require.NotEmpty(t, id.Candidates)
			require.Equal(t, products[stem], id.Candidates[0].Product)
			require.LessOrEqual(t, len(id.Candidates), 6)
			require.NotEmpty(t, id.Reasons)
			require.Zero(t, id.Build)
			require.Empty(t, id.Contradictions)
			manager, sent := strings.CutPrefix(r.SMB1.NativeLANManager, "Samba ")
			if sent {
				require.Equal(t, manager, id.Version)
			} else {
				require.Empty(t, id.Version)
			}
			for _, cpe := range id.CPE {
				require.Len(t, regexp.MustCompile(`[^\\]:`).FindAllString(cpe, -1), 12, cpe)
			}
		})
	}
}

func TestRoleOfRecordings(t *testing.T) {
	for name, role := range map[string]report.Role{
		"samba-4.17.12-default": report.RoleWorkgroup, "samba-4.17.12-nt1-only": report.RoleWorkgroup,
		"samba-4.17.12-domain-controller": report.RoleDomainJoined, "samba-4.17.12-null-open": report.RoleWorkgroup,
		"samba-4.17.12-signing-mandatory": report.RoleWorkgroup,
	} {
		require.Equal(t, role, identity.Of(recorded(t, name)).Role, name)
	}
	controller := identity.Of(recorded(t, "samba-4.17.12-domain-controller"))
	require.Equal(t, []report.RoleCandidate{{Role: report.RoleDomainController, Confidence: 0.3}}, controller.RoleCandidates,
		"it requires signing, which proves nothing")
	require.Empty(t, identity.Of(recorded(t, "samba-4.17.12-signing-mandatory")).RoleCandidates, "it is in no domain")
}

func TestRole(t *testing.T) {
	for text, role := range map[string]report.Role{
		`{}`: "",
		`{"netbios":{"names":[{"name":"EXAMPLE","suffix":"00","flags":["B","G"]},{"name":"EXAMPLE","suffix":"1c","flags":["B","G"]}]}}`:         report.RoleDomainController,
		`{"netbios":{"names":[{"name":"WORKGROUP","suffix":"00","flags":["B","G"]},{"name":"INet~Services","suffix":"1c","flags":["B","G"]}]}}`: "", // IIS
		`{"netbios":{"names":[{"name":"EXAMPLE","suffix":"00","flags":["B"]},{"name":"EXAMPLE","suffix":"1c","flags":["B","G"]}]}}`:             "", // a host's name
		`{"netbios":{"names":[{"name":"EXAMPLE","suffix":"00","flags":["B","G"]},{"name":"EXAMPLE","suffix":"1c","flags":["B"]}]}}`:             "",
		`{"netbios":{"names":[{"name":"EXAMPLE","suffix":"1e"}]}}`:                                                                              "",
		`{"null_session":{"server_info":{"status":"STATUS_SUCCESS","type":["SV_TYPE_DOMAIN_CTRL"]}}}`:                                           report.RoleDomainController,
		`{"null_session":{"server_info":{"status":"STATUS_SUCCESS","type":["SV_TYPE_DOMAIN_BAKCTRL"]}}}`:                                        report.RoleDomainController,
		`{"null_session":{"server_info":{"status":"STATUS_SUCCESS","type":["SV_TYPE_SERVER"]}}}`:                                                "",
		`{"null_session":{"domain":{"name":"EXAMPLE","sid":"S-1-5-21-1-2-3","account_sid":"S-1-5-21-1-2-3"}}}`:                                  report.RoleDomainController,
		`{"null_session":{"domain":{"name":"EXAMPLE","sid":"S-1-5-21-1-2-3","account_sid":"S-1-5-21-4-5-6"}}}`:                                  report.RoleDomainJoined,
		`{"null_session":{"domain":{"name":"WORKGROUP","account_sid":"S-1-5-21-4-5-6"}}}`:                                                       "",
		`{"ntlm":{"challenge":"yes","dns_forest":"example.test","av_pairs":[{"id":5}]}}`:                                                        report.RoleDomainJoined,
		`{"ntlm":{"challenge":"yes","target_type":"domain","netbios_domain":"EXAMPLE","netbios_computer":"A"}}`:                                 report.RoleDomainJoined,
		`{"ntlm":{"challenge":"yes","target_type":"server","netbios_domain":"A","netbios_computer":"A"}}`:                                       report.RoleWorkgroup,
		// A challenge that says "server" outdoes a list of mechanisms with Kerberos.
		`{"ntlm":{"challenge":"yes","target_type":"server","netbios_domain":"A","netbios_computer":"A"},"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`: report.RoleWorkgroup,
		`{"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`:                                                                                               report.RoleDomainJoined,
		// Without a challenge NTLMSSP alone says nothing: Samba lists it in domains of NT 4.0 too.
		`{"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`:                                                                                             "",
		`{"ntlm":{"challenge":"unknown","dns_forest":"example.test"}}`:                                                                                                                                     "",
		`{"spnego":{"form":"NegTokenInit2","mechanisms":[{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`: "", // ksmbd always lists Kerberos
		`{"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.30","name":"NEGOEX"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]}}`:                                             report.RoleWorkgroup,
	} {
		require.Equal(t, role, of(t, text).Role, text)
	}
	alone := of(t, `{"signing":{"smb2":{"enabled":"yes","required":"yes"}}}`)
	require.Empty(t, alone.Role)
	require.Equal(t, []report.RoleCandidate{{Role: report.RoleDomainController, Confidence: 0.3}}, alone.RoleCandidates)
}

// windows is a server that answers as a Windows of some build does, in a workgroup.
func windows(major, minor, build int, dialect, more string) string {
	version, _ := json.Marshal(map[string]int{"major": major, "minor": minor, "build": build, "revision": 15})
	return `{"dialects":{"` + dialect + `":"yes"},"negotiated":[{"dialect":"` + dialect + `","transport":0}],
		"spnego":{"form":"NegTokenInit","mechanisms":[{"oid":"1.3.6.1.4.1.311.2.2.30","name":"NEGOEX"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]},
		"ntlm":{"challenge":"yes","version":` + string(version) + `,"av_pairs":[{"id":2},{"id":1},{"id":4},{"id":3},{"id":7}]}` + more + `}`
}

// TestBuildsAreSets holds that a build gives all products that have it, and an unknown build a number alone.
func TestBuildsAreSets(t *testing.T) {
	names := func(id *report.Identity) (list []string) {
		for _, c := range id.Candidates {
			list = append(list, c.Product)
		}
		return list
	}
	for _, c := range []struct {
		build    int
		products []string
	}{
		{17763, []string{"Windows 10", "Windows Server 2019"}},
		{26100, []string{"Windows 11", "Windows Server 2025"}},
		{19041, []string{"Windows 10"}},
		{20348, []string{"Windows Server 2022"}},
	} {
		id := of(t, windows(10, 0, c.build, "3.1.1", ""))
		require.Equal(t, "Windows", id.Product)
		require.Equal(t, c.build, id.Build)
		require.Subset(t, names(id), c.products, c.build)
		sum := 0.0
		for _, one := range id.Candidates {
			require.True(t, one.SupportEnds != "" || one.Product == "Azure Local", one.Product)
			sum += one.Confidence
		}
		require.InDelta(t, id.Confidence, sum, 0.03)
		require.NotEmpty(t, id.CPE)
		require.Empty(t, id.Contradictions)
	}
	unknown := of(t, windows(10, 0, 31000, "3.1.1", ""))
	require.Equal(t, "10.0.31000", unknown.Version)
	require.Equal(t, "10.0 build 31000", unknown.Candidates[0].Release)
	require.Empty(t, unknown.Candidates[0].SupportEnds)
}

// TestNativeOSNarrows holds that the native OS tells a client from a server and an enablement package from its parent.
func TestNativeOSNarrows(t *testing.T) {
	id := of(t, windows(10, 0, 19041, "3.1.1", `,"smb1":{"native_os":"Windows 10 Pro 19045","native_lan_manager":"Windows 10 Pro 6.3"}`))
	require.Equal(t, 19045, id.Build)
	require.Equal(t, "10.0.19045", id.Version)
	require.Len(t, id.Candidates, 1)
	require.Equal(t, "22H2", id.Candidates[0].Release)
	require.Empty(t, id.Contradictions)

	id = of(t, windows(10, 0, 17763, "3.1.1", `,"smb1":{"native_os":"Windows Server 2019 Standard 17763","native_lan_manager":"Windows Server 2019 Standard 6.3"}`))
	require.Equal(t, "Windows Server 2019", id.Candidates[0].Product)
	require.Len(t, id.Candidates, 1)
}

// TestLies holds that "6.1 build 0" and macOS's "6.1 build 7600" are not Windows 7.
func TestLies(t *testing.T) {
	id := of(t, `{"ntlm":{"challenge":"yes","version":{"major":6,"minor":1,"build":0,"revision":15}}}`)
	require.NotEqual(t, "Windows", id.Product)
	for _, c := range id.Candidates {
		require.NotContains(t, c.Product, "Windows")
	}
	require.Contains(t, strings.Join(id.Reasons, "\n"), "is not Windows 7")
	id = of(t, `{"smb1":{"native_os":"Windows 6.1"}}`)
	require.Empty(t, id.Candidates)
}

// TestContradictionsAreSaid holds that a Windows build beside Samba's GUID names neither silently.
func TestContradictionsAreSaid(t *testing.T) {
	id := of(t, windows(10, 0, 20348, "3.1.1", `,"server_guid":"00736162-0000-0000-0000-000000000000","server_guid_text":"bas"`))
	require.Len(t, id.Contradictions, 1)
	require.Contains(t, id.Contradictions[0], "host name")
}

// TestTextIsEscaped holds that what a server says of itself cannot reach a terminal.
func TestTextIsEscaped(t *testing.T) {
	id := of(t, `{"smb1":{"native_os":"Unix","native_lan_manager":"Samba 4.9\u001b[31m\u202e\u0000"}}`)
	text, err := json.Marshal(id)
	require.NoError(t, err)
	require.NotContains(t, string(text), `\u001b`)
	require.NotContains(t, string(text), "\u202e")
	require.Equal(t, "cpe:2.3:a:samba:samba:4.9:*:*:*:*:*:*:*", id.CPE[0])
}

// TestEveryReleaseRuns runs each row of the builds: a server that sends the build, in NTLM or where NTLM has it not in its
// native OS, is given the row's product among others.
func TestEveryReleaseRuns(t *testing.T) {
	for _, r := range identity.Releases() {
		text := windows(r.Major, r.Minor, r.Build, identity.MaxDialectOf(r.Major, r.Minor), "")
		switch {
		case r.Major < 5:
			text = `{"smb1":{"native_os":"Windows NT 4.0","native_lan_manager":"NT LAN Manager 4.0"}}`
		case r.NTLM == identity.BuildAbsent:
			require.Equal(t, identity.KindClient, r.Kind, "what such a server calls itself in SMB1 was never seen: its row is dead")
			text = fmt.Sprintf(`{"smb1":{"native_os":"Windows 10 Pro %d","native_lan_manager":"Windows 10 Pro 6.3"}}`, r.Build)
		}
		id := of(t, text)
		require.Equal(t, "Windows", id.Product, text)
		i := slices.IndexFunc(id.Candidates, func(c report.Candidate) bool { return c.Product == r.Product })
		require.GreaterOrEqual(t, i, 0, "%s %s: %v", r.Product, r.Release, id.Candidates)
		require.GreaterOrEqual(t, id.Candidates[i].SupportEnds, r.SupportEnds)
		if r.CPE != "" {
			require.Contains(t, id.CPE, r.CPE)
		}
	}
}
