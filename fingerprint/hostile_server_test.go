package fingerprint_test

import (
	"encoding"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A way is what a moody server does with a connection.
type way int

const (
	answer         way = iota // as its dialects say
	shut                      // closes
	tear                      // resets
	mutely                    // reads on and says nothing
	halfway                   // begins to answer and closes
	foreign                   // answers with another protocol
	flooding                  // keep-alives without end
	invalid                   // STATUS_INVALID_PARAMETER, or that failure in SMB1
	bogus                     // takes what was not offered
	garbled                   // an answer with a few bytes changed
	takenAndFailed            // takes an SMB1 dialect with the status of a failure
	unsupported               // STATUS_NOT_SUPPORTED; SMB1 offers are answered
)

// A moody server takes some dialects and refuses others in its way. It disturbs questions as its script says, which
// knows them by what they mean and counts them, so that the order in which connections come about changes nothing.
type moody struct {
	one     bool // takes NT LM 0.12
	two     []smb.Dialect
	refuses way // SMB2 offers: answer is STATUS_NOT_SUPPORTED
	denies  way // SMB1 offers: answer is DialectIndex 0xFFFF
	setup   way // session setups
	disturb func(meaning string, n int) way

	mu    sync.Mutex
	seen  map[string]int
	lost  map[string]int // how often an offer of a dialect was closed or reset
	asked []string
}

func (s *moody) handle(conn net.Conn) {
	for first := true; ; first = false {
		request, err := readRequest(conn)
		if err != nil {
			return
		}
		does := s.setup
		if first {
			does = s.begin(request)
		}
		if !s.act(conn, request, does, first) {
			return
		}
	}
}

// begin counts a question and looks up what to do with it.
func (s *moody) begin(request []byte) way {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen, s.lost = map[string]int{}, map[string]int{}
	}
	meaning := smbtest.Meaning(request)
	s.seen[meaning]++
	s.asked = append(s.asked, meaning)
	does := answer
	if s.disturb != nil {
		does = s.disturb(meaning, s.seen[meaning])
	}
	if does != shut && does != tear && does != garbled {
		return does
	}
	for _, d := range offeredBy(request) {
		s.lost[d]++
	}
	return does
}

func offeredBy(request []byte) (list []string) {
	if r, err := negotiate.ParseSMB2Request(request); err == nil {
		for _, d := range r.Dialects {
			list = append(list, d.String())
		}
	}
	if r, err := negotiate.ParseSMB1Request(request); err == nil {
		return r.Dialects
	}
	return list
}

// act does one thing and tells whether the connection goes on.
func (s *moody) act(conn net.Conn, request []byte, does way, first bool) bool {
	switch does {
	case shut:
		return false
	case tear:
		smbtest.ResetAtOnce(conn)
		return false
	case mutely:
		smbtest.Silent(conn)
		return false
	case foreign:
		_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		smbtest.Silent(conn)
		return false
	case flooding:
		smbtest.KeepAlives(conn)
		return false
	}
	reply, refused := s.reply(request, does, first)
	if refused != answer {
		return s.act(conn, request, refused, first)
	}
	if does == garbled {
		for i := range reply {
			if i > 4 && i%7 == 0 {
				reply[i] ^= 0x2A
			}
		}
	}
	framed, err := smb.AppendFrame(nil, reply)
	if err != nil {
		return false
	}
	if does == halfway {
		_, _ = conn.Write(framed[:len(framed)/2])
		return false
	}
	_, err = conn.Write(framed)
	return err == nil
}

// reply builds the answer to a request; where the server refuses without one, it returns how.
func (s *moody) reply(request []byte, does way, first bool) ([]byte, way) {
	if h, err := smb.ParseSMB2Header(request); err == nil {
		h.Flags, h.Credits = smb.SMB2FlagServerToRedir, 1
		return s.reply2(h, request, does, first)
	}
	h, err := smb.ParseSMB1Header(request)
	if err != nil {
		return nil, shut
	}
	h.Flags |= smb.SMB1FlagReply
	r, err := negotiate.ParseSMB1Request(request)
	switch {
	case err != nil, does == invalid:
		h.Status = dtyp.StatusLogonFailure
		return bytesOf(smb.SMB1ErrorResponse{Header: h}), answer
	case does == takenAndFailed:
		h.Status = dtyp.StatusAccessDenied
		return bytesOf(negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore}), answer
	case does == bogus:
		return bytesOf(negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: 77}), answer
	case slices.Contains(r.Dialects, smb.DialectSMB2Any) && len(s.two) > 0:
		d := smb.DialectWildcard
		if s.two[len(s.two)-1] == smb.DialectSMB202 {
			d = smb.DialectSMB202
		}
		return bytesOf(response2(smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1}, d)), answer
	case s.one:
		return bytesOf(negotiate.SMB1Response{
			Header: h, WordCount: negotiate.AnswerWordsNT, DialectIndex: uint16(slices.Index(r.Dialects, smb.DialectNTLM012)),
			SecurityMode: negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse, MaxMpxCount: 50, MaxBufferSize: 16644,
			Capabilities: smb.SMB1CapExtendedSecurity | smb.SMB1CapUnicode, ServerGUID: dtyp.GUID{9},
		}), answer
	case s.denies != answer:
		return nil, s.denies
	}
	return bytesOf(negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect}), answer
}

func (s *moody) reply2(h smb.SMB2Header, request []byte, does way, first bool) ([]byte, way) {
	r, err := negotiate.ParseSMB2Request(request)
	fails := func(status dtyp.NTStatus) ([]byte, way) {
		h.Status = status
		return bytesOf(smb.SMB2ErrorResponse{Header: h}), answer
	}
	switch {
	case err != nil || !first:
		return fails(dtyp.StatusLogonFailure)
	case does == bogus, does == takenAndFailed:
		return bytesOf(response2(h, 0x0400)), answer
	case does == unsupported:
		return fails(dtyp.StatusNotSupported)
	case does == invalid: // of the moment; a server that means the dialect says so each time
		return fails(dtyp.StatusInsufficientResources)
	}
	for _, d := range slices.Backward(s.two) {
		if slices.Contains(r.Dialects, d) {
			return bytesOf(response2(h, d)), answer
		}
	}
	switch s.refuses {
	case answer:
		return fails(dtyp.StatusNotSupported)
	case invalid:
		return fails(dtyp.StatusInvalidParameter)
	}
	return nil, s.refuses
}

func response2(h smb.SMB2Header, d smb.Dialect) negotiate.SMB2Response {
	return negotiate.SMB2Response{
		Header: h, SecurityMode: smb.SigningEnabled, Dialect: d, ServerGUID: dtyp.GUID{1, 2, 3, 0xFF},
		MaxTransactSize: 8 << 20, MaxReadSize: 8 << 20, MaxWriteSize: 8 << 20, SystemTime: dtyp.FiletimeOf(time.Unix(1_800_000_000, 0)),
	}
}

func bytesOf(part encoding.BinaryAppender) []byte {
	b, err := part.AppendBinary(nil)
	if err != nil {
		panic(err) // a defect of the test
	}
	return b
}

func readRequest(conn net.Conn) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	request := make([]byte, binary.BigEndian.Uint32(head[:])&0xFFFFFF)
	_, err := io.ReadFull(conn, request)
	return request, err
}
