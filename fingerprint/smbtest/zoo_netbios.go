package smbtest

import (
	"fmt"
	"net"

	"github.com/smbscope/smbscope/smb"
)

// hostileNetBIOS are servers of the NetBIOS session service (RFC 1002 4.3) that let nobody through to SMB, or send their
// client elsewhere.
func hostileNetBIOS() []Hostile {
	genuine := genuineServer()
	row := func(name, does string, handle func(net.Conn)) Hostile {
		return Hostile{Name: name, Does: does, Handle: handle, NetBIOS: true}
	}
	list := []Hostile{
		row("retarget-to-itself", "sends its client to its own address and port, each time", sessionAnswer(toItself)),
		row("retarget-to-other", "sends its client to another address (192.0.2.2:139), each time", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FrameRetarget), 0, 0, 6, 192, 0, 2, 2, 0, 139}))),
		row("retarget-to-loopback", "sends its client to 127.0.0.1:139", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FrameRetarget), 0, 0, 6, 127, 0, 0, 1, 0, 139}))),
		row("retarget-to-nowhere", "sends its client to 0.0.0.0:0", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FrameRetarget), 0, 0, 6, 0, 0, 0, 0, 0, 0}))),
		row("retarget-short", "sends its client elsewhere and does not say where", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FrameRetarget), 0, 0, 0}))),
		row("retarget-long", "sends its client elsewhere with an address of 131,071 bytes", sessionAnswer(fixedAnswer(
			append([]byte{byte(smb.FrameRetarget), 1, 0xFF, 0xFF}, make([]byte, 1<<17-1)...)))),
		row("retarget-flood", "sends its client elsewhere without end", func(conn net.Conn) {
			EndlessFrames([]byte{byte(smb.FrameRetarget), 0, 0, 6, 192, 0, 2, 2, 0, 139})(conn)
		}),
		row("retarget-after-session", "grants the session and then sends its client elsewhere",
			rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
				if packet[0] == byte(smb.FramePositiveResponse) {
					_, err := conn.Write(packet)
					return err
				}
				_, _ = conn.Write([]byte{byte(smb.FrameRetarget), 0, 0, 6, 192, 0, 2, 2, 0, 139})
				return net.ErrClosed
			})),
		row("granted-twice", "grants the session twice", rewrites(genuine.Handle, func(conn net.Conn, _, packet []byte) error {
			if packet[0] == byte(smb.FramePositiveResponse) {
				packet = append(packet[:len(packet):len(packet)], packet...)
			}
			_, err := conn.Write(packet)
			return err
		})),
		row("granted-with-data", "grants the session in a packet of 131,071 bytes", sessionAnswer(fixedAnswer(
			append([]byte{byte(smb.FramePositiveResponse), 1, 0xFF, 0xFF}, make([]byte, 1<<17-1)...)))),
		row("granted-without-request", "grants sessions without end to whoever has asked for none",
			EndlessFrames([]byte{byte(smb.FramePositiveResponse), 0, 0, 0})),
		row("request-as-answer", "answers a session request with a session request", sessionAnswer(func(_ net.Conn, request []byte) []byte {
			return request
		})),
		row("silent-after-session", "grants the session and says no more", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FramePositiveResponse), 0, 0, 0}))),
		row("refused-without-reason", "refuses the session and gives no reason", sessionAnswer(fixedAnswer(
			[]byte{byte(smb.FrameNegativeResponse), 0, 0, 0}))),
	}
	for _, code := range []byte{0x00, 0x80, 0x81, 0x82, 0x83, 0x8F, 0xFF} {
		list = append(list, row(fmt.Sprintf("refused-%02x", code), fmt.Sprintf("refuses the session for the reason 0x%02X", code),
			sessionAnswer(fixedAnswer([]byte{byte(smb.FrameNegativeResponse), 0, 0, 1, code}))))
	}
	return named("netbios", list...)
}

// sessionAnswer reads one packet, sends what answers it, and then only reads.
func sessionAnswer(answer func(conn net.Conn, request []byte) []byte) func(net.Conn) {
	return func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		request, err := readRequest(conn)
		if err != nil {
			return
		}
		if _, err := conn.Write(answer(conn, request.Data)); err == nil {
			discard(conn)
		}
	}
}

func fixedAnswer(packet []byte) func(net.Conn, []byte) []byte {
	return func(net.Conn, []byte) []byte { return packet }
}

// toItself is a retarget to the end of the connection that sends it; to port 139 of nothing where that has no IPv4 address.
func toItself(conn net.Conn, _ []byte) []byte {
	packet := []byte{byte(smb.FrameRetarget), 0, 0, 6, 0, 0, 0, 0, 0, 139}
	if addr, ok := conn.LocalAddr().(*net.TCPAddr); ok && addr.IP.To4() != nil {
		copy(packet[smb.FrameHeaderSize:], addr.IP.To4())
		packet[8], packet[9] = byte(addr.Port>>8), byte(addr.Port)
	}
	return packet
}
