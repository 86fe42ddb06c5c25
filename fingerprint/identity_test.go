package fingerprint_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// TestStackAtEveryLevel holds that the implementation part of the stack fingerprint is the same whatever is asked, and
// that a hash tells how much was.
func TestStackAtEveryLevel(t *testing.T) {
	letters := map[report.Level]string{report.LevelQuick: "s1q", report.LevelStandard: "s1s", report.LevelFull: "s1f"}
	seen := map[string]string{}
	eachRecording(t, func(t *testing.T, name string, level fingerprint.Level) {
		s := fixed(serve(t, smbtest.Path{}, replay(t, name).Handle))
		s.Level = level
		r := scan(t, s)
		parts := strings.Split(r.Stack.Hash, "_")
		require.Equal(t, letters[level], parts[0])
		if before, ok := seen[name]; ok {
			require.Equal(t, before, parts[2], r.Stack.Canonical)
		}
		seen[name] = parts[2]
	})
	require.Len(t, seen, len(recorded(t)))
}

// TestConclude holds that conclusions follow from the answers alone, and may be made anew.
func TestConclude(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := scan(t, fixed(serve(t, smbtest.Path{}, replay(t, "samba-4.17.12-nt1").Handle)))
		require.NotNil(t, r.Identity)
		require.NotEmpty(t, r.Findings)
		want := text(t, r)
		r.Identity, r.Stack, r.Findings = nil, nil, nil
		fingerprint.Conclude(r)
		require.Equal(t, want, text(t, r))

		r.SMB1.Supported = report.Unknown
		fingerprint.Conclude(r)
		for _, f := range r.Findings {
			require.NotEqual(t, "smb1-enabled", f.ID)
		}
		r.Outcome = report.OutcomeTimedOut
		fingerprint.Conclude(r)
		require.Nil(t, r.Identity)
		require.Nil(t, r.Stack)
	})
}

// TestPersonalitiesAreNamed holds that a server which answers as the documents say is taken for what they describe, or, where
// it is a tool that plays Windows, for that tool. It says nothing of accuracy: the servers are made up.
func TestPersonalitiesAreNamed(t *testing.T) {
	others := map[string]string{
		"synthetic-ksmbd": "ksmbd", "synthetic-macos": "macOS", "synthetic-responder": "Responder",
		"synthetic-ntlmrelayx": "Impacket ntlmrelayx",
	}
	for _, p := range smbtest.Personalities() {
		for _, level := range fingerprint.Levels() {
			synctest.Test(t, func(t *testing.T) {
				s := fixed(serve(t, smbtest.Path{}, p.Handle))
				s.Level = level
				id := scan(t, s).Identity
				if product, ok := others[p.Name]; ok {
					require.Equal(t, product, id.Product, "%s at %s: %v", p.Name, level, id.Candidates)
					return
				}
				require.Equal(t, "Windows", id.Product, "%s at %s", p.Name, level)
				require.Equal(t, int(p.Version.ProductBuild), id.Build)
				require.Empty(t, id.Contradictions, "%s at %s", p.Name, level)
				require.NotEqual(t, report.RoleDomainController, id.Role, "nothing here proves it")
				require.Equal(t, p.Role == smbtest.RoleWorkgroup, id.Role == report.RoleWorkgroup, "%s at %s", p.Name, level)
			})
		}
	}
}

// TestStacksOfPersonalities holds that the implementation part is the same in every role of a product, and differs between
// products and builds. Servers that are made up show that the fingerprint can do so, and nothing of real ones.
func TestStacksOfPersonalities(t *testing.T) {
	parts := map[string]string{} // by what the server plays
	for _, p := range smbtest.Personalities() {
		synctest.Test(t, func(t *testing.T) {
			r := scan(t, fixed(serve(t, smbtest.Path{}, p.Handle)))
			part := strings.Split(r.Stack.Hash, "_")[2]
			plays := p.Name
			if p.Version != nil && r.Identity.Product == "Windows" {
				plays = r.Identity.Version
			}
			// Windows XP sends no token at all outside of a domain, which its captures show too.
			if before, ok := parts[plays]; ok && !strings.HasPrefix(plays, "5.1.") {
				require.Equal(t, before, part, "%s: %s", p.Name, r.Stack.Canonical)
			}
			parts[plays] = part
		})
	}
	require.Greater(t, len(parts), 12)
	seen := map[string]string{}
	for plays, part := range parts {
		require.Empty(t, seen[part], "%s looks like %s", plays, seen[part])
		seen[part] = plays
	}
}
