package main

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
)

func TestPrefixes(t *testing.T) {
	cases := map[string][]string{
		"192.0.2.4/30":         {"192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"}, // the first and the last too
		"192.0.2.6/30":         {"192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"}, // any address names its network
		"192.0.2.4/31":         {"192.0.2.4", "192.0.2.5"},
		"192.0.2.4/32":         {"192.0.2.4"},
		"192.0.2.4/31:8445":    {"192.0.2.4:8445", "192.0.2.5:8445"},
		"255.255.255.255/31":   {"255.255.255.254", "255.255.255.255"},
		"192.0.2.255/24:1":     nil, // its size is tested below
		"2001:db8::f/127":      {"2001:db8::e", "2001:db8::f"},
		"[2001:db8::f/127]":    {"2001:db8::e", "2001:db8::f"},
		"[2001:db8::/127]:445": {"[2001:db8::]:445", "[2001:db8::1]:445"},
		"fe80::1%eth0/127":     {"fe80::%eth0", "fe80::1%eth0"},
		"[fe80::%eth0/128]:1":  {"[fe80::%eth0]:1"},
		"::ffff:192.0.2.1/127": {"::ffff:192.0.2.0", "::ffff:192.0.2.1"},
		"2001:db8::fffe/126":   {"2001:db8::fffc", "2001:db8::fffd", "2001:db8::fffe", "2001:db8::ffff"},
	}
	for in, want := range cases {
		t.Run(in, func(t *testing.T) {
			list := targetList{max: defaultMax}
			require.NoError(t, list.add(in))
			got := slices.Collect(list.all())
			require.EqualValues(t, len(got), list.total)
			require.True(t, list.prefixes)
			if want == nil {
				require.Len(t, got, 256)
				require.Equal(t, []string{"192.0.2.0:1", "192.0.2.255:1"}, []string{got[0], got[255]})
			} else {
				require.Equal(t, want, got)
			}
			for _, target := range got {
				_, err := fingerprint.ParseTarget(target)
				require.NoError(t, err)
			}
		})
	}
}

func TestWrongPrefixes(t *testing.T) {
	cases := map[string]string{
		"192.0.2.0/":         `"" is no length from 0 to 32`,
		"192.0.2.0/33":       `"33" is no length from 0 to 32`,
		"192.0.2.0/-1":       `"-1" is no length`,
		"192.0.2.0/24/24":    `"24/24" is no length`,
		"192.0.2.0/256":      `"256" is no length`,
		"::/129":             `"129" is no length from 0 to 128`,
		"/24":                "no address",
		"host/24":            "no address",
		"192.0.2/24":         "no address",
		"192.0.2.0:445/24":   "no address",
		"[::]:445/120":       "a bracket goes before",
		"192.0.2.0/24:":      `"" is no port from 1 to 65535`,
		"192.0.2.0/24:0":     `"0" is no port`,
		"192.0.2.0/24:65536": `"65536" is no port`,
		"[::/120]:x":         `"x" is no port`,
		"[::/120]445":        "a bracket goes before",
		"[::/120":            "a bracket goes before",
		"::/120]":            `"120]" is no length`,
		"[192.0.2.0/24]:445": "brackets are for IPv6",
		"2001:db8::/120:445": "written as [2001:db8::/120]:445",
		"fe80::%e!/120":      "zone",
		"fe80::%/120":        "no address",
	}
	for in, want := range cases {
		t.Run(in, func(t *testing.T) {
			list := targetList{max: defaultMax}
			require.ErrorContains(t, list.add(in), want)
			require.Empty(t, slices.Collect(list.all()))
		})
	}
}

// The bound counts addresses of all prefixes and single targets, and is met exactly.
func TestBound(t *testing.T) {
	list := targetList{max: 258}
	require.NoError(t, list.add("192.0.2.0/24"))
	require.NoError(t, list.add("a"))
	require.Error(t, list.add("192.0.2.0/31"))
	require.NoError(t, list.add("b"))
	require.Error(t, list.add("c"))
	require.EqualValues(t, 258, list.total)

	for _, huge := range []string{"::/0", "::/64", "::/65", "::/95"} {
		list = targetList{max: highestMax}
		require.Error(t, list.add(huge), "no sum wraps")
	}
	require.NoError(t, list.add("0.0.0.0/0"))
	require.EqualValues(t, uint64(highestMax), list.total)
	require.Error(t, list.add("a"))
}

// A large network costs no more than a small one until its addresses are scanned.
func TestPrefixesAreLazy(t *testing.T) {
	allocs := testing.AllocsPerRun(10, func() {
		list := targetList{max: highestMax}
		if err := list.add("0.0.0.0/0"); err != nil {
			t.Error(err)
		}
		for target := range list.all() {
			if target == "0.0.0.9" {
				break
			}
		}
	})
	require.Less(t, allocs, 40.0)

	var scans atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	w := world{scan: func(ctx context.Context, target string) (*fingerprint.Report, error) {
		if !netip.MustParsePrefix("127.0.0.0/20").Contains(netip.MustParseAddr(target)) {
			t.Errorf("%s is not due", target)
		}
		if scans.Add(1) == 1000 {
			cancel()
		}
		return refused(ctx, target)
	}}
	require.Equal(t, exitFailed, w.run(ctx, "-max", "16777216", "127.0.0.0/8"))
	require.Less(t, scans.Load(), int64(1100))
	require.Regexp(t, `interrupted: 1\d\d\d of 16777216 targets`, w.stderr.String())
}

func TestPrefixFromInput(t *testing.T) {
	w := world{scan: answering(sample()), stdin: "192.0.2.0/31 # two\n\n[2001:db8::/127]:1445\r\nhost\n"}
	require.Equal(t, exitDone, w.run(t.Context(), "-json", "203.0.113.0/31:139", "-", "after"))
	var targets []string
	for _, r := range parse(t, w.stdout.String()) {
		targets = append(targets, r.Target)
	}
	require.Equal(t, []string{
		"203.0.113.0:139", "203.0.113.1:139", "192.0.2.0", "192.0.2.1", "[2001:db8::]:1445", "[2001:db8::1]:1445", "host", "after",
	}, targets)
}
