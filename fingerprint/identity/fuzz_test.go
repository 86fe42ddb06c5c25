package identity_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/identity"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// FuzzOf makes identities and fingerprints of whatever is a report's JSON.
func FuzzOf(f *testing.F) {
	for _, text := range []string{
		`{"outcome":"smb"}`, `{"outcome":"smb","negotiated":[{"dialect":"3.1.1","transport":7,"contexts":[{"type":"SMB2_PREAUTH_INTEGRITY_CAPABILITIES","data":"0100"}]}]}`,
		`{"outcome":"smb","smb1":{"native_os":"Windows ","native_lan_manager":"Samba "},"server_guid":"x"}`,
		`{"outcome":"smb","ntlm":{"challenge":"yes","version":{"major":10,"minor":0,"build":17763,"revision":15},"av_pairs":[{"id":5}]},"null_session":{"domain":{}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := new(report.Report)
		if json.Unmarshal(text, r) != nil {
			return
		}
		id, stack := identity.Of(r), identity.StackOf(r)
		require.Equal(t, r.Outcome == report.OutcomeSMB, id != nil)
		if id == nil {
			require.Nil(t, stack)
			return
		}
		require.LessOrEqual(t, len(id.Candidates), 6)
		for _, c := range id.Candidates {
			require.True(t, c.Confidence > 0 && c.Confidence < 1, c.Confidence)
		}
		require.Equal(t, id, identity.Of(r), "it follows from the report alone")
		require.Regexp(t, `^s1[qsfp]_(311|302|300|210|202|nt1|lm|0)[ynu][cx]_[0-9a-f]{12}_[0-9a-f]{12}$`, stack.Hash)
	})
}
