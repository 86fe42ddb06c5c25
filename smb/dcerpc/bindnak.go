package dcerpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// A RejectReason tells why a bind was refused, the p_reject_reason_t of [C706] 12.6.3.1.
type RejectReason uint16

// The reasons of [C706] 12.6.3.1, and of [MS-RPCE] 2.2.2.5 from 8 on.
const (
	RejectNotSpecified                    RejectReason = 0
	RejectTemporaryCongestion             RejectReason = 1
	RejectLocalLimitExceeded              RejectReason = 2
	RejectCalledPaddrUnknown              RejectReason = 3
	RejectProtocolVersionNotSupported     RejectReason = 4
	RejectDefaultContextNotSupported      RejectReason = 5
	RejectUserDataNotReadable             RejectReason = 6
	RejectNoPSAPAvailable                 RejectReason = 7
	RejectAuthenticationTypeNotRecognized RejectReason = 8
	RejectInvalidChecksum                 RejectReason = 9
)

var rejectReasonNames = [...]string{
	"REASON_NOT_SPECIFIED", "TEMPORARY_CONGESTION", "LOCAL_LIMIT_EXCEEDED", "CALLED_PADDR_UNKNOWN",
	"PROTOCOL_VERSION_NOT_SUPPORTED", "DEFAULT_CONTEXT_NOT_SUPPORTED", "USER_DATA_NOT_READABLE", "NO_PSAP_AVAILABLE",
	"authentication_type_not_recognized", "invalid_checksum",
}

// String prints the specification's word, and an unknown reason as RejectReason(0x0063).
func (r RejectReason) String() string {
	if int(r) < len(rejectReasonNames) {
		return rejectReasonNames[r]
	}
	return fmt.Sprintf("RejectReason(0x%04X)", uint16(r))
}

// A Version is a version of the protocol that a server speaks, the version_t of [C706] 12.6.3.1.
type Version struct {
	Major, Minor uint8
}

// A BindNak is a bind_nak PDU as described in [C706] 12.6.4.5 and [MS-RPCE] 2.2.2.9.
type BindNak struct {
	Header    Header
	Reason    RejectReason
	Versions  []Version
	Extended  []byte // what follows, raw: padding, and a signature with extended error information; aliases the message
	Auth      Auth
	Anomalies []wire.Anomaly
}

// ParseBindNak parses a bind_nak PDU. Of a list that is longer than the PDU, or not there, what is there is kept.
func ParseBindNak(msg []byte) (BindNak, error) {
	c, header, auth := openPDU("bind_nak", msg, PDUBindNak, PDUBindNak)
	b := BindNak{Header: header, Auth: auth}
	b.Reason = RejectReason(c.U16("provider_reject_reason"))
	if err := c.Err(); err != nil {
		return BindNak{}, err
	}
	at := c.Offset()
	if c.Remaining() == 0 {
		c.Note("n_protocols", at, "is not there")
	} else {
		count := c.Len8("n_protocols")
		for i := range count {
			if c.Remaining() < 2 {
				c.Note("n_protocols", at, "%d versions, but %d are there", count, i)
				break
			}
			b.Versions = append(b.Versions, Version{Major: c.U8("major"), Minor: c.U8("minor")})
		}
	}
	b.Extended = rest(&c)
	b.Anomalies = c.Anomalies()
	return b, nil
}

// AppendBinary appends the PDU, with a list of versions even where it is empty.
func (b BindNak) AppendBinary(buf []byte) ([]byte, error) {
	a := wire.NewAppender("bind_nak", buf)
	b.Header.begin(&a, PDUBindNak)
	a.U16(uint16(b.Reason))
	a.Len8("n_protocols", len(b.Versions))
	for _, v := range b.Versions {
		a.U8(v.Major)
		a.U8(v.Minor)
	}
	a.Bytes(b.Extended)
	b.Header.end(&a, b.Auth)
	return a.Result()
}

// Err returns the refusal as a *BindError.
func (b BindNak) Err() error { return &BindError{Type: PDUBindNak, Reject: b.Reason} }
