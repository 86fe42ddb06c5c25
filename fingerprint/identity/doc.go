// Package identity says what an SMB server is: its product and what may be read of its version, its role, and the
// fingerprint of its implementation. It looks at a report and at nothing else.
//
// # How evidence is weighed
//
// Each rule is something that speaks for one stack, or against it, with a weight in nats and a source; the weights of a
// stack are added. The confidence of a stack is its share of all that the server may be, where a stack that no rule knows
// has a weight of 1.5: a sign of less than that alone names nothing. From a confidence of 0.5 on the product is named, and
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
// another host. It has two parts: the implementation, which is the same whatever is switched on or off and whatever is
// asked, and the configuration, which is everything else.
//
// Each part is a list of fields "name=value" in the order below, joined by ";". Canonical is both parts, joined by "|".
// Lists keep the order of the wire and are joined by ","; one without entries is "none". A value that was not seen is "-".
// Answers are letters without anything between them: y for yes, n for no, u for unknown or not asked. Numbers are
// decimal. Tokens are those of the specifications: of capabilities without SMB2_GLOBAL_CAP_ or CAP_ at the beginning, of
// security modes without SMB2_NEGOTIATE_, of NTLM flags without NTLMSSP_ and then NEGOTIATE_; bits are in ascending order,
// one without a token is 0x and its value in hex, in lower case.
//
// Hash is four parts joined by "_":
//
//  1. "s", the version of this specification, and a letter for how much was asked: q quick, s standard, f full, p passive;
//  2. the highest dialect that was taken (311, 302, 300, 210 or 202; without one of SMB2 nt1 for NT LM 0.12, lm for an older one,
//     0 where none is known), the letter of the answer for SMB1, and c where an NTLM challenge came, else x;
//  3. the first 12 hex digits, in lower case, of the SHA-256 of the implementation part in UTF-8;
//  4. those of the configuration part.
//
// Servers of one implementation have the third in common, at every level and in captures, over SMB1 and SMB2, if both
// hashes have a c: without a challenge there is less to tell them by. A client that does not ask for the version or for the
// attributes of a challenge may not get them ([MS-NLMP] 3.2.5.1.1), which shows as "none". The fourth can be compared
// between scans of one level only.
//
// The implementation part:
//
//   - guid: of the first answer that has one: zero; name (1 to 15 bytes from 0x21 to 0x7E but for capital letters and
//     "/\:|*?<> and quotation marks, then zeros); printable (16 bytes from 0x20 to 0x7E); other.
//   - mechs: the mechanisms of the first security token without the three of Kerberos: NTLMSSP, NEGOEX, IAKERB, PKU2U,
//     SCRAM-SHA-1, NETLOGON, APPLE-LKDC and SPNEGO by these names (spnego.OID has their identifiers), others in dots.
//   - ntlm: the version in the NTLM challenge, "major.minor.build.revision"; none where it has none.
//   - av: the numbers of the attributes in the challenge's TargetInfo without 5 (forest) and 6 (flags).
//
// The configuration part:
//
//   - dialects: an answer for each of PC NETWORK PROGRAM 1.0, LANMAN1.0, LM1.2X002, LANMAN2.1, NT LM 0.12, 2.0.2, 2.1,
//     3.0, 3.0.2 and 3.1.1.
//   - start: ServerStartTime of SMB2: none where it is zero, negative or above the year 9999; now within two seconds of
//     SystemTime; else set.
//   - 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1: of the first answer that chose it, over direct TCP where that answered, SecurityMode,
//     Capabilities, MaxTransactSize, MaxReadSize, MaxWriteSize (bytes) and the credits granted, joined by "/".
//   - mechs: all mechanisms, with MS-KRB5, KRB5 and KRB5-U2U.
//   - token: the form of the first security token (NegTokenInit, NegTokenInit2, raw-ntlmssp, empty, unparsed), "/", and
//     its hint: none, ignored (not_defined_in_RFC4178@please_ignore) or other.
//   - flags: NegotiateFlags of the challenge; in captures "-", since they echo the client's.
//   - av: the numbers of all attributes.
//   - contexts: the negotiate contexts of the first 3.1.1 answer: the token without SMB2_ and _CAPABILITIES, "/", and the
//     data in hex; of the preauth context the length of the salt in bytes.
//   - ciphers: answers for AES-128-CCM, AES-128-GCM, AES-256-CCM, AES-256-GCM.
//   - signing: answers for HMAC-SHA256, AES-CMAC, AES-GMAC, where a negotiate context tells.
//   - compression: answers for LZNT1, LZ77, LZ77+Huffman, Pattern_V1, LZ4.
//   - order: whose order decides among ciphers, "/", and among compression algorithms: server-order, client-order or "-".
//   - posix: the answer for the POSIX extensions.
//   - nt1: the first SMB1 answer with numbers: SecurityMode ("-" where it is not NT LM 0.12), MaxMpxCount, MaxBufferSize,
//     MaxRawSize and Capabilities, joined by "/"; where NT LM 0.12 is a no, dropped where the connection was closed or reset and
//     declined where it was refused.
//
// The implementation part of every Samba since 4.4.2, whatever it is set to, is
//
//	guid=name;mechs=NTLMSSP;ntlm=6.1.0.15;av=2,1,4,3,7
//
// and its third part 706efa329da2. docs/stack-fingerprints.md has the fingerprints of the recorded servers, and ClientOf
// specifies that of clients.
package identity
