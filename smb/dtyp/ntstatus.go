package dtyp

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:generate go run ./gen

// An NTStatus is the status of a response, as described in [MS-ERREF] 2.3. It is data and no error: what a status means
// is for the reader of an answer to say.
type NTStatus uint32

type ntStatusName struct {
	value NTStatus
	name  string
}

// ErrNTStatus says that a text is neither the token nor the number of a status.
var ErrNTStatus = errors.New("no NTSTATUS")

// String prints the specification's token, such as STATUS_LOGON_FAILURE, and what no table has as
// NTSTATUS(0xC000ABCD).
func (s NTStatus) String() string {
	if name, ok := s.name(); ok {
		return name
	}
	return fmt.Sprintf("NTSTATUS(0x%08X)", uint32(s))
}

func (s NTStatus) name() (string, bool) {
	i, ok := slices.BinarySearchFunc(ntStatusNames[:], s, func(row ntStatusName, s NTStatus) int {
		return cmp.Compare(row.value, s)
	})
	if !ok {
		return "", false
	}
	return ntStatusNames[i].name, true
}

// A Severity is the two highest bits of a status, [MS-ERREF] 2.3.
type Severity uint8

// The severities of [MS-ERREF] 2.3.
const (
	SeveritySuccess       Severity = 0
	SeverityInformational Severity = 1
	SeverityWarning       Severity = 2
	SeverityError         Severity = 3
)

// Severity returns the severity.
func (s NTStatus) Severity() Severity { return Severity(s >> 30) }

// IsError tells whether the severity is that of an error.
func (s NTStatus) IsError() bool { return s.Severity() == SeverityError }

// MarshalText writes what String prints.
func (s NTStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes. Errors match ErrNTStatus.
func (s *NTStatus) UnmarshalText(text []byte) error {
	for _, row := range ntStatusNames {
		if row.name == string(text) {
			*s = row.value
			return nil
		}
	}
	digits, found := strings.CutPrefix(string(text), "NTSTATUS(0x")
	digits, closed := strings.CutSuffix(digits, ")")
	// Base 16, not 0, which would read NTSTATUS(017) as octal.
	v, err := strconv.ParseUint(digits, 16, 32)
	if !found || !closed || len(digits) != 8 || err != nil {
		return fmt.Errorf("%q: %w", text, ErrNTStatus)
	}
	*s = NTStatus(v)
	return nil
}
