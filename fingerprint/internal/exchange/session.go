package exchange

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/smb"
)

// callingName is what a scan calls itself. Servers log it and do nothing else with it.
const callingName = "SMBSCOPE"

// sessionProbe is the identifier of a session request in dialogues.
const sessionProbe = "session-request"

// A Session is what a server said to a session request (RFC 1002 4.3). The zero value says that it said nothing that
// counts: how the dialogue ended tells why.
type Session struct {
	Stands   bool             // questions can be asked
	Refused  bool             // by a negative response
	Code     smb.SessionError // of the refusal
	Retarget netip.AddrPort   // where a retarget response leads to; not valid without one
}

// Call asks for a NetBIOS session with a server of a name, which must be the first that is asked of a connection to the
// session service. Where the session does not stand, the dialogue has ended and tells how. Keep-alives before the
// response are kept in the dialogue.
func (c *Conn) Call(ctx context.Context, called smb.NetBIOSName, wait time.Duration) Session {
	if c.ended {
		return Session{}
	}
	c.dialogue.Transport = dialogue.NetBIOSSession
	packet, err := sessionRequest(called)
	if err != nil {
		c.lose(ctx, err)
		return Session{}
	}
	frame := dialogue.Frame{Sent: true, Kind: dialogue.Session, Probe: sessionProbe, Data: packet}
	if !c.arm(ctx, wait) || !c.send(ctx, frame, append(c.out[:0], packet...)) {
		return Session{}
	}
	session, err := c.response()
	switch {
	case err != nil:
		c.lose(ctx, err)
	case session.Refused:
		c.finish(dialogue.EndSession, "the NetBIOS session was refused: "+words(session.Code))
	case !session.Stands:
		c.finish(dialogue.EndSession, fmt.Sprintf("the NetBIOS session was led elsewhere: to %v", session.Retarget))
	}
	return session
}

func words(code smb.SessionError) string {
	if !code.Known() {
		return fmt.Sprintf("unknown code (0x%02X)", uint8(code))
	}
	return fmt.Sprintf("%v (0x%02X)", code, uint8(code))
}

// sessionRequest returns a session request with its header.
func sessionRequest(called smb.NetBIOSName) ([]byte, error) {
	body, err := smb.SessionRequest{
		Called: called, Calling: smb.MakeNetBIOSName(callingName, smb.SuffixWorkstation),
	}.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	packet, err := smb.FrameHeader{Type: smb.FrameSessionRequest, Length: len(body)}.AppendBinary(nil)
	return append(packet, body...), err
}

// response reads session packets until one is the response to a session request.
func (c *Conn) response() (Session, error) {
	for range maxFrames {
		frame, err := c.in.sessionPacket()
		if len(frame.Data) > 0 {
			c.record(frame)
		}
		if err != nil {
			return Session{}, err
		}
		body := frame.Data[smb.FrameHeaderSize:]
		switch smb.FrameType(frame.Data[0]) {
		case smb.FramePositiveResponse:
			return Session{Stands: true}, nil
		case smb.FrameNegativeResponse:
			code, err := smb.ParseSessionError(body)
			return Session{Refused: true, Code: code}, err
		case smb.FrameRetarget:
			to, err := smb.ParseRetarget(body)
			return Session{Retarget: to.Address}, err
		}
	}
	return Session{}, errTooMany()
}

// sessionPacket returns the next session packet that a server may send before a session stands, with its header. On an
// error the frame holds what was read, if anything.
func (r *reader) sessionPacket() (dialogue.Frame, error) {
	if err := r.need(smb.FrameHeaderSize); err != nil {
		return r.partial(err, beginsSessionPacket)
	}
	if !beginsSessionPacket(r.buffered()) {
		return r.foreign()
	}
	size := smb.FrameHeaderSize + int(r.buffered()[smb.FrameHeaderSize-1])
	if err := r.need(size); err != nil {
		return r.partial(err, beginsSessionPacket)
	}
	return dialogue.Frame{Kind: dialogue.Session, Data: r.take(size)}, nil
}

// beginsSessionPacket tells whether b can be the beginning of such a packet. Each type has one length, and none has
// flags (RFC 1002 4.3.3 to 4.3.7).
func beginsSessionPacket(b []byte) bool {
	header := [smb.FrameHeaderSize]byte{b[0]}
	switch smb.FrameType(b[0]) {
	case smb.FramePositiveResponse, smb.FrameKeepAlive:
	case smb.FrameNegativeResponse:
		header[3] = 1
	case smb.FrameRetarget:
		header[3] = 6
	default:
		return false
	}
	n := min(len(b), len(header))
	return string(b[:n]) == string(header[:n])
}
