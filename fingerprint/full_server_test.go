package fingerprint_test

import (
	"net"
	"slices"
	"sync"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// A detailed server negotiates as its fields say, with every context of 3.1.1 and in every form of SMB1.
type detailed struct {
	two         []smb.Dialect // in ascending order
	ciphers     []negotiate.Cipher
	bit         bool // encrypts at 3.0 and 3.0.2
	clientOrder bool // of ciphers and compression; else that of the lists here
	signing     []negotiate.SigningAlgorithm
	compression []negotiate.CompressionAlgorithm // nil: no context
	chained     bool
	emptily     bool // what of compression is not common is a list of nothing, not a context that is missing
	rdma        []negotiate.RDMATransformID
	posix       bool
	required    bool     // encryption
	old         []string // SMB1 dialects in ascending order
	extended    bool     // NT LM 0.12 with extended security
	share       bool     // share level and plaintext passwords
	denies      way      // how it says no to SMB1; answer is DialectIndex 0xFFFF
	// dislikes tells what it does instead with an SMB2 request; nil likes all.
	dislikes func(negotiate.SMB2Request) way

	mu    sync.Mutex
	asked []string // the meanings of the questions
}

func (s *detailed) handle(conn net.Conn) {
	request, err := readRequest(conn)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, smbtest.Meaning(request))
	s.mu.Unlock()
	if one, err := negotiate.ParseSMB1Request(request); err == nil {
		s.handleSMB1(conn, one)
		return
	}
	two, err := negotiate.ParseSMB2Request(request)
	if err != nil {
		return
	}
	does := answer
	if s.dislikes != nil {
		does = s.dislikes(two)
	}
	h := smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1}
	switch does {
	case shut:
		return
	case mutely:
		smbtest.Silent(conn)
		return
	case invalid:
		h.Status = dtyp.StatusInvalidParameter
		write(conn, bytesOf(smb.SMB2ErrorResponse{Header: h}))
		return
	}
	response, ok := s.negotiate(h, two)
	if !ok {
		h.Status = dtyp.StatusNotSupported
		write(conn, bytesOf(smb.SMB2ErrorResponse{Header: h}))
		return
	}
	write(conn, bytesOf(response))
	s.setUp(conn, two, response)
}

func write(conn net.Conn, message []byte) {
	framed, err := smb.AppendFrame(nil, message)
	if err == nil {
		_, _ = conn.Write(framed)
	}
}

func (s *detailed) negotiate(h smb.SMB2Header, r negotiate.SMB2Request) (negotiate.SMB2Response, bool) {
	for _, d := range slices.Backward(s.two) {
		if !slices.Contains(r.Dialects, d) {
			continue
		}
		a := response2(h, d)
		a.Capabilities = smb.CapDFS | smb.CapLargeMTU
		switch {
		case d == smb.DialectSMB311:
			s.contexts(&a, r)
		case d >= smb.DialectSMB300 && s.bit:
			a.Capabilities |= r.Capabilities & smb.CapEncryption
		}
		return a, true
	}
	return negotiate.SMB2Response{}, false
}

type contextual interface {
	Context() (negotiate.Context, error)
}

func (s *detailed) contexts(a *negotiate.SMB2Response, r negotiate.SMB2Request) {
	add := func(p contextual) {
		c, err := p.Context()
		if err != nil {
			panic(err) // a defect of the test
		}
		a.Contexts = append(a.Contexts, c)
	}
	add(negotiate.PreauthIntegrity{HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: make([]byte, 32)})
	if c, ok := r.Context(negotiate.ContextEncryption); ok && len(s.ciphers) > 0 {
		offer, _ := negotiate.ParseEncryption(c.Data)
		common := s.common(offer.Ciphers, s.ciphers)
		if len(common) == 0 {
			common = []negotiate.Cipher{negotiate.CipherNone}
		}
		add(negotiate.Encryption{Ciphers: common[:1]})
	}
	if c, ok := r.Context(negotiate.ContextCompression); ok && s.compression != nil {
		offer, _ := negotiate.ParseCompression(c.Data)
		if p := s.compress(offer); len(p.Algorithms) > 0 || s.emptily {
			add(p)
		}
	}
	if c, ok := r.Context(negotiate.ContextRDMATransform); ok && s.rdma != nil {
		offer, _ := negotiate.ParseRDMATransform(c.Data)
		add(negotiate.RDMATransform{Transforms: commonOf(offer.Transforms, s.rdma)})
	}
	if c, ok := r.Context(negotiate.ContextSigning); ok && s.signing != nil {
		offer, _ := negotiate.ParseSigning(c.Data)
		chosen := append(commonOf(s.signing, offer.Algorithms), negotiate.SigningAESCMAC) // which needs no offer
		add(negotiate.Signing{Algorithms: chosen[:1]})
	}
	if _, ok := r.Context(negotiate.ContextPOSIX); ok && s.posix {
		add(negotiate.POSIXVersion1())
	}
}

func commonOf[T comparable](list, other []T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !slices.Contains(other, v) })
}

func (s *detailed) common(offered, taken []negotiate.Cipher) []negotiate.Cipher {
	if s.clientOrder {
		return commonOf(offered, taken)
	}
	return commonOf(taken, offered)
}

// compress answers as Windows does: the first algorithm that is common, behind Pattern_V1 where that is common and
// chained.
func (s *detailed) compress(offer negotiate.Compression) negotiate.Compression {
	p := negotiate.Compression{}
	if s.chained {
		p.Flags = offer.Flags & negotiate.CompressionChained
	}
	first := commonOf(s.compression, offer.Algorithms)
	if s.clientOrder {
		first = commonOf(offer.Algorithms, s.compression)
	}
	pattern := slices.Contains(first, negotiate.CompressionPatternV1) && p.Chained()
	first = slices.DeleteFunc(first, func(a negotiate.CompressionAlgorithm) bool { return a == negotiate.CompressionPatternV1 })
	if len(first) == 0 {
		return negotiate.Compression{}
	}
	if pattern {
		p.Algorithms = append(p.Algorithms, negotiate.CompressionPatternV1)
	}
	p.Algorithms = append(p.Algorithms, first[0])
	return p
}

// setUp answers a session setup with a challenge, or denies it to a client that cannot encrypt ([MS-SMB2] 3.3.5.5).
func (s *detailed) setUp(conn net.Conn, asked negotiate.SMB2Request, a negotiate.SMB2Response) {
	request, err := readRequest(conn)
	if err != nil {
		return
	}
	h, err := smb.ParseSMB2Header(request)
	if err != nil {
		return
	}
	h.Flags, h.Credits = smb.SMB2FlagServerToRedir, 1
	able := asked.Capabilities&a.Capabilities&smb.CapEncryption != 0
	if c, ok := a.Context(negotiate.ContextEncryption); ok {
		e, _ := negotiate.ParseEncryption(c.Data)
		able = len(e.Ciphers) == 1 && e.Ciphers[0] != negotiate.CipherNone
	}
	if s.required && !able {
		h.Status = dtyp.StatusAccessDenied
		write(conn, bytesOf(smb.SMB2ErrorResponse{Header: h}))
		return
	}
	h.Status = dtyp.StatusMoreProcessingRequired
	write(conn, bytesOf(smb.SMB2SessionSetupResponse{Header: h, SecurityBuffer: bytesOf(ntlmssp.Challenge{
		TargetName: []byte("F\x00"), Flags: ntlmssp.FlagNegotiateUnicode, ServerChallenge: [8]byte{1},
	})}))
}

func (s *detailed) handleSMB1(conn net.Conn, r negotiate.SMB1Request) {
	h := r.Header
	h.Flags |= smb.SMB1FlagReply
	if len(s.two) > 0 && slices.Contains(r.Dialects, smb.DialectSMB2Any) {
		write(conn, bytesOf(response2(smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1}, smb.DialectWildcard)))
		return
	}
	for _, d := range slices.Backward(s.old) {
		if i := slices.Index(r.Dialects, d); i >= 0 {
			write(conn, bytesOf(s.answerSMB1(h, uint16(i), d)))
			_, _ = readRequest(conn) // a session setup, which it does not answer
			return
		}
	}
	switch s.denies {
	case shut:
	case mutely:
		smbtest.Silent(conn)
	default:
		write(conn, bytesOf(negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect}))
	}
}

func (s *detailed) answerSMB1(h smb.SMB1Header, index uint16, dialect string) negotiate.SMB1Response {
	a := negotiate.SMB1Response{Header: h, DialectIndex: index, MaxMpxCount: 50, MaxBufferSize: 4356}
	if !s.share {
		a.SecurityMode, a.Challenge = negotiate.SecurityUserLevel|negotiate.SecurityChallengeResponse, []byte{1, 2, 3, 4, 5, 6, 7, 8}
	}
	switch dialect {
	case smb.DialectCore, smb.DialectXenixCore, smb.DialectMSNet103:
		return negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: index}
	case smb.DialectNTLM012, smb.DialectNTLANMAN10:
		a.WordCount = negotiate.AnswerWordsNT
		a.Capabilities = smb.SMB1CapNTSMBs | smb.SMB1CapStatus32
		if s.extended && h.Flags2&smb.SMB1Flags2ExtendedSecurity != 0 {
			a.Capabilities, a.Challenge = a.Capabilities|smb.SMB1CapExtendedSecurity, nil
			return a
		}
		a.Header.Flags2 &^= smb.SMB1Flags2Unicode
		a.DomainName, a.ServerName = []byte("DOMAIN"), []byte("SERVER")
		return a
	}
	a.WordCount, a.DomainName = negotiate.AnswerWordsLANMAN, []byte("DOMAIN")
	a.ServerDate, a.ServerTime, a.ServerTimeZone = (2026-1980)<<9|11<<5|24, 13<<11|2, -60
	return a
}

// truth lists every answer that a scan at level full should give, by its path. Without "NT LM 0.12" there may be other
// answers of SMB1, and what silence leaves open is left out.
func (s *detailed) truth() map[string]report.Answer {
	m := map[string]report.Answer{}
	is := report.AnswerOf
	for _, d := range smb.Dialects() {
		m["/dialects/"+d.String()] = is(slices.Contains(s.two, d))
	}
	for _, d := range smb.SMB1Dialects() {
		m["/dialects/"+d] = is(slices.Contains(s.old, d))
	}
	for _, d := range smb.OtherSMB1Dialects() {
		m["/smb1/other_dialects/"+d] = is(slices.Contains(s.old, d))
	}
	m["/smb1/supported"], m["/smb1/upgrade_to_smb2"] = is(len(s.old) > 0), is(len(s.two) > 0)
	three := slices.Contains(s.two, smb.DialectSMB311)
	below := func(d ...smb.Dialect) bool { return len(commonOf(s.two, d)) > 0 }
	for _, c := range negotiate.Ciphers() {
		m["/encryption/ciphers/"+c.String()+"/answer"] = is(three && slices.Contains(s.ciphers, c) ||
			c == negotiate.CipherAES128CCM && s.bit && below(smb.DialectSMB300, smb.DialectSMB302))
	}
	m["/encryption/supported"] = is(three && len(s.ciphers) > 0 || s.bit && below(smb.DialectSMB300, smb.DialectSMB302))
	signs := func(a negotiate.SigningAlgorithm) bool { return three && slices.Contains(s.signing, a) }
	m["/signing/algorithms/HMAC-SHA256/answer"] = is(signs(negotiate.SigningHMACSHA256) || below(smb.DialectSMB202, smb.DialectSMB210))
	m["/signing/algorithms/AES-CMAC/answer"] = is(signs(negotiate.SigningAESCMAC) || three && s.signing == nil || below(smb.DialectSMB300, smb.DialectSMB302))
	m["/signing/algorithms/AES-GMAC/answer"] = is(signs(negotiate.SigningAESGMAC))
	for _, a := range negotiate.CompressionAlgorithms() {
		m["/compression/algorithms/"+a.String()] = is(three && slices.Contains(s.compression, a))
	}
	m["/compression/supported"], m["/compression/chained"] = is(three && len(s.compression) > 0), is(three && s.chained)
	for _, d := range negotiate.RDMATransforms() {
		m["/rdma_transforms/algorithms/"+d.String()] = is(three && slices.Contains(s.rdma, d))
	}
	m["/rdma_transforms/supported"], m["/posix_extensions"] = is(three && len(s.rdma) > 0), is(three && s.posix)
	m["/encryption/required"] = report.Unknown
	if s.required {
		m["/encryption/required"] = report.Yes
	}
	return m
}
