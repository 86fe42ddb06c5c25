package smbtest

import (
	"io"
	"net"
	"time"

	"github.com/smbscope/smbscope/smb"
)

// hostileFrames are servers whose bytes are no frames of SMB, come too slowly, or do not come.
func hostileFrames() []Hostile {
	genuine := genuineServer()
	return named("frames",
		Hostile{Name: "silent", Does: "reads and never says anything", Handle: Silent},
		Hostile{Name: "closes-at-once", Does: "closes each connection", Handle: CloseAtOnce},
		Hostile{Name: "resets-at-once", Does: "resets each connection", Handle: ResetAtOnce},
		Hostile{Name: "half-closes", Does: "ends its own direction at once and reads on", Handle: HalfClose},
		Hostile{Name: "closes-after-request", Does: "reads a request and closes", Handle: afterRequest(func(conn net.Conn) {})},
		Hostile{Name: "resets-after-request", Does: "reads a request and resets", Handle: afterRequest(ResetAtOnce)},
		Hostile{
			Name: "half-closes-after-request", Does: "reads a request, ends its own direction and reads on",
			Handle: afterRequest(HalfClose),
		},
		Hostile{
			Name: "byte-a-second", Does: "answers as a genuine server, one byte a second",
			Handle: rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
				return trickle(conn, time.Second, packet)
			}),
		},
		Hostile{
			Name: "byte-a-millisecond", Does: "answers as a genuine server, one byte a millisecond",
			Handle: rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
				return trickle(conn, time.Millisecond, packet)
			}),
		},
		Hostile{
			Name: "half-an-answer", Does: "sends the first half of a genuine answer and then nothing",
			Handle: rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
				if _, err := conn.Write(packet[:len(packet)/2]); err != nil {
					return err
				}
				discard(conn)
				return net.ErrClosed
			}),
		},
		Hostile{
			Name: "half-an-answer-and-closes", Does: "sends the first half of a genuine answer and closes",
			Handle: rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
				_, _ = conn.Write(packet[:len(packet)/2])
				return net.ErrClosed
			}),
		},
		Hostile{
			Name: "largest-frame-drips", Does: "announces a frame of 16 MiB - 1 bytes and sends one of them a second",
			Handle: HugeFrame(time.Second),
		},
		Hostile{
			Name: "largest-frame", Does: "announces a frame of 16 MiB - 1 bytes and sends them as fast as it can",
			Handle: HugeFrame(0),
		},
		Hostile{
			Name: "largest-frame-and-closes", Does: "announces a frame of 16 MiB - 1 bytes and closes",
			Handle: afterRequest(func(conn net.Conn) { _, _ = conn.Write([]byte{0, 0xFF, 0xFF, 0xFF}) }),
		},
		Hostile{Name: "keep-alives", Does: "sends keep-alives without a pause", Handle: KeepAlives},
		Hostile{
			Name: "keep-alives-slowly", Does: "sends a byte of keep-alives every 100 ms",
			Handle: Drip(100*time.Millisecond, []byte{byte(smb.FrameKeepAlive), 0, 0, 0}, true),
		},
		Hostile{Name: "empty-frames", Does: "sends frames without a message", Handle: EndlessFrames([]byte{0, 0, 0, 0})},
		Hostile{Name: "small-frames", Does: "sends frames of one byte", Handle: EndlessFrames([]byte{0, 0, 0, 1, 0xFE})},
		Hostile{
			Name: "identifiers-alone", Does: "sends frames of a protocol identifier and nothing more",
			Handle: EndlessFrames([]byte("\x00\x00\x00\x04\xFESMB")),
		},
		Hostile{
			Name: "unknown-frame-types", Does: "sends frames of a type that does not exist",
			Handle: EndlessFrames([]byte("\x7F\x00\x00\x04\xFESMB")),
		},
		Hostile{
			Name: "other-protocol", Does: "answers in valid frames with a message of DCE/RPC over TCP",
			Handle: func(conn net.Conn) {
				// A bind_nak of version 5.0 ([C706] 12.6.4.5).
				serveAnswers(conn, func([]byte) []byte {
					return []byte("\x05\x00\x0D\x03\x10\x00\x00\x00\x15\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x05\x00")
				})
			},
		},
		Hostile{
			Name: "unknown-identifier", Does: "answers in valid frames with another protocol identifier",
			Handle: changes(genuine.Handle, func(_, message []byte) []byte {
				message[0] = 0xFB
				return message
			}),
		},
		Hostile{Name: "echo", Does: "sends back what it is sent", Handle: Echo},
		Hostile{
			Name: "echo-as-answer", Does: "sends each request back as if it were its answer",
			Handle: func(conn net.Conn) { serveAnswers(conn, asAnswer) },
		},
		Hostile{Name: "http", Does: "is a web server", Handle: HTTP},
		Hostile{Name: "http-endless", Does: "sends the head of a web server's answer without end", Handle: endlessHead},
		Hostile{
			Name: "tls-alert", Does: "answers as TLS does what is none: with a fatal alert, protocol_version ([RFC 8446] 6.2)",
			Handle: afterRequest(func(conn net.Conn) { _, _ = io.WriteString(conn, "\x15\x03\x01\x00\x02\x02\x46") }),
		},
		Hostile{
			Name: "tls-handshake", Does: "begins a handshake of TLS and never goes on", // a record of 256 bytes, of which 9 come
			Handle: afterRequest(func(conn net.Conn) {
				if _, err := io.WriteString(conn, "\x16\x03\x03\x01\x00\x02\x00\x00\xFC\x03\x03"); err == nil {
					discard(conn)
				}
			}),
		},
		Hostile{Name: "says-first", Does: "is a server of SSH", Handle: SaysFirst("SSH-2.0-OpenSSH_9.9\r\n")},
		Hostile{
			Name: "escapes", Does: "says what would change a terminal", Handle: SaysFirst("\x1b]0;owned\x07\x1b[2J\x1b[31m\u202Eowned\r\n"),
		},
	)
}

// afterRequest reads one message, does what it is for, and closes.
func afterRequest(do func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		if _, err := readRequest(conn); err == nil {
			do(conn)
		}
	}
}

// trickle sends bytes one at a time, at most DripLimit, with a pause before each. What comes in meanwhile is dropped.
func trickle(conn net.Conn, every time.Duration, b []byte) error {
	in := &io.LimitedReader{R: conn, N: PeerLimit}
	for i := range min(len(b), DripLimit) {
		if !pause(conn, in, every) {
			return net.ErrClosed
		}
		if _, err := conn.Write(b[i : i+1]); err != nil {
			return err
		}
	}
	return conn.SetReadDeadline(time.Time{})
}

// endlessHead sends lines of a head that never ends, at most PeerLimit bytes.
func endlessHead(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n"); err == nil {
		flood(conn, []byte("X-More: more\r\n"), PeerLimit)
	}
}

// asAnswer makes an answer of a request by setting the flag of one.
func asAnswer(request []byte) []byte {
	answer := append([]byte{}, request...)
	if smb.IsSMB2(answer) {
		return withHeader2(answer, func(h *smb.SMB2Header) { h.Flags |= smb.SMB2FlagServerToRedir })
	}
	return withHeader1(answer, func(h *smb.SMB1Header) { h.Flags |= smb.SMB1FlagReply })
}
