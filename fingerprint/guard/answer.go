package guard

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// answer checks a whole frame of the server against what was asked. It returns false for a frame that keeps the rules
// but is not for the client.
func (l *ledger) answer(frame []byte) (pass bool, refusal *RefusedError) {
	h, err := smb.ParseFrameHeader(frame)
	if err != nil {
		return false, malformed("frame header", err)
	}
	msg := frame[smb.FrameHeaderSize:]
	switch h.Type {
	case smb.FrameMessage:
		return true, l.message(msg)
	case smb.FrameKeepAlive:
		return false, nil // clients know them from nowhere but old servers, and need not answer (RFC 1002 4.3.7)
	}
	if !l.session {
		return false, refuse(ErrUnsolicited, "%v", h.Type)
	}
	l.session = false
	return true, nil
}

func (l *ledger) message(msg []byte) *RefusedError {
	switch {
	case smb.IsSMB2(msg):
		return l.answers(msg)
	case smb.IsSMB1(msg):
		return l.answer1(msg)
	case smb.IsTransform(msg):
		return l.answerEncrypted(msg)
	case smb.IsCompressed(msg):
		return l.answerCompressed(msg)
	}
	return malformed("protocol identifier", smb.ErrNotSMB)
}

// answers checks the SMB2 messages of one frame: one, or a compound where the client sent one.
func (l *ledger) answers(msg []byte) *RefusedError {
	compound := false
	for {
		h, err := smb.ParseSMB2Header(msg)
		if err != nil {
			return malformed("", err)
		}
		c := wire.NewCursor("SMB2 header", msg)
		c.Seek("StructureSize", 4)
		if size := c.Len16("StructureSize"); size != smb.SMB2HeaderSize {
			return refuse(ErrMalformed, "header of %d bytes", size)
		}
		end := len(msg)
		if h.NextCommand != 0 {
			if compound = true; !l.options.Compounds {
				return refuse(ErrCompound, "NextCommand %d", h.NextCommand)
			}
			if end = nextCommand(h, msg); end < 0 {
				return refuse(ErrCompound, "NextCommand %d in %d bytes", h.NextCommand, len(msg))
			}
		}
		if refusal := l.answerSMB2(h, msg[:end:end], compound); refusal != nil {
			return refusal
		}
		if h.NextCommand == 0 {
			return l.starved(h)
		}
		msg = msg[end:]
	}
}

// starved refuses an answer that leaves the client without a credit and without a request whose answer could bring one
// ([MS-SMB2] 3.3.1.2 has servers grant one at least). Clients wait for a credit for ever.
func (l *ledger) starved(h smb.SMB2Header) *RefusedError {
	if l.blind || l.credits > 0 || len(l.waiting) > 0 {
		return nil
	}
	return refuse(ErrCredits, "%v", h.Command)
}

// answerSMB2 checks one message.
func (l *ledger) answerSMB2(h smb.SMB2Header, msg []byte, compound bool) *RefusedError {
	if !h.IsResponse() {
		return refuse(ErrMalformed, "a request from the server: %v", h.Command)
	}
	if h.MessageID == smb.UnsolicitedMessageID {
		return l.oplockBreak(h, msg)
	}
	asked, ok := l.waiting[h.MessageID]
	if !ok {
		return l.answerMulti(h, msg)
	}
	switch {
	case asked.command != h.Command:
		return refuse(ErrUnsolicited, "%v answers %v with id %d", h.Command, asked.command, h.MessageID)
	case compound && !asked.compound:
		return refuse(ErrCompound, "%v was asked alone", h.Command)
	}
	l.credits += int(h.Credits)
	async := h.Flags&smb.SMB2FlagAsyncCommand != 0
	if h.Status == dtyp.StatusPending {
		switch {
		case !async || h.Command == smb.SMB2Negotiate:
			return refuse(ErrMalformed, "an interim answer to %v, asynchronous: %v", h.Command, async)
		case asked.interim:
			return refuse(ErrUnsolicited, "a second interim answer to %v", h.Command)
		}
		asked.interim, asked.asyncID = true, h.AsyncID
		l.waiting[h.MessageID] = asked
		return checkErrorBody(msg)
	}
	if async && asked.interim && h.AsyncID != asked.asyncID {
		return refuse(ErrUnsolicited, "AsyncId %d, the interim answer had %d", h.AsyncID, asked.asyncID)
	}
	delete(l.waiting, h.MessageID)
	return l.body(h, msg, asked)
}

// answerMulti checks the SMB2 answer to an SMB1 negotiate, which has MessageId 0 ([MS-SMB2] 3.3.5.3.1), or refuses.
func (l *ledger) answerMulti(h smb.SMB2Header, msg []byte) *RefusedError {
	if h.Command != smb.SMB2Negotiate || h.MessageID != 0 || !l.nego.multi && !l.nego.multi202 {
		return refuse(ErrUnsolicited, "%v with id %d", h.Command, h.MessageID)
	}
	if _, waits := l.take1(smb.SMB1Negotiate); !waits {
		return refuse(ErrUnsolicited, "%v with id %d", h.Command, h.MessageID)
	}
	l.credits = max(l.credits, int(h.Credits))
	return l.body(h, msg, request{command: smb.SMB2Negotiate, most: -1, multi: true})
}

// oplockBreak checks the one message that answers nothing, [MS-SMB2] 2.2.23: it comes only to those who asked for an
// oplock or a lease.
func (l *ledger) oplockBreak(h smb.SMB2Header, msg []byte) *RefusedError {
	if h.Command != smb.SMB2OplockBreak || !l.oplocks || h.Status != dtyp.StatusSuccess {
		return refuse(ErrUnsolicited, "%v", h.Command)
	}
	return checkSizes(msg, map[int]int{24: 24, 44: 44})
}

const (
	transformSize  = 52 // [MS-SMB2] 2.2.41
	compressedSize = 16 // [MS-SMB2] 2.2.42.1
)

// answerEncrypted checks the header of an encrypted message; what is in it only the client can read.
func (l *ledger) answerEncrypted(msg []byte) *RefusedError {
	if refusal := l.transforms(l.nego.encryption, "encryption"); refusal != nil {
		return refusal
	}
	c := wire.NewCursor("SMB2 TRANSFORM_HEADER", msg)
	c.Seek("OriginalMessageSize", 36)
	original := c.Len32("OriginalMessageSize")
	c.U16("Reserved")
	flags := c.U16("Flags/EncryptionAlgorithm")
	id := c.U64("SessionId")
	if err := c.Err(); err != nil {
		return malformed("", err)
	}
	switch _, known := l.sessions[id]; {
	case !l.set || !known:
		return refuse(ErrTransform, "an encrypted message of no session")
	case l.encrypted == 0:
		return refuse(ErrUnsolicited, "an encrypted message")
	case flags != 1:
		return refuse(ErrMalformed, "flags 0x%04X of an encrypted message", flags)
	case original != len(msg)-transformSize || original < smb.SMB2HeaderSize:
		return refuse(ErrMalformed, "OriginalMessageSize %d, %d bytes are there", original, len(msg)-transformSize)
	}
	l.encrypted--
	return nil
}

// answerCompressed checks the header of a compressed message. Which request it answers cannot be seen.
func (l *ledger) answerCompressed(msg []byte) *RefusedError {
	if refusal := l.transforms(l.nego.compression, "compression"); refusal != nil {
		return refusal
	}
	c := wire.NewCursor("SMB2 COMPRESSION_TRANSFORM_HEADER", msg)
	c.Seek("OriginalCompressedSegmentSize", 4)
	original := c.Len32("OriginalCompressedSegmentSize")
	c.U16("CompressionAlgorithm")
	chained := c.U16("Flags")
	offset := c.Len32("Offset/Length")
	if err := c.Err(); err != nil {
		return malformed("", err)
	}
	switch {
	case !l.set:
		return refuse(ErrTransform, "a compressed message before a session stands")
	case l.hidden >= len(l.waiting):
		return refuse(ErrUnsolicited, "a compressed message")
	case original < 0 || original > l.options.MaxFrame:
		return refuse(ErrFrameSize, "%d bytes when decompressed, at most %d", original, l.options.MaxFrame)
	case chained > 1 || offset < 0 || offset > len(msg)-compressedSize:
		return refuse(ErrMalformed, "flags 0x%04X, offset or length %d", chained, offset)
	}
	l.blind = true
	l.hidden++
	return nil
}
