package verdict

import (
	"bytes"
	"slices"
	"strings"
)

// looked is how many bytes of a stranger are looked at. Greetings are shorter, and what tells stands at their beginning.
const looked = 512

// A look is how a protocol that is not SMB begins: what a service says first, or answers to the beginning of an SMB
// message. No look is better than a wrong one, so what several protocols send is in none, or names them all.
type look struct {
	name   string
	prefix string
	is     func(b []byte) bool // what must hold as well; nil for nothing
	source string              // a section that says so, or the product that was seen to send it
}

// looks lists every look; the first that fits counts. To add one: a row here, and in the test an example, which is
// also cut short everywhere.
func looks() []look {
	return []look{
		{"http", "HTTP/", nil, "RFC 9112 4; nginx 1.22.1, also on a TLS port, and Go's net/http"},
		{"http", "<", isPage, "RFC 1945 6: HTTP/0.9 answers with a page and no header"},
		{"rtsp", "RTSP/", nil, "RFC 7826 8"},
		{"sip", "SIP/2.0 ", nil, "RFC 3261 7.2"},
		{"xmpp", "<", isStream, "RFC 6120 4.2"},
		{"ssh", "SSH-", nil, "RFC 4253 4.2; OpenSSH 9.2p1"},
		{"ssh", "Exceeded MaxStartups\r\n", nil, "OpenSSH 9.2p1 with more connections than it takes"},
		{"tls", "\x15\x03", isAlert, "RFC 8446 5.1 and 6"},
		{"ftp", "500 OOPS: ", nil, "vsFTPd 3.0.3 where it cannot go on"},
		{"lmtp", "220", hasWord("LMTP"), "RFC 2033 4.1"},
		{"ftp or smtp", "220", isMail(true, true), "a greeting that names both"},
		{"smtp", "220", isMail(true, false), "RFC 5321 4.2; msmtpd 1.8.23"},
		{"ftp", "220", isMail(false, true), "RFC 959 5.4; vsFTPd 3.0.3"},
		{"ftp or smtp", "220", isReply, "RFC 959 5.4 and RFC 5321 4.2: the words are free"},
		{"smtp", "421", isMail(true, false), "RFC 5321 4.2.2"},
		{"ftp", "421", isMail(false, true), "RFC 959 4.2.2"},
		{"ftp or smtp", "421", isReply, "RFC 959 5.4 and RFC 5321 4.3.2: not available, in place of the greeting"},
		{"smtp", "554", isMail(true, false), "RFC 5321 3.1: no service here"},
		{"nntp", "200", isNews, "RFC 3977 5.1"},
		{"nntp", "201", isNews, "RFC 3977 5.1"},
		{"pop3", "+OK", isStatus, "RFC 1939 4"},
		{"redis", "-ERR Protocol error: ", nil, "Redis 7.0.15"},
		{"redis", "-ERR unknown command", nil, "Redis 7.0.15"},
		{"redis", "-ERR max number of clients", nil, "Redis 7.0.15"},
		{"redis", "-DENIED Redis ", nil, "Redis 7.0.15 in protected mode"},
		{"redis", "-NOAUTH Auth", nil, "Redis 7.0.15"},
		{"redis", "-LOADING Redis ", nil, "Redis 7.0.15"},
		{"redis or pop3", "-ERR ", nil, "RESP, simple errors; RFC 1939 3"},
		{"imap", "* OK", isStatus, "RFC 9051 7.1"},
		{"imap", "* PREAUTH ", nil, "RFC 9051 7.1"},
		{"imap", "* BYE ", nil, "RFC 9051 7.1"},
		{"managesieve", `"IMPLEMENTATION" "`, nil, "RFC 5804 1.7"},
		{"irc", "ERROR :", nil, "RFC 2812 3.7.4"},
		{"irc", ":", isNotice, "RFC 2812 2.3.1 and 3.3.2"},
		{"memcached", "ERROR\r\n", nil, "memcached, doc/protocol.txt; memcached 1.6.18"},
		{"rsync", "@RSYNCD: ", nil, "rsync 3.5.0"},
		{"svn", "( success ( ", nil, "Subversion, libsvn_ra_svn/protocol 2"},
		{"nats", "INFO {", nil, "NATS client protocol, INFO"},
		{"amqp", "AMQP", isVersion, "AMQP 0-9-1 4.2.2, AMQP 1.0 2.2"},
		{"vnc", "RFB 0", nil, "RFC 6143 7.1.1"},
		{"telnet", "\xFF\xFB", isOption, "RFC 854, command WILL"},
		{"telnet", "\xFF\xFD", isOption, "RFC 854, command DO"},
		{"rdp", "\x03\x00", isRDP, "[MS-RDPBCGR] 1.3.1.3 and 2.2.1.2; xrdp 0.9.21"},
		{"ldap", "\x30", isDisconnection, "RFC 4511 4.4.1"},
		{"kerberos", "\x00", isKerberos, "RFC 4120 5.9.1 and 7.2.2"},
		{"dcerpc", "\x05", isRPC, "C706 12.6; the endpoint mapper of Samba 4.17.12"},
		{"mysql", "", isMySQL, "Protocol::HandshakeV10 and ERR_Packet of MySQL's client/server protocol"},
		{"postgresql", "E", isPostgres, "PostgreSQL, Frontend/Backend Protocol, ErrorResponse"},
		{"netbios session service", "\x82\x00\x00\x00", isPositive, "RFC 1002 4.3.3"},
		{"netbios session service", "\x83\x00\x00\x01", isNegative, "RFC 1002 4.3.4"},
		{"netbios session service", "\x84\x00\x00\x06", nil, "RFC 1002 4.3.5"},
	}
}

// guess says what the first bytes of a server look like, or nothing. What it says is one of our own words, never the
// server's.
func guess(b []byte, echoed bool) string {
	if echoed {
		return "echo"
	}
	if i := lookAt(looks(), b); i >= 0 {
		return looks()[i].name
	}
	return ""
}

// lookAt returns the index of the first look that fits, or -1.
func lookAt(all []look, b []byte) int {
	b = b[:min(len(b), looked)]
	return slices.IndexFunc(all, func(l look) bool {
		return bytes.HasPrefix(b, []byte(l.prefix)) && (l.is == nil || l.is(b))
	})
}

// firstLine returns the first line in capitals, without its end.
func firstLine(b []byte) string {
	if i := bytes.IndexAny(b, "\r\n\x00"); i >= 0 {
		b = b[:i]
	}
	return strings.ToUpper(string(b)) // of bytes that are not text, whatever: it is only searched for words of ours
}

func isPage(b []byte) bool {
	line := firstLine(b)
	return strings.HasPrefix(line, "<!DOCTYPE HTML") || strings.HasPrefix(line, "<HTML>") || strings.HasPrefix(line, "<HTML ")
}

func isStream(b []byte) bool {
	return bytes.HasPrefix(b, []byte("<stream:stream ")) ||
		bytes.HasPrefix(b, []byte("<?xml ")) && bytes.Contains(b, []byte("<stream:stream "))
}

// isAlert tells an alert record from other bytes: two bytes long, a warning or fatal.
func isAlert(b []byte) bool {
	return len(b) >= 5 && b[2] <= 4 && b[3] == 0 && b[4] == 2 && (len(b) == 5 || b[5] == 1 || b[5] == 2)
}

// isReply tells whether a line begins with a code of three digits, and no longer number.
func isReply(b []byte) bool { return len(b) > 3 && (b[3] == ' ' || b[3] == '-') }

// hasWord returns a test for a word in the text of a reply. The names of hosts are no text: ftp.example.org sends mail
// as well. Nor is a last word without an end of the line, which may be the beginning of such a name.
func hasWord(part string) func(b []byte) bool {
	return func(b []byte) bool {
		if !isReply(b) {
			return false
		}
		text := firstLine(b[4:])
		if !bytes.ContainsAny(b, "\r\n") {
			text = text[:strings.LastIndexByte(text, ' ')+1]
		}
		return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
			return strings.Contains(word, part) && !strings.Contains(strings.TrimRight(word, ".,;:!"), ".")
		})
	}
}

// isMail returns a test for replies whose text speaks of SMTP, or not, and of FTP, or not.
func isMail(smtp, ftp bool) func(b []byte) bool {
	return func(b []byte) bool {
		return isReply(b) && hasWord("SMTP")(b) == smtp && hasWord("FTP")(b) == ftp
	}
}

func isNews(b []byte) bool {
	return hasWord("NNTP")(b) || hasWord("NNRP")(b) || hasWord("INTERNETNEWS")(b)
}

// isStatus tells whether what follows "+OK" or "* OK" is a word of its own.
func isStatus(b []byte) bool {
	rest := b[bytes.Index(b, []byte("OK"))+2:]
	return len(rest) == 0 || rest[0] == ' ' || rest[0] == '\r'
}

func isNotice(b []byte) bool {
	fields := strings.Fields(firstLine(b))
	return len(fields) > 2 && fields[1] == "NOTICE"
}
