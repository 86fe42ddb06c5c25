package exchange_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// A name is resolved once; the first of its addresses that answers is the server.
func TestAddresses(t *testing.T) {
	tests := map[string]struct {
		addresses []string
		address   string
		dials     int
		end       dialogue.End
	}{
		"one":                   {[]string{"192.0.2.1"}, address, 1, dialogue.EndDone},
		"the first is refused":  {[]string{"192.0.2.7", "192.0.2.1"}, address, 2, dialogue.EndDone},
		"the first is silent":   {[]string{"192.0.2.9", "192.0.2.1"}, address, 2, dialogue.EndDone},
		"IPv4 in IPv6":          {[]string{"::ffff:192.0.2.1"}, address, 1, dialogue.EndDone},
		"all are refused":       {[]string{"192.0.2.7", "192.0.2.8"}, "192.0.2.8:445", 2, dialogue.EndRefused},
		"the fifth is too late": {[]string{"192.0.2.5", "192.0.2.6", "192.0.2.7", "192.0.2.8", "192.0.2.1"}, "192.0.2.8:445", 4, dialogue.EndRefused},
		"IPv6 with a zone":      {[]string{"fe80::1%eth0"}, "[fe80::1%eth0]:445", 1, dialogue.EndRefused},
		"no address":            {nil, "", 0, dialogue.EndUnresolved},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, stop := listen(t, smbtest.Path{}, smbtest.Silent)
				defer stop()
				network.Blackhole("192.0.2.9:445")
				s, lookups := settings(network), 0
				s.Resolve = func(ctx context.Context, kind, host string) ([]netip.Addr, error) {
					lookups++
					require.Equal(t, []string{"ip", "files.example.com"}, []string{kind, host})
					return resolver(tt.addresses...)(ctx, kind, host)
				}
				p := peer(s)
				p.Host = "files.example.com"
				start := time.Now()
				c := p.Open(t.Context())
				require.Equal(t, tt.end == dialogue.EndDone, c.Ready())
				d := c.Done()
				require.Equal(t, tt.end, d.End, d.Reason)
				require.Equal(t, tt.address, d.Address)
				require.Equal(t, tt.end != dialogue.EndDone, d.Connected.IsZero())
				require.Equal(t, tt.dials, network.Counts().Dials)
				require.LessOrEqual(t, time.Since(start), s.DialTimeout)
				require.Equal(t, []any{"target", "quick", 1}, []any{d.Target, d.Level, d.Connection})

				again := p.Open(t.Context()).Done()
				require.Equal(t, 2, again.Connection)
				require.Equal(t, tt.address, again.Address)
				if tt.dials > 0 {
					require.Equal(t, tt.dials+1, network.Counts().Dials, "only the last address again")
					require.Equal(t, 1, lookups)
				}
			})
		})
	}
}

// All connections of a scan go to one server: when it has gone, another address of the name is another server.
func TestAddressStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, stop := listen(t, smbtest.Path{}, smbtest.Silent)
		p := peer(settings(network))
		p.Host, p.Settings.Resolve = "files", resolver("192.0.2.1", "192.0.2.7")
		require.Equal(t, address, p.Open(t.Context()).Done().Address)
		stop()
		d := p.Open(t.Context()).Done()
		require.Equal(t, dialogue.EndRefused, d.End)
		require.Equal(t, address, d.Address)
		require.Zero(t, network.CountsFor("192.0.2.7:445").Dials)
	})
}

// What a dialer says is what the dialogue ends with.
func TestDialErrors(t *testing.T) {
	sys := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
	}
	tests := map[string]struct {
		err error
		end dialogue.End
	}{
		"refused":              {sys(syscall.ECONNREFUSED), dialogue.EndRefused},
		"refused on Windows":   {sys(10061), dialogue.EndRefused},
		"reset":                {sys(syscall.ECONNRESET), dialogue.EndReset},
		"reset on Windows":     {sys(10054), dialogue.EndReset},
		"aborted":              {sys(syscall.ECONNABORTED), dialogue.EndReset},
		"no route":             {sys(syscall.EHOSTUNREACH), dialogue.EndUnreachable},
		"no network":           {sys(syscall.ENETUNREACH), dialogue.EndUnreachable},
		"no route on Windows":  {sys(10065), dialogue.EndUnreachable},
		"timed out":            {sys(syscall.ETIMEDOUT), dialogue.EndTimeout},
		"timed out on Windows": {sys(10060), dialogue.EndTimeout},
		"broken pipe":          {sys(syscall.EPIPE), dialogue.EndClosed},
		"a proxy has hung up":  {io.EOF, dialogue.EndClosed},
		"no such host":         {&net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}, dialogue.EndUnresolved},
		"a deadline":           {os.ErrDeadlineExceeded, dialogue.EndTimeout},
		"a time-out":           {&net.OpError{Op: "dial", Err: timeoutError{}}, dialogue.EndTimeout},
		"permission":           {sys(syscall.EACCES), dialogue.EndError},
		"anything else":        {errors.New("SOCKS \x1b[31m says no"), dialogue.EndError},
		"nothing at all":       {nil, dialogue.EndError},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := settings(smbtest.NewNetwork(smbtest.Path{}))
			s.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, tt.err }
			c := peer(s).Open(t.Context())
			require.False(t, c.Ready())
			require.Nil(t, c.Ask(t.Context(), "q", question(t), wait))
			d := c.Done()
			require.Equal(t, tt.end, d.End, d.Reason)
			require.NotEmpty(t, d.Reason)
			require.NotContains(t, d.Reason, "\x1b")
			require.True(t, d.Connected.IsZero())
			require.Empty(t, d.Frames)
		})
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "time-out" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// One dial ends after DialTimeout, and with the context.
func TestDialTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := smbtest.NewNetwork(smbtest.Path{})
		network.Blackhole(address)
		start := time.Now()
		d := peer(settings(network)).Open(t.Context()).Done()
		require.Equal(t, dialogue.EndTimeout, d.End)
		require.Equal(t, time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		p := peer(settings(network))
		p.Host, p.Settings.Resolve = "files", resolver("192.0.2.1", "192.0.2.2")
		start = time.Now()
		d = p.Open(ctx).Done()
		require.Equal(t, dialogue.EndCanceled, d.End)
		require.Equal(t, 100*time.Millisecond, time.Since(start))
		require.Equal(t, 2, network.Counts().Dials, "nothing is dialled once the context has ended")
	})
}

// Without a resolver names go to the dialer, and no address is claimed that only the dialer knows.
func TestNamesWithoutResolver(t *testing.T) {
	s := settings(smbtest.NewNetwork(smbtest.Path{}))
	var asked []string
	s.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		asked = append(asked, address)
		return nil, errors.New("no")
	}
	p := peer(s)
	p.Host = "files.example.com"
	require.Empty(t, p.Open(t.Context()).Done().Address)
	p = peer(s)
	p.Host = "fe80::1%eth0"
	require.Equal(t, "[fe80::1%eth0]:445", p.Open(t.Context()).Done().Address)
	require.Equal(t, []string{"files.example.com:445", "[fe80::1%eth0]:445"}, asked)
}
