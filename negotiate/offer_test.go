package negotiate

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// A counter is a reader of 0, 1, 2 and so on: golden requests are built from it.
type counter byte

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(*c)
		*c++
	}
	return len(b), nil
}

// Parts that all SMB2 offers have in common.
const (
	goldenHeader2 = "fe534d42" + // ProtocolId
		"4000" + // StructureSize 64
		"0000" + // CreditCharge
		"00000000" + // Status, in a request ChannelSequence and Reserved
		"0000" + // Command NEGOTIATE
		"0100" + // CreditRequest 1
		"00000000" + // Flags: a request
		"00000000" + // NextCommand
		"0000000000000000" + // MessageId 0
		"fffe0000" + // Reserved: process id 0xFEFF
		"00000000" + // TreeId
		"0000000000000000" + // SessionId
		"00000000000000000000000000000000" // Signature
	goldenMode = "0100" + // SecurityMode: signing enabled
		"0000" + // Reserved
		"ff000000" + // Capabilities: all eight bits
		"000102030405060708090a0b0c0d0e0f" // ClientGuid: the first 16 random bytes
	goldenPreauth = "0100" + // ContextType SMB2_PREAUTH_INTEGRITY_CAPABILITIES
		"2600" + // DataLength 38
		"00000000" + // Reserved
		"0100" + // HashAlgorithmCount 1
		"2000" + // SaltLength 32
		"0100" + // SHA-512
		"101112131415161718191a1b1c1d1e1f202122232425262728292a2b" + // Salt: the next 28 random bytes
		"0d0a0d0a" + // and CR LF CR LF
		"0000" // padding to a multiple of 8
	goldenAlgorithms = goldenPreauth +
		"0200" + // ContextType SMB2_ENCRYPTION_CAPABILITIES
		"0a00" + // DataLength 10
		"00000000" + // Reserved
		"0400" + // CipherCount 4
		"0400 0200 0300 0100" + // AES-256-GCM, AES-128-GCM, AES-256-CCM, AES-128-CCM
		"000000000000" + // padding
		"0300" + // ContextType SMB2_COMPRESSION_CAPABILITIES
		"1200" + // DataLength 18
		"00000000" + // Reserved
		"0500" + // CompressionAlgorithmCount 5
		"0000" + // Padding
		"01000000" + // Flags: chained
		"0400 0200 0300 0100 0500" + // Pattern_V1, LZ77, LZ77+Huffman, LZNT1, LZ4
		"000000000000" + // padding
		"0800" + // ContextType SMB2_SIGNING_CAPABILITIES
		"0800" + // DataLength 8
		"00000000" + // Reserved
		"0300" + // SigningAlgorithmCount 3
		"0200 0100 0000" // AES-GMAC, AES-CMAC, HMAC-SHA256; no padding behind the last context
	goldenHeader1 = "ff534d42" + // Protocol
		"72" + // Command SMB_COM_NEGOTIATE
		"00000000" + // Status
		"18" + // Flags: case insensitive, canonicalized paths
		"43c8" + // Flags2: long names, EAs, is long name, extended security, NT status, UTF-16
		"0000" + // PIDHigh
		"0000000000000000" + // SecurityFeatures
		"0000" + // Reserved
		"ffff" + // TID
		"fffe" + // PIDLow 0xFEFF
		"0000" + // UID
		"0000" + // MID
		"00" // WordCount
)

// goldenOld is an offer of one dialect before 3.1.1.
func goldenOld(revision string) string {
	return goldenHeader2 +
		"2400" + // StructureSize 36
		"0100" + // DialectCount 1
		goldenMode +
		"0000000000000000" + // ClientStartTime
		revision
}

func golden() map[string]struct {
	offer Offer
	hex   string
} {
	return map[string]struct {
		offer Offer
		hex   string
	}{
		"all-offer": {All(), goldenHeader2 +
			"2400" + // StructureSize 36
			"0500" + // DialectCount 5
			goldenMode +
			"70000000" + // NegotiateContextOffset 112
			"0400" + // NegotiateContextCount 4
			"0000" + // Reserved2
			"0202 1002 0003 0203 1103" + // 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1, up to byte 110
			"0000" + // padding to byte 112
			goldenAlgorithms},
		"conservative": {Conservative(), goldenHeader2 +
			"2400" + "0500" + goldenMode + "70000000" +
			"0200" + // NegotiateContextCount 2
			"0000" + "0202 1002 0003 0203 1103" + "0000" + goldenPreauth +
			"0200" + // ContextType SMB2_ENCRYPTION_CAPABILITIES
			"0600" + // DataLength 6
			"00000000" + // Reserved
			"0200" + // CipherCount 2
			"0200 0100"}, // AES-128-GCM, AES-128-CCM
		"only-2.0.2": {Single(smb.DialectSMB202), goldenOld("0202")},
		"only-2.1":   {Single(smb.DialectSMB210), goldenOld("1002")},
		"only-3.0":   {Single(smb.DialectSMB300), goldenOld("0003")},
		"only-3.0.2": {Single(smb.DialectSMB302), goldenOld("0203")},
		"only-3.1.1": {Single(smb.DialectSMB311), goldenHeader2 +
			"2400" +
			"0100" + // DialectCount 1
			goldenMode +
			"68000000" + // NegotiateContextOffset 104
			"0400" + // NegotiateContextCount 4
			"0000" + // Reserved2
			"1103" + // 3.1.1, up to byte 102
			"0000" + // padding to byte 104
			goldenAlgorithms},
		"smb1": {SMB1Only(), goldenHeader1 +
			"4500" + // ByteCount 69; each dialect is BufferFormat 0x02, a string and a zero
			"02 5043204e4554574f524b2050524f4752414d20312e30 00" + // PC NETWORK PROGRAM 1.0
			"02 4c414e4d414e312e30 00" + // LANMAN1.0
			"02 4c4d312e3258303032 00" + // LM1.2X002
			"02 4c414e4d414e322e31 00" + // LANMAN2.1
			"02 4e54204c4d20302e3132 00"}, // NT LM 0.12
		"multi-protocol": {Multi(), goldenHeader1 +
			"2200" + // ByteCount 34
			"02 4e54204c4d20302e3132 00" + // NT LM 0.12
			"02 534d4220322e303032 00" + // SMB 2.002
			"02 534d4220322e3f3f3f 00"}, // SMB 2.???
	}
}

func TestOfferGolden(t *testing.T) {
	for id, c := range golden() {
		t.Run(id, func(t *testing.T) {
			require.Equal(t, id, c.offer.ID)
			got, err := c.offer.Build(new(counter))
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.hex), got)
		})
	}
}

// What servers check before they answer, on every SMB2 offer.
func TestOfferAcceptable(t *testing.T) {
	offers := []Offer{
		All(), Conservative(), {ID: "bare", SMB2: []smb.Dialect{smb.DialectSMB311}},
		{ID: "posix", SMB2: smb.Dialects()[3:], POSIX: true, RDMA: []RDMATransformID{RDMATransformEncryption}},
		{
			ID: "one each", SMB2: []smb.Dialect{smb.DialectSMB311, smb.DialectSMB202}, Ciphers: []Cipher{CipherAES256CCM},
			Signing: []SigningAlgorithm{SigningAESGMAC}, Compression: []CompressionAlgorithm{CompressionLZ4},
		},
	}
	for _, d := range smb.Dialects() {
		offers = append(offers, Single(d))
	}
	for _, o := range offers {
		t.Run(o.ID, func(t *testing.T) {
			msg, err := o.Build(rand.Reader)
			require.NoError(t, err)
			r, err := ParseSMB2Request(msg)
			require.NoError(t, err)
			require.Nil(t, r.Anomalies)
			require.Equal(t, o.SMB2, r.Dialects)
			require.Equal(t, smb.SMB2Capabilities(0xFF), r.Capabilities)
			require.Equal(t, smb.SigningEnabled, r.SecurityMode)
			require.False(t, r.ClientGUID.IsZero())
			if !strings.Contains(o.ID, "only-2") && !strings.Contains(o.ID, "only-3.0") {
				acceptable311(t, msg, r)
				return
			}
			require.Nil(t, r.Contexts)
			require.Len(t, msg, 102)
		})
	}
}

// acceptable311 checks what Samba 4.17 (smb2_negprot.c) and [MS-SMB2] 3.3.5.4 ask for at 3.1.1: the list begins at the
// first multiple of 8 behind the dialects, and there is one valid preauth context.
func acceptable311(t *testing.T, msg []byte, r SMB2Request) {
	offset := binary.LittleEndian.Uint32(msg[64+0x1C:])
	count := binary.LittleEndian.Uint16(msg[64+0x20:])
	dialectsEnd := 64 + 36 + 2*len(r.Dialects)
	require.Equal(t, (dialectsEnd+7)/8*8, int(offset))
	require.Equal(t, int(count), len(r.Contexts))
	at, preauth := int(offset), 0
	for i, ctx := range r.Contexts {
		require.Zero(t, at%8, "context %d", i)
		require.Equal(t, uint16(ctx.Type), binary.LittleEndian.Uint16(msg[at:]))
		at += 8 + len(ctx.Data)
		if i < len(r.Contexts)-1 {
			at = (at + 7) / 8 * 8
		}
		if ctx.Type == ContextPreauthIntegrity {
			preauth++
			p, err := ParsePreauthIntegrity(ctx.Data)
			require.NoError(t, err)
			require.Equal(t, []HashAlgorithm{HashSHA512}, p.HashAlgorithms)
			require.Len(t, p.Salt, 32)
			require.True(t, bytes.HasSuffix(p.Salt, []byte("\r\n\r\n")))
		}
	}
	require.Equal(t, 1, preauth)
	require.Len(t, msg, at, "nothing follows the last context")
}

func TestOfferContexts(t *testing.T) {
	o := Offer{
		SMB2: []smb.Dialect{smb.DialectSMB311}, Ciphers: Ciphers(), Compression: CompressionAlgorithms(),
		RDMA: []RDMATransformID{RDMATransformEncryption, RDMATransformSigning}, Signing: SigningAlgorithms(), POSIX: true,
	}
	msg, err := o.Build(new(counter))
	require.NoError(t, err)
	r, err := ParseSMB2Request(msg)
	require.NoError(t, err)
	var types []ContextType
	for _, ctx := range r.Contexts {
		types = append(types, ctx.Type)
	}
	require.Equal(t, []ContextType{1, 2, 3, 7, 8, 0x100}, types)
	ctx, _ := r.Context(ContextCompression)
	k, err := ParseCompression(ctx.Data)
	require.NoError(t, err)
	require.False(t, k.Chained())
	require.Equal(t, CompressionAlgorithms(), k.Algorithms)
	ctx, _ = r.Context(ContextPOSIX)
	require.Equal(t, unhex(t, "93ad25509cb411e7b42383de968bcd7c"), ctx.Data)
}

func TestOfferSMB1(t *testing.T) {
	msg, err := SMB1Only("NT LM 0.12").Build(nil)
	require.NoError(t, err, "SMB1 draws nothing")
	r, err := ParseSMB1Request(msg)
	require.NoError(t, err)
	require.Nil(t, r.Anomalies)
	require.Equal(t, []string{"NT LM 0.12"}, r.Dialects)
	require.NotZero(t, r.Header.Flags2&smb.SMB1Flags2ExtendedSecurity)
	o := SMB1Only()
	o.NoExtendedSecurity = true
	msg, err = o.Build(nil)
	require.NoError(t, err)
	r, err = ParseSMB1Request(msg)
	require.NoError(t, err)
	require.Len(t, r.Dialects, 5)
	require.Equal(t, SMB1Flags2, r.Header.Flags2)
}

// No two connections may share a ClientGuid.
func TestOfferFresh(t *testing.T) {
	build := func() SMB2Request {
		msg, err := All().Build(rand.Reader)
		require.NoError(t, err)
		r, err := ParseSMB2Request(msg)
		require.NoError(t, err)
		return r
	}
	first, second := build(), build()
	require.NotEqual(t, first.ClientGUID, second.ClientGUID)
	require.NotEqual(t, first.Contexts[0].Data, second.Contexts[0].Data, "the salt")
	require.Equal(t, first.Contexts[1:], second.Contexts[1:])
}

func TestOfferErrors(t *testing.T) {
	_, err := Offer{ID: "none"}.Build(rand.Reader)
	require.ErrorIs(t, err, wire.ErrFormat)
	require.ErrorContains(t, err, "none")
	for _, n := range []int{0, 15} {
		_, err = All().Build(bytes.NewReader(make([]byte, n)))
		require.ErrorContains(t, err, "ClientGuid")
	}
	_, err = All().Build(bytes.NewReader(make([]byte, 16+31)))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "salt")
	cause := errors.New("cause")
	_, err = Single(smb.DialectSMB202).Build(io.MultiReader(bytes.NewReader(make([]byte, 3)), failing{cause}))
	require.ErrorIs(t, err, cause)
	_, err = Offer{SMB2: []smb.Dialect{smb.DialectSMB311}, Ciphers: make([]Cipher, 1<<16)}.Build(rand.Reader)
	require.ErrorIs(t, err, wire.ErrTooLong)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// The named offers are values of their own: changing one changes no other.
func TestOfferIsData(t *testing.T) {
	a := All()
	a.SMB2[0], a.Ciphers[0], a.Compression[0], a.Signing[0] = 0, 0, 0, 9
	require.NotEqual(t, a, All())
	require.Equal(t, smb.DialectSMB202, All().SMB2[0])
}

func BenchmarkOfferBuild(b *testing.B) {
	o := All()
	random := new(counter)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Build(random); err != nil {
			b.Fatal(err)
		}
	}
}
