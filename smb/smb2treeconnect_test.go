package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
)

// The fixed part of the request ends at byte 72; it has PathOffset at 68 and PathLength at 70.
func smb2TreeConnects() map[string]string {
	return map[string]string{
		"usual": header2(treeConnect2, success, request2) + "0900 0000 4800 0800 5c005c0061000804",
		"flags": header2(treeConnect2, success, request2) + "0900 0380 4800 0200 5c00",
		"extension": header2(treeConnect2, success, request2) + "0900 0400 5800 0400" +
			"14000000 0100 00000000000000000000 5c005c00 0100 0400 00000000 aabbccdd",
		"impacket": samba2(success, treeConnect2, "7f00", request2, "04000000", "00000000", "e6ec006f") +
			"09000000480022005c005c003100320037002e0030002e00380033002e0035005c004900500043002400",
	}
}

func smb2TreeConnectAnswers() map[string]string {
	return map[string]string{
		"all fields": header2(treeConnect2, success, reply2) + "1000 03 91 33880000 f8010000 ff011f80",
		"Samba IPC$": samba2(success, treeConnect2, "7f00", reply2, "04000000", "eeaeaee5", "e6ec006f") +
			"10000200 00000000 00000000 a9001f00",
		"Samba disk": samba2(success, treeConnect2, "0100", reply2, "06000000", "8b32a00f", "856d09c1") +
			"10000100 00000000 00000000 a9001f00",
	}
}

func TestSMB2TreeConnectRequest(t *testing.T) {
	vectors := smb2TreeConnects()
	checkSMB2(t, ParseSMB2TreeConnectRequest, "TREE_CONNECT request", vectors)
	r, err := ParseSMB2TreeConnectRequest(unhex(t, vectors["impacket"]))
	require.NoError(t, err)
	require.Equal(t, SMB2TreeConnectRequest{Header: r.Header, Path: wire.AppendUTF16(nil, `\\127.0.83.5\IPC$`)}, r)
	require.Equal(t, `\\127.0.83.5\IPC$`, r.PathText())
	r, err = ParseSMB2TreeConnectRequest(unhex(t, vectors["usual"]))
	require.NoError(t, err)
	require.Equal(t, `\\aЈ`, r.PathText())
	r, err = ParseSMB2TreeConnectRequest(unhex(t, vectors["flags"]))
	require.NoError(t, err)
	require.Equal(t, "SMB2_TREE_CONNECT_FLAG_CLUSTER_RECONNECT|SMB2_TREE_CONNECT_FLAG_REDIRECT_TO_OWNER|0x8000", r.Flags.String())
	r, err = ParseSMB2TreeConnectRequest(unhex(t, vectors["extension"]))
	require.NoError(t, err)
	require.Equal(t, SMB2TreeConnectRequest{
		Header: r.Header, Flags: TreeConnectExtension, Path: []byte("\\\x00\\\x00"),
		Extension: unhex(t, "14000000 0100 00000000000000000000"), Contexts: unhex(t, "0100 0400 00000000 aabbccdd"),
	}, r)
	require.Equal(t, "SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT", r.Flags.String())

	plain := SMB2TreeConnectRequest{Header: r.Header, Extension: []byte{1}, Path: []byte{2}, Contexts: []byte{3}}
	msg, err := plain.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "0900 0000 4800 0100 02"), msg[64:], "without the flag there is no extension")
	_, err = SMB2TreeConnectRequest{Path: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB2TreeConnectHostile(t *testing.T) {
	for _, c := range []struct {
		name           string
		vector         string
		offset, length uint16
		path           string
		odd            []string
	}{
		{"wraps to 72", "usual", 0xFFFF, 0x49, "", []string{
			"PathName: 73 bytes at offset 65535 do not fit a message of 80 bytes", "trailing bytes: 8 bytes follow the message",
		}},
		{"one byte past the end", "usual", 72, 9, "", []string{
			"PathName: 9 bytes at offset 72 do not fit a message of 80 bytes", "trailing bytes: 8 bytes follow the message",
		}},
		{"in the header", "usual", 0, 4, "\xFESMB", []string{
			"PathName: at offset 0, should be at 72", "trailing bytes: 8 bytes follow the message",
		}},
		{"behind a gap", "usual", 74, 6, "\\\x00a\x00\x08\x04", []string{"PathName: at offset 74, should be at 72"}},
		{"empty", "usual", 0xFFFF, 0, "", []string{"trailing bytes: 8 bytes follow the message"}},
		{"extension over the end", "extension", 0xFFFF, 4, "", []string{
			"Extension: 65463 bytes at offset 72 do not fit a message of 104 bytes",
			"PathName: 4 bytes at offset 65535 do not fit a message of 104 bytes",
		}},
		{"no extension", "extension", 72, 4, "\x14\x00\x00\x00", nil},
	} {
		where := []byte{byte(c.offset), byte(c.offset >> 8), byte(c.length), byte(c.length >> 8)}
		r, err := ParseSMB2TreeConnectRequest(hostile2(t, smb2TreeConnects()[c.vector], 68, where...))
		require.NoError(t, err, c.name)
		require.Equal(t, c.path, string(r.Path), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
}

func TestSMB2TreeConnectResponse(t *testing.T) {
	vectors := smb2TreeConnectAnswers()
	checkSMB2(t, ParseSMB2TreeConnectResponse, "TREE_CONNECT response", vectors)
	r, err := ParseSMB2TreeConnectResponse(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2TreeConnectResponse{
		Header: r.Header, ShareType: SMB2SharePrint, Reserved: 0x91, ShareFlags: 0x8833, Capabilities: 0x01F8, MaximalAccess: 0x801F01FF,
	}, r)
	r, err = ParseSMB2TreeConnectResponse(unhex(t, vectors["Samba IPC$"]))
	require.NoError(t, err)
	// tshark 4.0.17: Share Type: Named pipe (0x02), Access Mask: 0x001f00a9, Tree Id 0xe5aeaeee.
	require.Equal(t, SMB2TreeConnectResponse{Header: r.Header, ShareType: SMB2SharePipe, MaximalAccess: 0x001F00A9}, r)
	require.Equal(t, uint32(0xE5AEAEEE), r.Header.TreeID)
	require.Zero(t, r.MaximalAccess&AccessWriteData, "read only")
	require.NotZero(t, r.MaximalAccess&AccessReadData)
}

func FuzzParseSMB2TreeConnectRequest(f *testing.F) {
	fuzzSMB2(f, ParseSMB2TreeConnectRequest, smb2TreeConnects())
}

func FuzzParseSMB2TreeConnectResponse(f *testing.F) {
	fuzzSMB2(f, ParseSMB2TreeConnectResponse, smb2TreeConnectAnswers())
}
