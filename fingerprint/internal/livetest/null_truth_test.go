//go:build linux

package livetest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// A witness is Samba's rpcclient without an account, offering one dialect.
type witness struct {
	host, file string
}

// newWitness returns a witness that offers a dialect by the name that Samba's clients have for it.
func newWitness(t testing.TB, s *server, dialect string) witness {
	t.Helper()
	folder := newFolder(t)
	w := witness{host: s.Addr, file: filepath.Join(folder, "client.conf")}
	text := fmt.Sprintf("[global]\nnetbios name = LABCLIENT\nclient min protocol = %s\nclient max protocol = %[1]s\n", dialect)
	for _, option := range []string{"private dir", "lock directory", "state directory", "cache directory"} {
		text += option + " = " + folder + "\n"
	}
	require.NoError(t, os.WriteFile(w.file, []byte(text), 0o644))
	return w
}

// ask runs a command of rpcclient and returns all that it printed.
func (w witness) ask(t testing.TB, command string) (string, error) {
	t.Helper()
	return run(t, "", nil, "rpcclient", "-s", w.file, "-U", "", "-N", w.host, "-c", command)
}

// must is ask of what has to succeed.
func (w witness) must(t testing.TB, command string) string {
	t.Helper()
	output, err := w.ask(t, command)
	require.NoError(t, err, "%s: %s", command, output)
	return output
}

// found returns what the groups of an expression match, for each match.
func found(expression, output string) [][]string {
	var all [][]string
	for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(output, -1) {
		all = append(all, m[1:])
	}
	return all
}

// number reads a number in decimal, or in hex after "0x".
func number(t testing.TB, text string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(text, 0, 32)
	require.NoError(t, err)
	return uint32(n)
}

// listed reads "user:[alice] rid:[0x3e8]" and the same for groups: names by RID.
func (w witness) listed(t testing.TB, command string) map[uint32]string {
	t.Helper()
	all := map[uint32]string{}
	for _, m := range found(`(?m)^(?:user|group):\[(.*)\] rid:\[(0x[0-9a-f]+)\]$`, w.must(t, command)) {
		all[number(t, m[1])] = m[0]
	}
	return all
}

// displayed reads querydispinfo: users by RID, without what it does not tell.
func (w witness) displayed(t testing.TB) map[uint32]report.User {
	t.Helper()
	all := map[uint32]report.User{}
	const line = `(?m)^index: 0x[0-9a-f]+ RID: (0x[0-9a-f]+) acb: (0x[0-9a-f]+) Account: (.*?)\tName: (.*?)\tDesc: (.*)$`
	for _, m := range found(line, w.must(t, "querydispinfo")) {
		rid := number(t, m[0])
		u := report.User{RID: rid, Name: m[2], FullName: m[3], Comment: m[4], Flags: []string{}}
		for _, flag := range nullAccountFlags() {
			if number(t, m[1])&flag.bit != 0 {
				u.Flags = append(u.Flags, flag.token)
			}
		}
		all[rid] = u
	}
	return all
}

// nullAccountFlags are those of [MS-SAMR] 2.2.1.12 that the users here have.
func nullAccountFlags() []struct {
	bit   uint32
	token string
} {
	return []struct {
		bit   uint32
		token string
	}{{0x1, "USER_ACCOUNT_DISABLED"}, {0x10, "USER_NORMAL_ACCOUNT"}, {0x200, "USER_DONT_EXPIRE_PASSWORD"}}
}

// A namedSID is what lookupsids says of one identifier.
type namedSID struct{ domain, name, kind string }

// lookedUp reads lookupsids: what the RIDs of a domain stand for, without those that stand for nothing.
func (w witness) lookedUp(t testing.TB, domain string, rids []uint32) map[uint32]namedSID {
	t.Helper()
	command := "lookupsids"
	for _, rid := range rids {
		command += fmt.Sprintf(" %s-%d", domain, rid)
	}
	kinds := map[string]string{"1": "user", "2": "group", "4": "alias", "9": "user"}
	all := map[uint32]namedSID{}
	for _, m := range found(`(?m)^S-[0-9-]+-([0-9]+) (.*?)\\(.*) \(([0-9]+)\)$`, w.must(t, command)) {
		if kind := kinds[m[3]]; kind != "" {
			all[number(t, m[0])] = namedSID{m[1], m[2], kind}
		}
	}
	return all
}

// shares reads netshareenumall: comments by name.
func (w witness) shares(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, m := range found(`(?m)^netname: (.*)\n\tremark:\t(.*)$`, w.must(t, "netshareenumall")) {
		all[m[0]] = m[1]
	}
	return all
}

// nullServerTypes are the words of srvinfo for bits of [MS-SRVS] 2.2.2.7.
func nullServerTypes() map[string]string {
	return map[string]string{
		"Wk": "SV_TYPE_WORKSTATION", "Sv": "SV_TYPE_SERVER", "Sql": "SV_TYPE_SQLSERVER", "PDC": "SV_TYPE_DOMAIN_CTRL",
		"BDC": "SV_TYPE_DOMAIN_BAKCTRL", "Tim": "SV_TYPE_TIME_SOURCE", "AFP": "SV_TYPE_AFP", "Nov": "SV_TYPE_NOVELL",
		"Dom": "SV_TYPE_DOMAIN_MEMBER", "PrQ": "SV_TYPE_PRINTQ_SERVER", "Din": "SV_TYPE_DIALIN_SERVER",
		"Unx": "SV_TYPE_XENIX_SERVER", "NT": "SV_TYPE_NT", "Wfw": "SV_TYPE_WFW", "Mfp": "SV_TYPE_SERVER_MFPN",
		"SNT": "SV_TYPE_SERVER_NT", "PtB": "SV_TYPE_POTENTIAL_BROWSER", "BMB": "SV_TYPE_MASTER_BROWSER",
	}
}

// serverInfo reads srvinfo, and returns also the words for the server's types.
func (w witness) serverInfo(t testing.TB) (info report.ServerInfo, types []string) {
	t.Helper()
	output := w.must(t, "srvinfo")
	const form = `(?m)^\t(\S+) +((?:(?:Wk|Sv|Sql|PDC|BDC|Tim|AFP|Nov|Dom|PrQ|Din|Unx|NT|Wfw|Mfp|SNT|PtB|BMB) )*)(.*)\n` +
		`\tplatform_id     :\t(\d+)\n\tos version      :\t(\S+)\n\tserver type     :\t(0x[0-9a-f]+)$`
	m := found(form, output)
	require.Len(t, m, 1, output)
	platform := number(t, m[0][3])
	for word := range strings.FieldsSeq(m[0][1]) {
		types = append(types, nullServerTypes()[word])
	}
	return report.ServerInfo{Name: m[0][0], Comment: m[0][2], PlatformID: &platform, Version: m[0][4]}, types
}

// domain reads lsaquery: the name and the SID of the primary domain, where it has one.
func (w witness) domain(t testing.TB) (name, sid string) {
	t.Helper()
	output := w.must(t, "lsaquery")
	m := found(`(?m)^Domain Name: (.*)\nDomain Sid: (.*)$`, output)
	require.Len(t, m, 1, output)
	if m[0][1] == "(NULL SID)" {
		return m[0][0], ""
	}
	return m[0][0], m[0][1]
}

// accountSID reads lookupdomain: the SID of a domain of the security account manager.
func (w witness) accountSID(t testing.TB, domain string) string {
	t.Helper()
	output := w.must(t, "lookupdomain "+domain)
	m := found(`Domain SID: (S-[0-9-]+)`, output)
	require.Len(t, m, 1, output)
	return m[0][0]
}

// endpoints reads epmlookup: what is registered with the endpoint mapper, as far as it is for named pipes.
func (w witness) endpoints(t testing.TB) map[report.Endpoint]int {
	t.Helper()
	const line = `(?m)^[0-9a-f-]{36} (ncacn_np):\[(.*?),abstract_syntax=([0-9a-f-]{36})/0x([0-9a-f]{4})([0-9a-f]{4})\]: (.*)$`
	all := map[report.Endpoint]int{}
	output, _ := w.ask(t, "epmlookup") // it ends with "no more entries", which it takes for an error
	for _, m := range found(line, output) {
		uuid := fmt.Sprintf("%s v%d.%d", m[2], number(t, "0x"+m[4]), number(t, "0x"+m[3]))
		all[report.Endpoint{UUID: uuid, Protocol: m[0], Endpoint: m[1], Annotation: m[5]}]++
	}
	return all
}

// smbclientShares reads what smbclient lists without an account: kind and comment by name.
func smbclientShares(t testing.TB, s *server, dialect string) map[string][2]string {
	t.Helper()
	output, err := smbclient(t, s.Target(), dialect)
	require.NoError(t, err, output)
	all := map[string][2]string{}
	for _, m := range found(`(?m)^(Disk|IPC|Printer|Device)\|([^|\n]*)\|(.*)$`, output) {
		all[m[1]] = [2]string{m[0], m[2]}
	}
	return all
}

// rules reads the rules for passwords as pdbedit prints them, whose names for them are in nullRules.
func rules(t testing.TB, s *server) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	for _, r := range nullRules() {
		output, err := run(t, "", nil, "pdbedit", "-s", filepath.Join(s.Folder, "smb.conf"), "-P", r.name)
		require.NoError(t, err, output)
		m := found(`(?m) value is: (\d+)$`, output)
		require.Len(t, m, 1, output)
		n, err := strconv.ParseInt(m[0][0], 10, 64)
		require.NoError(t, err)
		all[r.name] = n
	}
	return all
}
