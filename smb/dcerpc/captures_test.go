package dcerpc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/testdata/truth"
)

// captureFiles returns other people's captures, or skips the test.
func captureFiles(t *testing.T) []string {
	folder := truth.Folder(t)
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("there is no tshark to compare with")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.pcap"))
	require.NoError(t, err)
	return files
}

// A dissected is what tshark read from one PDU; what the PDU does not have is empty.
type dissected struct {
	raw    []byte
	stream string
	Type   string `json:"dcerpc.pkt_type"`
	Flags  string `json:"dcerpc.cn_flags"`
	Length string `json:"dcerpc.cn_frag_len"`
	Auth   string `json:"dcerpc.cn_auth_len"`
	Call   string `json:"dcerpc.cn_call_id"`
	Hint   string `json:"dcerpc.cn_alloc_hint"`
	Xmit   string `json:"dcerpc.cn_max_xmit"`
	Recv   string `json:"dcerpc.cn_max_recv"`
	Group  string `json:"dcerpc.cn_assoc_group"`

	ContextID string `json:"dcerpc.cn_ctx_id"`
	Opnum     string `json:"dcerpc.opnum"`
	Contexts  string `json:"dcerpc.cn_num_ctx_items"`
	Results   string `json:"dcerpc.cn_num_results"`
	Address   string `json:"dcerpc.cn_sec_addr"`
	Status    string `json:"dcerpc.cn_status"`
}

// number reads what tshark prints, in decimal or with 0x.
func number(t *testing.T, s string) int {
	n, err := strconv.ParseInt(s, 0, 64)
	require.NoError(t, err)
	return int(n)
}

// dissect lets tshark read the PDUs of version 5 of a capture: those in pipes of SMB and those in TCP.
func dissect(t *testing.T, file string) []dissected {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "tshark", "-r", file, "-Y", "dcerpc.ver == 5", "-T", "json", "-x",
		"--no-duplicate-keys", "-J", "dcerpc tcp")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var frames []struct {
		Source struct {
			Layers struct {
				Fields json.RawMessage `json:"dcerpc"`
				Raw    json.RawMessage `json:"dcerpc_raw"`
				TCP    struct {
					Stream string `json:"tcp.stream"`
				} `json:"tcp"`
			}
		} `json:"_source"`
	}
	require.NoError(t, json.Unmarshal(out, &frames))
	var found []dissected
	for _, f := range frames {
		for _, d := range layers(t, f.Source.Layers.Fields, f.Source.Layers.Raw) {
			d.stream = f.Source.Layers.TCP.Stream
			found = append(found, d)
		}
	}
	return found
}

// layers reads the one PDU of a frame, or the several.
func layers(t *testing.T, fields, raw json.RawMessage) []dissected {
	var several []dissected
	var bytesOf [][]any
	if json.Unmarshal(raw, &bytesOf) != nil {
		fields = append(append([]byte{'['}, fields...), ']')
		raw = append(append([]byte{'['}, raw...), ']')
		require.NoError(t, json.Unmarshal(raw, &bytesOf))
	}
	require.NoError(t, json.Unmarshal(fields, &several))
	require.Len(t, bytesOf, len(several))
	for i, b := range bytesOf {
		digits, ok := b[0].(string)
		require.True(t, ok)
		var err error
		several[i].raw, err = hex.DecodeString(digits)
		require.NoError(t, err)
	}
	return several
}

func TestCaptures(t *testing.T) {
	compared, same, noted := map[string]int{}, map[string]int{}, map[string]int{}
	cut, rejoined := 0, 0
	for _, file := range captureFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			open := map[string]*Reassembler{} // the calls of which there was a first fragment, but no last
			for i, d := range dissect(t, file) {
				if len(d.raw) < number(t, d.Length) {
					cut++ // the capture lacks the rest
					continue
				}
				t.Run(fmt.Sprint("PDU ", i), func(t *testing.T) {
					kind, built, anomalies := d.compare(t)
					if d.rejoin(t, open) {
						rejoined++
					}
					compared[kind]++
					if bytes.Equal(built, d.raw) {
						same[kind]++
					}
					for _, a := range anomalies {
						noted[kind+" "+a.Field+": "+a.What]++
					}
				})
			}
		})
	}
	for _, kind := range []PDUType{
		PDURequest, PDUResponse, PDUFault, PDUBind, PDUBindAck, PDUAlterContext, PDUAlterContextResp,
	} {
		require.NotZero(t, compared[kind.String()], kind)
		require.Equal(t, compared[kind.String()], same[kind.String()], "built with other bytes: %v", kind)
	}
	require.NotZero(t, rejoined)
	t.Logf("compared %v, %d cut\nstubs of several fragments: %d\nbuilt with the same bytes %v\nanomalies %v",
		compared, cut, rejoined, same, noted)
}

// compare parses the PDU, compares it with tshark's reading, and returns what it is, what it builds and what was odd.
func (d dissected) compare(t *testing.T) (kind string, built []byte, anomalies []wire.Anomaly) {
	require.True(t, IsPDU(d.raw))
	h, err := ParseHeader(d.raw)
	require.NoError(t, err)
	require.Equal(t, number(t, d.Type), int(h.Type))
	require.Equal(t, number(t, d.Flags), int(h.Flags))
	require.Equal(t, number(t, d.Length), h.FragLength)
	require.Equal(t, number(t, d.Auth), h.AuthLength)
	require.Equal(t, number(t, d.Call), int(h.CallID))
	pdu, rest, err := Next(d.raw)
	require.NoError(t, err)
	require.Equal(t, d.raw, pdu)
	require.Empty(t, rest)
	var b interface {
		AppendBinary([]byte) ([]byte, error)
	}
	switch h.Type {
	case PDURequest:
		m, err := ParseRequest(pdu)
		require.NoError(t, err)
		require.Equal(t, number(t, d.Hint), int(m.AllocHint))
		require.Equal(t, number(t, d.ContextID), int(m.ContextID))
		require.Equal(t, number(t, d.Opnum), int(m.Opnum))
		b, anomalies = m, m.Anomalies
	case PDUResponse:
		m, err := ParseResponse(pdu)
		require.NoError(t, err)
		require.Equal(t, number(t, d.Hint), int(m.AllocHint))
		require.Equal(t, number(t, d.ContextID), int(m.ContextID))
		b, anomalies = m, m.Anomalies
	case PDUFault:
		m, err := ParseFault(pdu)
		require.NoError(t, err)
		require.Equal(t, number(t, d.ContextID), int(m.ContextID))
		require.Equal(t, number(t, d.Status), int(m.Status))
		b, anomalies = m, m.Anomalies
	case PDUBind, PDUAlterContext:
		m, err := ParseBind(pdu)
		require.NoError(t, err)
		require.Equal(t, number(t, d.Xmit), int(m.MaxXmitFrag))
		require.Equal(t, number(t, d.Recv), int(m.MaxRecvFrag))
		require.Equal(t, number(t, d.Group), int(m.AssocGroup))
		require.Len(t, m.Contexts, number(t, d.Contexts))
		b, anomalies = m, m.Anomalies
	case PDUBindAck, PDUAlterContextResp:
		m, err := ParseBindAck(pdu)
		require.NoError(t, err)
		require.Equal(t, number(t, d.Xmit), int(m.MaxXmitFrag))
		require.Equal(t, number(t, d.Recv), int(m.MaxRecvFrag))
		require.Equal(t, number(t, d.Group), int(m.AssocGroup))
		require.Equal(t, d.Address, m.Address())
		require.Len(t, m.Results, number(t, d.Results))
		b, anomalies = m, m.Anomalies
	default:
		return h.Type.String(), nil, nil
	}
	built, err = b.AppendBinary(nil)
	require.NoError(t, err)
	return h.Type.String(), built, anomalies
}

// rejoin gives a request or a response to the reassembler of its call, and tells whether that makes one stub of
// several fragments. In a PDU that is not split alloc_hint is the size of the stub, or 0; in a first fragment it is
// that of the whole stub from Windows, and that of the fragment from others (packet_capture.pcap, frame 21).
func (d dissected) rejoin(t *testing.T, open map[string]*Reassembler) bool {
	h, err := ParseHeader(d.raw)
	require.NoError(t, err)
	if h.Type != PDURequest && h.Type != PDUResponse {
		return false
	}
	call := fmt.Sprint(d.stream, h.Type, h.CallID)
	r := open[call]
	if h.Flags&PFCFirstFrag != 0 {
		r = &Reassembler{}
	}
	if r == nil { // the capture lacks the first fragment
		_, err := new(Reassembler).Add(d.raw)
		require.ErrorIs(t, err, ErrFragments)
		return false
	}
	open[call] = r
	done, err := r.Add(d.raw)
	require.NoError(t, err)
	require.Equal(t, h.Flags&PFCLastFrag != 0, done)
	if !done {
		return false
	}
	delete(open, call)
	if number(t, d.Hint) > 0 && r.fragments == 1 {
		require.Len(t, r.Stub(), number(t, d.Hint))
	}
	return r.fragments > 1
}
