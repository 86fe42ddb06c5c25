package smb

import (
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A Relation is what a message has to do with a request that was sent before it.
type Relation int

// The relations.
const (
	Unrelated Relation = iota // an interim response, an unsolicited message, or the answer to another request
	Answers                   // the answer
	Echoes                    // a request came back: the peer repeats what it is sent
)

// Relate tells whether message answers request. It is lenient where a server's quirk cannot be taken for another
// answer, because there is only one question open at a time: an SMB1 request may be answered in SMB2 (multi-protocol
// negotiation), an SMB2 request by an SMB1 error, and what is encrypted or compressed is an answer nobody can read. A
// TRANS2_SESSION_SETUP may be answered under its own message id, or under that which SMB1ImplantMark makes of it.
func Relate(request, message []byte) Relation {
	switch {
	case IsSMB2(message):
		return relateSMB2(request, message)
	case IsSMB1(message):
		return relateSMB1(request, message)
	}
	return Answers
}

func relateSMB2(request, message []byte) Relation {
	h, err := ParseSMB2Header(message)
	if err != nil {
		return Answers // cut off in the header: malformed
	}
	if !h.IsResponse() {
		return Echoes
	}
	if h.Status == dtyp.StatusPending && h.Flags&SMB2FlagAsyncCommand != 0 {
		return Unrelated // the final answer follows ([MS-SMB2] 3.3.4.2)
	}
	asked, err := ParseSMB2Header(request)
	if err != nil {
		return Answers // the question was SMB1
	}
	if h.MessageID != asked.MessageID || h.Command != asked.Command {
		return Unrelated
	}
	return Answers
}

func relateSMB1(request, message []byte) Relation {
	h, err := ParseSMB1Header(message)
	if err != nil {
		return Answers
	}
	if !h.IsResponse() {
		if h.Command == SMB1LockingAndX && h.MID == UnsolicitedMID {
			return Unrelated // an oplock break
		}
		return Echoes
	}
	asked, err := ParseSMB1Header(request)
	if err != nil {
		return Answers // the question was SMB2
	}
	if h.Command != asked.Command || h.MID != asked.MID && !isMarked(request, asked, h) {
		return Unrelated
	}
	return Answers
}

// isMarked tells whether an SMB1 message is DoublePulsar's answer to the one request that it answers to: only that has
// another message id than its request.
func isMarked(request []byte, asked, h SMB1Header) bool {
	if asked.Command != SMB1Transaction2 || h.MID != asked.MID+SMB1ImplantMark {
		return false
	}
	r, err := ParseSMB1Transaction2Request(request)
	return err == nil && r.sessionSetup()
}
