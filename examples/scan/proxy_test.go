package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/armon/go-socks5"
	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A proxyServer is a real SOCKS5 server, which resolves every name to a server of ours and notes what it was asked for.
type proxyServer struct {
	address string

	mu    sync.Mutex
	names []string
}

func (p *proxyServer) Resolve(ctx context.Context, name string) (context.Context, net.IP, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = append(p.names, name)
	return ctx, net.IPv4(127, 0, 0, 1), nil
}

func (p *proxyServer) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.names
}

func startProxy(t *testing.T, conf socks5.Config) *proxyServer {
	t.Helper()
	p := &proxyServer{}
	conf.Resolver, conf.Logger = p, log.New(io.Discard, "", 0)
	server, err := socks5.New(&conf)
	require.NoError(t, err)
	p.address = serve(t, func(conn net.Conn) { _ = server.ServeConn(conn) })
	return p
}

// serve returns the address of a listener on loopback.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(smbtest.Serve(l, handle))
	return l.Addr().String()
}

func serveReplay(t *testing.T, name string) (port string) {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	_, port, err = net.SplitHostPort(serve(t, smbtest.NewReplay(dialogues).Handle))
	require.NoError(t, err)
	return port
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// scanOne runs the program with -json and returns the report and all that was printed.
func scanOne(t *testing.T, args ...string) (report.Report, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitDone, run(t.Context(), append([]string{"-json", "-level", "full"}, args...), strings.NewReader(""), &stdout, &stderr))
	reports := parse(t, stdout.String())
	require.Len(t, reports, 1)
	return reports[0], stdout.String() + stderr.String()
}

// lasting is what of a report does not depend on when and how it was asked for.
func lasting(t *testing.T, r report.Report) string {
	t.Helper()
	r.Target, r.DurationMS, r.ClockSkewMS, r.ClockSkewErrorMS = "", 0, nil, nil
	r.ObservedAt = r.SystemTime
	r.Transports, r.Probes = slices.Clone(r.Transports), slices.Clone(r.Probes)
	for i := range r.Transports {
		r.Transports[i].Address, r.Transports[i].Port = "", 0
	}
	for i := range r.Probes {
		r.Probes[i].DurationMS = 0
	}
	b, err := json.MarshalIndent(r, "", "  ")
	require.NoError(t, err)
	return string(b)
}

// Through a proxy the report is the one without it, and the proxy gets the name as it was written.
func TestProxy(t *testing.T) {
	port := serveReplay(t, "samba-4.17.12-lanman1-3.1.1")
	straight, _ := scanOne(t, "127.0.0.1:"+port)
	require.Equal(t, report.OutcomeSMB, straight.Outcome, straight.Reason)
	require.Equal(t, report.SelectionServer, straight.Encryption.Selection, "all of the level was asked")

	p := startProxy(t, socks5.Config{Credentials: socks5.StaticCredentials{"hugo": "s3cr/t@x"}})
	through, output := scanOne(t, "-proxy", "socks5://hugo:s3cr%2Ft%40x@"+p.address, "fileserver.test:"+port)
	require.Equal(t, lasting(t, straight), lasting(t, through))
	require.Len(t, p.asked(), straight.Cost.Connections, "each connection is the proxy's")
	for _, name := range p.asked() {
		require.Equal(t, "fileserver.test", name)
	}
	require.Empty(t, through.Transports[0].Address, "only the proxy knows it")
	require.NotContains(t, output, "s3cr")

	open := startProxy(t, socks5.Config{})
	for _, scheme := range []string{"socks5", "socks5h"} {
		through, _ = scanOne(t, "-proxy", scheme+"://"+open.address, "127.0.0.1:"+port)
		require.Equal(t, lasting(t, straight), lasting(t, through))
		require.Equal(t, "127.0.0.1:"+port, through.Transports[0].Address)
	}
	require.Empty(t, open.asked(), "an address is no name")
}

// What befalls the proxy is no outcome of the target's.
func TestProxyOutcomes(t *testing.T) {
	guarded := startProxy(t, socks5.Config{Credentials: socks5.StaticCredentials{"hugo": "s3cret"}}).address
	open := startProxy(t, socks5.Config{}).address
	strict := startProxy(t, socks5.Config{Rules: socks5.PermitNone()}).address
	port, gone := serveReplay(t, "samba-4.17.12-default"), closedPort(t)
	good := "127.0.0.1:" + port
	cases := map[string]struct {
		proxy, target string
		outcome       report.Outcome
		reason        string
	}{
		"wrong password": {"hugo:wr0ng@" + guarded, good, report.OutcomeError,
			"the proxy " + guarded + " makes no connection: username/password authentication failed"},
		"no password": {guarded, good, report.OutcomeError, "makes no connection: no acceptable authentication methods"},
		"refused":     {open, gone, report.OutcomeRefused, "the connection was refused"},
		"forbidden":   {strict, good, report.OutcomeError, "makes no connection: connection not allowed by ruleset"},
		"no proxy":    {gone, good, report.OutcomeError, "the proxy " + gone + " cannot be reached: dial tcp " + gone},
		"no SOCKS":    {serve(t, web), good, report.OutcomeError, "makes no connection: unexpected protocol version 72"},
		"closes":      {serve(t, hangUp), good, report.OutcomeError, "makes no connection: it closed the connection"},
		"unreachable": {serve(t, reply(4)), good, report.OutcomeUnreachable, "the proxy"},
		"no network":  {serve(t, reply(3)), good, report.OutcomeUnreachable, "says: network unreachable"},
		"odd reply":   {serve(t, reply(77)), good, report.OutcomeError, "makes no connection: unknown code: 77"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, output := scanOne(t, "-proxy", "socks5://"+c.proxy, c.target)
			require.Equal(t, c.outcome, r.Outcome, r.Reason)
			require.Contains(t, r.Reason, c.reason)
			require.NotContains(t, output, "wr0ng")
		})
	}
}

func web(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 64))
	_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
}

func hangUp(conn net.Conn) { _, _ = conn.Read(make([]byte, 64)) }

// reply is a proxy that needs no password and answers each request with a code.
func reply(code byte) func(net.Conn) {
	return func(conn net.Conn) {
		b := make([]byte, 64)
		for _, answer := range [][]byte{{5, 0}, {5, code, 0, 1, 0, 0, 0, 0, 0, 0}} {
			if _, err := conn.Read(b); err != nil { // its client sends each message at once
				return
			}
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
	}
}

// A proxy that is silent takes the target's time, and no more.
func TestSilentProxy(t *testing.T) {
	address := serve(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	r, _ := scanOne(t, "-timeout", "200ms", "-proxy", "socks5://"+address, "fileserver.test")
	require.Equal(t, report.OutcomeTimedOut, r.Outcome, r.Reason)
	require.Less(t, r.DurationMS, 5e3)
}

// No error repeats a password, wherever it was put.
func TestWrongProxies(t *testing.T) {
	cases := map[string]struct {
		args []string
		want string
	}{
		"scheme":           {[]string{"-proxy", "http://u:s3cret@h:1"}, "-proxy: the proxy must be socks5://"},
		"no scheme":        {[]string{"-proxy", "u:s3cret@h:1"}, "-proxy: "},
		"no port":          {[]string{"-proxy", "socks5://u:s3cret@h"}, "port is missing"},
		"port 0":           {[]string{"-proxy", "socks5://u:s3cret@h:0"}, "port is missing"},
		"no host":          {[]string{"-proxy", "socks5://u:s3cret@:1"}, "host or port is missing"},
		"path":             {[]string{"-proxy", "socks5://u:s3cret@h:1/x"}, "something behind"},
		"slash":            {[]string{"-proxy", "socks5://u:s3cret/@h:1"}, "%2F"},
		"percent":          {[]string{"-proxy", "socks5://u:s3cret%@h:1"}, "%2F"},
		"no password":      {[]string{"-proxy", "socks5://u@h:1"}, "1 to 255 bytes"},
		"no user":          {[]string{"-proxy", "socks5://:s3cret@h:1"}, "1 to 255 bytes"},
		"long password":    {[]string{"-proxy", "socks5://u:s3cret" + strings.Repeat("x", 250) + "@h:1"}, "1 to 255 bytes"},
		"late":             {[]string{"a", "-proxy=socks5://u:s3cret@h:1"}, "flags come before"},
		"as a target":      {[]string{"socks5://u:s3cret@h:1"}, "invalid"},
		"unknown flag":     {[]string{"-socks=socks5://u:s3cret@h:1"}, "-socks"},
		"to another flag":  {[]string{"-timeout", "socks5://u:s3cret@h:1"}, "-timeout"},
		"to a boolean one": {[]string{"-json=socks5://u:s3cret@h:1"}, "-json"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world{scan: func(context.Context, string) (*fingerprint.Report, error) {
				t.Error("something was scanned")
				return &fingerprint.Report{}, nil
			}}
			args := c.args
			if len(args) == 2 && strings.HasPrefix(args[0], "-") {
				args = append(args, "target")
			}
			require.Equal(t, exitUsage, w.run(t.Context(), args...))
			require.Contains(t, w.stderr.String(), c.want)
			require.Empty(t, w.stdout.String())
			require.NotContains(t, w.stderr.String(), "s3cret")
		})
	}
}
