package smb

import (
	"encoding"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// The commands of header2, and the status with which data comes that is not all.
const (
	logoff2         = "0200"
	treeConnect2    = "0300"
	treeDisconnect2 = "0400"
	create2         = "0500"
	close2          = "0600"
	read2           = "0800"
	write2          = "0900"
	ioctl2          = "0b00"
	overflow        = "05000080"
	denied          = "220000c0"
	fileID2         = "a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8"
)

var wantFileID2 = SMB2FileID([]byte("\xA1\xA2\xA3\xA4\xA5\xA6\xA7\xA8\xB1\xB2\xB3\xB4\xB5\xB6\xB7\xB8"))

// samba2 is the header in hex of a message that was recorded from Samba 4.17.12 on Debian 12 in November 2026, and the
// clients smbclient of the same package and impacket 0.10.0: credit charge 1, synchronous.
func samba2(status, command, credits, flags, messageID, treeID, sessionID string) string {
	return "fe534d4240000100" + status + command + credits + flags + "00000000" + messageID + "00000000" + "00000000" + treeID +
		(sessionID + "00000000")[:16] + strings.Repeat("00", 16)
}

// hostile2 is the bytes of a table's message with the one at the offset changed.
func hostile2(t *testing.T, s string, offset int, with ...byte) []byte {
	return patched(unhex(t, s), offset, with...)
}

// huge is how a parser prints a length or an offset of 0xFFFFFFFF: as -1 where int has 32 bits.
func huge() string {
	c := wire.NewCursor("M", []byte{0xFF, 0xFF, 0xFF, 0xFF})
	return strconv.Itoa(c.Len32("n"))
}

// checkSMB2 checks the vectors of a message: round trip, prefixes, no allocations, no anomalies.
func checkSMB2[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), kind string, vectors map[string]string) {
	known, ok := smb2Kinds()[kind]
	require.True(t, ok, kind)
	for name, s := range vectors {
		t.Run(kind+" "+name, func(t *testing.T) {
			msg := unhex(t, s)
			wiretest.RoundTrip(t, parse, msg)
			_, anomalies, _, err := known.parse(msg)
			require.NoError(t, err)
			require.Nil(t, anomalies)
			wiretest.Prefixes(t, parse, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := parse(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
}

// Each parser refuses the other direction, other commands, and responses that report a failure, with the zero value.
func TestSMB2MessagesOfAnotherKind(t *testing.T) {
	commands := map[string]string{
		"LOGOFF": logoff2, "TREE_CONNECT": treeConnect2, "TREE_DISCONNECT": treeDisconnect2, "CREATE": create2,
		"CLOSE": close2, "READ": read2, "WRITE": write2, "IOCTL": ioctl2,
	}
	body := strings.Repeat("00", 128)
	for kind, k := range smb2Kinds() {
		command, direction, _ := strings.Cut(kind, " ")
		own, other, response := request2, reply2, direction == "response"
		if response {
			own, other = other, own
		}
		for name, c := range map[string]struct {
			msg  string
			want error
		}{
			"own":             {header2(commands[command], success, own) + body, nil},
			"other direction": {header2(commands[command], success, other) + body, ErrCommand},
			"other command":   {header2(setup2, success, own) + body, ErrCommand},
			"SMB1":            {header1(setup1, success, reply1, unicode) + body, ErrNotSMB},
		} {
			_, _, _, err := k.parse(unhex(t, c.msg))
			require.ErrorIs(t, err, c.want, "%s, %s", kind, name)
		}
		if !response {
			continue
		}
		for name, s := range map[string]string{
			"denied":  header2(commands[command], denied, reply2) + "0900 0000 00000000 00",
			"interim": header2(commands[command], "03010000", "03000000") + "0900 0000 00000000 00",
			// Of READ and IOCTL this may be data, and the size of the body tells that it is not.
			"overflow in an error response": header2(commands[command], overflow, reply2) + "0900 0000 00000000 00",
		} {
			value, anomalies, _, err := k.parse(unhex(t, s))
			require.ErrorIs(t, err, ErrErrorResponse, "%s, %s", kind, name)
			require.Zero(t, value, kind)
			require.Nil(t, anomalies)
		}
	}
}

// A StructureSize other than the specification's is noted and the message read on.
func TestSMB2MessagesOfAnotherSize(t *testing.T) {
	for kind, vectors := range map[string]map[string]string{
		"LOGOFF request": smb2Logoffs(), "LOGOFF response": smb2LogoffAnswers(),
		"TREE_CONNECT request": smb2TreeConnects(), "TREE_CONNECT response": smb2TreeConnectAnswers(),
		"TREE_DISCONNECT request": smb2TreeDisconnects(), "TREE_DISCONNECT response": smb2TreeDisconnectAnswers(),
		"CREATE request": smb2Creates(), "CREATE response": smb2CreateAnswers(),
		"CLOSE request": smb2Closes(), "CLOSE response": smb2CloseAnswers(),
		"READ request": smb2Reads(), "READ response": smb2ReadAnswers(),
		"WRITE request": smb2Writes(), "WRITE response": smb2WriteAnswers(),
		"IOCTL request": smb2Ioctls(), "IOCTL response": smb2IoctlAnswers(),
	} {
		for name, s := range vectors {
			msg := unhex(t, s)
			value, anomalies, _, err := smb2Kinds()[kind].parse(patched(msg, 64, 2))
			require.NoError(t, err)
			require.Len(t, anomalies, 1, "%s %s", kind, name)
			require.Equal(t, "StructureSize", anomalies[0].Field)
			built, err := value.AppendBinary(nil)
			require.NoError(t, err)
			require.Equal(t, msg, built, "%s %s", kind, name)
			_, anomalies, _, err = smb2Kinds()[kind].parse(append(msg, 0xFF, 0xFF))
			require.NoError(t, err)
			if strings.Contains(name, "extension") {
				require.Nil(t, anomalies, "the contexts are all that follows the path")
				continue
			}
			require.Equal(t, []string{"trailing bytes: 2 bytes follow the message"}, odd(anomalies), "%s %s", kind, name)
		}
	}
}

// fuzzSMB2 is the body of the fuzz targets.
func fuzzSMB2[T encoding.BinaryAppender](f *testing.F, parse func([]byte) (T, error), vectors map[string]string) {
	for _, s := range vectors {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, parse, data) })
}

// STATUS_BUFFER_OVERFLOW comes with data in the responses that [MS-SMB2] 3.3.4.4 names, and in no others.
func TestSMB2BufferOverflow(t *testing.T) {
	data := map[SMB2Command]bool{SMB2Read: true, SMB2Ioctl: true, SMB2QueryInfo: true}
	for command := range SMB2OplockBreak + 1 {
		h := SMB2Header{Command: command, Status: dtyp.StatusBufferOverflow, Flags: SMB2FlagServerToRedir}
		c := wire.NewCursor("M", nil)
		h.ExpectSMB2(&c, command, true)
		if data[command] {
			require.NoError(t, c.Err(), command)
		} else {
			require.ErrorIs(t, c.Err(), ErrErrorResponse, command)
		}
	}
}
