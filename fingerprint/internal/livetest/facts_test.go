//go:build linux

package livetest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// Facts are what was read from a message: values by tshark's name of the field and in its notation. A field that the
// message has not is there too, without values. Bytes and texts that tshark cuts or changes are in hex: see inHex.
type facts map[string][]string

// factsOf reads a message with the project's parsers, and names what it is.
func factsOf(data []byte) (kind string, f facts, err error) {
	f = facts{}
	if smb.IsSMB2(data) {
		kind, err = f.addSMB2(data)
	} else {
		kind, err = f.addSMB1(data)
	}
	return kind, f, err
}

func (f facts) set(name string, values ...string) { f[name] = values }

func (f facts) decimal(name string, v int) { f.set(name, strconv.Itoa(v)) }

func (f facts) hexadecimal(name string, digits int, v uint64) {
	f.set(name, fmt.Sprintf("0x%0*x", digits, v))
}

func (f facts) bytes(name string, b []byte) {
	if f[name] = nil; b != nil {
		f.set(name, hex.EncodeToString(b))
	}
}

// filled is as bytes; to tshark, a field without bytes is one that is not there.
func (f facts) filled(name string, b []byte) {
	if f[name] = nil; len(b) > 0 {
		f.bytes(name, b)
	}
}

func identifiers[T ~uint16](list []T) []string {
	var out []string
	for _, id := range list {
		out = append(out, fmt.Sprintf("0x%04x", uint16(id)))
	}
	return out
}

// timeText is how tshark writes a time.
func timeText(t dtyp.Filetime) string {
	at, ok := t.Time()
	if !ok {
		return fmt.Sprintf("no time: %d", uint64(t))
	}
	return at.Format("Jan _2, 2006 15:04:05.000000000 UTC")
}

func (f facts) addSMB2(data []byte) (kind string, err error) {
	h, err := smb.ParseSMB2Header(data)
	if err != nil {
		return "SMB2", err
	}
	f.addSMB2Header(h)
	switch {
	case h.Command == smb.SMB2Negotiate && !h.IsResponse():
		r, err := negotiate.ParseSMB2Request(data)
		if err == nil {
			f.addSMB2Request(r)
		}
		return "SMB2 negotiate request", err
	case h.Command == smb.SMB2Negotiate:
		r, err := negotiate.ParseSMB2Response(data)
		if errors.Is(err, smb.ErrErrorResponse) {
			_, err = smb.ParseSMB2ErrorResponse(data)
			return "SMB2 error", err
		}
		if err == nil {
			f.addSMB2Response(r)
		}
		return "SMB2 negotiate response", err
	case !h.IsResponse():
		r, err := smb.ParseSMB2SessionSetupRequest(data)
		if err != nil {
			return "SMB2 session setup request", err
		}
		f.decimal("smb2.ses_req_flags", int(r.Flags))
		f.hexadecimal("smb2.sec_mode", 2, uint64(r.SecurityMode))
		f.hexadecimal("smb2.capabilities", 8, uint64(r.Capabilities))
		f.hexadecimal("smb2.channel", 8, uint64(r.Channel))
		f.hexadecimal("smb2.previous_sesid", 16, r.PreviousSessionID)
		f.filled("smb2.security_blob", r.SecurityBuffer)
		return "SMB2 session setup request", f.addToken(r.SecurityBuffer)
	}
	r, err := smb.ParseSMB2SessionSetupResponse(data)
	if errors.Is(err, smb.ErrErrorResponse) {
		_, err = smb.ParseSMB2ErrorResponse(data)
		return "SMB2 error", err
	}
	if err != nil {
		return "SMB2 session setup response", err
	}
	f.hexadecimal("smb2.session_flags", 4, uint64(r.SessionFlags))
	f.filled("smb2.security_blob", r.SecurityBuffer)
	return "SMB2 session setup response", f.addToken(r.SecurityBuffer)
}

func (f facts) addSMB2Header(h smb.SMB2Header) {
	f.decimal("smb2.credit.charge", int(h.CreditCharge))
	f.decimal("smb2.cmd", int(h.Command))
	f.hexadecimal("smb2.flags", 8, uint64(h.Flags))
	f.hexadecimal("smb2.chain_offset", 8, uint64(h.NextCommand))
	f.set("smb2.msg_id", strconv.FormatUint(h.MessageID, 10))
	f.hexadecimal("smb2.sesid", 16, h.SessionID)
	f.bytes("smb2.signature", h.Signature[:])
	f.set("smb2.nt_status")
	f.set("smb2.credits.granted")
	f.set("smb2.credits.requested")
	if h.IsResponse() {
		f.hexadecimal("smb2.nt_status", 8, uint64(h.Status))
		f.decimal("smb2.credits.granted", int(h.Credits))
	} else {
		f.decimal("smb2.credits.requested", int(h.Credits))
	}
	f.set("smb2.pid")
	f.set("smb2.tid")
	f.set("smb2.aid")
	if h.Flags&smb.SMB2FlagAsyncCommand != 0 {
		f.hexadecimal("smb2.aid", 16, h.AsyncID)
		return
	}
	f.hexadecimal("smb2.pid", 8, uint64(h.Reserved))
	f.hexadecimal("smb2.tid", 8, uint64(h.TreeID))
}

func (f facts) addSMB2Request(r negotiate.SMB2Request) {
	f.decimal("smb2.dialect_count", len(r.Dialects))
	f.set("smb2.dialect", identifiers(r.Dialects)...)
	f.hexadecimal("smb2.sec_mode", 2, uint64(r.SecurityMode))
	f.hexadecimal("smb2.capabilities", 8, uint64(r.Capabilities))
	f.set("smb2.client_guid", r.ClientGUID.String())
	f.addContexts(r.Contexts)
}

func (f facts) addSMB2Response(r negotiate.SMB2Response) {
	f.hexadecimal("smb2.dialect", 4, uint64(r.Dialect))
	f.hexadecimal("smb2.sec_mode", 2, uint64(r.SecurityMode))
	f.hexadecimal("smb2.capabilities", 8, uint64(r.Capabilities))
	f.set("smb2.server_guid", r.ServerGUID.String())
	f.decimal("smb2.max_trans_size", int(r.MaxTransactSize))
	f.decimal("smb2.max_read_size", int(r.MaxReadSize))
	f.decimal("smb2.max_write_size", int(r.MaxWriteSize))
	f.set("smb2.current_time", timeText(r.SystemTime))
	f.set("smb2.boot_time", timeText(r.ServerStartTime))
	f.filled("smb2.security_blob", r.SecurityBuffer)
	f.addContexts(r.Contexts)
	// A blob that is no token has no facts of one; whether tshark agrees is then seen.
	_ = f.addToken(r.SecurityBuffer)
}

func (f facts) addContexts(list []negotiate.Context) {
	const prefix = "smb2.negotiate_context."
	for _, name := range []string{
		"type", "data_length", "hash_algorithm", "salt", "cipher_id", "comp_alg_flags", "comp_alg_id", "netname",
		"signing_id", "transport_flags", "rdma_transform_id",
	} {
		f.set(prefix + name)
	}
	add := func(name string, values ...string) { f[prefix+name] = append(f[prefix+name], values...) }
	for _, ctx := range list {
		add("type", fmt.Sprintf("0x%04x", uint16(ctx.Type)))
		add("data_length", strconv.Itoa(len(ctx.Data)))
		switch ctx.Type {
		case negotiate.ContextPreauthIntegrity:
			if p, err := negotiate.ParsePreauthIntegrity(ctx.Data); err == nil {
				add("hash_algorithm", identifiers(p.HashAlgorithms)...)
				add("salt", hex.EncodeToString(p.Salt))
			}
		case negotiate.ContextEncryption:
			if p, err := negotiate.ParseEncryption(ctx.Data); err == nil {
				add("cipher_id", identifiers(p.Ciphers)...)
			}
		case negotiate.ContextCompression:
			if p, err := negotiate.ParseCompression(ctx.Data); err == nil {
				add("comp_alg_flags", fmt.Sprintf("0x%08x", p.Flags))
				add("comp_alg_id", identifiers(p.Algorithms)...)
			}
		case negotiate.ContextNetname:
			if p, err := negotiate.ParseNetname(ctx.Data); err == nil {
				add("netname", p.Text())
			}
		case negotiate.ContextSigning:
			if p, err := negotiate.ParseSigning(ctx.Data); err == nil {
				add("signing_id", identifiers(p.Algorithms)...)
			}
		case negotiate.ContextTransport:
			if p, err := negotiate.ParseTransport(ctx.Data); err == nil {
				add("transport_flags", fmt.Sprintf("0x%08x", p.Flags))
			}
		case negotiate.ContextRDMATransform:
			if p, err := negotiate.ParseRDMATransform(ctx.Data); err == nil {
				add("rdma_transform_id", identifiers(p.Transforms)...)
			}
		}
	}
}
