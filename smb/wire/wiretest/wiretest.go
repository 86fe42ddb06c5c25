// Package wiretest checks the properties that every message of the codec has, so that a message's own test is a table
// and a few calls. It is published because packages that add messages of their own want the same checks.
package wiretest

import (
	"bytes"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/smbscope/smbscope/smb/wire"
)

// A Message is a value that can build itself.
type Message = encoding.BinaryAppender

// RoundTrip checks that the valid message msg parses, that the value builds exactly msg again, and that it does so
// behind bytes that are already in the slice as well. It returns the value.
func RoundTrip[T Message](t testing.TB, parse func([]byte) (T, error), msg []byte) T {
	t.Helper()
	value, err := parse(msg)
	if err != nil {
		t.Fatalf("parse: %v\n% x", err, msg)
	}
	for _, before := range []string{"", "before"} {
		got, err := value.AppendBinary([]byte(before))
		if err != nil {
			t.Fatalf("append: %v\n%+v", err, value)
		}
		want := append([]byte(before), msg...)
		if !bytes.Equal(got, want) {
			t.Fatalf("append after %q gives other bytes\n got % x\nwant % x", before, got, want)
		}
	}
	return value
}

// Prefixes checks that no proper prefix of the valid message msg passes for the whole: each gives an error, an anomaly,
// or a value that differs from the whole. It checks as well that an error is a *wire.ParseError with a message, a field
// and an offset inside the prefix, and that it comes with the zero value when it matches wire.ErrTruncated.
func Prefixes[T Message](t testing.TB, parse func([]byte) (T, error), msg []byte) {
	t.Helper()
	whole, err := parse(bytes.Clone(msg))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	for n := range len(msg) {
		prefix := bytes.Clone(msg[:n])
		got, err := parse(prefix)
		if err == nil {
			// The anomalies are part of the value.
			if reflect.DeepEqual(got, whole) {
				t.Errorf("the first %d of %d bytes pass for the whole message", n, len(msg))
			}
			continue
		}
		if e := checkError(err, n); e != nil {
			t.Errorf("the first %d of %d bytes: %v", n, len(msg), e)
		}
		if errors.Is(err, wire.ErrTruncated) && !reflect.ValueOf(got).IsZero() {
			t.Errorf("the first %d of %d bytes are truncated, but the value is not zero: %+v", n, len(msg), got)
		}
	}
}

func checkError(err error, size int) error {
	var pe *wire.ParseError
	if !errors.As(err, &pe) {
		return fmt.Errorf("not a ParseError: %w", err)
	}
	if pe.Message == "" || pe.Field == "" || pe.Offset < 0 || pe.Offset > size {
		return fmt.Errorf("no place in it: %w", err)
	}
	return nil
}

// Stable is the body of a message's fuzz target: any bytes give a value or a ParseError; what parses builds itself or
// says that it is too long; and what was built parses and builds to the same bytes again.
func Stable[T Message](t testing.TB, parse func([]byte) (T, error), data []byte) {
	t.Helper()
	before := bytes.Clone(data)
	value, err := parse(data)
	if !bytes.Equal(before, data) {
		t.Fatal("the parser changed its input")
	}
	if err != nil {
		if e := checkError(err, len(data)); e != nil {
			t.Fatal(e)
		}
		return
	}
	first, err := value.AppendBinary(nil)
	if err != nil {
		if !errors.Is(err, wire.ErrTooLong) {
			t.Fatalf("append: %v", err)
		}
		return
	}
	again, err := parse(first)
	if err != nil {
		t.Fatalf("what was built does not parse: %v\n% x", err, first)
	}
	second, err := again.AppendBinary(nil)
	if err != nil {
		t.Fatalf("append again: %v", err)
	}
	if !bytes.Equal(first, second) {
		t.Fatalf("not stable\n in     % x\n first  % x\n second % x", data, first, second)
	}
}

// Allocs checks that f allocates at most limit times a run.
func Allocs(t testing.TB, limit float64, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(100, f); got > limit {
		t.Errorf("%v allocations a run, want at most %v", got, limit)
	}
}

// Hex decodes hex digits with white space between them, for tables of messages.
func Hex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatalf("%v in %q", err, s)
	}
	return b
}

// Odd returns the fields and phrases of anomalies without their places, for comparison.
func Odd(anomalies []wire.Anomaly) []string {
	var out []string
	for _, a := range anomalies {
		out = append(out, a.Field+": "+a.What)
	}
	return out
}
