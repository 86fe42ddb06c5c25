package smbtest

import (
	"encoding/hex"
	"net"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// zooClock is the clock of the genuine servers: the same bytes at any time.
const zooClock = 1_790_000_000

// genuineServer is what hostile servers begin as: it takes every dialect of SMB2 and NT LM 0.12, answers every context,
// lets nobody in, and has IPC$. It has no pipes.
func genuineServer() Personality {
	p, _ := PersonalityOf("synthetic-windows-server-2025-member")
	p.SMB1, p.NullSession, p.StartTime = true, true, true
	p.NativeOS, p.NativeLanMan = "Hostile 1.0 (synthetic, smbtest)", "Hostile 1.0 (synthetic, smbtest)"
	p.Now = func() time.Time { return time.Unix(zooClock, 0) }
	p.old = personalitySMB1{caps: 0x0001E3FC, maxMpx: 50, maxBuffer: 16644}
	p.RDMA = []negotiate.RDMATransformID{negotiate.RDMATransformEncryption, negotiate.RDMATransformSigning}
	p.smb2.contexts = []negotiate.ContextType{
		negotiate.ContextPreauthIntegrity, negotiate.ContextEncryption, negotiate.ContextCompression,
		negotiate.ContextRDMATransform, negotiate.ContextSigning, negotiate.ContextPOSIX,
	}
	return p
}

// genuineOld is a server of SMB1 from before NT LM 0.12.
type genuineOld struct{ lanman bool }

// answer takes the dialect that it knows, wherever it stands in the list.
func (g genuineOld) answer(request []byte) []byte {
	r, err := negotiate.ParseSMB1Request(request)
	if err != nil {
		return nil
	}
	h := r.Header
	h.Flags |= smb.SMB1FlagReply
	m := negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect}
	for i, d := range r.Dialects {
		switch {
		case g.lanman && d == smb.DialectLANMAN21:
			return built(negotiate.SMB1Response{
				Header: h, WordCount: negotiate.AnswerWordsLANMAN, DialectIndex: uint16(i),
				SecurityMode:  negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse,
				MaxBufferSize: 4356, MaxMpxCount: 50, MaxNumberVcs: 1, Challenge: []byte("\x01\x02\x03\x04\x05\x06\x07\x08"),
				DomainName: []byte("WORKGROUP"),
			})
		case !g.lanman && d == smb.DialectCore:
			m.DialectIndex = uint16(i)
		}
	}
	return built(m)
}

// Handle serves one connection.
func (g genuineOld) Handle(conn net.Conn) {
	serveAnswers(conn, func(request []byte) []byte { return g.answer(request) })
}

// serveAnswers answers messages until there is no answer, which closes the connection. Session requests are taken.
func serveAnswers(conn net.Conn, answer func(request []byte) []byte) {
	defer func() { _ = conn.Close() }()
	for {
		request, err := readRequest(conn)
		if err != nil {
			return
		}
		packet := []byte{byte(smb.FramePositiveResponse), 0, 0, 0}
		if request.Kind == dialogue.Message {
			message := answer(request.Data)
			if message == nil {
				return
			}
			if packet, err = smb.AppendFrame(nil, message); err != nil {
				return
			}
		}
		if _, err := conn.Write(packet); err != nil {
			return
		}
	}
}

// genuineShares is the stub of a NetrShareEnum response of level 1 with two shares, public and IPC$
// ([MS-SRVS] 2.2.4.23 and 3.1.4.8).
const genuineShares = "0100000001000000000002000200000004000200020000000800020000000000" +
	"0c00020010000200030000001400020007000000000000000700000070007500" +
	"62006c0069006300000000000100000000000000010000000000000005000000" +
	"0000000005000000490050004300240000000000040000000000000004000000" +
	"490050004300000002000000180002000000000000000000"

func hexBytes(text string) []byte {
	b, _ := hex.DecodeString(text) // of constants alone, which a test reads
	return b
}

// genuinePipes is a server that lets nobody in and has pipes, which answer every call with a list of two shares in
// fragments of 100 bytes. There is one for each connection, because it keeps what it was asked.
func genuinePipes(dialects ...smb.Dialect) *PipeServer {
	shares := hexBytes(genuineShares)
	return &PipeServer{
		Dialects: dialects, NTLM012: true, Computer: "HOSTILE", FragmentSize: 100,
		Pipes:  []string{"srvsvc", "wkssvc", "lsarpc", "samr", "epmapper"},
		Shares: []PipeShare{{Name: "public", Access: smb.AccessReadData, Root: smb.AccessReadData}},
		Call:   func(string, dcerpc.Request) PipeAnswer { return PipeAnswer{Stub: shares} },
	}
}

// servePipes is genuinePipes with every dialect, or SMB1 alone.
func servePipes(conn net.Conn) { genuinePipes(smb.Dialects()...).Handle(conn) }

func servePipesSMB1(conn net.Conn) {
	s := genuinePipes()
	s.Dialects = []smb.Dialect{}
	s.Handle(conn)
}

// A rewriting connection hands each packet of a server, with the request that it answers, to a function that writes what
// it likes. The servers of this package write one packet at a time, with its four bytes of framing.
type rewriting struct {
	net.Conn
	reply func(conn net.Conn, request, packet []byte) error
	asked []byte // read since the last write
}

func (r *rewriting) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	if len(r.asked) < maxRequest {
		r.asked = append(r.asked, b[:n]...)
	}
	return n, err
}

func (r *rewriting) Write(b []byte) (int, error) {
	asked := r.asked
	r.asked = nil
	if err := r.reply(r.Conn, asked, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// rewrites serves as a handler does, but for what a function makes of each packet. An error of it ends the connection.
func rewrites(handle func(net.Conn), reply func(conn net.Conn, request, packet []byte) error) func(net.Conn) {
	return func(conn net.Conn) { handle(&rewriting{Conn: conn, reply: reply}) }
}

// changes serves as a handler does, but for what a function makes of each message of SMB; NetBIOS packets stay. Nil ends
// the connection.
func changes(handle func(net.Conn), change func(request, message []byte) []byte) func(net.Conn) {
	return rewrites(handle, func(conn net.Conn, request, packet []byte) error {
		if packet[0] != byte(smb.FrameMessage) || len(request) < smb.FrameHeaderSize {
			_, err := conn.Write(packet)
			return err
		}
		message := change(request[smb.FrameHeaderSize:], append([]byte{}, packet[smb.FrameHeaderSize:]...))
		if message == nil {
			return net.ErrClosed
		}
		return send(conn, message)
	})
}

// send writes messages, each in a frame, at once.
func send(conn net.Conn, messages ...[]byte) error {
	var packets []byte
	for _, m := range messages {
		var err error
		if packets, err = smb.AppendFrame(packets, m); err != nil {
			return err
		}
	}
	_, err := conn.Write(packets)
	return err
}

// withHeader2 changes the header of an SMB2 message; another message stays as it is.
func withHeader2(message []byte, change func(*smb.SMB2Header)) []byte {
	h, err := smb.ParseSMB2Header(message)
	if err != nil {
		return message
	}
	change(&h)
	return replaceHead(message, h, smb.SMB2HeaderSize)
}

// withHeader1 does so with one of SMB1.
func withHeader1(message []byte, change func(*smb.SMB1Header)) []byte {
	h, err := smb.ParseSMB1Header(message)
	if err != nil {
		return message
	}
	change(&h)
	return replaceHead(message, h, smb.SMB1HeaderSize)
}

// refused makes an error response of an answer.
func refused(message []byte, status dtyp.NTStatus) []byte {
	if h, err := smb.ParseSMB2Header(message); err == nil {
		h.Status = status
		return built(smb.SMB2ErrorResponse{Header: h})
	}
	if h, err := smb.ParseSMB1Header(message); err == nil {
		h.Status = status
		return built(smb.SMB1ErrorResponse{Header: h})
	}
	return message
}
