package guard_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/testdata/truth"
)

// refusedCaptures are the captures of which streams are refused though they begin with their client, and why that is
// right.
func refusedCaptures() map[string]error {
	return map[string]error{
		// The answers of a server under attack: parts of a transaction that leak memory (MS17-010), or that answer
		// another command than was sent.
		"OISF-suricata-verify__filestore-filecontainer-smb1-data-offset.pcap": guard.ErrMalformed,
		"OISF-suricata-verify__smb-filename.pcap":                             guard.ErrMalformed,
		"OISF-suricata-verify__smb-filename.pcap 3":                           guard.ErrUnsolicited,
		"OISF-suricata-verify__smb2-09-trunc-file-logging.pcap":               guard.ErrUnsolicited,
		"OISF-suricata-verify__smb-eicar-overlap.pcap":                        guard.ErrUnsolicited, // made by hand
		// The request is missing in the capture.
		"ajbanjara-Wireshark__packet_capture.pcap":                   guard.ErrUnsolicited,
		"ajbanjara-Wireshark__smb-legacy-implementation.NONTCP.pcap": guard.ErrUnsolicited,
		// A dialect of a Vista beta, which answers "SMB 2.001".
		"ajbanjara-Wireshark__ifstest.pcap":      guard.ErrDialect,
		"ajbanjara-Wireshark__smb2-getinfo.pcap": guard.ErrDialect,
		// An unknown server answers LOGOFF with ECHO.
		"cisco-mercury__emix.pcap": guard.ErrUnsolicited,
	}
}

// Other people's captures pass, with limits for clients that copy files.
func TestCapturesPass(t *testing.T) {
	o := guard.Options{MaxFrame: 16 << 20, MaxBytes: 1 << 30, Compounds: true, AllowGuest: true}
	passed, refused, beheaded := 0, map[string]int{}, 0
	for _, s := range truth.Streams(t) {
		d := s.Everything()
		if len(d.Frames) == 0 || !d.Frames[0].Sent {
			beheaded++
			continue
		}
		err := play(t, d, 0, o)
		if err == nil {
			passed++
			continue
		}
		name := fmt.Sprintf("%s %d", s.File, d.Capture.Stream)
		want, known := refusedCaptures()[name]
		if !known {
			name = s.File
			want, known = refusedCaptures()[name]
		}
		require.True(t, known, "%s, stream %d: %v", s.File, d.Capture.Stream, err)
		require.ErrorIs(t, err, want, name)
		refused[name]++
	}
	require.Len(t, refused, len(refusedCaptures()))
	require.Greater(t, passed, 350)
	t.Logf("%d streams passed, %d without a beginning, refused: %v", passed, beheaded, refused)
}
