package fingerprint_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// The codes of a DNS answer (RFC 1035 4.1.1).
const (
	dnsOK       = 0
	dnsFailure  = 2
	dnsNoName   = 3
	dnsRefused  = 5
	dnsTypeA    = 1
	dnsClassIN  = 1
	dnsAnswered = 0x8180 // a response, with recursion
)

// A dnsServer answers questions over connections, with two bytes of length before each message as over TCP: so asks a
// net.Resolver a connection that is no packet connection.
type dnsServer struct {
	code    byte
	address []byte // for questions of type A; nil is a name without one
	asked   atomic.Int64
}

func (d *dnsServer) handle(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		d.asked.Add(1)
		end := 12 + slices.Index(question[12:], 0) + 5 // behind the name its type and its class
		answer := append([]byte{}, question[:end]...)
		binary.BigEndian.PutUint16(answer[2:], dnsAnswered|uint16(d.code))
		clear(answer[6:12]) // no records, not even what the question had in addition
		if d.code == dnsOK && d.address != nil && binary.BigEndian.Uint16(question[end-4:]) == dnsTypeA {
			answer[7] = 1
			answer = append(answer, 0xC0, 12, 0, dnsTypeA, 0, dnsClassIN, 0, 0, 0, 60, 0, 4) // the name of the question
			answer = append(answer, d.address...)
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

// A name service that fails in each way: the scan ends within its time, dials nobody, says why, and leaves no goroutine but
// one of package net. These tests run in real time, because that package keeps a state of its own beyond a bubble.
func TestNameServiceFails(t *testing.T) {
	const limit = 300 * time.Millisecond
	refuses := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "udp", Err: err}
		}
	}
	answers := func(d *dnsServer) func(context.Context, string, string) (net.Conn, error) {
		return dnsOver(d.handle)
	}
	tests := map[string]struct {
		dial    func(context.Context, string, string) (net.Conn, error)
		outcome report.Outcome
		reason  string
	}{
		"no such name":   {answers(&dnsServer{code: dnsNoName}), report.OutcomeError, "no such host"},
		"no address":     {answers(&dnsServer{code: dnsOK}), report.OutcomeError, "no such host"},
		"server failure": {answers(&dnsServer{code: dnsFailure}), report.OutcomeError, "could not be resolved: server misbehaving"},
		"refused":        {answers(&dnsServer{code: dnsRefused}), report.OutcomeError, "could not be resolved"},
		"closes":         {dnsOver(smbtest.CloseAtOnce), report.OutcomeError, "could not be resolved"},
		"nonsense":       {dnsOver(smbtest.SaysFirst("\x00\x20no answer to any question at all")), report.OutcomeError, "could not be resolved"},
		"silent":         {dnsOver(smbtest.Silent), report.OutcomeTimedOut, "in time"},
		"unreachable":    {refuses(syscall.ENETUNREACH), report.OutcomeError, syscall.ENETUNREACH.Error()},
		"no descriptors": {refuses(os.NewSyscallError("socket", syscall.EMFILE)), report.OutcomeError, syscall.EMFILE.Error()},
		"another error":  {refuses(errors.New("the tunnel is down")), report.OutcomeError, "the tunnel is down"},
		"never dials": {func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, report.OutcomeTimedOut, "in time"},
	}
	for name, tt := range tests {
		for _, level := range []fingerprint.Level{fingerprint.LevelQuick, fingerprint.LevelFull} {
			t.Run(name+"/"+string(level), func(t *testing.T) {
				goroutines := runtime.NumGoroutine()
				network := smbtest.NewNetwork(smbtest.Path{})
				s := named(network, tt.dial)
				s.Level, s.Timeout, s.Ports = level, limit, []uint16{445, 139}
				start := time.Now()
				r, err := s.Scan(t.Context(), "files.example.")
				require.NoError(t, err)
				require.Less(t, time.Since(start), limit+time.Second, "the contract is 100 ms; a busy machine is given more")
				require.Equal(t, tt.outcome, r.Outcome, r.Reason)
				require.Contains(t, r.Reason, tt.reason)
				require.Nil(t, r.Dialects)
				require.Zero(t, network.Counts().Dials)
				require.Zero(t, r.Cost.Requests)
				if name == "silent" { // package net goes on to listen to a name server for the time-out in resolv.conf, 5 s
					return
				}
				require.Eventually(t, func() bool { return runtime.NumGoroutine() <= goroutines+1 }, 5*time.Second, 10*time.Millisecond,
					"goroutines are left; Eventually has one of its own")
			})
		}
	}
}

// A name service that fails at first, or that only knows an address where nobody is, does not spoil the next scan.
func TestNameServiceRecovers(t *testing.T) {
	network := serve(t, smbtest.Path{}, talkative().Handle)
	var dns atomic.Pointer[dnsServer] // the resolver asks on behind the answer
	dns.Store(&dnsServer{code: dnsFailure, address: []byte{192, 0, 2, 1}})
	s := named(network, func(ctx context.Context, n, address string) (net.Conn, error) {
		return dnsOver(dns.Load().handle)(ctx, n, address)
	})
	r, err := s.Scan(t.Context(), "files.example.")
	require.NoError(t, err)
	require.Equal(t, report.OutcomeError, r.Outcome)
	require.Contains(t, r.Reason, "server misbehaving")

	dns.Store(&dnsServer{code: dnsOK, address: []byte{192, 0, 2, 77}})
	r, err = s.Scan(t.Context(), "files.example.")
	require.NoError(t, err)
	require.Equal(t, report.OutcomeRefused, r.Outcome)

	dns.Store(&dnsServer{code: dnsOK, address: []byte{192, 0, 2, 1}})
	r, err = s.Scan(t.Context(), "files.example.")
	require.NoError(t, err)
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Equal(t, "192.0.2.1:445", r.Transports[0].Address)
	require.LessOrEqual(t, dns.Load().asked.Load(), int64(2), "a name is resolved once, for A and AAAA")
}

// The context ends while a name is resolved: at once, with its cause.
func TestCancelWhileResolving(t *testing.T) {
	cause := errors.New("the user has left")
	ctx, cancel := context.WithCancelCause(t.Context())
	s := named(smbtest.NewNetwork(smbtest.Path{}), func(dialing context.Context, _, _ string) (net.Conn, error) {
		cancel(cause)
		<-dialing.Done()
		return nil, dialing.Err()
	})
	start := time.Now()
	r, err := s.Scan(ctx, "files.example.")
	require.ErrorIs(t, err, cause)
	require.Equal(t, report.OutcomeCanceled, r.Outcome)
	require.Less(t, time.Since(start), time.Second)
}

// dnsOver makes connections to a name server.
func dnsOver(handle func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := smbtest.Pipe(smbtest.Path{})
		go handle(server)
		return client, nil
	}
}

// named is a scanner that resolves names over dial, and connects to a network.
func named(network *smbtest.Network, dial func(context.Context, string, string) (net.Conn, error)) *fingerprint.Scanner {
	s := &fingerprint.Scanner{Rand: &repeating{}, Resolver: &net.Resolver{PreferGo: true, Dial: dial}}
	fingerprint.Adjust(s, func(set *exchange.Settings) {
		set.Dial = network.Dial
		set.DialUDP = func(context.Context, string) (net.Conn, error) { return nil, syscall.ENETUNREACH }
	})
	return s
}
