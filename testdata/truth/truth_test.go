package truth_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/testdata/truth"
)

// inNoTCP are streams whose packets this package does not read: NetBEUI, and TCP in ERSPAN in GRE.
var inNoTCP = []string{"ajbanjara-Wireshark__smb-legacy-implementation.NONTCP.pcap", "StamusNetworks-suricata-language-server__smb.pcap"}

// TestDialogues holds the messages that are put together from the packets against those that tshark found.
func TestDialogues(t *testing.T) {
	messages := 0
	for _, s := range truth.Streams(t) {
		t.Run(fmt.Sprintf("line %d %s", s.Line, s.File), func(t *testing.T) {
			d := s.Dialogue()
			require.Equal(t, s.Server, d.Address)
			require.Equal(t, s.Client, d.Client)
			require.Equal(t, s.File, d.Capture.File)
			require.NotZero(t, d.Capture.FirstFrame)
			require.LessOrEqual(t, d.Capture.FirstFrame, s.FirstFrame)
			require.False(t, d.Ended.Before(d.Started))
			var have []string
			for _, f := range d.Frames {
				if f.Kind == dialogue.Message && truth.Logon(f.Data) {
					have = append(have, fmt.Sprintf("%v %x", f.Sent, f.Data))
				}
			}
			messages += len(have)
			all := len(s.SMB1Requests) + len(s.SMB1Responses) + len(s.SMB2Requests) + len(s.SMB2Responses) + len(s.Setups)
			told := rows(s)
			switch {
			case slices.Contains(inNoTCP, s.File):
				require.Len(t, have, len(told))
				require.Equal(t, len(told), len(s.Everything().Frames))
			case s.File == "ajbanjara-Wireshark__packet_capture.pcap" && len(s.SMB1Requests) == 0 && len(have) > all:
				require.Len(t, have, all+1) // behind a gap, where tshark does not look for the next message
			default:
				require.Len(t, have, all)
				require.LessOrEqual(t, len(d.Frames), len(s.Everything().Frames))
			}
			for _, row := range told {
				i := slices.Index(have, row)
				require.GreaterOrEqual(t, i, 0, "a message that tshark found is not here: %s", row)
				have = slices.Delete(have, i, i+1)
			}
		})
	}
	t.Logf("%d negotiations and session setups, both ways", messages)
}

// rows lists the messages whose bytes the index has.
func rows(s truth.Stream) []string {
	var list []string
	add := func(sent bool, raw string) {
		if raw != "" {
			list = append(list, fmt.Sprintf("%v %s", sent, raw))
		}
	}
	for _, r := range s.SMB1Requests {
		add(true, r.Raw)
	}
	for _, r := range s.SMB2Requests {
		add(true, r.Raw)
	}
	for _, r := range s.SMB1Responses {
		add(false, r.Raw)
	}
	for _, r := range s.SMB2Responses {
		add(false, r.Raw)
	}
	for _, r := range s.Setups {
		add(!r.Response, r.Raw)
	}
	return list
}
