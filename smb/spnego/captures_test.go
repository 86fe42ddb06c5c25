package spnego

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A captureRow is what another dissector (tshark) read from one message of other people's captures.
type captureRow struct {
	Version int    // of SMB, in session setups
	Raw     string `json:"raw_hex"`
	WCT     int
	NTLMSSP *struct{}
	Blob    *struct {
		Mechanisms []OID   `json:"mech_types"`
		Hint       string  `json:"neg_hint_name"`
		Header     []OID   `json:"gss_oid"`
		Result     *string `json:"neg_result"`
		Mechanism  *OID    `json:"supported_mech"`
	} `json:"security_blob"`
}

// blob cuts the security blob out of an SMB message, and nil where it has none.
func (r captureRow) blob(t *testing.T, kind string) []byte {
	raw, err := hex.DecodeString(r.Raw)
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
	folder, set := os.LookupEnv("SMBSCOPE_CAPTURES")
	if !set {
		t.Skip("SMBSCOPE_CAPTURES is not set: other people's captures are not compared")
	}
	require.NotEmpty(t, folder, "SMBSCOPE_CAPTURES is set and empty")
	file, err := os.Open(filepath.Join(folder, "truth.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	forms, same, noted := map[string]int{}, 0, map[string]int{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	for n := 1; lines.Scan(); n++ {
		var stream struct {
			File  string
			SMB1  []captureRow `json:"smb1_negotiate_responses"`
			SMB2  []captureRow `json:"smb2_negotiate_responses"`
			Setup []captureRow `json:"session_setups"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &stream))
		for kind, rows := range map[string][]captureRow{
			"smb1_negotiate_responses": stream.SMB1, "smb2_negotiate_responses": stream.SMB2, "session_setups": stream.Setup,
		} {
			for i, row := range rows {
				if row.Raw == "" || row.Blob == nil && row.NTLMSSP == nil {
					continue
				}
				t.Run(fmt.Sprintf("line %d %s %d %s", n, kind, i, stream.File), func(t *testing.T) {
					blob := row.blob(t, kind)
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
	require.NoError(t, lines.Err())
	require.NotEmpty(t, forms)
	t.Logf("%v, %d built with the same bytes, anomalies: %v", forms, same, noted)
}

func (r captureRow) compare(t *testing.T, got Token) {
	if r.NTLMSSP != nil {
		require.True(t, bytes.HasPrefix(got.Inner(), []byte("NTLMSSP\x00")), "%+v", got)
	}
	if r.Blob == nil {
		return
	}
	require.Equal(t, len(r.Blob.Mechanisms), len(got.Mechanisms()))
	for i, oid := range r.Blob.Mechanisms {
		require.Equal(t, oid, got.Mechanisms()[i])
	}
	hints, _ := got.Hint()
	require.Equal(t, r.Blob.Hint, hints.Text())
	if len(r.Blob.Header) > 0 {
		require.Equal(t, []OID{OIDSPNEGO}, r.Blob.Header)
		require.False(t, got.Init.Bare || got.Init2.Bare)
	}
	require.Equal(t, r.Blob.Result != nil, got.Resp.NegState != nil)
	if r.Blob.Result != nil {
		require.Equal(t, *r.Blob.Result, fmt.Sprint(uint8(*got.Resp.NegState)))
	}
	if r.Blob.Mechanism != nil {
		require.Equal(t, *r.Blob.Mechanism, got.Resp.SupportedMech)
	}
}
