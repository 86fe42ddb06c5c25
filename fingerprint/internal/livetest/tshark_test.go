//go:build linux

package livetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	captures "github.com/smbscope/smbscope/testdata/truth"
)

// A node is a field, a group of fields or a protocol as tshark's JSON has it, in tshark's order.
type node struct {
	name     string
	value    string
	raw      string // the bytes that it was read from, in hex
	children []node
}

// all returns the fields of a name below the node, in order.
func (n node) all(name string) []node {
	var list []node
	for _, child := range n.children {
		if child.name == name {
			list = append(list, child)
		}
		list = append(list, child.all(name)...)
	}
	return list
}

// values returns the values of the fields of a name below the node.
func (n node) values(name string) []string {
	var list []string
	for _, child := range n.all(name) {
		list = append(list, child.value)
	}
	return list
}

// A reading is one message as tshark read it.
type reading struct {
	packet int // number of the packet
	data   []byte
	fields node
}

// The filters of what is compared. Tunnels are left out: what is in them is no stream of the capture's own.
const (
	setupFilter = "tcp && !gre && (smb2.cmd <= 1 || smb.cmd == 0x72 || smb.cmd == 0x73)"
	shownLayers = "frame smb smb2"
	rawSuffix   = "_raw" // the bytes of a field, in the JSON before the field
)

// readWithTshark returns the negotiations and session setups of a capture as tshark reads them. Ports are those of
// servers besides 139 and 445.
func readWithTshark(t testing.TB, file string, ports ...string) []reading {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandWithin)
	defer cancel()
	arguments := []string{
		"-n", "-r", file, "-o", "tcp.reassemble_out_of_order:TRUE",
		"-Y", setupFilter, "-T", "json", "-x", "-J", shownLayers,
	}
	for _, port := range ports {
		arguments = append(arguments, "-d", "tcp.port=="+port+",nbss")
	}
	cmd := exec.CommandContext(ctx, requireTool(t, "tshark"), arguments...)
	cmd.Env = append(cmd.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8", "WIRESHARK_CONFIG_DIR="+t.TempDir())
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	require.NoError(t, err, "%s", &complaints)
	return readingsOf(t, output)
}

func readingsOf(t testing.TB, output []byte) []reading {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(output))
	all, err := decode(d)
	require.NoError(t, err)
	var list []reading
	for _, layers := range all.all("layers") {
		number, err := strconv.Atoi(strings.Join(layers.values("frame.number"), " "))
		require.NoError(t, err)
		for _, layer := range layers.children {
			if layer.name != "smb" && layer.name != "smb2" {
				continue
			}
			data, err := hex.DecodeString(layer.raw)
			require.NoError(t, err)
			if captures.Logon(data) {
				list = append(list, reading{packet: number, data: data, fields: layer})
			}
		}
	}
	return list
}

// decode reads one value. Maps of encoding/json do not do: names repeat, and their order is the order on the wire.
func decode(d *json.Decoder) (node, error) {
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d)
	case json.Delim('['):
		var list node
		for d.More() {
			child, err := decode(d)
			if err != nil {
				return node{}, err
			}
			list.children = append(list.children, child)
		}
		_, err := d.Token()
		return list, err
	}
	return node{value: fmt.Sprint(token)}, nil
}

func decodeObject(d *json.Decoder) (node, error) {
	var object node
	raw := map[string]string{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return node{}, err
		}
		name := key.(string)
		child, err := decode(d)
		if err != nil {
			return node{}, err
		}
		if field, ok := strings.CutSuffix(name, rawSuffix); ok && len(child.children) == 5 {
			raw[field] = child.children[0].value
			continue
		}
		child.name = name
		child.raw = raw[name]
		delete(raw, name)
		object.children = append(object.children, child)
	}
	_, err := d.Token()
	return object, err
}
