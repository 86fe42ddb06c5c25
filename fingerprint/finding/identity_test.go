package finding_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/finding"
	"github.com/smbscope/smbscope/fingerprint/identity"
)

// TestWithIdentity has the recorded servers with the identity that package identity gives them: its words for products
// are those that the rules look for.
func TestWithIdentity(t *testing.T) {
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			r := recorded(t, name)
			r.Identity = identity.Of(r)
			for _, f := range finding.Of(r) {
				wellFormed(t, r, f)
				if strings.HasPrefix(f.ID, "samba-cve-") {
					require.NotEmpty(t, r.Identity.Version)
				}
			}
			_, tool := find(r, "attack-tool")
			require.Equal(t, strings.HasPrefix(name, "impacket-"), tool)
			_, possible := find(r, "samba-cve-2026-4480")
			require.Equal(t, r.SMB1 != nil && strings.HasPrefix(r.SMB1.NativeLANManager, "Samba "), possible,
				"Samba 4.17.12 has it, and a version is read only from SMB1")
			_, ghost := find(r, "smbghost-candidate")
			require.False(t, ghost)
		})
	}
}
