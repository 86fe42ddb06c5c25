// Package identity says what an SMB server is: its product and what may be read of its version, its role, and the
// fingerprint of its implementation. It looks at a report and at nothing else.
//
// # How evidence is weighed
//
// Each rule is something that speaks for one stack, or against it, with a weight in nats and a source; the weights of a
// stack are added. The confidence of a stack is its share of all that the server may be, where a stack that no rule knows
// has a weight of 1.5: with one weak sign alone nothing is named. From a confidence of 0.5 on the product is named, and
// no confidence is above 0.99, since a server can learn to say anything.
//
// A version is stated only where the server sent one. What tells versions apart otherwise makes candidates: a build of
// Windows is a set of releases, and without a build the releases that nothing contradicts share the confidence; of Samba
// it is the version from which on a server answers so.
//
// Known lies assert nothing: NTLM version 6.1 build 0 is Samba's and others', 6.1 build 7600 macOS's too, 255.255
// build 65535 Impacket's, and the native OS "Windows 6.1" Samba's. What cannot be true of one server, such as a build of
// Windows beside Samba's GUID, is said aloud: a honeypot or a proxy looks like that.
//
// # What is not known
//
// Nothing that these send on the wire has a source that could be checked, so that they have no rule: NetApp ONTAP, Dell
// PowerScale OneFS (but for the comment of Likewise, which it was made of), Synology DSM, TrueNAS and OpenMediaVault
// (which are Samba, or ksmbd, and look like that), Qumulo, Nutanix Files, Tuxera, MoSMB, Hitachi HNAS, Windows CE, the
// SMB2 side of Visuality NQ and of printers, the server of jCIFS, and honeypots that are a real Samba (OpenCanary) or
// Impacket (Heralding), which look like those.
//
// # The stack fingerprint, version 1
//
// The fingerprint of a server's SMB stack is made so that servers of the same implementation can be found without knowing
// its name. Names, times, GUIDs, challenges, salts and shares are not in it, so that it is the same after a restart and on
// another host. It has two parts: the implementation, which neither a setting nor the client's questions change, and the
// configuration, which is everything else.
//
// Each part is a list of fields "name=value" in the order below, joined by ";". Canonical is both parts, joined by "|".
// A value that was not seen is "-"; an empty list is "none"; lists keep the order of the wire and are joined by ",".
// Answers are letters: y for yes, n for no, u for unknown. Tokens are those of the specifications without their
// beginnings SMB2_GLOBAL_CAP_, SMB2_NEGOTIATE_, CAP_, NTLMSSP_ and NEGOTIATE_.
//
// Hash is "s" and the version of this specification, a letter for how much was asked (q quick, s standard, f full, p
// passive), "_", the highest dialect that was taken (311, 302, 300, 210, 202, nt1, lm or 0), the answer for SMB1, "_",
// the first 12 hex digits of the SHA-256 of the implementation part, "_", and those of the configuration part. Servers of
// one implementation have the third of these four in common, whatever the level: a quick scan and a capture see all of
// that part where they see a negotiation and an NTLM challenge. The fourth can be compared between scans of one level
// only.
//
// The implementation part:
//
//   - guid: zero; name (1 to 15 bytes of a NetBIOS name in lower case, then zeros); printable (16 printable bytes); other.
//   - start: ServerStartTime: none where it is zero or a sentinel; now within two seconds of SystemTime; else set.
//   - sign: whether SMB2_NEGOTIATE_SIGNING_ENABLED is set: true or false.
//   - mechs: the mechanisms of the first security token, without MS-KRB5, KRB5 and KRB5-U2U, which come and go with a domain.
//   - ntlm: the version in the NTLM challenge, "major.minor.build.revision"; none where it has none.
//   - av: the numbers of the attributes in the challenge's TargetInfo, without 5 (forest) and 6 (flags).
//   - smb1: MaxBufferSize and MaxRawSize in bytes, where no SMB2 dialect was taken.
//
// The configuration part:
//
//   - dialects: an answer for each of PC NETWORK PROGRAM 1.0, LANMAN1.0, LM1.2X002, LANMAN2.1, NT LM 0.12, 2.0.2, 2.1,
//     3.0, 3.0.2 and 3.1.1.
//   - 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1: SecurityMode, Capabilities, MaxTransactSize, MaxReadSize, MaxWriteSize (bytes) and
//     the credits granted, joined by "/".
//   - mechs: all mechanisms.
//   - token: the form of the first security token (NegTokenInit, NegTokenInit2, raw-ntlmssp, empty, unparsed), "/", and
//     its hint: none, ignored (not_defined_in_RFC4178@please_ignore) or other.
//   - flags: NegotiateFlags of the challenge; in captures "-", since they echo the client's.
//   - av: the numbers of all attributes.
//   - contexts: the negotiate contexts of the first 3.1.1 answer: the token without SMB2_ and _CAPABILITIES, "/", and the
//     data in hex; of the preauth context the length of the salt in bytes.
//   - ciphers: AES-128-CCM, AES-128-GCM, AES-256-CCM, AES-256-GCM.
//   - signing: HMAC-SHA256, AES-CMAC, AES-GMAC, where a negotiate context tells.
//   - compression: LZNT1, LZ77, LZ77+Huffman, Pattern_V1, LZ4.
//   - order: whose order decides among ciphers, "/", and among compression algorithms: server-order or client-order.
//   - posix: the answer for the POSIX extensions.
//   - nt1: the NT LM 0.12 answer: SecurityMode (decimal), MaxMpxCount, MaxBufferSize, MaxRawSize and Capabilities, joined
//     by "/"; without one, dropped or declined, by how the server refuses.
//
// docs/stack-fingerprints.md has the fingerprints of the recorded servers, and ClientOf specifies that of clients.
package identity
