package smb

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The fixed part of a response ends at byte 152; CreateContextsOffset is at 144.
func smb2CreateAnswers() map[string]string {
	return map[string]string{
		"all fields": header2(create2, success, reply2) + "5900 09 01 02000000" + fileInfo2 + "31323334" + fileID2 +
			"98000000 03000000 aabbcc",
		"nothing": header2(create2, success, reply2) + "5900 00 00 01000000" + fileInfo2 + "00000000" + fileID2 + "00000000 00000000",
		"Samba pipe": samba2(success, create2, "7f00", reply2, "05000000", "eeaeaee5", "e6ec006f") +
			`590000000100000000803ed5deb19d0100803ed5deb19d0100803ed5deb19d0100803ed5deb19d0100000000000000000000000000000000
			800000000000000067a6c1fd000000001c499c06000000000000000000000000`,
		"Samba file": samba2(success, create2, "7f00", reply2, "08000000", "44eccea4", "761b6ee1") +
			`5900000001000000d0a6197c467cdd018fe6957d467cdd01d0a6197c467cdd01d0a6197c467cdd0100100000000000000600000000000000
			8000000000000000fd4a59af000000007bf8ef900000000098000000200000000000000010000400000018000800
			00004d784163000000000000000089001200`,
	}
}

func TestSMB2CreateResponse(t *testing.T) {
	vectors := smb2CreateAnswers()
	checkSMB2(t, ParseSMB2CreateResponse, "CREATE response", vectors)
	r, err := ParseSMB2CreateResponse(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2CreateResponse{
		Header: r.Header, OplockLevel: SMB2OplockBatch, Flags: 1, CreateAction: ActionCreated, Info: wantFileInfo2(),
		Reserved2: 0x34333231, FileID: wantFileID2, CreateContexts: []byte{0xAA, 0xBB, 0xCC},
	}, r)
	// tshark 4.0.17: Create Action: The file existed and was opened (1), Create: Nov 24, 2026 19:03:26.063355700 UTC,
	// Allocation Size: 4096, End Of File: 6, File Attributes: 0x00000080, Access Mask in the context: 0x00120089.
	r, err = ParseSMB2CreateResponse(unhex(t, vectors["Samba file"]))
	require.NoError(t, err)
	require.Equal(t, ActionOpened, r.CreateAction)
	created, ok := r.Info.CreationTime.Time()
	require.True(t, ok)
	require.Equal(t, "2026-11-24T19:03:26Z", created.Truncate(time.Second).Format(time.RFC3339))
	require.Equal(t, uint64(4096), r.Info.AllocationSize)
	require.Equal(t, uint64(6), r.Info.EndOfFile)
	require.Equal(t, AttributeNormal, r.Info.FileAttributes)
	require.Equal(t, "fd4a59af000000007bf8ef9000000000", r.FileID.String())
	for context, err := range SMB2CreateContexts(r.CreateContexts) {
		require.NoError(t, err)
		require.Equal(t, SMB2CreateContext{Name: []byte("MxAc"), Data: unhex(t, "0000000089001200")}, context)
	}
}

func TestSMB2CreateResponseHostile(t *testing.T) {
	for _, c := range []struct {
		name     string
		with     []byte
		contexts string
		odd      []string
	}{
		{"wraps", []byte{0xFF, 0xFF, 0xFF, 0xFF, 0x99, 0, 0, 0}, "", []string{
			"CreateContexts: 153 bytes at offset " + huge() + " do not fit a message of 155 bytes",
			"trailing bytes: 3 bytes follow the message",
		}},
		{"endless", []byte{0x98, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, "", []string{
			"CreateContexts: " + huge() + " bytes at offset 152 do not fit a message of 155 bytes",
			"trailing bytes: 3 bytes follow the message",
		}},
		{"behind a gap", []byte{0x99, 0, 0, 0, 2, 0, 0, 0}, "\xBB\xCC", []string{"CreateContexts: at offset 153, should be at 152"}},
		{"none", []byte{0x98, 0, 0, 0, 0, 0, 0, 0}, "", []string{"trailing bytes: 3 bytes follow the message"}},
	} {
		r, err := ParseSMB2CreateResponse(hostile2(t, smb2CreateAnswers()["all fields"], 144, c.with...))
		require.NoError(t, err)
		require.Equal(t, c.contexts, string(r.CreateContexts), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
		require.Equal(t, wantFileID2, r.FileID)
	}
}

func FuzzParseSMB2CreateResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2CreateResponse, smb2CreateAnswers())
}
