//go:build linux

package livetest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// Samba's defaults, in its order of preference (smb.conf(5)).
var (
	sambaCiphers = []string{"AES-128-GCM", "AES-128-CCM", "AES-256-GCM", "AES-256-CCM"}
	sambaSigners = []string{"AES-GMAC", "AES-CMAC", "HMAC-SHA256"}
)

// An algorithm is what smb.conf says about one algorithm.
type algorithm struct {
	taken bool // the server takes it
	shown bool // and level standard, which asks for no algorithm alone, is told so
	other bool // 3.1.1 is taken, whose answer to the offer of all names one algorithm and leaves the others open
}

// answer returns the only right one. Level full leaves nothing open.
func (a algorithm) answer(level report.Level) report.Answer {
	switch {
	case level == report.LevelFull:
		return report.AnswerOf(a.taken)
	case a.taken && a.shown:
		return report.Yes
	case a.other:
		return report.Unknown
	}
	return report.No
}

func (w truth) cipher(name string) algorithm {
	list := w.ciphers
	if list == nil {
		list = sambaCiphers
	}
	context := w.takes("3.1.1") && slices.Contains(list, name)
	bit := w.takes("3.0", "3.0.2") && name == "AES-128-CCM" && slices.Contains(list, name)
	return algorithm{
		taken: context || bit,
		shown: bit || context && list[0] == name,
		other: w.takes("3.1.1") && len(list) > 0, // the answer without any cipher settles all
	}
}

func (w truth) signer(name string) algorithm {
	list := w.signers
	if list == nil {
		list = sambaSigners
	}
	context := w.takes("3.1.1") && slices.Contains(list, name)
	implied := w.takes("2.0.2", "2.1") && name == "HMAC-SHA256" || w.takes("3.0", "3.0.2") && name == "AES-CMAC"
	return algorithm{taken: context || implied, shown: implied || context && list[0] == name, other: w.takes("3.1.1")}
}

// requireAlgorithms checks every cipher and signing algorithm, and that there is no compression, which this Samba has
// not.
func requireAlgorithms(t *testing.T, want truth, r *report.Report) {
	t.Helper()
	require.Len(t, r.Encryption.Ciphers, len(sambaCiphers))
	for name, got := range r.Encryption.Ciphers {
		require.Equal(t, want.cipher(name).answer(r.Level), got.Answer, "%s: %+v", name, r.Evidence["/encryption/ciphers/"+name+"/answer"])
	}
	require.Len(t, r.Signing.Algorithms, len(sambaSigners))
	for name, got := range r.Signing.Algorithms {
		require.Equal(t, want.signer(name).answer(r.Level), got.Answer, "%s: %+v", name, r.Evidence["/signing/algorithms/"+name+"/answer"])
	}
	require.Equal(t, report.No, r.Compression.Supported)
	for name, got := range r.Compression.Algorithms {
		require.Equal(t, report.No, got, name)
	}
}
