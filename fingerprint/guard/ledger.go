package guard

import (
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// maxOutstanding bounds the requests that wait for an answer, and maxSessions the sessions of a connection. Windows
// grants at most 8192 credits.
const (
	maxOutstanding = 8192
	maxSessions    = 256
)

// A request is one of SMB2 that waits for its answer.
type request struct {
	command  smb.SMB2Command
	compound bool   // sent together with others
	interim  bool   // STATUS_PENDING has come
	asyncID  uint64 // of the interim answer
	most     int    // bytes of data that the answer may have or count; negative: not known
	class    uint8  // of a directory listing
	fsctl    smb.FSCTL
	logon    logon // of a session setup
	multi    bool  // it was an SMB1 negotiate for several protocols
}

// A ledger is what the client has asked on a connection and what has been agreed on.
type ledger struct {
	options Options

	waiting  map[uint64]request // by MessageId
	smb1     map[uint32]request1
	sessions map[uint64]logon // of SMB2, by SessionId
	set      bool             // a session stands
	oplocks  bool             // an oplock or a lease was asked for
	credits  int              // that the client holds
	blind    bool             // messages that cannot be read have been exchanged: credits are not known

	nego      agreement
	encrypted int // answers to encrypted requests that may still come
	hidden    int // answers that came compressed: their requests stay in waiting

	session bool // a NetBIOS session request waits for its answer
	logon1  logon
}

func newLedger(o Options) ledger {
	return ledger{
		options: o, credits: 1,
		waiting: map[uint64]request{}, smb1: map[uint32]request1{}, sessions: map[uint64]logon{},
	}
}

// request notes a frame that the client sends, of which a long one is cut.
func (l *ledger) request(frame []byte, whole bool) *RefusedError {
	h, err := smb.ParseFrameHeader(frame)
	if err != nil {
		return malformed("frame header", err)
	}
	msg := frame[smb.FrameHeaderSize:]
	switch {
	case h.Type == smb.FrameSessionRequest:
		l.session = true
		return nil
	case h.Type == smb.FrameKeepAlive:
		return nil
	case h.Type != smb.FrameMessage:
		return refuse(ErrRequest, "%v", h.Type)
	case len(l.waiting)-l.hidden+len(l.smb1) >= maxOutstanding:
		return refuse(ErrRequest, "%d requests without an answer", maxOutstanding)
	case smb.IsSMB1(msg):
		return l.request1(msg)
	case smb.IsSMB2(msg):
		return l.requests(msg, whole)
	case smb.IsTransform(msg):
		return l.requestEncrypted()
	case smb.IsCompressed(msg):
		return refuse(ErrRequest, "a compressed request")
	}
	return refuse(ErrRequest, "no SMB message")
}

// requestEncrypted notes an encrypted request. What is in it is not known: it may be answered by an interim answer and
// an answer.
func (l *ledger) requestEncrypted() *RefusedError {
	const answers = 2
	if refusal := l.transforms(l.nego.encryption, "encryption"); refusal != nil {
		return refusal
	}
	l.blind = true
	l.encrypted += answers
	return nil
}

// transforms tells whether messages may be encrypted, or compressed, if that was negotiated.
func (l *ledger) transforms(negotiated bool, what string) *RefusedError {
	switch {
	case !negotiated:
		return refuse(ErrTransform, "%s was not negotiated", what)
	case l.options.NoTransforms:
		return refuse(ErrTransform, "%s is not allowed by the options", what)
	}
	return nil
}

// requests notes the SMB2 requests of one frame.
func (l *ledger) requests(msg []byte, whole bool) *RefusedError {
	compound := false
	for {
		h, err := smb.ParseSMB2Header(msg)
		if err != nil {
			return &RefusedError{Rule: ErrRequest, Err: err}
		}
		end := len(msg)
		if h.NextCommand != 0 {
			if !l.options.Compounds {
				return refuse(ErrCompound, "the client sent several requests in one frame")
			}
			compound = true
			if end = nextCommand(h, msg); end < 0 {
				return refuse(ErrRequest, "NextCommand %d in %d bytes", h.NextCommand, len(msg))
			}
		}
		l.requestSMB2(h, msg[:end:end], compound)
		if h.NextCommand == 0 {
			break
		}
		msg = msg[end:]
	}
	if compound && !whole {
		return refuse(ErrRequest, "a compound of more than %d bytes", maxRequestHead)
	}
	return nil
}

// nextCommand returns where the next message of a compound begins, or -1 where that is not in the message.
func nextCommand(h smb.SMB2Header, msg []byte) int {
	next := int64(h.NextCommand)
	if next%8 != 0 || next < smb.SMB2HeaderSize || next > int64(len(msg)-smb.SMB2HeaderSize) {
		return -1
	}
	return int(next)
}

func (l *ledger) requestSMB2(h smb.SMB2Header, msg []byte, compound bool) {
	if h.Command == smb.SMB2Cancel {
		return // has no answer of its own, [MS-SMB2] 3.3.5.16
	}
	r := request{command: h.Command, compound: compound, most: -1}
	c := wire.NewCursor("", msg)
	at := func(offset int) *wire.Cursor {
		c.Seek("", smb.SMB2HeaderSize+offset)
		return &c
	}
	switch h.Command {
	case smb.SMB2Negotiate:
		l.nego.offer(msg)
	case smb.SMB2SessionSetup:
		r.logon = l.sessions[h.SessionID].request(msg)
		if _, known := l.sessions[h.SessionID]; known || h.SessionID != 0 && len(l.sessions) < maxSessions {
			l.sessions[h.SessionID] = r.logon
		}
	case smb.SMB2Create:
		l.oplocks = l.oplocks || at(3).U8("RequestedOplockLevel") != uint8(smb.SMB2OplockNone)
	case smb.SMB2Read, smb.SMB2Write, smb.SMB2ChangeNotify, smb.SMB2QueryInfo:
		r.most = at(4).Len32("Length")
	case smb.SMB2Ioctl:
		r.fsctl = smb.FSCTL(at(4).U32("CtlCode"))
		r.most = at(44).Len32("MaxOutputResponse")
	case smb.SMB2QueryDirectory:
		r.class = at(2).U8("FileInformationClass")
		r.most = at(28).Len32("OutputBufferLength")
	}
	if c.Failed() {
		r.most = -1 // the server will refuse such a request
	}
	l.credits -= max(1, int(h.CreditCharge))
	l.waiting[h.MessageID] = r
}
