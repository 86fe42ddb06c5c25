package fingerprint_test

import (
	"io"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A scripted server takes some SMB2 dialects, also by way of the multi-protocol negotiation, and does one of several
// things with other SMB1 negotiations. It answers the negotiation of a connection and then closes.
type scripted struct {
	t    *testing.T
	smb2 []smb.Dialect // in ascending order
	smb1 string        // "take", "refuse", "close", "reset"
}

func (s scripted) handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	request := s.read(conn)
	if r, err := negotiate.ParseSMB2Request(request); err == nil {
		s.write(conn, s.answerSMB2(r))
		return
	}
	r, err := negotiate.ParseSMB1Request(request)
	if err != nil {
		return
	}
	if len(s.smb2) > 0 && slices.Contains(r.Dialects, smb.DialectSMB2Any) {
		s.write(conn, s.respond(smb.SMB2Header{}, smb.DialectWildcard))
		return
	}
	switch s.smb1 {
	case "take":
		s.write(conn, s.answerSMB1(uint16(slices.Index(r.Dialects, smb.DialectNTLM012))))
	case "refuse":
		s.write(conn, s.answerSMB1(smb.NoDialect))
	case "reset":
		smbtest.ResetAtOnce(conn)
	}
}

func (s scripted) read(conn net.Conn) []byte {
	head := make([]byte, smb.FrameHeaderSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil
	}
	h, err := smb.ParseFrameHeader(head)
	require.NoError(s.t, err)
	message := make([]byte, h.Length)
	if _, err := io.ReadFull(conn, message); err != nil {
		return nil
	}
	return message
}

func (s scripted) write(conn net.Conn, message []byte) {
	framed, err := smb.AppendFrame(nil, message)
	require.NoError(s.t, err)
	_, _ = conn.Write(framed)
}

func (s scripted) answerSMB2(r negotiate.SMB2Request) []byte {
	h := smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1, MessageID: r.Header.MessageID}
	var best smb.Dialect
	for _, d := range r.Dialects {
		if d > best && slices.Contains(s.smb2, d) {
			best = d
		}
	}
	if best == 0 {
		h.Status = dtyp.StatusNotSupported
		b, err := smb.SMB2ErrorResponse{Header: h}.AppendBinary(nil)
		require.NoError(s.t, err)
		return b
	}
	return s.respond(h, best)
}

func (s scripted) respond(h smb.SMB2Header, d smb.Dialect) []byte {
	h.Command, h.Flags, h.Credits = smb.SMB2Negotiate, smb.SMB2FlagServerToRedir, 1
	b, err := negotiate.SMB2Response{Header: h, Dialect: d, SecurityMode: smb.SigningEnabled}.AppendBinary(nil)
	require.NoError(s.t, err)
	return b
}

func (s scripted) answerSMB1(index uint16) []byte {
	h := smb.SMB1Header{Command: smb.SMB1Negotiate, Flags: smb.SMB1FlagReply, Flags2: smb.SMB1Flags2NTStatus, TID: 0xFFFF, PIDLow: negotiate.ProcessID}
	r := negotiate.SMB1Response{Header: h, WordCount: negotiate.AnswerWordsCore, DialectIndex: index}
	if index != smb.NoDialect {
		r.WordCount, r.SecurityMode, r.Challenge = negotiate.AnswerWordsNT, negotiate.SecurityUserLevel, make([]byte, 8)
	}
	b, err := r.AppendBinary(nil)
	require.NoError(s.t, err)
	return b
}
