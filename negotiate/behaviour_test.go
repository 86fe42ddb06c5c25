package negotiate

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A plain request is what Offer.Build makes of an offer, so that a test can say what a probe changes in it.
func plain(t *testing.T, o Offer) SMB2Request {
	msg, err := o.Build(new(counter))
	require.NoError(t, err)
	r, err := ParseSMB2Request(msg)
	require.NoError(t, err)
	require.Nil(t, r.Anomalies)
	return r
}

func data[P interface{ Context() (Context, error) }](t *testing.T, part P) Context {
	c, err := part.Context()
	require.NoError(t, err)
	return c
}

// oddities says for each SMB2 probe what its request is: an ordinary one of 3.1.1 (or, where the probe is about older
// dialects, of 2.1), changed in one place. The last member lists the anomalies that our parser finds.
func oddities(t *testing.T) map[string]struct {
	from   SMB2Request
	change func(r *SMB2Request)
	odd    []string
} {
	latest, older := plain(t, Single(smb.DialectSMB311)), plain(t, Single(smb.DialectSMB210))
	context := func(at int, c Context) func(*SMB2Request) {
		return func(r *SMB2Request) { r.Contexts[at] = c }
	}
	salt := latest.Contexts[0].Data[6:]
	return map[string]struct {
		from   SMB2Request
		change func(r *SMB2Request)
		odd    []string
	}{
		"behaviour-unknown-cipher": {latest, context(1, data(t, Encryption{Ciphers: []Cipher{0x7FFE}})), nil},
		"behaviour-unknown-compression": {
			latest, context(2, data(t, Compression{Algorithms: []CompressionAlgorithm{0x7FFE}})), nil,
		},
		"behaviour-unknown-signing": {latest, context(3, data(t, Signing{Algorithms: []SigningAlgorithm{0x7FFE}})), nil},
		"behaviour-unknown-hash": {
			latest, context(0, data(t, PreauthIntegrity{HashAlgorithms: []HashAlgorithm{0x7FFE}, Salt: salt})), nil,
		},
		"behaviour-duplicate-dialects": {
			older, func(r *SMB2Request) { r.Dialects = []smb.Dialect{0x0210, 0x0210, 0x0300, 0x0300} }, nil,
		},
		"behaviour-no-contexts": {latest, func(r *SMB2Request) { r.Contexts = nil }, nil},
		"behaviour-two-preauth": {
			latest, func(r *SMB2Request) { r.Contexts = slices.Insert(r.Contexts, 1, r.Contexts[0]) },
			[]string{"NegotiateContextList"},
		},
		"behaviour-wildcard-dialect": {older, func(r *SMB2Request) { r.Dialects = []smb.Dialect{0x02FF} }, nil},
		"behaviour-no-dialects":      {older, func(r *SMB2Request) { r.Dialects = nil }, []string{"DialectCount"}},
		"behaviour-message-id-1":     {latest, func(r *SMB2Request) { r.Header.MessageID = 1 }, nil},
	}
}

func TestBehaviourOddities(t *testing.T) {
	want := oddities(t)
	for _, b := range Behaviours() {
		msg, err := b.Build(new(counter))
		require.NoError(t, err)
		if smb.IsSMB1(msg) {
			continue
		}
		t.Run(b.ID, func(t *testing.T) {
			w, ok := want[b.ID]
			require.True(t, ok)
			delete(want, b.ID)
			got, err := ParseSMB2Request(msg)
			require.NoError(t, err)
			var fields []string
			for _, a := range got.Anomalies {
				fields = append(fields, a.Field)
			}
			require.Equal(t, w.odd, fields)
			w.from.Contexts = slices.Clone(w.from.Contexts)
			w.change(&w.from)
			got.Anomalies = nil
			require.Equal(t, w.from, got)
			inBounds(t, msg, got)
		})
	}
	require.Empty(t, want, "probes that are gone")
}

// inBounds holds the rule of Behaviours with another reader than the one that built the request: what is counted is there,
// where it is said to be, and nothing follows it.
func inBounds(t *testing.T, msg []byte, r SMB2Request) {
	le := func(at, size int) int {
		n := 0
		for i := range size {
			n |= int(msg[at+i]) << (8 * i)
		}
		return n
	}
	require.Equal(t, 64, le(4, 2), "the header's StructureSize")
	require.Zero(t, le(12, 2), "the command")
	require.Zero(t, le(16, 4), "flags")
	require.Zero(t, le(20, 4), "NextCommand")
	require.Equal(t, 36, le(64, 2), "StructureSize")
	count, end := le(66, 2), 100
	require.Len(t, r.Dialects, count)
	end += 2 * count
	require.LessOrEqual(t, end, len(msg))
	offset, contexts := le(92, 4), le(96, 2)
	if !slices.Contains(r.Dialects, smb.DialectSMB311) {
		require.Zero(t, le(92, 8), "ClientStartTime")
		require.Len(t, msg, end)
		return
	}
	if contexts == 0 {
		require.Zero(t, offset)
		require.Len(t, msg, end)
		return
	}
	require.Equal(t, (end+7)/8*8, offset)
	for range contexts {
		end = (end + 7) / 8 * 8
		require.LessOrEqual(t, end+8, len(msg))
		end += 8 + le(end+2, 2)
		require.LessOrEqual(t, end, len(msg))
	}
	require.Len(t, msg, end)
	for _, ctx := range r.Contexts {
		switch ctx.Type {
		case ContextPreauthIntegrity:
			p, err := ParsePreauthIntegrity(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.Len(t, p.HashAlgorithms, 1)
			require.Len(t, p.Salt, 32)
		case ContextEncryption:
			p, err := ParseEncryption(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.NotEmpty(t, p.Ciphers)
		case ContextCompression:
			p, err := ParseCompression(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.NotEmpty(t, p.Algorithms)
		case ContextSigning:
			p, err := ParseSigning(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.NotEmpty(t, p.Algorithms)
		default:
			require.Fail(t, "another context", "%v", ctx.Type)
		}
	}
}

func TestBehaviourSMB1(t *testing.T) {
	list := Behaviours()
	b := list[len(list)-1]
	require.Equal(t, "behaviour-unknown-smb1-dialect", b.ID)
	msg, err := b.Build(nil)
	require.NoError(t, err, "SMB1 draws nothing")
	require.Equal(t, unhex(t, goldenHeader1+"0e00"+"02 534d4253434f504520312e30 00"), msg)
	r, err := ParseSMB1Request(msg)
	require.NoError(t, err)
	require.Nil(t, r.Anomalies)
	require.Zero(t, r.Header.PIDHigh)
	known := append(append(smb.SMB1Dialects(), smb.OtherSMB1Dialects()...), smb.DialectSMB2002, smb.DialectSMB2Any)
	require.Len(t, r.Dialects, 1)
	require.NotContains(t, known, r.Dialects[0])
}

func TestBehaviourTable(t *testing.T) {
	var ids []string
	for _, b := range Behaviours() {
		ids = append(ids, b.ID)
		require.True(t, strings.HasPrefix(b.ID, "behaviour-"), b.ID)
		require.NotEmpty(t, b.Odd, b.ID)
		require.Regexp(t, `\[MS-(SMB2|CIFS)\] [23]\.`, b.Specification, b.ID)
		var servers []string
		for _, s := range b.Seen {
			require.NotContains(t, servers, s.Server, b.ID)
			require.NotEmpty(t, s.Answer, b.ID)
			servers = append(servers, s.Server)
			if name, ok := strings.CutPrefix(s.Answer, "STATUS_"); ok {
				var status dtyp.NTStatus
				require.NoError(t, status.UnmarshalText([]byte("STATUS_"+name)), s.Answer)
			}
		}
		require.Subset(t, servers, []string{samba, ksmbd, impacket}, b.ID)
	}
	require.Equal(t, []string{
		"behaviour-unknown-cipher", "behaviour-unknown-compression", "behaviour-unknown-signing",
		"behaviour-duplicate-dialects", "behaviour-no-contexts", "behaviour-unknown-hash", "behaviour-two-preauth",
		"behaviour-wildcard-dialect", "behaviour-no-dialects", "behaviour-message-id-1", "behaviour-unknown-smb1-dialect",
	}, ids)
}

func TestBehaviourGolden(t *testing.T) {
	for id, want := range map[string]string{
		"behaviour-no-dialects": goldenHeader2 +
			"2400" + // StructureSize 36
			"0000" + // DialectCount 0
			goldenMode + "0000000000000000", // ClientStartTime, and no dialect
		"behaviour-wildcard-dialect": goldenOld("ff02"),
		"behaviour-no-contexts": goldenHeader2 +
			"2400" + "0100" + goldenMode +
			"00000000" + // NegotiateContextOffset 0
			"0000" + // NegotiateContextCount 0
			"0000" + "1103",
		"behaviour-two-preauth": goldenHeader2 +
			"2400" + "0100" + goldenMode + "68000000" +
			"0500" + // NegotiateContextCount 5
			"0000" + "1103" + "0000" + goldenPreauth + goldenAlgorithms,
	} {
		i := slices.IndexFunc(Behaviours(), func(b Behaviour) bool { return b.ID == id })
		require.NotEqual(t, -1, i, id)
		got, err := Behaviours()[i].Build(new(counter))
		require.NoError(t, err)
		require.Equal(t, unhex(t, want), got, id)
	}
}

// The same random bytes give the same request, others another one: no two connections may share a ClientGuid.
func TestBehaviourRandom(t *testing.T) {
	again := Behaviours()
	for i, b := range Behaviours() {
		first, err := b.Build(new(counter))
		require.NoError(t, err)
		second, err := again[i].Build(new(counter))
		require.NoError(t, err)
		require.Equal(t, first, second, b.ID)
		if smb.IsSMB1(first) {
			continue
		}
		var parsed [2]SMB2Request
		for k := range parsed {
			msg, err := b.Build(rand.Reader)
			require.NoError(t, err)
			parsed[k], err = ParseSMB2Request(msg)
			require.NoError(t, err)
		}
		require.NotEqual(t, parsed[0].ClientGUID, parsed[1].ClientGUID, b.ID)
		if len(parsed[0].Contexts) > 0 {
			require.NotEqual(t, parsed[0].Contexts[0].Data, parsed[1].Contexts[0].Data, b.ID)
			require.Equal(t, parsed[0].Contexts[2:], parsed[1].Contexts[2:], b.ID)
		}
	}
}

func TestBehaviourErrors(t *testing.T) {
	cause := errors.New("cause")
	for _, b := range Behaviours() {
		if len(b.offer.SMB1) > 0 {
			continue
		}
		_, err := b.Build(io.MultiReader(bytes.NewReader(make([]byte, 3)), failing{cause}))
		require.ErrorIs(t, err, cause, b.ID)
		_, err = b.Build(bytes.NewReader(make([]byte, 16+31)))
		if slices.Contains(b.offer.SMB2, smb.DialectSMB311) {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, b.ID)
		} else {
			require.NoError(t, err, b.ID)
		}
	}
	_, err := Behaviour{}.Build(rand.Reader)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = Behaviour{offer: All(), alter: func(*SMB2Request) error { return cause }}.Build(rand.Reader)
	require.ErrorIs(t, err, cause)
}

// Behaviours gives a table of its own to each caller.
func TestBehavioursIsData(t *testing.T) {
	list := Behaviours()
	list[0].ID, list[0].Seen[0].Answer, list[0].offer.Ciphers[0] = "", "", 0
	require.NotEmpty(t, Behaviours()[0].ID)
	require.NotEmpty(t, Behaviours()[0].Seen[0].Answer)
	require.EqualValues(t, 0x7FFE, Behaviours()[0].offer.Ciphers[0])
}
