package verdict

import "bytes"

// A look is how a protocol that is not SMB begins. The list holds what services that listen on any port say first or
// answer to bytes that they do not understand.
type look struct {
	prefix string
	name   string
}

func looks() []look {
	return []look{
		{"HTTP/", "http"},
		{"<!DOCTYPE", "http"}, // HTTP/0.9: a page and no header
		{"<html", "http"},
		{"SSH-", "ssh"},
		{"\x15\x03", "tls"}, // an alert record, RFC 8446 5.1
		{"\x16\x03", "tls"}, // a handshake record
		{"220 ", "ftp or smtp"},
		{"220-", "ftp or smtp"},
		{"500 ", "ftp or smtp"},
		{"502 ", "ftp or smtp"},
		{"+OK", "pop3"},
		{"-ERR ", "redis or pop3"},
		{"* OK", "imap"},
		{"RFB ", "vnc"},
		{"\x03\x00\x00", "rdp"}, // TPKT, RFC 1006 6
		{"\xFF\xFB", "telnet"},
		{"\xFF\xFD", "telnet"},
		{"\x83\x00\x00\x01", "netbios session service"}, // a negative session response, RFC 1002 4.3.4
	}
}

// guess says what the first bytes of a server look like, or nothing.
func guess(b []byte, echoed bool) string {
	if echoed {
		return "echo"
	}
	for _, l := range looks() {
		if bytes.HasPrefix(b, []byte(l.prefix)) {
			return l.name
		}
	}
	// The packet of a MySQL server: three bytes of length, a number of zero, protocol version 10.
	if len(b) > 5 && b[2] == 0 && b[3] == 0 && b[4] == 10 {
		return "mysql"
	}
	return ""
}
