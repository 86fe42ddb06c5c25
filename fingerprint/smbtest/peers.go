package smbtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/smbscope/smbscope/smb"
)

// The bounds of the peers: nothing that is connected to one of them, however patient, keeps it busy for ever.
const (
	PeerLimit = 32 << 20 // bytes that a peer reads, and bytes that it writes, over one connection; then it closes
	DripLimit = 64 << 10 // bytes that a peer writes one at a time; then it says no more
)

// block is how much is read or written at a time where the size does not matter.
const block = 4 << 10

// lineLimit is how many bytes HTTP waits for a line feed: net/http's DefaultMaxHeaderBytes.
const lineLimit = 1 << 20

// httpPatience is how long HTTP waits for the client's close: net/http's rstAvoidanceDelay.
const httpPatience = 500 * time.Millisecond

// Silent reads and never says anything, at most PeerLimit bytes.
func Silent(conn net.Conn) {
	defer conn.Close()
	discard(conn)
}

// CloseAtOnce closes the connection and neither reads nor writes.
func CloseAtOnce(conn net.Conn) { _ = conn.Close() }

// ResetAtOnce resets the connection and neither reads nor writes; over TCP on Linux the reset can come so early that
// the client's dial fails with it. A connection that is neither TCP nor of this package is closed.
func ResetAtOnce(conn net.Conn) {
	switch c := conn.(type) {
	case interface{ Reset() error }:
		_ = c.Reset()
	case interface{ SetLinger(int) error }:
		_ = c.SetLinger(0)
	}
	_ = conn.Close()
}

// HalfClose ends its own direction at once and reads on, at most PeerLimit bytes. A connection that has no CloseWrite
// is closed.
func HalfClose(conn net.Conn) {
	defer conn.Close()
	if closeWrite(conn) {
		discard(conn)
	}
}

// Echo sends back what it reads, at most PeerLimit bytes.
func Echo(conn net.Conn) {
	defer conn.Close()
	b := make([]byte, block)
	for total := 0; total < PeerLimit; {
		n, err := conn.Read(b[:min(block, PeerLimit-total)])
		if _, werr := conn.Write(b[:n]); werr != nil || err != nil {
			return
		}
		total += n
	}
}

// Drip sends one byte of data after each interval, at most DripLimit bytes, from the beginning again if it is to
// repeat, and then says no more. It reads and drops what the client sends, at most PeerLimit bytes, and ends when the
// client closes its direction.
func Drip(every time.Duration, data []byte, repeat bool) func(net.Conn) {
	data = bytes.Clone(data)
	return func(conn net.Conn) {
		defer conn.Close()
		end := len(data)
		if repeat && end > 0 {
			end = DripLimit
		}
		drip(conn, every, end, func(i int) byte { return data[i%len(data)] })
	}
}

// SaysFirst sends a banner, as servers of SSH, FTP or SMTP do before the client has said anything, and then only reads,
// at most PeerLimit bytes.
func SaysFirst(banner string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		if _, err := io.WriteString(conn, banner); err == nil {
			discard(conn)
		}
	}
}

// HTTP is a web server that was sent something else. As net/http does, it answers 400 Bad Request as soon as it has
// read a line feed, or 431 after 1 MiB without one, and closes.
func HTTP(conn net.Conn) {
	defer conn.Close()
	in := &io.LimitedReader{R: conn, N: PeerLimit}
	b, status := make([]byte, block), "431 Request Header Fields Too Large"
	for total := 0; total < lineLimit; {
		n, err := in.Read(b)
		if bytes.IndexByte(b[:n], '\n') >= 0 {
			status = "400 Bad Request"
			break
		}
		if err != nil {
			return
		}
		total += n
	}
	// The words of net/http, server.go, (*conn).serve.
	answer := "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" + status
	if _, err := io.WriteString(conn, answer); err == nil && closeWrite(conn) {
		_ = conn.SetReadDeadline(time.Now().Add(httpPatience)) // a TCP close with unread bytes would be a reset
		_, _ = io.Copy(io.Discard, in)
	}
}

// HugeFrame announces the largest frame of direct TCP, 16 MiB - 1 bytes ([MS-SMB2] 2.1), and then sends its bytes: 0xFE
// 'S' 'M' 'B', then zeros. With an interval it sends one byte after each, at most DripLimit; with none, the whole frame
// as fast as the client takes it. After the last byte it only reads, at most PeerLimit bytes.
func HugeFrame(every time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		if _, err := conn.Write([]byte{0x00, 0xFF, 0xFF, 0xFF}); err != nil {
			return
		}
		const start = "\xFESMB"
		if every > 0 {
			drip(conn, every, DripLimit, func(i int) byte {
				if i < len(start) {
					return start[i]
				}
				return 0
			})
			return
		}
		if _, err := io.WriteString(conn, start); err == nil && flood(conn, []byte{0}, 1<<24-1-len(start)) {
			discard(conn)
		}
	}
}

// KeepAlives sends NetBIOS session keep-alives (RFC 1002, section 4.3.7) without a pause, PeerLimit bytes of them, and
// never reads. Then it closes.
func KeepAlives(conn net.Conn) {
	defer conn.Close()
	flood(conn, []byte{0x85, 0, 0, 0}, PeerLimit)
}

// EndlessFrames sends a frame, which begins with its four bytes of framing, again and again without a pause, as often
// as it fits into PeerLimit bytes, and never reads. Then it closes; an empty frame makes it close at once.
func EndlessFrames(frame []byte) func(net.Conn) {
	frame = bytes.Clone(frame)
	return func(conn net.Conn) {
		defer conn.Close()
		flood(conn, frame, PeerLimit)
	}
}

// NetBIOS is the front of a server behind the NetBIOS session service (RFC 1002 4.3): a connection whose first packet is
// a session request for one of the names is told that the session stands, and is then handle's, to which it is one
// without a session request. For another name the session is refused, as "called name not present", and the connection
// is closed; so is one that begins with anything else.
func NetBIOS(names []smb.NetBIOSName, handle func(net.Conn)) func(net.Conn) {
	names = slices.Clone(names)
	return func(conn net.Conn) {
		request, err := readSessionRequest(conn)
		if err != nil {
			_ = conn.Close()
			return
		}
		if !slices.Contains(names, request.Called) {
			_, _ = conn.Write([]byte{byte(smb.FrameNegativeResponse), 0, 0, 1, byte(smb.SessionCalledNotPresent)})
			_ = conn.Close()
			return
		}
		if _, err := conn.Write([]byte{byte(smb.FramePositiveResponse), 0, 0, 0}); err != nil {
			_ = conn.Close()
			return
		}
		handle(conn)
	}
}

// sessionRequestSize is the size in bytes of a session request without its header: two names without a scope.
const sessionRequestSize = 68

func readSessionRequest(conn net.Conn) (smb.SessionRequest, error) {
	var head [smb.FrameHeaderSize]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return smb.SessionRequest{}, err
	}
	h, err := smb.ParseFrameHeader(head[:])
	if err != nil {
		return smb.SessionRequest{}, err
	}
	if h.Type != smb.FrameSessionRequest || h.Length != sessionRequestSize {
		return smb.SessionRequest{}, fmt.Errorf("a %v of %d bytes", h.Type, h.Length)
	}
	var body [sessionRequestSize]byte
	if _, err := io.ReadFull(conn, body[:]); err != nil {
		return smb.SessionRequest{}, err
	}
	return smb.ParseSessionRequest(body[:])
}

// discard reads until the connection ends, or its deadline, or PeerLimit.
func discard(conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, PeerLimit) }

// drip sends bytes one at a time, and then only reads.
func drip(conn net.Conn, every time.Duration, end int, at func(i int) byte) {
	in := &io.LimitedReader{R: conn, N: PeerLimit}
	for i := range min(end, DripLimit) {
		if !pause(conn, in, every) {
			return
		}
		if _, err := conn.Write([]byte{at(i)}); err != nil {
			return
		}
	}
	if conn.SetReadDeadline(time.Time{}) == nil {
		_, _ = io.Copy(io.Discard, in)
	}
}

// pause waits for d; false means that the connection has ended, or its client sent too much. It waits in a read, since
// nothing else is interrupted by a close at this end.
func pause(conn net.Conn, in io.Reader, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	if conn.SetReadDeadline(time.Now().Add(d)) != nil {
		return false
	}
	_, err := io.Copy(io.Discard, in)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// flood writes a unit as often as it fits into limit bytes; false means that the connection has ended.
func flood(conn net.Conn, unit []byte, limit int) bool {
	if len(unit) == 0 {
		return true
	}
	many := bytes.Repeat(unit, max(1, block/len(unit)))
	for rest := limit / len(unit) * len(unit); rest > 0; {
		n, err := conn.Write(many[:min(rest, len(many))])
		if err != nil {
			return false
		}
		rest -= n
	}
	return true
}

func closeWrite(conn net.Conn) bool {
	c, ok := conn.(interface{ CloseWrite() error })
	return ok && c.CloseWrite() == nil
}
