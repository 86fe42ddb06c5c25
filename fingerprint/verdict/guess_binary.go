package verdict

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// What follows are the looks of protocols of bytes. Each asks for enough of them that a length or a counter at the
// beginning of yet another protocol does not fit.

// isVersion tells an AMQP header: eight bytes, of which the fifth is the protocol's number and the rest its version.
func isVersion(b []byte) bool { return len(b) >= 8 && b[4] <= 3 && b[5] <= 1 }

// isOption tells whether a command of telnet is about an option of the first forty, which are below all letters: the
// same first byte begins text in UTF-16.
func isOption(b []byte) bool { return len(b) > 2 && b[2] < 40 }

// isRDP tells, inside of the framing that other protocols use as well (RFC 1006 6), what only Remote Desktop sends: a
// connection confirm with a negotiation response or failure, or the end of a T.125 connection.
func isRDP(b []byte) bool {
	if len(b) < 9 || b[2] != 0 {
		return false
	}
	length := int(b[3])
	confirms := length == 19 && b[4] == 14 && b[5] == 0xD0 && len(b) >= 15 && (b[11] == 2 || b[11] == 3) && b[13] == 8 && b[14] == 0
	ends := length == 9 && bytes.HasPrefix(b[4:], []byte{2, 0xF0, 0x80, 0x21})
	return confirms || ends
}

// inside returns what is behind the tag and the length of a BER element, or nothing. The lengths are not compared with
// anything: what is looked at is a beginning.
func inside(b []byte, tag byte) []byte {
	if len(b) < 2 || b[0] != tag {
		return nil
	}
	skip := 2
	if b[1] >= 0x80 {
		skip += int(b[1] & 0x7F)
	}
	if b[1] == 0x80 || skip > 6 || skip > len(b) {
		return nil
	}
	return b[skip:]
}

// isDisconnection tells an LDAP message with the number 0, which only a server sends, and an extended response in it.
func isDisconnection(b []byte) bool { return bytes.HasPrefix(inside(b, 0x30), []byte{2, 1, 0, 0x78}) }

// isKerberos tells a KRB-ERROR, of version 5, behind the length that Kerberos has over TCP.
func isKerberos(b []byte) bool {
	return len(b) > 4 && b[1] == 0 && bytes.HasPrefix(inside(inside(b[4:], 0x7E), 0x30), []byte{0xA0, 3, 2, 1, 5})
}

// isRPC tells a fault or a bind_nak of the connection-oriented DCE/RPC, in a common representation of data.
func isRPC(b []byte) bool {
	const fault, bindNak = 3, 13
	if len(b) < 10 || b[1] > 1 || b[2] != fault && b[2] != bindNak || b[4]&0xEF != 0 {
		return false
	}
	order := binary.ByteOrder(binary.BigEndian)
	if b[4] == 0x10 {
		order = binary.LittleEndian
	}
	length := int(order.Uint16(b[8:]))
	return b[5] == 0 && b[6] == 0 && b[7] == 0 && length >= 18 && length < 4096
}

// isMySQL tells a packet with the number 0 that holds a greeting of protocol version 10, or the error that comes in its
// place: too many connections, host blocked, host not allowed.
func isMySQL(b []byte) bool {
	if len(b) < 8 || b[2] != 0 || b[3] != 0 {
		return false
	}
	length := int(binary.LittleEndian.Uint16(b))
	if b[4] == 0xFF {
		refusals := []uint16{1040, 1129, 1130}
		return length > 3 && length < looked && b[7] >= ' ' && slices.Contains(refusals, binary.LittleEndian.Uint16(b[5:]))
	}
	const shortest = 20 // version, a name of one byte, thread, eight bytes of challenge, filler, capabilities
	if b[4] != 10 || length < shortest || length >= looked {
		return false
	}
	version := b[5:]
	if end := bytes.IndexByte(version, 0); end >= 0 {
		version = version[:end]
	}
	printable := func(c byte) bool { return c >= ' ' && c < 0x7F }
	if len(version) < 3 || len(version) > length || slices.ContainsFunc(version, func(c byte) bool { return !printable(c) }) {
		return false
	}
	dot := bytes.IndexByte(version, '.')
	return (dot == 1 || dot == 2) && dot+1 < len(version) && digits(version[:dot]) && digits(version[dot+1:dot+2])
}

func digits(b []byte) bool {
	return len(b) > 0 && !slices.ContainsFunc(b, func(c byte) bool { return c < '0' || c > '9' })
}

// isPostgres tells an ErrorResponse whose first field is the severity.
func isPostgres(b []byte) bool {
	if len(b) < 7 || b[5] != 'S' || b[6] < 'A' {
		return false
	}
	length := binary.BigEndian.Uint32(b[1:])
	return length > 8 && length < 8<<10
}

// isNegative tells a negative session response by its code.
func isNegative(b []byte) bool { return len(b) > 4 && (b[4] >= 0x80 && b[4] <= 0x83 || b[4] == 0x8F) }

// isPositive tells a positive session response, which has nothing behind it, from other protocols that begin with its
// type and zeros.
func isPositive(b []byte) bool { return len(b) == 4 }
