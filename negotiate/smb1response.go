package negotiate

import (
	"bytes"
	"time"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The forms of an SMB1 negotiate response, told apart by WordCount.
const (
	// AnswerWordsNone is no form of the specification: impacket's server (0.10) refuses with DialectIndex 0xFFFF in the
	// data. It is read for a refusal alone.
	AnswerWordsNone   = 0
	AnswerWordsCore   = 1  // DialectIndex alone: the core protocol, or a refusal, [MS-CIFS] 2.2.4.52.2
	AnswerWordsLANMAN = 13 // LANMAN1.0 to LANMAN2.1, [MS-CIFS] 2.2.4.52.2
	AnswerWordsNT     = 17 // NT LM 0.12, [MS-CIFS] 2.2.4.52.2 and [MS-SMB] 2.2.4.5.2
)

const (
	lanmanKeySize    = 8          // bytes, [MS-CIFS] 2.2.4.52.2
	misplacedRefusal = "\xFF\xFF" // the data of AnswerWordsNone
)

// An SMB1SecurityMode tells how an SMB1 server authenticates and signs, [MS-CIFS] 2.2.4.52.2.
type SMB1SecurityMode uint16

// The bits of [MS-CIFS] 2.2.4.52.2.
const (
	SecurityUserLevel         SMB1SecurityMode = 0x01 // else share level
	SecurityChallengeResponse SMB1SecurityMode = 0x02 // else plaintext passwords
	SecuritySignaturesEnabled SMB1SecurityMode = 0x04
	SecuritySignaturesRequire SMB1SecurityMode = 0x08
)

// An SMB1Response is an SMB_COM_NEGOTIATE response in any of its three forms. Fields that the form does not have stay
// zero. Slices alias the message.
type SMB1Response struct {
	Header         smb.SMB1Header
	WordCount      int    // AnswerWordsCore, AnswerWordsLANMAN or AnswerWordsNT; AnswerWordsNone for a misplaced refusal
	DialectIndex   uint16 // into the request's list; smb.NoDialect refuses all of it
	SecurityMode   SMB1SecurityMode
	MaxMpxCount    uint16
	MaxNumberVcs   uint16
	MaxBufferSize  uint32 // bytes
	MaxRawSize     uint32 // bytes, NT form
	RawMode        uint16 // LANMAN form
	SessionKey     uint32
	Capabilities   smb.SMB1Capabilities // NT form
	SystemTime     dtyp.Filetime        // NT form
	ServerTime     uint16               // LANMAN form: SMB_TIME of the server's local time
	ServerDate     uint16               // LANMAN form: SMB_DATE of the server's local time
	ServerTimeZone int16                // minutes to add to local time to get UTC
	Reserved       uint16               // LANMAN form
	ServerGUID     dtyp.GUID            // NT form with extended security
	SecurityBlob   []byte               // NT form with extended security
	Challenge      []byte               // the others; EncryptionKey in the LANMAN form
	DomainName     []byte               // the others, without its terminator; nil where it is not there
	ServerName     []byte               // NT form without extended security, likewise; Text decodes both
	Anomalies      []wire.Anomaly
}

// Refused tells whether the server took none of the dialects that were offered. It is how a server without SMB1 answers
// in SMB1's format.
func (r SMB1Response) Refused() bool { return r.DialectIndex == smb.NoDialect }

// ExtendedSecurity tells whether the server answers in the form with a security blob.
func (r SMB1Response) ExtendedSecurity() bool {
	return r.WordCount == AnswerWordsNT && r.Capabilities&smb.SMB1CapExtendedSecurity != 0
}

// unicodeNames tells whether the names are UTF-16. Windows 2000 and XP send them so wherever they have CAP_UNICODE, also
// to a client whose request, and in an answer whose header, has not the flag; Samba 2.2 has neither and sends OEM.
func (r SMB1Response) unicodeNames() bool {
	return r.WordCount == AnswerWordsNT && (r.Header.Unicode() || r.Capabilities&smb.SMB1CapUnicode != 0)
}

// Text decodes DomainName or ServerName. Header.Text does not do: the header's flag does not decide alone here.
func (r SMB1Response) Text(name []byte) string {
	if r.unicodeNames() {
		return wire.DecodeUTF16(name)
	}
	return wire.DecodeOEM(name)
}

// LocalTime returns the time of the LANMAN form, which has a resolution of two seconds and is the server's local time
// ([MS-CIFS] 2.2.1.4), as UTC by its time zone. It is false for a date that does not exist.
func (r SMB1Response) LocalTime() (time.Time, bool) {
	date, clock := int(r.ServerDate), int(r.ServerTime)
	year, month, day := 1980+date>>9, date>>5&0x0F, date&0x1F
	hour, minute, second := clock>>11, clock>>5&0x3F, 2*(clock&0x1F)
	if r.WordCount != AnswerWordsLANMAN || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return time.Time{}, false
	}
	return t.Add(time.Duration(r.ServerTimeZone) * time.Minute), true
}

// ParseSMB1Response parses an SMB1 negotiate response. One that reports a failure without any parameters is an
// smb.ErrErrorResponse error; a WordCount of no form is a wire.ErrFormat error.
func ParseSMB1Response(msg []byte) (SMB1Response, error) {
	c := wire.NewCursor("SMB_COM_NEGOTIATE response", msg)
	r := SMB1Response{Header: smb.ReadSMB1Header(&c)}
	r.Header.ExpectSMB1(&c, smb.SMB1Negotiate, true)
	r.WordCount = r.Header.ReadWordCount(&c)
	key := 0
	switch r.WordCount {
	case AnswerWordsNone:
	case AnswerWordsCore:
		r.DialectIndex = c.U16("DialectIndex")
	case AnswerWordsLANMAN:
		key = r.readLANMAN(&c)
	case AnswerWordsNT:
		key = r.readNT(&c)
	default:
		c.Fail("WordCount", wire.ErrFormat)
	}
	data := smb.ReadSMB1Bytes(&c)
	if r.WordCount == AnswerWordsNone {
		if string(data) != misplacedRefusal {
			c.Fail("WordCount", wire.ErrFormat)
		}
		r.DialectIndex = smb.NoDialect
		c.Note("DialectIndex", c.Offset()-len(data), "in the data, should be a word")
	}
	if err := c.Err(); err != nil {
		return SMB1Response{}, err
	}
	c.NoteTrailing(c.Offset())
	r.readData(&c, data, c.Offset()-len(data), key)
	r.Anomalies = c.Anomalies()
	return r, nil
}

func (r *SMB1Response) readLANMAN(c *wire.Cursor) (keyLength int) {
	r.DialectIndex = c.U16("DialectIndex")
	r.SecurityMode = SMB1SecurityMode(c.U16("SecurityMode"))
	r.MaxBufferSize = uint32(c.U16("MaxBufferSize"))
	r.MaxMpxCount = c.U16("MaxMpxCount")
	r.MaxNumberVcs = c.U16("MaxNumberVcs")
	r.RawMode = c.U16("RawMode")
	r.SessionKey = c.U32("SessionKey")
	r.ServerTime = c.U16("ServerTime")
	r.ServerDate = c.U16("ServerDate")
	r.ServerTimeZone = int16(c.U16("ServerTimeZone"))
	keyLength = c.Len16("EncryptionKeyLength")
	r.Reserved = c.U16("Reserved")
	return keyLength
}

func (r *SMB1Response) readNT(c *wire.Cursor) (keyLength int) {
	r.DialectIndex = c.U16("DialectIndex")
	r.SecurityMode = SMB1SecurityMode(c.U8("SecurityMode"))
	r.MaxMpxCount = c.U16("MaxMpxCount")
	r.MaxNumberVcs = c.U16("MaxNumberVcs")
	r.MaxBufferSize = c.U32("MaxBufferSize")
	r.MaxRawSize = c.U32("MaxRawSize")
	r.SessionKey = c.U32("SessionKey")
	r.Capabilities = smb.SMB1Capabilities(c.U32("Capabilities"))
	r.SystemTime = dtyp.Filetime(c.U64("SystemTime"))
	r.ServerTimeZone = int16(c.U16("ServerTimeZone"))
	return c.Len8("ChallengeLength")
}

// The places of the fields that tell the length of the key.
const (
	encryptionKeyLengthAt = smb.SMB1HeaderSize + 1 + 22 // LANMAN form
	challengeLengthAt     = smb.SMB1HeaderSize + 1 + 33 // NT form
)

// readData reads what the form has in its data, which begin at offset.
func (r *SMB1Response) readData(c *wire.Cursor, data []byte, offset, keyLength int) {
	switch {
	case r.WordCount == AnswerWordsNone:
		return
	case r.WordCount == AnswerWordsCore:
		if len(data) > 0 {
			c.Note("Bytes", offset, "data in a response of one word")
		}
		return
	case r.ExtendedSecurity():
		if keyLength != 0 {
			c.Note("ChallengeLength", challengeLengthAt, "%d, should be 0 with extended security", keyLength)
		}
		if len(data) < len(r.ServerGUID) {
			c.Note("ServerGUID", offset, "%d bytes of data, should be 16 at least", len(data))
			return
		}
		copy(r.ServerGUID[:], data)
		if blob := data[len(r.ServerGUID):]; len(blob) > 0 {
			r.SecurityBlob = blob[:len(blob):len(blob)]
		}
		return
	}
	if r.keyWithoutLength(keyLength, data) {
		c.Note("EncryptionKeyLength", encryptionKeyLengthAt, "0, but the data are a key")
		keyLength = len(data)
	}
	if keyLength > len(data) {
		field, at := "ChallengeLength", challengeLengthAt
		if r.WordCount == AnswerWordsLANMAN {
			field, at = "EncryptionKeyLength", encryptionKeyLengthAt
		}
		c.Note(field, at, "%d, in data of %d bytes", keyLength, len(data))
		return
	}
	if keyLength > 0 {
		r.Challenge = data[:keyLength:keyLength]
	}
	unicode := r.unicodeNames()
	names := data[keyLength:]
	r.DomainName, names = cutName(names, unicode)
	if r.WordCount == AnswerWordsNT {
		r.ServerName, names = cutName(names, unicode)
	}
	if len(names) > 0 {
		c.Note("Bytes", offset+len(data)-len(names), "%d bytes follow the last name", len(names))
	}
}

// keyWithoutLength recognises the data of a LANMAN form from before the field EncryptionKeyLength, which was reserved in
// LANMAN1.0: Windows for Workgroups 3.11 leaves it zero and sends a key of 8 bytes, which must not be read as a name. A
// name of seven characters has as many bytes, but its one zero at the end.
func (r *SMB1Response) keyWithoutLength(keyLength int, data []byte) bool {
	return r.WordCount == AnswerWordsLANMAN && keyLength == 0 && len(data) == lanmanKeySize &&
		r.SecurityMode&SecurityChallengeResponse != 0 && bytes.IndexByte(data, 0) != lanmanKeySize-1
}

// cutName takes a zero-terminated name off the front: nil when there is none. Names are not aligned here, other than in
// session setups: Windows 2000 and Samba 4.17 put them right behind the challenge.
func cutName(data []byte, unicode bool) (name, rest []byte) {
	if len(data) == 0 {
		return nil, nil
	}
	if !unicode {
		if end := bytes.IndexByte(data, 0); end >= 0 {
			return data[:end:end], data[end+1:]
		}
		return data[:len(data):len(data)], nil
	}
	for n := 0; n+2 <= len(data); n += 2 {
		if data[n] == 0 && data[n+1] == 0 {
			return data[:n:n], data[n+2:]
		}
	}
	even := len(data) &^ 1
	return data[:even:even], data[even:]
}

// AppendBinary appends the message in the form of its WordCount; another WordCount is a wire.ErrFormat error, and so is
// AnswerWordsNone for anything but a refusal.
func (r SMB1Response) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB_COM_NEGOTIATE response", b)
	a.Append(r.Header)
	a.Len8("WordCount", r.WordCount)
	switch r.WordCount {
	case AnswerWordsNone:
		if !r.Refused() {
			a.Fail("WordCount", wire.ErrFormat)
		}
	case AnswerWordsCore:
		a.U16(r.DialectIndex)
	case AnswerWordsLANMAN:
		r.appendLANMAN(&a)
	case AnswerWordsNT:
		r.appendNT(&a)
	default:
		a.Fail("WordCount", wire.ErrFormat)
	}
	count := a.Offset()
	a.U16(0)
	switch {
	case r.WordCount == AnswerWordsNone:
		a.U16(r.DialectIndex)
	case r.WordCount == AnswerWordsCore:
	case r.ExtendedSecurity():
		a.Bytes(r.ServerGUID[:])
		a.Bytes(r.SecurityBlob)
	default:
		a.Bytes(r.Challenge)
		unicode := r.unicodeNames()
		if r.DomainName != nil || r.ServerName != nil {
			appendName(&a, r.DomainName, unicode)
		}
		if r.WordCount == AnswerWordsNT && r.ServerName != nil {
			appendName(&a, r.ServerName, unicode)
		}
	}
	a.Patch16("ByteCount", count, a.Offset()-count-2)
	return a.Result()
}

func (r SMB1Response) appendLANMAN(a *wire.Appender) {
	a.U16(r.DialectIndex)
	a.U16(uint16(r.SecurityMode))
	a.Len16("MaxBufferSize", int(r.MaxBufferSize))
	a.U16(r.MaxMpxCount)
	a.U16(r.MaxNumberVcs)
	a.U16(r.RawMode)
	a.U32(r.SessionKey)
	a.U16(r.ServerTime)
	a.U16(r.ServerDate)
	a.U16(uint16(r.ServerTimeZone))
	a.Len16("EncryptionKeyLength", len(r.Challenge))
	a.U16(r.Reserved)
}

func (r SMB1Response) appendNT(a *wire.Appender) {
	a.U16(r.DialectIndex)
	a.Len8("SecurityMode", int(r.SecurityMode))
	a.U16(r.MaxMpxCount)
	a.U16(r.MaxNumberVcs)
	a.U32(r.MaxBufferSize)
	a.U32(r.MaxRawSize)
	a.U32(r.SessionKey)
	a.U32(uint32(r.Capabilities))
	a.U64(uint64(r.SystemTime))
	a.U16(uint16(r.ServerTimeZone))
	if r.ExtendedSecurity() {
		a.U8(0)
		return
	}
	a.Len8("ChallengeLength", len(r.Challenge))
}

func appendName(a *wire.Appender, name []byte, unicode bool) {
	a.Bytes(name)
	a.U8(0)
	if unicode {
		a.U8(0)
	}
}
