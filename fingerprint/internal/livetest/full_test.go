//go:build linux

package livetest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

// requireFull checks what only level full asks, by the server's settings: nothing that these decide is unknown.
func requireFull(t *testing.T, want truth, r *report.Report) {
	t.Helper()
	for _, d := range smb.SMB1Dialects()[:4] {
		require.Equal(t, report.AnswerOf(slices.Contains(want.older, d)), r.Dialects[d], "%s: %+v", d, r.Evidence["/dialects/"+d])
	}
	// Of the names that DOS and Windows for Workgroups clients give to dialects, Samba 4.17 knows these, each with those
	// of its age (supported_protocols in source3/smbd/smb1_negprot.c).
	ages := map[string]bool{
		smb.DialectNTLANMAN10:  want.takes(nt1),
		smb.DialectDOSLM12X002: len(want.older) > 0,
		smb.DialectMSNet30:     len(want.older) > 0,
	}
	for _, d := range smb.OtherSMB1Dialects() {
		require.Equal(t, report.AnswerOf(ages[d]), r.SMB1.OtherDialects[d], "%s: %+v", d, r.Evidence["/smb1/other_dialects/"+d])
	}
	if want.takes(nt1) {
		require.Equal(t, want.netBIOSName(), r.SMB1.ServerName)
	}
	// Samba compresses nothing, moves nothing by RDMA, and has its POSIX extensions off until 4.23.
	require.Equal(t, report.No, r.Compression.Supported)
	require.Equal(t, report.No, r.Compression.Chained)
	for a, answer := range r.Compression.Algorithms {
		require.Equal(t, report.No, answer, a)
	}
	require.Equal(t, report.No, r.RDMATransforms.Supported)
	require.Equal(t, report.No, r.POSIXExtensions)
	require.Equal(t, report.Unknown, r.Encryption.Required, "Samba asks for encryption only after a logon")
	if want.takes("3.1.1") && want.encryption == report.Yes {
		require.Equal(t, report.SelectionServer, r.Encryption.Selection)
		best := "AES-128-GCM" // of Samba's defaults, smb.conf(5)
		if len(want.ciphers) > 0 {
			best = want.ciphers[0]
		}
		require.Equal(t, best, r.Encryption.Preferred)
	} else {
		require.Empty(t, r.Encryption.Selection)
		require.Empty(t, r.Encryption.Preferred)
	}
	require.Empty(t, r.Compression.Selection)
	require.Zero(t, r.Cost.LogonAttempts)
}
