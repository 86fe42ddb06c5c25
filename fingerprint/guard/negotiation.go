package guard

import (
	"errors"
	"slices"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// minSize is the least that a server may say it takes or gives at once: clients divide their reads and writes by these
// sizes, and with zero would never come to an end. No dialect knows less than 64 KiB ([MS-SMB2] 2.2.4 and its notes).
const minSize = 4 << 10

// An agreement is what the client has offered and the server has chosen.
type agreement struct {
	dialects     []smb.Dialect
	capabilities smb.SMB2Capabilities
	hashes       []negotiate.HashAlgorithm
	ciphers      []negotiate.Cipher
	compressions []negotiate.CompressionAlgorithm
	signings     []negotiate.SigningAlgorithm
	multi        bool // an SMB1 negotiate offered "SMB 2.???"
	multi202     bool // an SMB1 negotiate offered "SMB 2.002"
	dialects1    int  // dialects of the SMB1 negotiate

	encryption  bool
	compression bool
}

// offer notes what an SMB2 negotiate request offers. What cannot be read is not offered.
func (n *agreement) offer(msg []byte) {
	r, err := negotiate.ParseSMB2Request(msg)
	if err != nil {
		r = negotiate.SMB2Request{}
	}
	*n = agreement{dialects: r.Dialects, capabilities: r.Capabilities, multi: n.multi, multi202: n.multi202, dialects1: n.dialects1}
	for _, c := range r.Contexts {
		switch c.Type {
		case negotiate.ContextPreauthIntegrity:
			p, _ := negotiate.ParsePreauthIntegrity(c.Data)
			n.hashes = p.HashAlgorithms
		case negotiate.ContextEncryption:
			p, _ := negotiate.ParseEncryption(c.Data)
			n.ciphers = p.Ciphers
		case negotiate.ContextCompression:
			p, _ := negotiate.ParseCompression(c.Data)
			n.compressions = p.Algorithms
		case negotiate.ContextSigning:
			p, _ := negotiate.ParseSigning(c.Data)
			n.signings = p.Algorithms
		}
	}
}

// choose checks the answer to a negotiate. The answer to a multi-protocol negotiate of SMB1 is told by multi.
func (n *agreement) choose(msg []byte, multi bool) *RefusedError {
	r, err := negotiate.ParseSMB2Response(msg)
	if err != nil {
		return malformed("", err)
	}
	offered := slices.Contains(n.dialects, r.Dialect)
	if multi {
		offered = r.Dialect == smb.DialectWildcard && n.multi || r.Dialect == smb.DialectSMB202 && n.multi202
		n.multi, n.multi202 = false, false
	}
	switch {
	case r.Dialect == smb.DialectWildcard && !multi:
		return refuse(ErrDialect, "%v answers an SMB2 negotiate", r.Dialect)
	case !offered:
		return refuse(ErrDialect, "%v", r.Dialect)
	case min(r.MaxTransactSize, r.MaxReadSize, r.MaxWriteSize) < minSize:
		return refuse(ErrMalformed, "sizes of %d, %d and %d bytes", r.MaxTransactSize, r.MaxReadSize, r.MaxWriteSize)
	}
	if refusal := checkBlob(r.SecurityBuffer); refusal != nil {
		return refusal
	}
	if r.Dialect >= smb.DialectSMB300 && r.Dialect <= smb.DialectSMB302 {
		n.encryption = r.Capabilities&n.capabilities&smb.CapEncryption != 0
	}
	if r.Dialect != smb.DialectSMB311 {
		return nil
	}
	return n.contexts(msg, r)
}

// contexts checks the contexts of 3.1.1. The count and the offset are read again, because the parser returns what of the
// list fits.
func (n *agreement) contexts(msg []byte, r negotiate.SMB2Response) *RefusedError {
	c := wire.NewCursor("SMB2 NEGOTIATE Response", msg)
	c.Seek("", smb.SMB2HeaderSize+6)
	if count := c.Len16("NegotiateContextCount"); count != len(r.Contexts) {
		return refuse(ErrMalformed, "%d negotiate contexts announced, %d are there", count, len(r.Contexts))
	}
	c.Seek("", smb.SMB2HeaderSize+60)
	if offset := c.Len32("NegotiateContextOffset"); len(r.Contexts) > 0 && (offset%8 != 0 || offset < smb.SMB2HeaderSize+64) {
		return refuse(ErrMalformed, "NegotiateContextOffset %d", offset)
	}
	for i, a := range r.Anomalies {
		if a.Field == "Data" {
			return refuse(ErrMalformed, "%s", r.Anomalies[i].String())
		}
	}
	hashed := false
	for _, ctx := range r.Contexts {
		var err error
		switch ctx.Type {
		case negotiate.ContextPreauthIntegrity:
			p, perr := negotiate.ParsePreauthIntegrity(ctx.Data)
			err, hashed = errors.Join(perr, fits(p.Anomalies)), true
			if err == nil && !one(p.HashAlgorithms, n.hashes) {
				return refuse(ErrDialect, "hash algorithms %v", p.HashAlgorithms)
			}
		case negotiate.ContextEncryption:
			p, perr := negotiate.ParseEncryption(ctx.Data)
			err = errors.Join(perr, fits(p.Anomalies))
			none := len(p.Ciphers) == 1 && p.Ciphers[0] == negotiate.CipherNone
			if err == nil && !none && !one(p.Ciphers, n.ciphers) {
				return refuse(ErrDialect, "ciphers %v", p.Ciphers)
			}
			n.encryption = err == nil && !none
		case negotiate.ContextSigning:
			p, perr := negotiate.ParseSigning(ctx.Data)
			err = errors.Join(perr, fits(p.Anomalies))
			if err == nil && !one(p.Algorithms, n.signings) {
				return refuse(ErrDialect, "signing algorithms %v", p.Algorithms)
			}
		case negotiate.ContextCompression:
			p, perr := negotiate.ParseCompression(ctx.Data)
			err = errors.Join(perr, fits(p.Anomalies))
			for _, algorithm := range p.Algorithms {
				if algorithm == negotiate.CompressionNone {
					continue
				}
				if !slices.Contains(n.compressions, algorithm) {
					return refuse(ErrDialect, "compression %v", algorithm)
				}
				n.compression = err == nil
			}
		}
		if err != nil {
			return malformed(ctx.Type.String(), err)
		}
	}
	if !hashed {
		return refuse(ErrMalformed, "3.1.1 without a hash algorithm") // [MS-SMB2] 3.2.5.2
	}
	return nil
}

// one tells whether a server has chosen one algorithm, of those offered.
func one[T comparable](chosen, offered []T) bool {
	return len(chosen) == 1 && slices.Contains(offered, chosen[0])
}

// fits makes an error of a list or a salt that does not fit its context.
func fits(anomalies []wire.Anomaly) error {
	for _, a := range anomalies {
		if a.Field != "trailing bytes" {
			return errors.New(a.String())
		}
	}
	return nil
}
