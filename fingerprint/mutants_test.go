package fingerprint_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/testdata"
)

// TestMutants changes what recorded servers answered, at random and seeded, and holds that no answer of the report says
// what the changed bytes do not: a second reading, of offsets of the specifications and without any code of the
// project, has to find it there. SMBSCOPE_MUTANTS is how many to make.
func TestMutants(t *testing.T) {
	count := 3_000
	if text, ok := os.LookupEnv("SMBSCOPE_MUTANTS"); ok {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		count = n
	}
	names, err := testdata.Names()
	require.NoError(t, err)
	recorded := make([][]*dialogue.Dialogue, len(names))
	for i, name := range names {
		recorded[i], err = testdata.Dialogues(name)
		require.NoError(t, err)
	}
	said := map[string]int{}
	for i := range count {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		which := random.IntN(len(recorded))
		r := verdict.Of(mutate(random, recorded[which]), verdict.Options{Raw: true})
		fingerprint.Conclude(r)
		if problem := secondReading(r, said); problem != "" {
			require.Empty(t, problem, "mutant %d of %s", i, names[which])
		}
	}
	t.Log(said)
	for _, claim := range []string{"dialect yes", "dialect no", "SMB1 yes", "signing", "cipher yes", "challenge", "GUID"} {
		require.Positive(t, said[claim], claim)
	}
}

// mutate copies dialogues and changes some of what was received.
func mutate(random *rand.Rand, dialogues []*dialogue.Dialogue) []*dialogue.Dialogue {
	changed := make([]*dialogue.Dialogue, len(dialogues))
	for i, d := range dialogues {
		own := *d
		own.Frames = slices.Clone(d.Frames)
		for j, f := range own.Frames {
			if !f.Sent && len(f.Data) > 0 && random.IntN(3) == 0 {
				own.Frames[j].Data = mutant(random, f.Data)
			}
		}
		changed[i] = &own
	}
	return changed
}

// mutant changes bytes, cuts, or adds to a message.
func mutant(random *rand.Rand, genuine []byte) []byte {
	b := bytes.Clone(genuine)
	for range 1 + random.IntN(4) {
		at := random.IntN(len(b))
		if len(b) > 64 && random.IntN(2) == 0 {
			at = 64 + random.IntN(len(b)-64) // behind the header
		}
		switch random.IntN(6) {
		case 0:
			b[at] ^= 1 << random.IntN(8)
		case 1:
			b[at] = byte(random.Uint32())
		case 2:
			b[at] = 0
		case 3:
			b[at] = 0xFF
		case 4:
			if len(b) > 1 {
				b = b[:1+random.IntN(len(b)-1)]
			}
		case 5:
			b = append(b, make([]byte, random.IntN(40))...)
		}
	}
	return b
}

// A pairOf is a question and its answer as bytes.
type pairOf struct{ request, response []byte }

func pairsOf(r *report.Report) []pairOf {
	var list []pairOf
	for _, p := range r.Probes {
		request, err := hex.DecodeString(p.Request)
		response, err2 := hex.DecodeString(p.Response)
		if err == nil && err2 == nil {
			list = append(list, pairOf{request, response})
		}
	}
	return list
}

func le16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return -1
	}
	return int(binary.LittleEndian.Uint16(b[at:]))
}

func le32(b []byte, at int) int {
	if at < 0 || at+4 > len(b) {
		return -1
	}
	return int(binary.LittleEndian.Uint32(b[at:]))
}

// The offsets below are those of [MS-SMB2] 2.2.3 and 2.2.4, and of [MS-CIFS] 2.2.4.52.

// offersSMB2 tells whether a request is an SMB2 NEGOTIATE with a dialect.
func (p pairOf) offersSMB2(dialect int) bool {
	if !bytes.HasPrefix(p.request, []byte("\xFESMB")) || le16(p.request, 12) != 0 {
		return false
	}
	for i := range le16(p.request, 66) {
		if le16(p.request, 64+36+2*i) == dialect {
			return true
		}
	}
	return false
}

// takesSMB2 tells whether an answer is an SMB2 NEGOTIATE response of success that names a dialect.
func (p pairOf) takesSMB2(dialect int) bool {
	return bytes.HasPrefix(p.response, []byte("\xFESMB")) && le16(p.response, 12) == 0 && le32(p.response, 8) == 0 &&
		le32(p.response, 16)&1 == 1 && le16(p.response, 68) == dialect
}

// offersSMB1 returns the dialect strings of an SMB_COM_NEGOTIATE request.
func (p pairOf) offersSMB1() []string {
	if !bytes.HasPrefix(p.request, []byte("\xFFSMB\x72")) || len(p.request) < 36 {
		return nil
	}
	var list []string
	for part := range bytes.SplitSeq(bytes.TrimSuffix(p.request[35:], []byte{0}), []byte{0}) {
		list = append(list, strings.TrimPrefix(string(part), "\x02"))
	}
	return list
}

// takesSMB1 tells whether an answer names an SMB1 dialect of the offer.
func (p pairOf) takesSMB1(dialect string) bool {
	offered := p.offersSMB1()
	if !bytes.HasPrefix(p.response, []byte("\xFFSMB\x72")) || le32(p.response, 5) != 0 || len(p.response) < 35 || p.response[32] == 0 {
		return false
	}
	i := le16(p.response, 33)
	return i >= 0 && i < len(offered) && offered[i] == dialect
}

// contexts returns the data of the negotiate contexts of one type in an answer.
func (p pairOf) contexts(kind int) [][]byte {
	var list [][]byte
	at := le32(p.response, 64+60)
	for range le16(p.response, 64+6) {
		length := le16(p.response, at+2)
		if at < 0 || length < 0 || at+8+length > len(p.response) {
			break
		}
		if le16(p.response, at) == kind {
			list = append(list, p.response[at+8:at+8+length])
		}
		at = (at + 8 + length + 7) &^ 7
	}
	return list
}

var wireDialects = map[string]int{"2.0.2": 0x0202, "2.1": 0x0210, "3.0": 0x0300, "3.0.2": 0x0302, "3.1.1": 0x0311}

var wireCiphers = map[string]int{"AES-128-CCM": 1, "AES-128-GCM": 2, "AES-256-CCM": 3, "AES-256-GCM": 4}

// secondReading looks for what a report says in the bytes, and tells what is not there; it counts what was looked for.
func secondReading(r *report.Report, said map[string]int) string {
	pairs := pairsOf(r)
	for name, answer := range r.Dialects {
		if problem := readDialect(pairs, name, answer, said); problem != "" {
			return problem
		}
	}
	if r.Signing != nil && r.Signing.SMB2 != nil && r.Signing.SMB2.Required.Known() {
		said["signing"]++
		want := map[report.Answer]int{report.Yes: 2, report.No: 0}[r.Signing.SMB2.Required]
		if !slices.ContainsFunc(pairs, func(p pairOf) bool {
			return p.takesSMB2(le16(p.response, 68)) && le16(p.response, 66)&2 == want // of changed answers dialects may differ
		}) {
			return "signing required: " + string(r.Signing.SMB2.Required)
		}
	}
	if r.Encryption != nil {
		for name, c := range r.Encryption.Ciphers {
			if c.Answer != report.Yes || c.Basis != report.BasisContext {
				continue
			}
			said["cipher yes"]++
			if !slices.ContainsFunc(pairs, func(p pairOf) bool {
				return p.takesSMB2(0x0311) && slices.ContainsFunc(p.contexts(2), func(data []byte) bool {
					return le16(data, 0) > 0 && le16(data, 2) == wireCiphers[name]
				})
			}) {
				return "cipher " + name
			}
		}
	}
	if r.NTLM != nil && r.NTLM.Challenge == report.Yes {
		said["challenge"]++
		if !slices.ContainsFunc(pairs, func(p pairOf) bool { return bytes.Contains(p.response, []byte("NTLMSSP\x00\x02\x00\x00\x00")) }) {
			return "an NTLM challenge"
		}
	}
	if r.ServerGUID != "" {
		said["GUID"]++
		if !slices.ContainsFunc(pairs, func(p pairOf) bool { return p.hasGUID(r.ServerGUID) }) {
			return "the GUID " + r.ServerGUID
		}
	}
	return ""
}

// hasGUID looks for a GUID at its place in an SMB2 and in an SMB1 answer; Windows prints the first eight bytes swapped.
func (p pairOf) hasGUID(text string) bool {
	digits, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(digits) != 16 {
		return false
	}
	slices.Reverse(digits[:4])
	slices.Reverse(digits[4:6])
	slices.Reverse(digits[6:8])
	return len(p.response) >= 64+24 && bytes.Equal(p.response[64+8:64+24], digits) || bytes.Contains(p.response, digits) && bytes.HasPrefix(p.response, []byte("\xFFSMB\x72"))
}

func readDialect(pairs []pairOf, name string, answer report.Answer, said map[string]int) string {
	revision, two := wireDialects[name]
	offered := func(p pairOf) bool {
		if two {
			return p.offersSMB2(revision) || slices.Contains(p.offersSMB1(), "SMB 2.???") || slices.Contains(p.offersSMB1(), "SMB 2.002")
		}
		return slices.Contains(p.offersSMB1(), name)
	}
	switch answer {
	case report.Yes:
		said["dialect yes"]++
		if !two {
			said["SMB1 yes"]++
		}
		if !slices.ContainsFunc(pairs, func(p pairOf) bool {
			return offered(p) && (two && p.takesSMB2(revision) || !two && p.takesSMB1(name))
		}) {
			return "dialect " + name + " is taken"
		}
	case report.No:
		said["dialect no"]++
		if !slices.ContainsFunc(pairs, func(p pairOf) bool { return offered(p) && !(two && p.takesSMB2(revision)) }) {
			return "dialect " + name + " was offered and not taken"
		}
	}
	return ""
}
