package spnego

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/testdata/truth"
)

// A captureRow is what another dissector (tshark) read from one message of other people's captures.
type captureRow struct {
	raw  string // hex
	blob *truth.Blob
	ntlm *truth.NTLM
}

// cut returns the security blob of an SMB message, and nil where it has none.
func (r captureRow) cut(t *testing.T, kind string) []byte {
	raw, err := hex.DecodeString(r.raw)
	require.NoError(t, err)
	field := func(at int) int { return int(binary.LittleEndian.Uint16(raw[at:])) }
	var at, length int
	switch {
	case len(raw) < 64+8 && raw[0] == 0xFE:
		return nil
	case kind == "smb2_negotiate_responses":
		at, length = field(64+56), field(64+58)
	case raw[0] == 0xFE && raw[16]&1 == 0:
		at, length = field(64+12), field(64+14)
	case raw[0] == 0xFE:
		at, length = field(64+4), field(64+6)
	case kind == "smb1_negotiate_responses" && (raw[32] != 17 || raw[33+22]&0x80 == 0): // no extended security
		return nil
	case kind == "smb1_negotiate_responses": // a GUID, then the blob to the end
		at = 33 + 2*int(raw[32]) + 2 + 16
		length = len(raw) - at
	default:
		at = 33 + 2*int(raw[32]) + 2
		length = field(33 + map[byte]int{12: 14, 4: 6}[raw[32]])
	}
	if length == 0 || at+length > len(raw) {
		return nil
	}
	return raw[at : at+length]
}

func TestCaptures(t *testing.T) {
	forms, same, noted := map[string]int{}, 0, map[string]int{}
	for _, stream := range truth.Streams(t) {
		kinds := map[string][]captureRow{}
		for _, row := range stream.SMB1Responses {
			kinds["smb1_negotiate_responses"] = append(kinds["smb1_negotiate_responses"], captureRow{raw: row.Raw, blob: row.Blob})
		}
		for _, row := range stream.SMB2Responses {
			kinds["smb2_negotiate_responses"] = append(kinds["smb2_negotiate_responses"], captureRow{raw: row.Raw, blob: row.Blob})
		}
		for _, row := range stream.Setups {
			kinds["session_setups"] = append(kinds["session_setups"], captureRow{row.Raw, row.Blob, row.NTLMSSP})
		}
		for kind, rows := range kinds {
			for i, row := range rows {
				if row.raw == "" || row.blob == nil && row.ntlm == nil {
					continue
				}
				t.Run(fmt.Sprintf("line %d %s %d %s", stream.Line, kind, i, stream.File), func(t *testing.T) {
					blob := row.cut(t, kind)
					got, err := Parse(blob)
					require.NoError(t, err)
					row.compare(t, got)
					forms[kind+" "+got.Form.String()]++
					built, err := got.AppendBinary(nil)
					require.NoError(t, err)
					if bytes.Equal(blob, built) {
						same++
					}
					for _, a := range odd(got.Anomalies()) {
						noted[got.Form.String()+" "+a]++
					}
				})
			}
		}
	}
	require.NotEmpty(t, forms)
	t.Logf("%v, %d built with the same bytes, anomalies: %v", forms, same, noted)
}

func (r captureRow) compare(t *testing.T, got Token) {
	if r.ntlm != nil {
		require.True(t, bytes.HasPrefix(got.Inner(), []byte("NTLMSSP\x00")), "%+v", got)
	}
	if r.blob == nil {
		return
	}
	require.Equal(t, len(r.blob.Mechanisms), len(got.Mechanisms()))
	for i, oid := range r.blob.Mechanisms {
		require.Equal(t, OID(oid), got.Mechanisms()[i])
	}
	hints, _ := got.Hint()
	require.Equal(t, r.blob.Hint, hints.Text())
	if len(r.blob.Header) > 0 {
		require.Equal(t, []string{string(OIDSPNEGO)}, r.blob.Header)
		require.False(t, got.Init.Bare || got.Init2.Bare)
	}
	require.Equal(t, r.blob.Result != nil, got.Resp.NegState != nil)
	if r.blob.Result != nil {
		require.Equal(t, *r.blob.Result, fmt.Sprint(uint8(*got.Resp.NegState)))
	}
	if r.blob.Mechanism != nil {
		require.Equal(t, OID(*r.blob.Mechanism), got.Resp.SupportedMech)
	}
}
