package smb

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/testdata/truth"
)

// A captureRow is what another dissector (tshark) read from one session setup message of other people's captures.
type captureRow truth.Setup

func TestCaptures(t *testing.T) {
	compared, same, noted := map[string]int{}, map[string]int{}, map[string]int{}
	for _, stream := range truth.Streams(t) {
		for i, row := range stream.Setups {
			if row.Raw == "" {
				continue
			}
			t.Run(fmt.Sprintf("line %d setup %d %s", stream.Line, i, stream.File), func(t *testing.T) {
				msg, err := hex.DecodeString(row.Raw)
				require.NoError(t, err)
				kind, built, anomalies := captureRow(row).compare(t, msg)
				compared[kind]++
				if bytes.Equal(built, msg) {
					same[kind]++
				}
				for _, a := range anomalies {
					noted[kind+" "+a]++
				}
			})
		}
	}
	for _, kind := range []string{
		"SMB2 request", "SMB2 response", "SMB2 error", "SMB1 request 12", "SMB1 response 3", "SMB1 response 4", "SMB1 error",
	} {
		require.NotZero(t, compared[kind], kind)
	}
	t.Logf("compared %v\nbuilt with the same bytes %v\nanomalies %v", compared, same, noted)
}

// compare parses the message, compares it with the row, and returns what it is, what it builds and what was odd.
func (r captureRow) compare(t *testing.T, msg []byte) (kind string, built []byte, anomalies []string) {
	switch {
	case r.Version == 2 && r.Response:
		return r.compareSMB2Response(t, msg)
	case r.Version == 2:
		m, err := ParseSMB2SessionSetupRequest(msg)
		require.NoError(t, err)
		require.Equal(t, r.SessionID, fmt.Sprintf("0x%016x", m.Header.SessionID))
		built, err = m.AppendBinary(nil)
		require.NoError(t, err)
		return "SMB2 request", built, odd(m.Anomalies)
	case r.Response:
		return r.compareSMB1Response(t, msg)
	}
	m, err := ParseSMB1SessionSetupRequest(msg)
	require.NoError(t, err)
	r.compareSMB1Header(t, m.Header)
	require.Equal(t, r.WCT, m.WordCount)
	require.Equal(t, r.MaxBuf, strconv.Itoa(int(m.MaxBufferSize)))
	require.Equal(t, r.Capabilities, fmt.Sprintf("0x%08x", uint32(m.Capabilities)))
	r.compareStrings(t, m.Header, m.NativeOS, m.NativeLanMan, m.PrimaryDomain)
	built, err = m.AppendBinary(nil)
	require.NoError(t, err)
	return fmt.Sprintf("SMB1 request %d", m.WordCount), built, odd(m.Anomalies)
}

func (r captureRow) compareSMB2Response(t *testing.T, msg []byte) (kind string, built []byte, anomalies []string) {
	m, err := ParseSMB2SessionSetupResponse(msg)
	if r.Status != "0x00000000" && r.Status != "0xc0000016" {
		require.ErrorIs(t, err, ErrErrorResponse)
		e, err := ParseSMB2ErrorResponse(msg)
		require.NoError(t, err)
		require.Equal(t, r.Status, fmt.Sprintf("0x%08x", uint32(e.Header.Status)))
		require.Equal(t, r.SessionID, fmt.Sprintf("0x%016x", e.Header.SessionID))
		built, err = e.AppendBinary(nil)
		require.NoError(t, err)
		return "SMB2 error", built, odd(e.Anomalies)
	}
	require.NoError(t, err)
	require.Equal(t, r.Status, fmt.Sprintf("0x%08x", uint32(m.Header.Status)))
	require.Equal(t, r.SessionID, fmt.Sprintf("0x%016x", m.Header.SessionID))
	require.Equal(t, r.SessionFlags, fmt.Sprintf("0x%04x", uint16(m.SessionFlags)))
	built, err = m.AppendBinary(nil)
	require.NoError(t, err)
	return "SMB2 response", built, odd(m.Anomalies)
}

func (r captureRow) compareSMB1Response(t *testing.T, msg []byte) (kind string, built []byte, anomalies []string) {
	m, err := ParseSMB1SessionSetupResponse(msg)
	if r.WCT == 0 {
		require.ErrorIs(t, err, ErrErrorResponse)
		e, err := ParseSMB1ErrorResponse(msg)
		require.NoError(t, err)
		r.compareSMB1Header(t, e.Header)
		built, err = e.AppendBinary(nil)
		require.NoError(t, err)
		return "SMB1 error", built, odd(e.Anomalies)
	}
	require.NoError(t, err)
	r.compareSMB1Header(t, m.Header)
	require.Equal(t, r.WCT, m.WordCount)
	if r.Guest != nil {
		require.Equal(t, *r.Guest == "1", m.Action&SMB1ActionGuest != 0)
	}
	r.compareStrings(t, m.Header, m.NativeOS, m.NativeLanMan, m.PrimaryDomain)
	built, err = m.AppendBinary(nil)
	require.NoError(t, err)
	return fmt.Sprintf("SMB1 response %d", m.WordCount), built, odd(m.Anomalies)
}

func (r captureRow) compareSMB1Header(t *testing.T, h SMB1Header) {
	require.Equal(t, r.Flags, fmt.Sprintf("0x%02x", uint8(h.Flags)))
	require.Equal(t, r.Flags2, fmt.Sprintf("0x%04x", uint16(h.Flags2)))
	require.Equal(t, r.UID, h.UID)
	if !r.Response {
		return
	}
	status := fmt.Sprintf("0x%08x", uint32(h.Status))
	if h.Flags2&SMB1Flags2NTStatus == 0 {
		status = fmt.Sprintf("dos:0x%02x/0x%04x", uint8(h.Status), uint32(h.Status)>>16)
	}
	require.Equal(t, r.Status, status)
}

func (r captureRow) compareStrings(t *testing.T, h SMB1Header, os, lanMan, domain []byte) {
	for name, pair := range map[string]struct {
		want *string
		got  []byte
	}{"os": {r.NativeOS, os}, "lanman": {r.NativeLanMan, lanMan}, "domain": {r.PrimaryDomain, domain}} {
		if pair.want != nil {
			require.Equal(t, *pair.want, strings.ToValidUTF8(h.Text(pair.got), "?"), name)
		}
	}
}
