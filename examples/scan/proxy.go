package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/proxy"

	"github.com/smbscope/smbscope/smb/wire"
)

// proxyTime bounds a dial through a proxy, which does three things in it: its own handshake, the look-up of the name and
// the way to the server.
const proxyTime = 10 * time.Second

// A proxyDialer makes connections through a SOCKS5 proxy (RFC 1928). Names go to the proxy as they are. Its errors tell
// what befell the target from what befell the proxy: a proxy that refuses a connection must not look like a server that
// does.
type proxyDialer struct {
	address string
	socks   proxy.ContextDialer
}

// newProxy reads socks5://[user:password@]HOST:PORT. Its errors have nothing of it in them, because of the password.
func newProxy(s string) (*proxyDialer, error) {
	const form = "socks5://[user:password@]HOST:PORT"
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("this is no " + form + "; other than letters and digits, write the characters of a password as %2F and the like")
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case u.Scheme != "socks5" && u.Scheme != "socks5h": // curl's name for one that resolves names
		return nil, errors.New("the proxy must be " + form)
	case u.Hostname() == "" || err != nil || port == 0:
		return nil, errors.New("the proxy's host or port is missing: it must be " + form)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("there is something behind the proxy's port: it must be " + form)
	}
	var auth *proxy.Auth
	if u.User != nil {
		password, _ := u.User.Password()
		auth = &proxy.Auth{User: u.User.Username(), Password: password}
		if auth.User == "" || len(auth.User) > 255 || auth.Password == "" || len(auth.Password) > 255 {
			return nil, errors.New("the proxy's user and password must have 1 to 255 bytes each")
		}
	}
	d := &proxyDialer{address: net.JoinHostPort(u.Hostname(), u.Port())}
	inner, err := proxy.SOCKS5("tcp", d.address, auth, wayToProxy{})
	if err != nil {
		return nil, errors.New("the proxy cannot be used")
	}
	var ok bool
	if d.socks, ok = inner.(proxy.ContextDialer); !ok {
		return nil, errors.New("the proxy's dialer takes no context")
	}
	return d, nil
}

// wayToProxy dials the proxy, and marks its errors.
type wayToProxy struct{}

func (wayToProxy) Dial(network, address string) (net.Conn, error) {
	return wayToProxy{}.DialContext(context.Background(), network, address)
}

func (wayToProxy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, noProxyError{err}
	}
	return conn, nil
}

// A noProxyError says that the proxy could not be reached.
type noProxyError struct{ err error }

func (e noProxyError) Error() string { return e.err.Error() }

// A replyError is what a proxy says of a target.
type replyError struct {
	text  string
	errno syscall.Errno
}

func (e replyError) Error() string { return e.text }
func (e replyError) Unwrap() error { return e.errno }

// DialContext has the shape of net.Dialer's.
func (d *proxyDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.socks.DialContext(ctx, network, address)
	if err == nil {
		return conn, nil
	}
	cause := err
	if op, ok := err.(*net.OpError); ok && strings.HasPrefix(op.Op, "socks") {
		cause = op.Err // without the addresses, which stand in the report
	}
	if _, ok := cause.(noProxyError); ok {
		return nil, fmt.Errorf("the proxy %s cannot be reached: %s", d.address, wire.EscapeText(cause.Error()))
	}
	if ctx.Err() != nil {
		return nil, err // how long the proxy takes for the target is the target's time
	}
	const prefix = "unknown error " // of golang.org/x/net/internal/socks, before what each reply of RFC 1928 section 6 means
	reply, isReply := strings.CutPrefix(cause.Error(), prefix)
	if errno := errnoOf(reply); isReply && errno != 0 {
		return nil, replyError{fmt.Sprintf("the proxy %s says: %s", d.address, reply), errno}
	}
	text := wire.EscapeText(reply)
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		text = "it closed the connection, as some do when they cannot reach the target" // OpenSSH does
	}
	return nil, fmt.Errorf("the proxy %s makes no connection: %s", d.address, text) // not with %w: this is not the target's end
}

// errnoOf returns the number that the system would have had for a proxy's reply; 0 where there is none.
func errnoOf(reply string) syscall.Errno {
	switch reply {
	case "connection refused":
		return syscall.ECONNREFUSED
	case "network unreachable":
		return syscall.ENETUNREACH
	case "host unreachable":
		return syscall.EHOSTUNREACH
	}
	return 0
}
