//go:build linux

package livetest

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/testdata"
)

const (
	recordings = "../../../testdata/recorded"
	readings   = "../../../testdata/nullsession"
)

// direction is one direction of one TCP connection.
type direction struct {
	client string // the client's port
	server string // the server's port: each has client ports of its own
	sent   bool   // from the client
}

// The packets of each recording hold exactly the bytes of its dialogues, by tshark's reading.
func TestPacketsHoldTheDialogues(t *testing.T) {
	requireLive(t)
	for folder, list := range map[string]func() ([]string, error){recordings: testdata.Names, readings: testdata.NullSessions} {
		names, err := list()
		require.NoError(t, err)
		require.NotEmpty(t, names)
		requirePackets(t, folder, names)
	}
}

func requirePackets(t *testing.T, folder string, names []string) {
	t.Helper()
	packets, err := filepath.Glob(filepath.Join(folder, "*.pcap"))
	require.NoError(t, err)
	require.Len(t, packets, len(names), "a recording lacks one of its files")
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			dialogues, err := testdata.Dialogues(name)
			require.NoError(t, err)
			want := map[direction]*bytes.Buffer{}
			for _, d := range dialogues {
				addDialogue(t, want, d)
			}
			got := payloads(t, filepath.Join(folder, name+".pcap"), serverPorts(dialogues))
			require.Len(t, got, len(want))
			for key, bytes := range want {
				require.Contains(t, got, key)
				require.Equal(t, hex.EncodeToString(bytes.Bytes()), hex.EncodeToString(got[key].Bytes()), "%+v", key)
			}
		})
	}
}

func addDialogue(t *testing.T, into map[direction]*bytes.Buffer, d *dialogue.Dialogue) {
	t.Helper()
	for _, f := range d.Frames {
		key := direction{client: portOf(d.Client), server: portOf(d.Address), sent: f.Sent}
		if into[key] == nil {
			into[key] = new(bytes.Buffer)
		}
		data := f.Data
		if f.Kind == dialogue.Message {
			framed, err := smb.AppendFrame(nil, f.Data)
			require.NoError(t, err)
			data = framed
		}
		into[key].Write(data)
	}
}

// serverPorts lists the ports of the server in some dialogues.
func serverPorts(dialogues []*dialogue.Dialogue) []string {
	var ports []string
	for _, d := range dialogues {
		if port := portOf(d.Address); !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// payloads returns what tshark reads of each direction with data, in the order of the packets. Recordings are made on
// the loopback interface, where no packet is lost or out of order.
func payloads(t *testing.T, file string, ports []string) map[direction]*bytes.Buffer {
	t.Helper()
	_, err := os.Stat(file)
	require.NoError(t, err)
	output, err := run(t, "", nil, requireTool(t, "tshark"), "-n", "-r", file, "-Y", "tcp.len > 0 && !tcp.analysis.retransmission",
		"-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tcp.payload")
	require.NoError(t, err, output)
	all := map[direction]*bytes.Buffer{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue // tshark warns of running as root
		}
		key := direction{client: fields[0], server: fields[1], sent: true}
		if slices.Contains(ports, fields[0]) {
			key = direction{client: fields[1], server: fields[0]}
		}
		payload, err := hex.DecodeString(fields[2])
		require.NoError(t, err)
		if all[key] == nil {
			all[key] = new(bytes.Buffer)
		}
		all[key].Write(payload)
	}
	return all
}
