package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/testdata/truth"
)

// TestNativeRules runs the examples of each rule, which another one before it would hide.
func TestNativeRules(t *testing.T) {
	for i, r := range nativeRules {
		require.NotEmpty(t, r.source, r.begins)
		require.NotEmpty(t, r.examples, r.begins)
		becomes := r.becomes == ""
		for _, e := range r.examples {
			rule, _ := nativeRuleOf(e.text)
			require.Equal(t, i, rule, "another rule tells %q", e.text)
			got, ok := ParseNativeOS(e.text)
			require.True(t, ok, e.text)
			require.Equal(t, e.want, got, e.text)
			becomes = becomes || got.Product == r.becomes
		}
		require.True(t, becomes, "no example of %q becomes %q", r.begins, r.becomes)
		for _, product := range []string{r.product, r.becomes} {
			require.True(t, product == "" || slices.ContainsFunc(buildReleases[:], func(r Release) bool { return r.Product == product }),
				"%s is no product of the table of builds", product)
		}
	}
}

// TestNativeBuilds holds that what an example says of its build is true: a release of the product has it.
func TestNativeBuilds(t *testing.T) {
	for _, r := range nativeRules {
		for _, e := range r.examples {
			require.True(t, e.want.Build == 0 || slices.ContainsFunc(buildReleases[:], func(r Release) bool {
				return r.Product == e.want.Product && r.Build == e.want.Build
			}), e.text)
		}
	}
}

func TestNoNativeOS(t *testing.T) {
	for _, text := range []string{
		"", "Unix", "QTS", "Samba 4.17.12", "Windows", "Windows ", "Windows 6.1", "Windows 2000 LAN Manager", // lies and others
		"Windows for Workgroups 3.11", "Windows 4.0", "Windows 95", // the line of DOS
		"Windows 7", "Windows 7 ", "Windows 7 Ultimate", "Windows 7 Ultimate 6.3", "Windows 70", "Windows 10.0 22000", "windows 7 Ultimate 7600",
		"Windows 7 Ultimate 7601 Service Pack", "Windows 7 Ultimate 7601 Service Pack 0", "Windows 7 Ultimate 7601 Service Pack 1a",
		"Windows 7 Ultimate 7601 Service Pack 10", "Windows 7 Ultimate  7601", "Windows 7 \x1b[31m 7601", "Windows 7 Ult\u202eimate 7601",
		"Windows 7 Ultimate 7601 ", "Windows 7 Ultimate 760", "Windows 7 Ultimate 760111", "Windows 7 Ultimate +7601", "Windows 5.1 Pro", "Windows NT 4.0 1381",
	} {
		os, ok := ParseNativeOS(text)
		require.False(t, ok, "%q: %+v", text, os)
		require.Zero(t, os)
	}
}

// TestNativeCaptures reads what servers sent: all that is Windows' own words, with the product that the index has, and
// nothing of what others sent.
func TestNativeCaptures(t *testing.T) {
	windows, others := 0, 0
	for _, s := range truth.Streams(t) {
		for _, setup := range s.Setups {
			if !setup.Response || setup.NativeOS == nil || *setup.NativeOS == "" {
				continue
			}
			os, ok := ParseNativeOS(*setup.NativeOS)
			if !strings.Contains(s.Product, "Windows") {
				require.False(t, ok, *setup.NativeOS)
				others++
				continue
			}
			require.True(t, ok, *setup.NativeOS)
			if os.Product != "Windows Longhorn" {
				require.Contains(t, s.Product, os.Product)
			}
			if setup.NativeLanMan != nil && *setup.NativeLanMan != "Windows 2000 LAN Manager" {
				manager, ok := ParseNativeOS(*setup.NativeLanMan)
				require.True(t, ok, *setup.NativeLanMan)
				os.Build, os.ServicePack = 0, 0
				require.Equal(t, os, manager)
			}
			windows++
		}
	}
	require.NotZero(t, windows)
	require.NotZero(t, others)
}

func FuzzParseNativeOS(f *testing.F) {
	for _, r := range nativeRules {
		for _, e := range r.examples {
			f.Add(e.text)
		}
	}
	for _, text := range []string{"Windows 6.1", "Windows 7 Service Pack ", "Windows 10 Pro Service Pack 1 Service Pack 2 19045"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		os, ok := ParseNativeOS(text)
		if !ok {
			return
		}
		require.NotEmpty(t, os.Product)
		require.True(t, os.Build >= 0 && os.Build < 100000 && os.ServicePack >= 0 && os.ServicePack < 10)
		for word := range strings.SplitSeq(os.Edition, " ") {
			require.True(t, os.Edition == "" || nativeWord(word), "%q", os.Edition)
		}
	})
}
