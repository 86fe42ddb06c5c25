package smb

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/testdata/truth"
)

// transactionTruth is what tshark saw of transactions in one stream: how often each status was answered.
type transactionTruth struct {
	File    string         `json:"file"`
	Special []string       `json:"special"`
	Trans   map[string]int `json:"trans_statuses"`
	Trans2  map[string]int `json:"trans2_statuses"` // with the message id
}

// transactionTruths returns a line for each of truth.Streams, in their order.
func transactionTruths(t *testing.T) (all []transactionTruth) {
	t.Helper()
	file, err := os.Open(filepath.Join(truth.Folder(t), "truth.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var line transactionTruth
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
		all = append(all, line)
	}
	require.NoError(t, lines.Err())
	return all
}

// tsharkStatus prints a status as the index of the captures does.
func tsharkStatus(h SMB1Header) string {
	if h.Flags2&SMB1Flags2NTStatus != 0 {
		return fmt.Sprintf("0x%08x", uint32(h.Status))
	}
	return fmt.Sprintf("dos:0x%02x/0x%04x", uint8(h.Status), uint16(h.Status>>16))
}

// The answers to transactions in other people's captures have the statuses that tshark reads, the answers of unpatched
// servers to the question of the check for MS17-010 among them.
func TestTransactionStatusesInCaptures(t *testing.T) {
	streams, truths := truth.Streams(t), transactionTruths(t)
	require.Len(t, truths, len(streams))
	seen, vulnerable := 0, 0
	for i, want := range truths {
		if len(want.Trans)+len(want.Trans2) == 0 || streams[i].TCPStream == nil {
			continue // of what is in no TCP only negotiations and logons are kept
		}
		require.Equal(t, streams[i].File, want.File)
		trans, trans2 := map[string]int{}, map[string]int{}
		var asked []byte
		for _, f := range streams[i].Everything().Frames {
			h, err := ParseSMB1Header(f.Data)
			switch {
			case err != nil:
			case !h.IsResponse():
				asked = f.Data
			case h.Command == SMB1Transaction:
				trans[tsharkStatus(h)]++
				if h.Flags2&SMB1Flags2NTStatus != 0 && h.Status == dtyp.StatusInsuffServerResources {
					r, err := ParseSMB1TransactionRequest(asked)
					require.NoError(t, err)
					require.Equal(t, SMB1PeekNMPipe(0), r.Setup)
					require.Equal(t, Answers, Relate(asked, f.Data))
					_, err = ParseSMB1TransactionResponse(f.Data)
					require.ErrorIs(t, err, ErrErrorResponse)
					require.Contains(t, want.Special, "ms17-010-vulnerable-answer")
					vulnerable++
				}
			case h.Command == SMB1Transaction2:
				trans2[fmt.Sprintf("%s/mid=%d", tsharkStatus(h), h.MID)]++
			}
		}
		for status, n := range want.Trans {
			require.Equal(t, n, trans[status], "%s, line %d: %s of %v", want.File, i+1, status, trans)
		}
		for status, n := range want.Trans2 {
			require.Equal(t, n, trans2[status], "%s, line %d: %s of %v", want.File, i+1, status, trans2)
		}
		seen++
	}
	require.Greater(t, seen, 50)
	require.Equal(t, 2, vulnerable)
}
