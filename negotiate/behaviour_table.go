package negotiate

import "github.com/smbscope/smbscope/smb"

// The servers of the sightings. Of Samba these setups were tried: the defaults, "server min protocol = NT1", "server min
// protocol = SMB3_11", "server max protocol = SMB3_02" and "server smb encrypt = off"; of impacket its smbserver with
// -smb2support.
const (
	samba           = "Samba 4.17.12"
	sambaMin311     = "Samba 4.17.12 (server min protocol = SMB3_11)"
	sambaMax302     = "Samba 4.17.12 (server max protocol = SMB3_02)"
	sambaEncryptOff = "Samba 4.17.12 (server smb encrypt = off)"
	impacket        = "impacket 0.10.0"
	// ksmbd is fs/smb/server/smb2pdu.c, smb2misc.c and smb_common.c of Linux, at 6.6 and later. Whatever status
	// smb2_handle_negotiate sets for a refusal, its end replaces by STATUS_INSUFFICIENT_RESOURCES.
	ksmbd = "Linux ksmbd 6.6 (source)"
)

// Behaviours returns the probes in the order in which a scan sends them, each on a connection of its own: first what the
// specification lets a server accept, then what it has to refuse, then what may cost the connection.
//
// Nothing is here that is known to have crashed a server. Every offset, length and count is inside the message and true;
// what is odd are values and what is there or is not. Left out for that reason are: a ProcessIdHigh other than zero in an
// SMB1 header (CVE-2009-3103, Windows Vista and Server 2008), messages in a compression or encryption transform
// (CVE-2020-0796, Windows 10 1903 and 1909), and contexts that are longer or shorter than they say or more or fewer than
// are counted (CVE-2023-38427 and its relatives in ksmbd, which runs in the kernel).
func Behaviours() []Behaviour {
	return []Behaviour{
		{
			ID:  "behaviour-unknown-cipher",
			Odd: "the encryption context of 3.1.1 has one cipher, an unknown one",
			Specification: "[MS-SMB2] 3.3.5.4: 3.1.1 is chosen. A server that supports encryption answers with an encryption " +
				"context of cipher 0, so that the client can tell no common cipher from no encryption; one that does not " +
				"support it ignores the context.",
			Seen: []Sighting{
				{samba, "3.1.1 chosen, cipher 0x0000"},
				{sambaEncryptOff, "3.1.1 chosen, no encryption context"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "3.1.1 chosen, no encryption context"},
				{impacket, "2.0.2 chosen"},
			},
			offer: odd311(func(o *Offer) { o.Ciphers = []Cipher{unknownID} }),
		},
		{
			ID:  "behaviour-unknown-compression",
			Odd: "the compression context of 3.1.1 has one algorithm, an unknown one",
			Specification: "[MS-SMB2] 3.3.5.4: 3.1.1 is chosen. A server that supports compression should answer with a " +
				"compression context of the one algorithm NONE; one that does not support it ignores the context.",
			Seen: []Sighting{
				{samba, "3.1.1 chosen, no compression context"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "3.1.1 chosen, no compression context"},
				{impacket, "2.0.2 chosen"},
				// Product note to 2.2.3.1.
				{"Windows 10 1809, Windows Server 1809 and earlier (specification)", "3.1.1 chosen, no compression context"},
				// Product notes to 3.3.5.4.
				{"Windows 10 2004 to 21H1 without KB5001391 (specification)", "3.1.1 chosen, no compression algorithm"},
			},
			// Whether chains are taken is another question, so its flag stays away.
			offer: odd311(func(o *Offer) { o.Compression, o.Chained = []CompressionAlgorithm{unknownID}, false }),
		},
		{
			ID:  "behaviour-unknown-signing",
			Odd: "the signing context of 3.1.1 has one algorithm, an unknown one",
			Specification: "[MS-SMB2] 3.3.5.4: 3.1.1 is chosen. A server that supports the signing context answers with one of " +
				"AES-CMAC, though the client has not offered it; one that does not support it ignores the context.",
			Seen: []Sighting{
				{samba, "3.1.1 chosen, no signing context"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "3.1.1 chosen, no signing context"},
				{impacket, "2.0.2 chosen"},
				// Product note to 2.2.3.1.
				{"Windows 10, Windows Server 20H2 and earlier (specification)", "3.1.1 chosen, no signing context"},
			},
			offer: odd311(func(o *Offer) { o.Signing = []SigningAlgorithm{unknownID} }),
		},
		{
			ID:  "behaviour-duplicate-dialects",
			Odd: "the dialects are 2.1 twice and 3.0 twice",
			Specification: "[MS-SMB2] 3.3.5.4: the highest common dialect is chosen, 3.0 by a server that has it. Nothing " +
				"forbids a client to repeat itself.",
			Seen: []Sighting{
				{samba, "3.0 chosen"},
				{sambaMin311, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "3.0 chosen"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Offer{SMB2: []smb.Dialect{smb.DialectSMB210, smb.DialectSMB210, smb.DialectSMB300, smb.DialectSMB300}},
		},
		{
			ID:            "behaviour-no-contexts",
			Odd:           "3.1.1 is offered without any context",
			Specification: "[MS-SMB2] 3.3.5.4: STATUS_INVALID_PARAMETER, since there is not exactly one preauth context.",
			Seen: []Sighting{
				{samba, "STATUS_INVALID_PARAMETER"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "STATUS_INSUFFICIENT_RESOURCES"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Single(smb.DialectSMB311),
			alter: noContexts,
		},
		{
			ID:            "behaviour-unknown-hash",
			Odd:           "the preauth context of 3.1.1 has one hash algorithm, an unknown one",
			Specification: "[MS-SMB2] 3.3.5.4: STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP.",
			Seen: []Sighting{
				{samba, "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "STATUS_INSUFFICIENT_RESOURCES"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Single(smb.DialectSMB311),
			alter: unknownHash,
		},
		{
			ID:            "behaviour-two-preauth",
			Odd:           "the preauth context of 3.1.1 is there twice, both before the others",
			Specification: "[MS-SMB2] 3.3.5.4: STATUS_INVALID_PARAMETER, since there is not exactly one preauth context.",
			Seen: []Sighting{
				{samba, "3.1.1 chosen"},
				{sambaMax302, "STATUS_NOT_SUPPORTED"},
				// It stops reading at the second one.
				{ksmbd, "3.1.1 chosen, no encryption context, no signing context"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Single(smb.DialectSMB311),
			alter: twoPreauth,
		},
		{
			ID:  "behaviour-wildcard-dialect",
			Odd: "the only dialect is 0x02FF, which servers answer to SMB1's \"SMB 2.???\"",
			Specification: "[MS-SMB2] 2.2.3 has no such revision in a request, so that none is common: 3.3.5.4 asks for " +
				"STATUS_NOT_SUPPORTED.",
			Seen: []Sighting{
				{samba, "STATUS_NOT_SUPPORTED"},
				{ksmbd, "STATUS_INSUFFICIENT_RESOURCES"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Offer{SMB2: []smb.Dialect{smb.DialectWildcard}},
		},
		{
			ID:            "behaviour-no-dialects",
			Odd:           "DialectCount is 0 and no dialect follows",
			Specification: "[MS-SMB2] 3.3.5.4: STATUS_INVALID_PARAMETER.",
			Seen: []Sighting{
				{samba, "STATUS_INVALID_PARAMETER"},
				{ksmbd, "STATUS_INSUFFICIENT_RESOURCES"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Single(smb.DialectSMB210),
			alter: noDialects,
		},
		{
			ID:  "behaviour-message-id-1",
			Odd: "MessageId of the first request is 1",
			Specification: "[MS-SMB2] 3.3.5.2.3: the window of a new connection holds 0 alone (3.3.1.1), and the server should " +
				"close the connection.",
			Seen: []Sighting{
				{samba, "closed"},
				{ksmbd, "3.1.1 chosen"},
				{impacket, "2.0.2 chosen"},
			},
			offer: Single(smb.DialectSMB311),
			alter: messageID1,
		},
		{
			ID:  "behaviour-unknown-smb1-dialect",
			Odd: "an SMB1 negotiate with one dialect, an unknown one",
			Specification: "[MS-CIFS] 3.3.5.42: DialectIndex 0xFFFF in the short form of the response (one word). [MS-SMB2] " +
				"3.3.5.3.2: a server without SMB1 closes the connection and answers nothing.",
			Seen: []Sighting{
				{samba, "DialectIndex 0xFFFF, then closed"},
				{ksmbd, "DialectIndex 0xFFFF"},
				// WordCount is 0 and ByteCount 2.
				{impacket, "DialectIndex 0xFFFF in the bytes instead of the words"},
			},
			offer: SMB1Only(unknownDialect),
		},
	}
}
