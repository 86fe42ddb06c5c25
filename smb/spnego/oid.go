package spnego

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
)

// An OID is an object identifier in dotted form, "1.3.6.1.5.5.2". One whose bytes are not valid or have numbers of
// more than 63 bits is "0x" and its content in hex, so that every OID from the wire can be written back.
type OID string

// OIDSPNEGO is the negotiation mechanism itself (RFC 4178).
const OIDSPNEGO OID = "1.3.6.1.5.5.2"

// The mechanisms that servers list.
const (
	OIDNTLMSSP OID = "1.3.6.1.4.1.311.2.2.10" // [MS-NLMP] 1.9
	OIDNEGOEX  OID = "1.3.6.1.4.1.311.2.2.30" // [MS-NEGOEX]
	OIDMSKRB5  OID = "1.2.840.48018.1.2.2"    // [MS-SPNG] 3.1.5.2: Windows 2000 cut 113554 to 16 bits
	OIDKRB5    OID = "1.2.840.113554.1.2.2"   // RFC 1964 1
	OIDKRB5U2U OID = "1.2.840.113554.1.2.2.3" // draft-swift-win2k-krb-user2user
	OIDIAKERB  OID = "1.3.6.1.5.2.5"          // draft-ietf-kitten-iakerb
	OIDPKU2U   OID = "1.3.6.1.5.2.7"          // draft-zhu-pku2u
	OIDSCRAM   OID = "1.3.6.1.5.5.14"         // SCRAM-SHA-1, RFC 5802 8; macOS lists it
	// The next two are Heimdal's; the kernel's include/linux/oid_registry.h and Apple's sources name them.
	OIDNetLogon OID = "1.2.752.43.14.2"
	OIDLKDC     OID = "1.2.752.43.14.3" // "supports a local KDC": no mechanism; macOS lists it
	// OIDPKU2UHeimdal is what Heimdal and macOS send for PKU2U, with a 5 where the draft has a 6.
	OIDPKU2UHeimdal OID = "1.3.5.1.5.2.7"
)

// Name returns the usual name of the mechanism, and "" for an OID that is not in this package.
func (o OID) Name() string {
	switch o {
	case OIDSPNEGO:
		return "SPNEGO"
	case OIDNTLMSSP:
		return "NTLMSSP"
	case OIDNEGOEX:
		return "NEGOEX"
	case OIDMSKRB5:
		return "MS-KRB5"
	case OIDKRB5:
		return "KRB5"
	case OIDKRB5U2U:
		return "KRB5-U2U"
	case OIDIAKERB:
		return "IAKERB"
	case OIDPKU2U, OIDPKU2UHeimdal:
		return "PKU2U"
	case OIDSCRAM:
		return "SCRAM-SHA-1"
	case OIDNetLogon:
		return "NETLOGON"
	case OIDLKDC:
		return "APPLE-LKDC"
	}
	return ""
}

// Valid tells whether the OID is in dotted form.
func (o OID) Valid() bool {
	_, ok := o.content()
	return ok && !strings.HasPrefix(string(o), "0x")
}

// decodeOID decodes the content of an OBJECT IDENTIFIER (X.690 8.19).
func decodeOID(body []byte) OID {
	raw := OID("0x" + hex.EncodeToString(body))
	var s strings.Builder
	var arc uint64
	inside := false // an arc whose last byte is still to come
	for _, c := range body {
		if !inside && c == 0x80 || arc > math.MaxInt64>>7 {
			return raw // padded, or too large: the dotted form would not give these bytes back
		}
		arc = arc<<7 | uint64(c&0x7F)
		if inside = c&0x80 != 0; inside {
			continue
		}
		if s.Len() == 0 { // the first two numbers share one arc
			first := min(arc/40, 2)
			s.WriteString(strconv.FormatUint(first, 10))
			arc -= 40 * first
		}
		s.WriteByte('.')
		s.WriteString(strconv.FormatUint(arc, 10))
		arc = 0
	}
	if inside || len(body) == 0 {
		return raw
	}
	return OID(s.String())
}

// content encodes the OID, and tells whether it is one.
func (o OID) content() ([]byte, bool) {
	if digits, ok := strings.CutPrefix(string(o), "0x"); ok {
		raw, err := hex.DecodeString(digits)
		return raw, err == nil
	}
	var b []byte
	var first uint64
	for i, digits := range strings.Split(string(o), ".") {
		arc, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return nil, false
		}
		switch {
		case i == 0 && arc > 2, i == 1 && first < 2 && arc > 39, i == 1 && arc > math.MaxInt64-80:
			return nil, false
		case i == 0:
			first = arc
			continue
		case i == 1:
			arc += 40 * first
		}
		b = appendArc(b, arc)
	}
	return b, len(b) > 0
}

// appendArc appends a number in base 128, the most significant digit first.
func appendArc(b []byte, arc uint64) []byte {
	for shift := 56; shift > 0; shift -= 7 {
		if arc>>shift != 0 {
			b = append(b, 0x80|byte(arc>>shift)&0x7F)
		}
	}
	return append(b, byte(arc)&0x7F)
}
