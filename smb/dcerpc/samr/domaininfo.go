package samr

import (
	"fmt"
	"math"
	"time"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A DomainClass tells what a query of a domain asks for, a DOMAIN_INFORMATION_CLASS of [MS-SAMR] 2.2.3.16.
type DomainClass uint16

// The classes that a DomainInfoResponse can hold.
const (
	DomainPassword DomainClass = 1  // DomainPasswordInformation
	DomainLockout  DomainClass = 12 // DomainLockoutInformation
)

// String prints the specification's name.
func (c DomainClass) String() string {
	switch c {
	case DomainPassword:
		return "DomainPasswordInformation"
	case DomainLockout:
		return "DomainLockoutInformation"
	}
	return fmt.Sprintf("DomainClass(%d)", uint16(c))
}

// A Delta is a time span in units of -100 ns as described in [MS-SAMR] 2.2.1.9 and 2.2.3.5: negative, and the lowest number
// where it does not end.
type Delta int64

// Never is the Delta of what does not end.
const Never Delta = math.MinInt64

// Duration returns the span. Where it does not end, or is too long for a Duration, which holds 292 years, ok is false. A
// positive number, which means a moment and no span, is taken for a span of none.
func (d Delta) Duration() (span time.Duration, ok bool) {
	const unit = 100 * time.Nanosecond
	switch {
	case d >= 0:
		return 0, true
	case d < math.MinInt64/Delta(unit):
		return 0, false
	}
	return -time.Duration(d) * unit, true
}

// PasswordProperties are rules for passwords, [MS-SAMR] 2.2.3.5.
type PasswordProperties uint32

var passwordPropertyNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "DOMAIN_PASSWORD_COMPLEX"},
	{Bit: 0x00000002, Token: "DOMAIN_PASSWORD_NO_ANON_CHANGE"},
	{Bit: 0x00000004, Token: "DOMAIN_PASSWORD_NO_CLEAR_CHANGE"},
	{Bit: 0x00000008, Token: "DOMAIN_LOCKOUT_ADMINS"},
	{Bit: 0x00000010, Token: "DOMAIN_PASSWORD_STORE_CLEARTEXT"},
	{Bit: 0x00000020, Token: "DOMAIN_REFUSE_PASSWORD_CHANGE"},
	{Bit: 0x00000040, Token: "DOMAIN_NO_LM_OWF_CHANGE"},
}

// String prints the bits as "A|B|0x80".
func (p PasswordProperties) String() string { return wire.FlagString(uint64(p), passwordPropertyNames) }

// Tokens returns the specification's token of each bit.
func (p PasswordProperties) Tokens() []string {
	return wire.FlagTokens(uint64(p), passwordPropertyNames)
}

// A DomainInfoRequest is the input of SamrQueryInformationDomain and SamrQueryInformationDomain2 as described in [MS-SAMR]
// 3.1.5.5.2 and 3.1.5.5.1.
type DomainInfoRequest struct {
	Handle    ndr.Handle
	Class     DomainClass
	Anomalies []wire.Anomaly
}

// ParseDomainInfoRequest parses the stub of a request.
func ParseDomainInfoRequest(stub []byte) (DomainInfoRequest, error) {
	r := ndr.NewReader("SamrQueryInformationDomain request", stub)
	x := DomainInfoRequest{Handle: r.Handle("DomainHandle"), Class: DomainClass(r.U16("DomainInformationClass"))}
	if err := r.Err(); err != nil {
		return DomainInfoRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x DomainInfoRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrQueryInformationDomain request", b)
	w.Handle(x.Handle)
	w.U16(uint16(x.Class))
	return w.Result()
}

// A DomainInfoResponse is the output of SamrQueryInformationDomain and SamrQueryInformationDomain2. Refusals have neither
// part.
type DomainInfoResponse struct {
	Password  *PasswordInformation
	Lockout   *LockoutInformation
	Result    dtyp.NTStatus
	Anomalies []wire.Anomaly
}

// A PasswordInformation is a DOMAIN_PASSWORD_INFORMATION as described in [MS-SAMR] 2.2.3.5.
type PasswordInformation struct {
	MinPasswordLength     uint16 // characters
	PasswordHistoryLength uint16 // passwords that may not be used again
	PasswordProperties    PasswordProperties
	MaxPasswordAge        Delta
	MinPasswordAge        Delta
}

// A LockoutInformation is a SAMPR_DOMAIN_LOCKOUT_INFORMATION as described in [MS-SAMR] 2.2.3.15.
type LockoutInformation struct {
	LockoutDuration          Delta
	LockoutObservationWindow Delta
	LockoutThreshold         uint16 // failed logons; 0 locks nobody out
}

// ParseDomainInfoResponse parses the stub of a response. Information of another class is an ErrFormat error.
func ParseDomainInfoResponse(stub []byte) (DomainInfoResponse, error) {
	r := ndr.NewReader("SamrQueryInformationDomain response", stub)
	var x DomainInfoResponse
	if r.Pointer("Buffer") {
		switch DomainClass(r.U16("DomainInformationClass")) {
		case DomainPassword:
			r.Align(4) // of the arm
			x.Password = &PasswordInformation{
				MinPasswordLength: r.U16("MinPasswordLength"), PasswordHistoryLength: r.U16("PasswordHistoryLength"),
				PasswordProperties: PasswordProperties(r.U32("PasswordProperties")),
				MaxPasswordAge:     readOldDelta(&r, "MaxPasswordAge"), MinPasswordAge: readOldDelta(&r, "MinPasswordAge"),
			}
		case DomainLockout:
			x.Lockout = &LockoutInformation{
				LockoutDuration: Delta(r.U64("LockoutDuration")), LockoutObservationWindow: Delta(r.U64("LockoutObservationWindow")),
				LockoutThreshold: r.U16("LockoutThreshold"),
			}
		default:
			r.Fail("DomainInformationClass", wire.ErrFormat)
		}
	}
	x.Result = dtyp.NTStatus(r.U32("return value"))
	if err := r.Err(); err != nil {
		return DomainInfoResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// readOldDelta reads an OLD_LARGE_INTEGER, two numbers of 32 bits that stand at multiples of 4 ([MS-SAMR] 2.2.2.2).
func readOldDelta(r *ndr.Reader, field string) Delta {
	low := r.U32(field)
	return Delta(uint64(r.U32(field))<<32 | uint64(low))
}

// AppendBinary appends the stub.
func (x DomainInfoResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("SamrQueryInformationDomain response", b)
	w.Pointer(x.Password != nil || x.Lockout != nil)
	switch {
	case x.Password != nil:
		w.U16(uint16(DomainPassword))
		w.Pad(4)
		w.U16(x.Password.MinPasswordLength)
		w.U16(x.Password.PasswordHistoryLength)
		w.U32(uint32(x.Password.PasswordProperties))
		for _, d := range []Delta{x.Password.MaxPasswordAge, x.Password.MinPasswordAge} {
			w.U32(uint32(d))
			w.U32(uint32(uint64(d) >> 32))
		}
	case x.Lockout != nil:
		w.U16(uint16(DomainLockout))
		w.U64(uint64(x.Lockout.LockoutDuration))
		w.U64(uint64(x.Lockout.LockoutObservationWindow))
		w.U16(x.Lockout.LockoutThreshold)
	}
	w.U32(uint32(x.Result))
	return w.Result()
}
