package smbtest

import (
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// contexts answers the contexts of a request with 3.1.1 as [MS-SMB2] 3.3.5.4 wants it, in the product's order.
func (p Personality) contexts(r negotiate.SMB2Request, request []byte) ([]negotiate.Context, dtyp.NTStatus) {
	asked, preauth := r.Contexts, 0
	for i, ctx := range asked {
		if ctx.Type != negotiate.ContextPreauthIntegrity {
			continue
		}
		if preauth++; preauth == 2 && p.smb2.endsAtSecond {
			asked, preauth = asked[:i], 1
			break
		}
	}
	if preauth != 1 {
		return nil, dtyp.StatusInvalidParameter
	}
	var answers []negotiate.Context
	for _, t := range p.smb2.contexts {
		i := slices.IndexFunc(asked, func(ctx negotiate.Context) bool { return ctx.Type == t })
		if i < 0 {
			continue
		}
		part, status := p.context(t, asked[i].Data, request)
		if status != dtyp.StatusSuccess {
			return nil, status
		}
		if part == nil {
			continue
		}
		ctx, err := part.Context()
		if err != nil {
			return nil, dtyp.StatusInvalidParameter
		}
		answers = append(answers, ctx)
	}
	return answers, dtyp.StatusSuccess
}

// A personalityContext is the data of a context.
type personalityContext interface {
	Context() (negotiate.Context, error)
}

// context answers one context; nil leaves it without an answer.
func (p Personality) context(t negotiate.ContextType, data, request []byte) (personalityContext, dtyp.NTStatus) {
	switch t {
	case negotiate.ContextPreauthIntegrity:
		offered, err := negotiate.ParsePreauthIntegrity(data)
		if err != nil {
			return nil, dtyp.StatusInvalidParameter
		}
		if !slices.Contains(offered.HashAlgorithms, negotiate.HashSHA512) {
			return nil, dtyp.StatusSMBNoPreauthIntegrityHashOverlap
		}
		return negotiate.PreauthIntegrity{
			HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: p.drawn(32, "Salt", request),
		}, dtyp.StatusSuccess
	case negotiate.ContextEncryption:
		offered, _ := negotiate.ParseEncryption(data)
		cipher, ok := firstCommon(offered.Ciphers, p.Ciphers)
		if len(p.Ciphers) == 0 || !ok && p.smb2.quiet {
			return nil, dtyp.StatusSuccess
		}
		return negotiate.Encryption{Ciphers: []negotiate.Cipher{cipher}}, dtyp.StatusSuccess
	case negotiate.ContextCompression:
		return p.compression(data), dtyp.StatusSuccess
	case negotiate.ContextSigning:
		offered, _ := negotiate.ParseSigning(data)
		algorithm, ok := firstCommon(offered.Algorithms, p.Signing)
		if len(p.Signing) == 0 || !ok && p.smb2.quiet {
			return nil, dtyp.StatusSuccess
		}
		if !ok { // [MS-SMB2] 3.3.5.4: AES-CMAC, though it was not offered
			algorithm = negotiate.SigningAESCMAC
		}
		return negotiate.Signing{Algorithms: []negotiate.SigningAlgorithm{algorithm}}, dtyp.StatusSuccess
	case negotiate.ContextRDMATransform:
		offered, _ := negotiate.ParseRDMATransform(data)
		if common := allCommon(offered.Transforms, p.RDMA); len(common) > 0 {
			return negotiate.RDMATransform{Transforms: common}, dtyp.StatusSuccess
		}
	case negotiate.ContextPOSIX:
		return negotiate.POSIXVersion1(), dtyp.StatusSuccess
	}
	return nil, dtyp.StatusSuccess
}

// compression chooses the first algorithm of the client that is common and, where both chain, puts Pattern_V1 behind it:
// the shared captures of Windows 10 2004 to 22H2 have {LZ77, Pattern_V1} for an offer of {Pattern_V1, LZ77, LZ77+Huffman,
// LZNT1}, and those of 1903 {LZ77} for {LZ77, LZ77+Huffman, LZNT1}. Nothing in common is NONE ([MS-SMB2] 3.3.5.4).
func (p Personality) compression(data []byte) personalityContext {
	if len(p.Compression) == 0 {
		return nil
	}
	offered, _ := negotiate.ParseCompression(data)
	const pattern = negotiate.CompressionPatternV1
	isPattern := func(a negotiate.CompressionAlgorithm) bool { return a == pattern }
	lzs := slices.DeleteFunc(slices.Clone(offered.Algorithms), isPattern)
	lz, ok := firstCommon(lzs, p.Compression)
	answer := negotiate.Compression{Algorithms: []negotiate.CompressionAlgorithm{lz}}
	if ok && offered.Chained() && slices.Contains(p.Compression, pattern) {
		answer.Flags = negotiate.CompressionChained
		if slices.Contains(offered.Algorithms, pattern) {
			answer.Algorithms = append(answer.Algorithms, pattern)
		}
	}
	return answer
}

// firstCommon returns the first of the offered that is taken; zero and false where none is.
func firstCommon[T comparable](offered, taken []T) (first T, ok bool) {
	for _, v := range offered {
		if slices.Contains(taken, v) {
			return v, true
		}
	}
	return first, false
}

func allCommon[T comparable](offered, taken []T) (common []T) {
	for _, v := range offered {
		if slices.Contains(taken, v) && !slices.Contains(common, v) {
			common = append(common, v)
		}
	}
	return common
}

// pku2uScheme is the authentication scheme of PKU2U in NEGOEX, {0D53335C-F9EA-4D0D-B2EC-4AE3786EC308}, as all captures of
// Windows 7 to 10 with a NEGOEX token have it.
const pku2uScheme = "\x5C\x33\x53\x0D\xEA\xF9\x0D\x4D\xB2\xEC\x4A\xE3\x78\x6E\xC3\x08"

// negoEx is the token of NEGOEX that Windows puts into the first token of a host in a workgroup ([MS-NEGOEX] 2.2.6.3 and
// 2.2.6.4): an ACCEPTOR_NEGO with PKU2U as the one scheme, and its ACCEPTOR_META_DATA, which are two times the name
// "Token Signing Public Key". 264 bytes, byte for byte those of the captures but for what is random in them.
func (p Personality) negoEx(request []byte) []byte {
	conversation, random := p.drawn(16, "ConversationId", request), p.drawn(32, "Random", request)
	const (
		acceptorNego, acceptorMetaData = 1, 3
		negoHeader, metaHeader         = 0x60, 0x40
		commonName                     = "\x31\x21\x30\x1F\x06\x03\x55\x04\x03\x13\x18Token Signing Public Key"
		name                           = "\x30\x27\x80\x25\x30\x23" + commonName
		metaData                       = "\x30\x56\xA0\x54\x30\x52" + name + name
	)
	a := wire.NewAppender("NEGOEX", nil)
	head := func(kind, sequence uint32, header, total int) {
		a.Text("NEGOEXTS")
		a.U32(kind)
		a.U32(sequence)
		a.Len32("cbHeaderLength", header)
		a.Len32("cbMessageLength", total)
		a.Bytes(conversation)
	}
	head(acceptorNego, 0, negoHeader, negoHeader+len(pku2uScheme))
	a.Bytes(random)
	a.U64(0) // ProtocolVersion
	a.U32(negoHeader)
	a.U32(1) // one scheme
	a.U64(0) // no extensions
	a.Text(pku2uScheme)
	head(acceptorMetaData, 1, metaHeader, metaHeader+len(metaData))
	a.Text(pku2uScheme)
	a.U32(metaHeader)
	a.Len32("Exchange", len(metaData))
	a.Text(metaData)
	token, _ := a.Result() // nothing in it can be too long
	return token
}
