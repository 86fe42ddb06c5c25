package wiretest

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/wire"
)

// A recorder is a testing.TB that keeps failures instead of failing.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

// failures runs check and returns what it reports.
func failures(check func(testing.TB)) []string {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(r)
	}()
	<-done
	return r.failures
}

// pair is a message of two bytes.
type pair struct{ a, b byte }

func (p pair) AppendBinary(b []byte) ([]byte, error) { return append(b, p.a, p.b), nil }

func parsePair(msg []byte) (pair, error) {
	c := wire.NewCursor("pair", msg)
	p := pair{a: c.U8("a"), b: c.U8("b")}
	if err := c.Err(); err != nil {
		return pair{}, err
	}
	return p, nil
}

var errPlain = errors.New("no ParseError")

// forgetful builds other bytes than it was parsed from, and other ones each time it is parsed.
type forgetful struct{ pair }

func (f forgetful) AppendBinary(b []byte) ([]byte, error) { return append(b, f.a+1, f.b), nil }

func parseForgetful(msg []byte) (forgetful, error) {
	p, err := parsePair(msg)
	return forgetful{p}, err
}

func TestGoodMessagePasses(t *testing.T) {
	require.Empty(t, failures(func(tb testing.TB) {
		RoundTrip(tb, parsePair, []byte{1, 2})
		Prefixes(tb, parsePair, []byte{1, 2})
		Stable(tb, parsePair, []byte{1, 2, 3})
		Stable(tb, parsePair, []byte{1})
		Allocs(tb, 0, func() {})
	}))
}

// Each helper finds what it is there to find.
func TestBadMessageFails(t *testing.T) {
	for name, check := range map[string]func(testing.TB){
		"does not parse":   func(tb testing.TB) { RoundTrip(tb, parsePair, []byte{1}) },
		"other bytes":      func(tb testing.TB) { RoundTrip(tb, parseForgetful, []byte{1, 2}) },
		"trailing is lost": func(tb testing.TB) { RoundTrip(tb, parsePair, []byte{1, 2, 3}) },
		"prefix passes":    func(tb testing.TB) { Prefixes(tb, parsePair, []byte{1, 2, 3}) },
		"plain error": func(tb testing.TB) {
			Prefixes(tb, func(msg []byte) (pair, error) {
				if len(msg) < 2 {
					return pair{}, errPlain
				}
				return parsePair(msg)
			}, []byte{1, 2})
		},
		"value beside truncation": func(tb testing.TB) {
			Prefixes(tb, func(msg []byte) (pair, error) {
				p, err := parsePair(msg)
				if err != nil {
					p.a = 1
				}
				return p, err
			}, []byte{1, 2})
		},
		"not stable": func(tb testing.TB) { Stable(tb, parseForgetful, []byte{1, 2}) },
		"changes its input": func(tb testing.TB) {
			Stable(tb, func(msg []byte) (pair, error) {
				msg[0]++
				return parsePair(msg)
			}, []byte{1, 2})
		},
		"allocates": func(tb testing.TB) {
			var kept [][]byte
			Allocs(tb, 0, func() { kept = append(kept, make([]byte, 100)) })
		},
	} {
		require.NotEmpty(t, failures(check), name)
	}
}
