package smb

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/testdata/truth"
)

// A dissected is what tshark says of one frame: each of its SMB2 messages, and the bytes of each field, in hex, by name.
type dissected struct {
	messages [][]byte
	fields   map[string][]string
}

// dissect returns the frames of a capture that have SMB2 messages, put together from TCP by tshark; the parts of a compound
// are cut from each other.
func dissect(t *testing.T, tshark, file string) []dissected {
	out, err := exec.CommandContext(t.Context(), tshark, "-r", file, "-Y", "smb2.cmd", "-T", "jsonraw", "-J", "smb2",
		"--no-duplicate-keys").Output()
	require.NoError(t, err)
	var frames []struct {
		Source struct{ Layers map[string]any } `json:"_source"`
	}
	require.NoError(t, json.Unmarshal(out, &frames))
	all := make([]dissected, 0, len(frames))
	for _, frame := range frames {
		d := dissected{fields: map[string][]string{}}
		d.collect("", map[string]any{"smb2": frame.Source.Layers["smb2"], "smb2_raw": frame.Source.Layers["smb2_raw"]})
		for _, whole := range d.fields["smb2"] {
			msg, err := hex.DecodeString(whole)
			require.NoError(t, err)
			d.messages = append(d.messages, splitCompound(msg)...)
		}
		all = append(all, d)
	}
	return all
}

// collect walks the tree, in which the bytes of the field NAME are the lists NAME_raw of hex digits and places, or, where
// the name repeats, lists of such lists.
func (d *dissected) collect(name string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, below := range node {
			d.collect(key, below)
		}
	case []any:
		field, raw := strings.CutSuffix(name, "_raw")
		text, single := node[0].(string)
		switch {
		case raw && single:
			d.fields[field] = append(d.fields[field], text)
		default:
			for _, below := range node {
				d.collect(name, below)
			}
		}
	}
}

// splitCompound cuts a compound at NextCommand.
func splitCompound(msg []byte) [][]byte {
	var parts [][]byte
	for IsSMB2(msg) && len(msg) >= SMB2HeaderSize {
		next := int(binary.LittleEndian.Uint32(msg[20:]))
		if next == 0 || next >= len(msg) {
			return append(parts, msg)
		}
		parts, msg = append(parts, msg[:next]), msg[next:]
	}
	return parts
}

// An smb2Kind is what the captures' test knows of a message.
type smb2Kind struct {
	parse func(msg []byte) (encoding.BinaryAppender, []wire.Anomaly, map[string]string, error)
	// pairs are the places in bytes of an offset and of the length that goes with it, and the size of each: where a part
	// is empty, no parser keeps where it claims to be.
	pairs [][3]int
}

// kindOf is the smb2Kind of a message; read gives its anomalies and the fields that tshark reads as well, in hex as they
// are on the wire, by tshark's names.
func kindOf[T encoding.BinaryAppender](
	parse func([]byte) (T, error), read func(T) ([]wire.Anomaly, map[string]string), pairs ...[3]int,
) smb2Kind {
	return smb2Kind{pairs: pairs, parse: func(msg []byte) (encoding.BinaryAppender, []wire.Anomaly, map[string]string, error) {
		value, err := parse(msg)
		anomalies, fields := read(value)
		return value, anomalies, fields, err
	}}
}

// same tells whether the built bytes are those of the message but for the offsets of empty parts.
func (k smb2Kind) same(built, msg []byte) bool {
	built = bytes.Clone(built)
	for _, p := range k.pairs {
		offset, length, size := p[0], p[1], p[2]
		if len(built) == len(msg) && bytes.Equal(msg[length:length+size], make([]byte, size)) {
			copy(built[offset:offset+size], msg[offset:])
		}
	}
	return bytes.Equal(built, msg)
}

// checkContexts reads the create contexts of a create message, of which all have a name.
func checkContexts(t *testing.T, value any, where string) {
	var list []byte
	switch m := value.(type) {
	case SMB2CreateRequest:
		list = m.CreateContexts
	case SMB2CreateResponse:
		list = m.CreateContexts
	}
	for context, err := range SMB2CreateContexts(list) {
		require.NoError(t, err, where)
		require.Contains(t, []int{4, 16}, len(context.Name), where)
	}
}

// Every message of other people's captures parses, says what tshark says, and builds the same bytes where nothing in it is
// odd.
func TestSMB2Captures(t *testing.T) {
	folder := truth.Folder(t)
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark, which puts the captures' messages together")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.pcap"))
	require.NoError(t, err)
	kinds, count := smb2Kinds(), map[string]int{}
	for _, file := range files {
		for i, frame := range dissect(t, tshark, file) {
			for _, msg := range frame.messages {
				h, err := ParseSMB2Header(msg)
				require.NoError(t, err)
				name := h.Command.String() + " request"
				if h.IsResponse() {
					name = h.Command.String() + " response"
				}
				kind, known := kinds[name]
				if !known {
					continue
				}
				where := fmt.Sprintf("%s, SMB2 frame %d, %s", filepath.Base(file), i, name)
				if h.IsResponse() && h.isErrorResponse() {
					_, _, _, err := kind.parse(msg)
					require.ErrorIs(t, err, ErrErrorResponse, where)
					_, err = ParseSMB2ErrorResponse(msg)
					require.NoError(t, err, where)
					count[name+", an error"]++
					continue
				}
				count[name]++
				value, anomalies, fields, err := kind.parse(msg)
				require.NoError(t, err, where)
				for _, a := range odd(anomalies) {
					count[name+", anomaly "+a]++
				}
				built, err := value.AppendBinary(nil)
				require.NoError(t, err, where)
				if anomalies == nil {
					require.Truef(t, kind.same(built, msg), "%s builds other bytes\n% x\n% x", where, msg, built)
				}
				checkContexts(t, value, where)
				if len(frame.messages) != 1 {
					continue // tshark's fields do not tell which part they are of
				}
				for field, ours := range fields {
					// tshark dissects the data of pipes further and then shows no bytes of it.
					if theirs := frame.fields[field]; len(theirs) == 1 && (theirs[0] != "" || ours == "") {
						require.Equal(t, theirs[0], ours, "%s: %s", where, field)
						count[name+", compared "+field]++
					}
				}
			}
		}
	}
	for name, kind := range kinds {
		require.NotZero(t, count[name], name)
		_, _, fields, _ := kind.parse(nil)
		for field := range fields {
			require.NotZero(t, count[name+", compared "+field], "%s: %s", name, field)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		t.Log(name, count[name])
	}
}
