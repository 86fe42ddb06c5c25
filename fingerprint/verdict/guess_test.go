package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const vague = "ftp or smtp" // until the words have come that tell which

// guessed are greetings and answers, and what they are. Those of products named in the table were seen, and are whole
// up to what is of no interest here; the others are made from the document.
func guessed() map[string]string {
	return map[string]string{
		"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n":                        "http",
		"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an":    "http",
		"<html>\r\n<head><title>400 Bad Request</title></head>":                "http",
		"<!doctype html><html lang=en>":                                        "http",
		"<HTML LANG=\"en\">":                                                   "http",
		"RTSP/1.0 400 Bad Request\r\n\r\n":                                     "rtsp",
		"SIP/2.0 400 Bad Request\r\n":                                          "sip",
		"<?xml version='1.0'?><stream:stream id='1' xmlns='jabber:client'":     "xmpp",
		"<stream:stream xmlns='jabber:client'>":                                "xmpp",
		"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n":                          "ssh",
		"Exceeded MaxStartups\r\n":                                             "ssh",
		"\x15\x03\x01\x00\x02\x02\x46":                                         "tls",
		"\x15\x03\x03\x00\x02\x01\x00":                                         "tls",
		"500 OOPS: cannot change directory:/home/x\r\n":                        "ftp",
		"220 (vsFTPd 3.0.3)\r\n530 Please login with USER and PASS.\r\n":       "ftp",
		"220 ProFTPD Server (Debian) [::ffff:192.0.2.1]\r\n":                   "ftp",
		"220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n":    "ftp",
		"220-Microsoft FTP Service\r\n":                                        "ftp",
		"220 smtp.example.org FTP server ready.\r\n":                           "ftp",
		"220 localhost ESMTP msmtpd\r\n":                                       "smtp",
		"220-mx.example.org ESMTP Exim 4.96 Tue, 24 Nov 2026 12:00:00 +0000\r": "smtp",
		"220 ftp.example.org ESMTP Postfix (Debian/GNU)\r\n":                   "smtp",
		"220 mail.example.org Simple Mail Transfer Service Ready (SMTP)\r\n":   "smtp",
		"220 example.org LMTP ready\r\n":                                       "lmtp",
		"220 gateway for SMTP and FTP\r\n":                                     vague,
		"220 ftp.example.org\r\n":                                              vague,
		"220-FileZilla Server 1.6.7\r\n":                                       vague,
		"421 Too many FTP sessions\r\n":                                        "ftp",
		"421 4.3.2 ESMTP service is closing\r\n":                               "smtp",
		"421 There are too many connections from your internet address.\r\n":   vague,
		"554 mx.example.org ESMTP not accepting messages\r\n":                  "smtp",
		"200 news.example.org InterNetNews NNRP server INN 2.7.0 ready\r\n":    "nntp",
		"201 NNTP Service Ready, posting prohibited\r\n":                       "nntp",
		"+OK POP3 server ready <1896.697170952@example.org>\r\n":               "pop3",
		"+OK\r\n":                                                                          "pop3",
		"-ERR Protocol error: unbalanced quo":                                              "redis",
		"-ERR unknown command 'SMB', with ar":                                              "redis",
		"-ERR max number of clients reached\r\n":                                           "redis",
		"-DENIED Redis is running in protected mode":                                       "redis",
		"-NOAUTH Authentication required.\r\n":                                             "redis",
		"-LOADING Redis is loading the dataset in memory":                                  "redis",
		"-ERR [SYS/TEMP] later\r\n":                                                        "redis or pop3",
		"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n":                                   "imap",
		"* PREAUTH IMAP4rev2 server logged in as Smith\r\n":                                "imap",
		"* BYE Autologout; idle for too long\r\n":                                          "imap",
		"\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n":                                    "managesieve",
		"ERROR :Closing Link: [unknown@192.0.2.1]\r\n":                                     "irc",
		":irc.example.org NOTICE * :*** Looking up your ":                                  "irc",
		"ERROR\r\nERROR\r\nERROR\r\n":                                                      "memcached",
		"@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n":                                       "rsync",
		"( success ( 2 2 ( ) ( edit-pipeline svndiff1 ":                                    "svn",
		"INFO {\"server_id\":\"N\",\"version\":\"2.10\"":                                   "nats",
		"AMQP\x00\x00\x09\x01":                                                             "amqp",
		"AMQP\x03\x01\x00\x00":                                                             "amqp",
		"RFB 003.008\n":                                                                    "vnc",
		"\xFF\xFB\x01\xFF\xFB\x03":                                                         "telnet",
		"\xFF\xFD\x18\xFF\xFD\x20\xFF\xFD\x23\xFF\xFD\x27":                                 "telnet",
		"\x03\x00\x00\x09\x02\xF0\x80\x21\x80":                                             "rdp",
		"\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x03\x00\x08\x00\x05\x00\x00\x00":     "rdp",
		"\x03\x00\x00\x13\x0E\xD0\x00\x00\x12\x34\x00\x02\x1F\x08\x00\x02\x00\x00\x00":     "rdp",
		"\x30\x24\x02\x01\x00\x78\x1F\x0A\x01\x02\x04\x00":                                 "ldap",
		"\x30\x84\x00\x00\x00\x5D\x02\x01\x00\x78\x84\x00\x00\x00\x54":                     "ldap",
		"\x00\x00\x00\x61\x7E\x5F\x30\x5D\xA0\x03\x02\x01\x05\xA1\x03\x02\x01\x1E":         "kerberos",
		"\x00\x00\x00\x97\x7E\x81\x94\x30\x81\x91\xA0\x03\x02\x01\x05\xA1\x03\x02":         "kerberos",
		"\x05\x00\x0D\x03\x10\x00\x00\x00\x18\x00\x00\x00\x00\x00\x00\x00\x04\x00\x01\x05": "dcerpc",
		"\x05\x00\x03\x23\x00\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00":                 "dcerpc",
		greeting("8.0.36-0ubuntu0.22.04.1"):                                                "mysql",
		greeting("5.5.5-10.11.6-MariaDB-0+deb12u1"):                                        "mysql",
		"\x45\x00\x00\x00\xFF\x6A\x04Host '192.0.2.1' is not allowed to connect to this":   "mysql",
		"E\x00\x00\x00\x8BSFATAL\x00VFATAL\x00C0A000\x00Munsupported frontend protocol":    "postgresql",
		"E\x00\x00\x00\x8BSFATAL:\x00C0A000\x00M" + strings.Repeat("unsupported ", 100):    "postgresql",
		"\x82\x00\x00\x00":                                                                 "netbios session service",
		"\x83\x00\x00\x01\x82":                                                             "netbios session service",
		"\x83\x00\x00\x01\x8F":                                                             "netbios session service",
		"\x84\x00\x00\x06\xC0\x00\x02\x01\x01\xBD":                                         "netbios session service",
	}
}

// greeting returns a packet as Protocol::HandshakeV10 has it.
func greeting(version string) string {
	payload := "\x0A" + version + "\x00\x08\x00\x00\x00abcdefgh\x00\xFF\xFF\xFF\x02\x00\xFF\xDF\x15" + strings.Repeat("\x00", 10) +
		"ijklmnopqrst\x00caching_sha2_password\x00"
	return string([]byte{byte(len(payload)), 0, 0, 0}) + payload
}

func TestGuess(t *testing.T) {
	all := looks()
	hit := make([]bool, len(all))
	for b, want := range guessed() {
		require.Equal(t, want, guess([]byte(b), false), "%q", b)
		hit[lookAt(all, []byte(b))] = true
	}
	for i, l := range all {
		require.NotEmpty(t, l.source, l.name)
		require.True(t, hit[i], "no example for %q, %s", l.prefix, l.source)
	}
	require.Equal(t, "echo", guess([]byte("\x00\x00\x00\x10\xFESMB"), true))
}

// What comes in pieces, or was cut, never looks like something else.
func TestGuessOfBeginnings(t *testing.T) {
	for b, want := range guessed() {
		for n := range len(b) {
			got := guess([]byte(b[:n]), false)
			allowed := []string{"", want}
			switch {
			case slices.Contains([]string{"ftp", "smtp", "lmtp"}, want):
				allowed = append(allowed, vague)
			case want == vague: // the second word is still to come
				allowed = append(allowed, "smtp", "ftp")
			case want == "redis":
				allowed = append(allowed, "redis or pop3")
			}
			require.Contains(t, allowed, got, "%q", b[:n])
		}
	}
	for c := range 256 {
		require.Empty(t, guess([]byte{byte(c)}, false), "%02x", c)
	}
}

// Bytes that several protocols send, or that only resemble one, are nobody's.
func TestGuessOfNothing(t *testing.T) {
	for _, b := range []string{
		"", "what", "\r\n", "OK\r\n", "ERROR", "ERR unknown\r\n", "login: ", "200 OK\r\n", "2200 cups", "220", "4210", "500 what\r\n", "554 no\r\n",
		"<?xml version='1.0'?><rss>", "<htmlx>", "<", "+OKAY", "* OKAY", "+PONG\r\n", "SS", "INFO", "AMQP and more", ": NOTICE",
		"\x00\x00\x00\x40\xFESMB\x40\x00", "\x00\x00\x00\x40\xFFSMB\x72\x00", "\x00\x00\x00\x40\xFDSMB\x00\x00", "\x00\x00\x00\x09\x0A5.7.1",
		"\x85\x00\x00\x00",
		"\x4A\x00\x00\x00\xFFSMB\x72\x00\x00\x00",      // a number where MySQL has its own, and SMB1
		"\x4A\x00\x00\x00\x0A\x00\x00\x00\x00\x00",     // a length and a message type
		"\x4A\x00\x00\x00\x0Aabcdefgh",                 // no version
		"\x4A\x00\x00\x00\x0A123456789",                // nor this
		"\x4A\x00\x00\x00\x0A55.",                      // nor this: it ends where a digit is looked for
		"\x4A\x00\x00\x00\x0A5.7\x01\x02\x03",          // nor this
		"\x04\x00\x00\x00\x0A5.7.44-log",               // more than there is
		"\x4A\x00\x00\x01\x0A5.7.44-log",               // not the first packet
		"\x4A\x00\x00\x00\xFF\x7A\x04#42S02no table",   // an error that does not come first
		"\x03\x00\x00\x0B\x06\xD0\x00\x00\x12\x34\x00", // a connection confirm as RDP 5 and S7 send it
		"\x03\x00\x00\x16\x02\xF0\x80\x32\x07\x00",     // S7
		"\x03\x00\x00\x09",
		"\x16\x03\x03\x00\x40\x02\x00\x00\x3C", "\x15\x03\x03\x40\x00\x00", "\x15\x03\x03\x00\x02\x09\x09", "\x15\x03",
		"\xFF\xFBx", "\xFF\xFEh\x00i\x00", "\xFF\xFD",
		"\x30\x0C\x02\x01\x01\x61\x07", "\x30\x80\x02\x01\x00\x78", "\x30\xFF\x02\x01\x00\x78", "\x30\x84",
		"\x00\x00\x00\x04\x7E\x02\x30\x00", "\x00\x00\x00\x00\x7E", "\x00\x00\x00\x61\x7E\x84\xFF",
		"\x05\xFF", "\x05\x00", "\x05\x00\x0D\x03\x10\x00\x00\x00\x00\x00", "\x05\x00\x00\x03\x10\x00\x00\x00\x48\x00", "\x05\x00\x0D\x03\x77\x00\x00\x00\x18\x00",
		"E\x00\x00\x00\x05S", "E\xFF\xFF\xFF\xFFSFATAL", "Error: none",
		"\x83\x00\x00\x01", "\x83\x00\x00\x01\x05", "\x82\x00\x00\x00\x00\x00\x00\x00\x22", "\x84\x00\x00\x00\x00\x00\x00\x00\x22", "\x82\x00",
	} {
		require.Empty(t, guess([]byte(b), false), "%q", b)
	}
}

// A stranger's bytes cost the same however many they are, and never give a word that is not ours.
func FuzzGuess(f *testing.F) {
	for b := range guessed() {
		f.Add([]byte(b))
	}
	names := []string{""}
	for _, l := range looks() {
		names = append(names, l.name)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := guess(b, false)
		require.Contains(t, names, got)
		require.Equal(t, got, guess(b[:min(len(b), looked)], false))
	})
}
