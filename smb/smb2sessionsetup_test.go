package smb

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// The fixed part of a request ends at byte 88, of a response at byte 72.
func smb2SetupRequests() map[string]string {
	return map[string]string{
		"usual":   header2(setup2, success, request2) + "1900 00 01 01000000 00000000 5800 0300 0000000000000000 aabbcc",
		"nothing": header2(setup2, success, request2) + "1900 00 02 7f000000 00000000 5800 0000 0000000000000000",
		"all fields": header2(setup2, success, request2) +
			"1900 01 03 7f000000 04030201 5800 0100 1817161514131211 ff",
	}
}

func smb2SetupAnswers() map[string]string {
	return map[string]string{
		"more":    header2(setup2, more, reply2) + "0900 0000 4800 0300 a1b2c3",
		"guest":   header2(setup2, success, reply2) + "0900 0100 4800 0100 ff",
		"nothing": header2(setup2, success, reply2) + "0900 0680 4800 0000",
		// Recorded from Samba 4.17.12: the answer to an NTLM negotiate message, cut to its first bytes by hand.
		"Samba 4.17.12": `fe534d4240000100160000c00100010001000000000000000100000000000000fffe0000000000005d2350a8
			0000000000000000000000000000000000000000 09000000 48000a00 a181aa3081a7a0030a01`,
	}
}

func TestSMB2SessionSetupRequest(t *testing.T) {
	vectors := smb2SetupRequests()
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB2SessionSetupRequest, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB2SessionSetupRequest, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseSMB2SessionSetupRequest(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
	r, err := ParseSMB2SessionSetupRequest(unhex(t, vectors["all fields"]))
	require.NoError(t, err)
	require.Equal(t, SMB2SessionSetupRequest{
		Header: r.Header, Flags: 1, SecurityMode: SigningEnabled | SigningRequired, Capabilities: 0x7F, Channel: 0x01020304,
		PreviousSessionID: 0x1112131415161718, SecurityBuffer: []byte{0xFF},
	}, r)
	_, err = SMB2SessionSetupRequest{SecurityMode: 0x100}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
	_, err = SMB2SessionSetupRequest{SecurityBuffer: make([]byte, 1<<16)}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

func TestSMB2SessionSetupResponse(t *testing.T) {
	vectors := smb2SetupAnswers()
	for name, s := range vectors {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, s)
			r := wiretest.RoundTrip(t, ParseSMB2SessionSetupResponse, msg)
			require.Nil(t, r.Anomalies)
			wiretest.Prefixes(t, ParseSMB2SessionSetupResponse, msg)
			wiretest.Allocs(t, 0, func() {
				if _, err := ParseSMB2SessionSetupResponse(msg); err != nil {
					t.Fail()
				}
			})
		})
	}
	r, err := ParseSMB2SessionSetupResponse(unhex(t, vectors["more"]))
	require.NoError(t, err)
	require.Equal(t, dtyp.StatusMoreProcessingRequired, r.Header.Status)
	require.Equal(t, []byte{0xA1, 0xB2, 0xC3}, r.SecurityBuffer)
	r, err = ParseSMB2SessionSetupResponse(unhex(t, vectors["nothing"]))
	require.NoError(t, err)
	require.Equal(t, SessionFlags(0x8006), r.SessionFlags)
	require.Nil(t, r.SecurityBuffer)
}

// An offset and a length whose sum wraps in 16 bits has ended other clients.
func TestSMB2SessionSetupHostile(t *testing.T) {
	answer := unhex(t, smb2SetupAnswers()["more"])
	request := unhex(t, smb2SetupRequests()["usual"])
	for _, c := range []struct {
		name           string
		offset, length uint16
		buffer         string
		odd            []string
	}{
		{"wraps to 72", 0xFFFF, 0x0049, "", []string{"SecurityBuffer: 73 bytes at offset 65535 do not fit a message of 75 bytes"}},
		{"wraps to 0", 0x0048, 0xFFB8, "", []string{"SecurityBuffer: 65464 bytes at offset 72 do not fit a message of 75 bytes"}},
		{"one byte past the end", 0x0048, 4, "", []string{"SecurityBuffer: 4 bytes at offset 72 do not fit a message of 75 bytes"}},
		{"inside the header", 0, 4, "\xFESMB", []string{
			"SecurityBufferOffset: 0, where the fixed part ends at 72", "trailing bytes: 3 bytes follow the message",
		}},
		{"over the fixed part", 70, 5, "\x05\x00\xA1\xB2\xC3", []string{"SecurityBufferOffset: 70, where the fixed part ends at 72"}},
		{"behind a gap", 73, 2, "\xB2\xC3", []string{"SecurityBufferOffset: 73, where the fixed part ends at 72"}},
		{"before the end", 72, 1, "\xA1", []string{"trailing bytes: 2 bytes follow the message"}},
		{"empty, far away", 0xFFFF, 0, "", []string{"trailing bytes: 3 bytes follow the message"}},
	} {
		where := []byte{byte(c.offset), byte(c.offset >> 8), byte(c.length), byte(c.length >> 8)}
		r, err := ParseSMB2SessionSetupResponse(patched(answer, 68, where...))
		require.NoError(t, err, c.name)
		require.Equal(t, c.buffer, string(r.SecurityBuffer), c.name)
		require.Equal(t, c.odd, odd(r.Anomalies), c.name)
	}
	r, err := ParseSMB2SessionSetupRequest(patched(request, 76, 0xFF, 0xFF, 0x59, 0x00))
	require.NoError(t, err)
	require.Nil(t, r.SecurityBuffer)
	require.Equal(t, []string{"SecurityBuffer: 89 bytes at offset 65535 do not fit a message of 91 bytes"}, odd(r.Anomalies))
	r, err = ParseSMB2SessionSetupRequest(patched(request, 64, 0x18))
	require.NoError(t, err)
	require.Equal(t, []string{"StructureSize: 24, should be 25"}, odd(r.Anomalies))
	require.Equal(t, []byte{0xAA, 0xBB, 0xCC}, r.SecurityBuffer)
}

func TestSMB2SessionSetupErrors(t *testing.T) {
	for _, c := range []struct {
		msg  string
		want error
	}{
		{header2(setup2, failure, reply2) + "0900 0000 00000000 00", ErrErrorResponse},
		{header2(setup2, failure, reply2), ErrErrorResponse},
		{header2("0000", success, reply2) + "0900 0000 4800 0000", ErrCommand},
		{header2(setup2, success, request2) + "0900 0000 4800 0000", ErrCommand},
		{header1(setup1, success, reply1, unicode) + header1(setup1, success, reply1, unicode), ErrNotSMB},
	} {
		r, err := ParseSMB2SessionSetupResponse(unhex(t, c.msg))
		require.ErrorIs(t, err, c.want)
		require.Zero(t, r)
	}
	_, err := ParseSMB2SessionSetupRequest(unhex(t, smb2SetupAnswers()["more"]))
	require.ErrorIs(t, err, ErrCommand)
}

func FuzzParseSMB2SessionSetupRequest(f *testing.F) {
	for _, s := range smb2SetupRequests() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2SessionSetupRequest, data) })
}

func FuzzParseSMB2SessionSetupResponse(f *testing.F) {
	for _, s := range smb2SetupAnswers() {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseSMB2SessionSetupResponse, data) })
}
