package ntlmssp

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// An NTLMv2Response is an NTLMv2_RESPONSE with its NTLMv2_CLIENT_CHALLENGE, as described in [MS-NLMP] 2.2.2.8 and 2.2.2.7:
// the NtChallengeResponse of clients since NTLM version 2.
type NTLMv2Response struct {
	Response            [16]byte // NTProofStr
	RespType            uint8    // 1
	HiRespType          uint8    // 1
	Reserved1           uint16
	Reserved2           uint32
	TimeStamp           dtyp.Filetime
	ChallengeFromClient [8]byte
	Reserved3           uint32
	// AVPairs are the list of the challenge with its MsvAvEOL, which clients repeat, and what follows it. It aliases the
	// message.
	AVPairs   []byte
	Anomalies []wire.Anomaly
}

// ParseNTLMv2Response parses a response. Less than 44 bytes, as the 24 of NTLM version 1, are a wire.ErrTruncated error.
func ParseNTLMv2Response(msg []byte) (NTLMv2Response, error) {
	c := wire.NewCursor("NTLMv2_RESPONSE", msg)
	var r NTLMv2Response
	c.Copy("Response", r.Response[:])
	r.RespType = c.U8("RespType")
	r.HiRespType = c.U8("HiRespType")
	r.Reserved1 = c.U16("Reserved1")
	r.Reserved2 = c.U32("Reserved2")
	r.TimeStamp = dtyp.Filetime(c.U64("TimeStamp"))
	c.Copy("ChallengeFromClient", r.ChallengeFromClient[:])
	r.Reserved3 = c.U32("Reserved3")
	if err := c.Err(); err != nil {
		return NTLMv2Response{}, err
	}
	if r.RespType != 1 || r.HiRespType != 1 {
		c.Note("RespType", 16, "%d and %d, should be 1", r.RespType, r.HiRespType)
	}
	r.AVPairs = c.Rest()
	r.Anomalies = c.Anomalies()
	return r, nil
}

// AppendBinary appends the response.
func (r NTLMv2Response) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("NTLMv2_RESPONSE", b)
	a.Bytes(r.Response[:])
	a.U8(r.RespType)
	a.U8(r.HiRespType)
	a.U16(r.Reserved1)
	a.U32(r.Reserved2)
	a.U64(uint64(r.TimeStamp))
	a.Bytes(r.ChallengeFromClient[:])
	a.U32(r.Reserved3)
	a.Bytes(r.AVPairs)
	return a.Result()
}
