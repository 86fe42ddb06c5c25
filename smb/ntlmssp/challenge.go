package ntlmssp

import "github.com/smbscope/smbscope/smb/wire"

// The sizes of a CHALLENGE_MESSAGE's header: up to the challenge, with Reserved, with TargetInfo, and with Version.
const (
	challengeShortSize    = 32
	challengeReservedSize = 40
	challengeInfoSize     = 48
	challengeVersionSize  = 56
)

// A Challenge is a CHALLENGE_MESSAGE, the server's type 2 message, as described in [MS-NLMP] 2.2.1.2.
type Challenge struct {
	TargetName      []byte // Flags.Text decodes it
	Flags           Flags
	ServerChallenge [8]byte
	Reserved        [8]byte
	// TargetInfo is the list of AV pairs byte for byte, with its MsvAvEOL. If it is not empty it is what AppendBinary
	// writes; whoever changes AVPairs of a parsed value sets it to nil.
	TargetInfo []byte
	// AVPairs are the pairs of TargetInfo in wire order, without MsvAvEOL and what follows it, at most 64.
	// AppendBinary ends them with MsvAvEOL.
	AVPairs []AVPair
	Version *Version // nil where the message has none
	// HeaderSize is the number of bytes that the known fields take before the payload: 32, 40, 48 or 56. A builder
	// looks at it only where it is 32 or 40 and there is neither TargetInfo nor Version.
	HeaderSize int
	Extra      []byte // of unknown use, between header and payload
	Anomalies  []wire.Anomaly
}

// ParseChallenge parses a type 2 message. Less than 32 bytes are a wire.ErrTruncated error; another signature or
// message type is a wire.ErrFormat error.
func ParseChallenge(msg []byte) (Challenge, error) {
	c := wire.NewCursor("CHALLENGE_MESSAGE", msg)
	readStart(&c, TypeChallenge)
	name := readPart(&c, "TargetName")
	ch := Challenge{Flags: Flags(c.U32("NegotiateFlags"))}
	c.Copy("ServerChallenge", ch.ServerChallenge[:])
	if err := c.Err(); err != nil {
		return Challenge{}, err
	}
	start := payloadStart(len(msg), challengeShortSize, name)
	if start >= challengeReservedSize {
		c.Copy("Reserved", ch.Reserved[:])
		if ch.Reserved != [8]byte{} {
			c.Note("Reserved", challengeShortSize, "% x", ch.Reserved)
		}
	}
	var info part
	if start >= challengeInfoSize {
		info = readPart(&c, "TargetInfo")
		start = payloadStart(start, challengeInfoSize, name, info)
		ch.TargetInfo = info.value(&c)
	}
	ch.TargetName = name.value(&c)
	// With a payload right behind the challenge there is no place where Version could be: the flag is odd there too.
	ch.Version = readVersion(&c, start, ch.Flags)
	ch.HeaderSize = c.Offset()
	ch.Extra = readExtra(&c, start)
	switch flag := ch.Flags.Has(FlagNegotiateTargetInfo); {
	case info.length > 0 && !flag:
		c.Note("TargetInfo", info.at, "present, but NTLMSSP_NEGOTIATE_TARGET_INFO is not set")
	case info.length == 0 && flag:
		c.Note("TargetInfo", challengeReservedSize, "absent, but NTLMSSP_NEGOTIATE_TARGET_INFO is set")
	}
	if len(ch.TargetInfo) > 0 {
		ch.AVPairs = readAVPairs(&c, info.offset, ch.TargetInfo)
	}
	notePayload(&c, len(msg), start, name, info)
	ch.Anomalies = c.Anomalies()
	return ch, nil
}

// AppendBinary appends the message: header, TargetName, TargetInfo.
func (ch Challenge) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("CHALLENGE_MESSAGE", b)
	info := ch.TargetInfo
	if len(info) == 0 && len(ch.AVPairs) > 0 {
		var err error
		if info, err = appendAVPairs(nil, ch.AVPairs); err != nil {
			return b, err
		}
	}
	size := ch.headerSize(len(info) > 0)
	offset := size + len(ch.Extra)
	appendStart(&a, TypeChallenge)
	appendPart(&a, "TargetName", ch.TargetName, &offset)
	a.U32(uint32(ch.Flags))
	a.Bytes(ch.ServerChallenge[:])
	if size >= challengeReservedSize {
		a.Bytes(ch.Reserved[:])
	}
	if size >= challengeInfoSize {
		appendPart(&a, "TargetInfo", info, &offset)
	}
	appendVersion(&a, ch.Version)
	a.Bytes(ch.Extra)
	a.Bytes(ch.TargetName)
	a.Bytes(info)
	return a.Result()
}

func (ch Challenge) headerSize(hasInfo bool) int {
	switch {
	case ch.Version != nil:
		return challengeVersionSize
	case !hasInfo && (ch.HeaderSize == challengeShortSize || ch.HeaderSize == challengeReservedSize):
		return ch.HeaderSize
	}
	return challengeInfoSize
}

// AV returns the first pair with the id, and false where there is none.
func (ch Challenge) AV(id AVID) (AVPair, bool) { return findAV(ch.AVPairs, id) }

// TargetNameText decodes TargetName as the flags say.
func (ch Challenge) TargetNameText() string { return ch.Flags.Text(ch.TargetName) }
