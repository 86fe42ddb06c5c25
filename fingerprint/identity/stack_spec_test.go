package identity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// short is the first digits of a SHA-256, as the specification has it.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:12]
}

// TestExampleOfSpecification compares the example in the documentation with what the code makes of a recorded Samba.
func TestExampleOfSpecification(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	found := regexp.MustCompile(`//\t(guid=\S+)\n//\n// and its third part ([0-9a-f]{12})\.`).FindSubmatch(text)
	require.NotNil(t, found)
	require.Equal(t, short(string(found[1])), string(found[2]))
	stack := identity.StackOf(recorded(t, "samba-4.17.12-default"))
	part, _, _ := strings.Cut(stack.Canonical, "|")
	require.Equal(t, string(found[1]), part)
	require.Equal(t, string(found[2]), implementation(t, stack))
}

// TestCanonical pins the whole text of a server in which every value differs from the others.
func TestCanonical(t *testing.T) {
	const text = `{"outcome":"smb","level":"full",
"transports":[{"transport":"netbios-session","outcome":"smb"},{"transport":"direct-tcp","outcome":"smb"}],
"dialects":{"PC NETWORK PROGRAM 1.0":"no","LANMAN1.0":"yes","LM1.2X002":"unknown","NT LM 0.12":"yes","2.0.2":"yes","2.1":"no","3.1.1":"yes"},
"negotiated":[
 {"dialect":"3.1.1","transport":0,"security_mode":[],"capabilities":[],"max_transact_size":9,"max_read_size":9,"max_write_size":9,"credits":9},
 {"dialect":"3.1.1","transport":1,"security_mode":["SMB2_NEGOTIATE_SIGNING_ENABLED","SMB2_NEGOTIATE_SIGNING_REQUIRED"],
  "capabilities":["SMB2_GLOBAL_CAP_DFS","0x200"],"max_transact_size":1,"max_read_size":2,"max_write_size":3,"credits":4,
  "contexts":[{"type":"SMB2_PREAUTH_INTEGRITY_CAPABILITIES","data":"0100030001000a0b0c"},{"type":"SMB2_SIGNING_CAPABILITIES","data":"01000200"},{"type":"0x4321","data":""}]},
 {"dialect":"3.1.1","transport":1,"security_mode":[],"capabilities":[],"max_transact_size":8,"max_read_size":8,"max_write_size":8,"credits":8},
 {"dialect":"2.0.2","transport":1,"security_mode":[],"capabilities":[],"max_transact_size":5,"max_read_size":6,"max_write_size":7,"credits":8}],
"smb1":{"supported":"yes","capabilities":["CAP_UNICODE","CAP_UNIX"],"max_mpx":11,"max_buffer_size":12,"max_raw_size":13},
"signing":{"smb1":{"enabled":"yes","required":"no","security_mode":15},"algorithms":{"HMAC-SHA256":{"answer":"yes","basis":"context"},"AES-CMAC":{"answer":"yes","basis":"dialect"},"AES-GMAC":{"answer":"no","basis":"context"}}},
"encryption":{"supported":"yes","ciphers":{"AES-128-CCM":{"answer":"yes"},"AES-128-GCM":{"answer":"no"},"AES-256-CCM":{"answer":"unknown"},"AES-256-GCM":{"answer":"yes"}},"selection":"client-order"},
"compression":{"supported":"yes","algorithms":{"LZNT1":"yes","LZ77":"no","LZ77+Huffman":"unknown","Pattern_V1":"yes","LZ4":"no"},"selection":"server-order"},
"posix_extensions":"no","server_guid":"00736162-0000-0000-0000-000000000000","server_guid_text":"bas",
"server_start_time":"2026-01-01T00:00:00Z","system_time":"2026-11-24T00:00:00Z",
"spnego":{"form":"NegTokenInit2","hint":"host$@EXAMPLE","mechanisms":[{"oid":"1.2.840.113554.1.2.2.3","name":"KRB5-U2U"},{"oid":"1.2.840.48018.1.2.2","name":"MS-KRB5"},{"oid":"1.2.3.4"},{"oid":"1.2.840.113554.1.2.2","name":"KRB5"},{"oid":"1.3.6.1.4.1.311.2.2.10","name":"NTLMSSP"}]},
"ntlm":{"challenge":"yes","netbios_computer":"SECRET","server_challenge":"0123456789abcdef","flags":["NTLMSSP_NEGOTIATE_UNICODE","NTLM_NEGOTIATE_OEM","NTLMSSP_REQUEST_TARGET"],"version":{"major":1,"minor":2,"build":3,"revision":4},"av_pairs":[{"id":7},{"id":5},{"id":1},{"id":6},{"id":2}]}}`
	r := new(report.Report)
	require.NoError(t, json.Unmarshal([]byte(text), r))
	const first = "guid=name;mechs=1.2.3.4,NTLMSSP;ntlm=1.2.3.4;av=7,1,2"
	const second = "dialects=nyuuyynuuy;start=set;2.0.2=none/none/5/6/7/8;2.1=-;3.0=-;3.0.2=-;" +
		"3.1.1=SIGNING_ENABLED,SIGNING_REQUIRED/DFS,0x200/1/2/3/4;mechs=KRB5-U2U,MS-KRB5,1.2.3.4,KRB5,NTLMSSP;" +
		"token=NegTokenInit2/other;flags=UNICODE,NTLM_NEGOTIATE_OEM,REQUEST_TARGET;av=7,5,1,6,2;" +
		"contexts=PREAUTH_INTEGRITY/3,SIGNING/01000200,0x4321/;ciphers=ynuy;signing=yun;compression=ynuyn;" +
		"order=client-order/server-order;posix=n;nt1=15/11/12/13/UNICODE,UNIX"
	stack := identity.StackOf(r)
	require.Equal(t, first+"|"+second, stack.Canonical)
	require.Equal(t, "s1f_311yc_"+short(first)+"_"+short(second), stack.Hash)

	r.Level = report.LevelPassive
	require.Contains(t, identity.StackOf(r).Canonical, ";flags=-;")
	require.True(t, strings.HasPrefix(identity.StackOf(r).Hash, "s1p_"))
}

// TestCanonicalOfNothing pins the text of a server of which nothing else is known.
func TestCanonicalOfNothing(t *testing.T) {
	stack := identity.StackOf(&report.Report{Outcome: report.OutcomeSMB, Level: report.LevelQuick})
	require.Equal(t, "guid=-;mechs=-;ntlm=-;av=-|dialects=uuuuuuuuuu;start=-;2.0.2=-;2.1=-;3.0=-;3.0.2=-;3.1.1=-;mechs=-;token=-;"+
		"flags=-;av=-;contexts=-;ciphers=uuuu;signing=uuu;compression=uuuuu;order=-/-;posix=u;nt1=-", stack.Canonical)
	require.Regexp(t, "^s1q_0ux_", stack.Hash)
	require.Nil(t, identity.StackOf(&report.Report{Outcome: report.OutcomeNotSMB}))
}
