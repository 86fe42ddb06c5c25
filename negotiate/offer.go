package negotiate

import (
	"fmt"
	"io"
	"slices"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// An Offer is what one negotiate request puts before a server. It is data: Build gives the request. The zero value
// offers nothing; the functions below return the offers of a scan.
type Offer struct {
	// ID names the offer in reports.
	ID string
	// SMB1 lists SMB1 dialects; an offer that has any is an SMB1 request and ignores all that is below.
	SMB1 []string
	// NoExtendedSecurity leaves the flag for extended security out of an SMB1 request.
	NoExtendedSecurity bool
	// SMB2 lists SMB2 dialect revisions, in the order in which they are sent. The fields below are contexts and are
	// sent only with 3.1.1 among them; an empty one is left out.
	SMB2        []smb.Dialect
	Ciphers     []Cipher
	Compression []CompressionAlgorithm
	Chained     bool // the flag of the compression context
	Signing     []SigningAlgorithm
	RDMA        []RDMATransformID
	POSIX       bool
	// NoEncryption leaves SMB2_GLOBAL_CAP_ENCRYPTION out of the capabilities: what a client without encryption sends.
	NoEncryption bool
}

// AllCapabilities are the bits that an SMB2 offer claims: all that [MS-SMB2] 2.2.3 defines. See the package comment.
const AllCapabilities = smb.CapDFS | smb.CapLeasing | smb.CapLargeMTU | smb.CapMultiChannel |
	smb.CapPersistentHandles | smb.CapDirectoryLeasing | smb.CapEncryption | smb.CapNotifications

// All offers every SMB2 dialect and every algorithm at once.
func All() Offer {
	return Offer{
		ID:          "all-offer",
		SMB2:        smb.Dialects(),
		Ciphers:     []Cipher{CipherAES256GCM, CipherAES128GCM, CipherAES256CCM, CipherAES128CCM},
		Compression: []CompressionAlgorithm{CompressionPatternV1, CompressionLZ77, CompressionLZ77Huffman, CompressionLZNT1, CompressionLZ4},
		Chained:     true,
		Signing:     []SigningAlgorithm{SigningAESGMAC, SigningAESCMAC, SigningHMACSHA256},
	}
}

// Conservative offers every SMB2 dialect with what Windows 10 1507 offered: for servers that do not answer All.
func Conservative() Offer {
	return Offer{ID: "conservative", SMB2: smb.Dialects(), Ciphers: []Cipher{CipherAES128GCM, CipherAES128CCM}}
}

// Single offers one SMB2 dialect, at 3.1.1 with every algorithm.
func Single(d smb.Dialect) Offer {
	o := All()
	o.ID, o.SMB2 = "only-"+d.String(), []smb.Dialect{d}
	return o
}

// Reversed offers 3.1.1 with every algorithm in the reverse order of All: where another one is chosen, it is the client's
// order that decides. What All leaves out is offered here: the transforms of RDMA and the POSIX extensions.
func Reversed() Offer {
	o := Single(smb.DialectSMB311)
	o.ID = "reversed"
	slices.Reverse(o.Ciphers)
	slices.Reverse(o.Compression)
	slices.Reverse(o.Signing)
	o.RDMA, o.POSIX = RDMATransforms(), true
	return o
}

// Unencrypted offers one dialect as a client does that cannot encrypt.
func Unencrypted(d smb.Dialect) Offer {
	o := Single(d)
	o.ID, o.Ciphers, o.NoEncryption = "unencrypted", nil, true
	return o
}

// SMB1Only offers SMB1 dialects with extended security; without arguments every one of smb.SMB1Dialects.
func SMB1Only(dialects ...string) Offer {
	if len(dialects) == 0 {
		dialects = smb.SMB1Dialects()
	}
	return Offer{ID: "smb1", SMB1: dialects}
}

// NotExtended offers NT LM 0.12 without extended security: the answer has a challenge of 8 bytes and, before any
// authentication, the names of the domain and of the server ([MS-CIFS] 2.2.4.52.2).
func NotExtended() Offer {
	return Offer{ID: "not-extended", SMB1: []string{smb.DialectNTLM012}, NoExtendedSecurity: true}
}

// Older offers the SMB1 dialects before NT LM 0.12.
func Older() Offer {
	all := smb.SMB1Dialects()
	return Offer{ID: "older-dialects", SMB1: all[:len(all)-1]}
}

// Others offers the dialects of smb.OtherSMB1Dialects.
func Others() Offer { return Offer{ID: "other-dialects", SMB1: smb.OtherSMB1Dialects()} }

// SMB1Single offers one SMB1 dialect.
func SMB1Single(dialect string) Offer { return Offer{ID: "only-" + dialect, SMB1: []string{dialect}} }

// Multi is the multi-protocol negotiation: NT LM 0.12 and both ways up to SMB2 ([MS-SMB2] 3.3.5.3).
func Multi() Offer {
	return Offer{ID: "multi-protocol", SMB1: []string{smb.DialectNTLM012, smb.DialectSMB2002, smb.DialectSMB2Any}}
}

const (
	saltSize = 32 // bytes, as Windows, Samba and the Linux client send ([MS-SMB2] 2.2.3.1.1 leaves the size open)
	// lineEnd ends the salt. The salt may hold anything; with an empty line in it, services of lines of text (HTTP, FTP,
	// SMTP and others) answer at once and show what they are, instead of waiting for the end of the line.
	lineEnd = "\r\n\r\n"
)

// What every request of ours has in its header, negotiation and what follows it.
const (
	// ProcessID is what Windows clients send where no process id is to be told ([MS-SMB2] 2.2.1.2).
	ProcessID = 0xFEFF
	// SMB1Flags are the flags of an SMB1 request.
	SMB1Flags = smb.SMB1FlagCaseInsensitive | smb.SMB1FlagCanonicalizedPaths
	// SMB1Flags2 are the second flags of an SMB1 request; extended security is added where it is asked for.
	SMB1Flags2 = smb.SMB1Flags2LongNames | smb.SMB1Flags2EAS | smb.SMB1Flags2IsLongName | smb.SMB1Flags2NTStatus |
		smb.SMB1Flags2Unicode
)

// Build returns the request as bytes from the protocol identifier on. A fresh ClientGuid (16 bytes) and, with 3.1.1, a
// fresh salt (32 bytes, of which the last four are overwritten) are drawn from random, in this order; SMB1 draws
// nothing. Errors are those of random, and a wire.ErrFormat error for an offer of nothing.
//
// A ClientGuid must never be used for two connections: Samba hands connections that share one to one process.
func (o Offer) Build(random io.Reader) ([]byte, error) {
	if len(o.SMB1) > 0 {
		return o.smb1Request().AppendBinary(nil)
	}
	if len(o.SMB2) == 0 {
		return nil, &wire.ParseError{Message: "offer " + o.ID, Field: "Dialects", Err: wire.ErrFormat}
	}
	r := SMB2Request{
		Header:       smb.SMB2Header{Command: smb.SMB2Negotiate, Credits: 1, Reserved: ProcessID},
		SecurityMode: smb.SigningEnabled,
		Capabilities: AllCapabilities,
		Dialects:     o.SMB2,
	}
	if o.NoEncryption {
		r.Capabilities &^= smb.CapEncryption
	}
	if _, err := io.ReadFull(random, r.ClientGUID[:]); err != nil {
		return nil, fmt.Errorf("drawing a ClientGuid: %w", err)
	}
	if slices.Contains(o.SMB2, smb.DialectSMB311) {
		salt := make([]byte, saltSize)
		if _, err := io.ReadFull(random, salt); err != nil {
			return nil, fmt.Errorf("drawing a salt: %w", err)
		}
		copy(salt[saltSize-len(lineEnd):], lineEnd)
		var err error
		if r.Contexts, err = o.contexts(salt); err != nil {
			return nil, err
		}
	}
	return r.AppendBinary(nil)
}

func (o Offer) smb1Request() SMB1Request {
	flags2 := SMB1Flags2 | smb.SMB1Flags2ExtendedSecurity
	if o.NoExtendedSecurity {
		flags2 = SMB1Flags2
	}
	return SMB1Request{
		Header:   smb.SMB1Header{Command: smb.SMB1Negotiate, Flags: SMB1Flags, Flags2: flags2, TID: 0xFFFF, PIDLow: ProcessID},
		Dialects: o.SMB1,
	}
}

// contexts returns the contexts in the order in which Windows 11 sends them: by type.
func (o Offer) contexts(salt []byte) ([]Context, error) {
	parts := []interface{ Context() (Context, error) }{
		PreauthIntegrity{HashAlgorithms: []HashAlgorithm{HashSHA512}, Salt: salt},
	}
	if len(o.Ciphers) > 0 {
		parts = append(parts, Encryption{Ciphers: o.Ciphers})
	}
	if len(o.Compression) > 0 {
		p := Compression{Algorithms: o.Compression}
		if o.Chained {
			p.Flags = CompressionChained
		}
		parts = append(parts, p)
	}
	if len(o.RDMA) > 0 {
		parts = append(parts, RDMATransform{Transforms: o.RDMA})
	}
	if len(o.Signing) > 0 {
		parts = append(parts, Signing{Algorithms: o.Signing})
	}
	if o.POSIX {
		parts = append(parts, POSIXVersion1())
	}
	list := make([]Context, len(parts))
	for i, part := range parts {
		var err error
		if list[i], err = part.Context(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
