//go:build linux

package livetest

import (
	"errors"
	"strconv"

	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

func (f facts) addSMB1(data []byte) (kind string, err error) {
	h, err := smb.ParseSMB1Header(data)
	if err != nil {
		return "SMB1", err
	}
	f.addSMB1Header(h)
	switch {
	case h.Command == smb.SMB1Negotiate && !h.IsResponse():
		r, err := negotiate.ParseSMB1Request(data)
		if err == nil {
			f.set("smb.cmd", "0x72")
			f.decimal("smb.wct", len(r.Words)/2)
			f.set("smb.dialect.name", r.Dialects...)
		}
		return "SMB1 negotiate request", err
	case h.Command == smb.SMB1Negotiate:
		r, err := negotiate.ParseSMB1Response(data)
		if errors.Is(err, smb.ErrErrorResponse) {
			return f.addSMB1Error(data)
		}
		if err == nil {
			f.set("smb.cmd", "0x72")
			f.addSMB1Response(r)
		}
		return "SMB1 negotiate response", err
	case !h.IsResponse():
		r, err := smb.ParseSMB1SessionSetupRequest(data)
		if err != nil {
			return "SMB1 session setup request", err
		}
		return "SMB1 session setup request", f.addSMB1SetupRequest(r)
	}
	r, err := smb.ParseSMB1SessionSetupResponse(data)
	if errors.Is(err, smb.ErrErrorResponse) {
		return f.addSMB1Error(data)
	}
	if err != nil {
		return "SMB1 session setup response", err
	}
	f.addLink(smb.SMB1SessionSetupAndX, r.AndXCommand)
	f.decimal("smb.wct", r.WordCount)
	f.hexadecimal("smb.setup.action", 4, uint64(r.Action))
	f.filled("smb.security_blob", r.SecurityBlob)
	f.addText("smb.native_os", r.Header, r.NativeOS)
	f.addText("smb.native_lanman", r.Header, r.NativeLanMan)
	f.addText("smb.primary_domain", r.Header, r.PrimaryDomain)
	return "SMB1 session setup response", f.addToken(r.SecurityBlob)
}

func (f facts) addSMB1Header(h smb.SMB1Header) {
	f.hexadecimal("smb.flags", 2, uint64(h.Flags))
	f.hexadecimal("smb.flags2", 4, uint64(h.Flags2))
	f.set("smb.nt_status")
	f.set("smb.error_class")
	f.set("smb.error_code")
	if h.Flags2&smb.SMB1Flags2NTStatus != 0 {
		f.hexadecimal("smb.nt_status", 8, uint64(h.Status))
	} else {
		f.hexadecimal("smb.error_class", 2, uint64(uint8(h.Status)))
		f.hexadecimal("smb.error_code", 4, uint64(uint32(h.Status)>>16))
	}
	f.decimal("smb.pid.high", int(h.PIDHigh))
	f.bytes("smb.signature", h.SecurityFeatures[:])
	f.decimal("smb.tid", int(h.TID))
	f.decimal("smb.pid", int(h.PIDLow))
	f.decimal("smb.uid", int(h.UID))
	f.decimal("smb.mid", int(h.MID))
}

func (f facts) addSMB1Error(data []byte) (kind string, err error) {
	r, err := smb.ParseSMB1ErrorResponse(data)
	f.hexadecimal("smb.cmd", 2, uint64(r.Header.Command))
	f.decimal("smb.wct", len(r.Words)/2)
	f.decimal("smb.bcc", len(r.Bytes))
	return "SMB1 error", err
}

// addLink adds the command, and the one that is chained to it or SMB1NoFurtherCommand.
func (f facts) addLink(command, next smb.SMB1Command) {
	f.hexadecimal("smb.cmd", 2, uint64(command))
	f.set("smb.cmd", f["smb.cmd"][0], "0x"+strconv.FormatUint(uint64(next)|0x100, 16)[1:])
}

// addText adds a string of a message: none where it is not there.
func (f facts) addText(name string, h smb.SMB1Header, b []byte) {
	if f[name] = nil; b != nil {
		f.set(name, h.Text(b))
	}
}

func (f facts) addSMB1Response(r negotiate.SMB1Response) {
	f.decimal("smb.wct", r.WordCount)
	f.decimal("smb.dialect.index", int(r.DialectIndex))
	f.set("smb.sm")
	for _, name := range []string{
		"smb.max_mpx_count", "smb.max_vcs", "smb.max_bufsize", "smb.max_raw", "smb.rm", "smb.session_key", "smb.server_cap",
		"smb.system.time", "smb.server_timezone", "smb.server_date_time.smb_date", "smb.server_date_time.smb_time",
		"smb.server_date_time", "smb.security_blob", "smb.challenge", "smb.primary_domain", "smb.server", "smb.server_guid",
	} {
		f.set(name)
	}
	if r.WordCount == negotiate.AnswerWordsCore || r.WordCount == negotiate.AnswerWordsNone {
		return
	}
	f.decimal("smb.max_mpx_count", int(r.MaxMpxCount))
	f.decimal("smb.max_vcs", int(r.MaxNumberVcs))
	f.decimal("smb.max_bufsize", int(r.MaxBufferSize))
	f.hexadecimal("smb.session_key", 8, uint64(r.SessionKey))
	f.decimal("smb.server_timezone", int(r.ServerTimeZone))
	if r.WordCount == negotiate.AnswerWordsLANMAN {
		f.hexadecimal("smb.sm", 4, uint64(r.SecurityMode))
		f.hexadecimal("smb.rm", 4, uint64(r.RawMode))
		f.hexadecimal("smb.server_date_time.smb_date", 4, uint64(r.ServerDate))
		f.hexadecimal("smb.server_date_time.smb_time", 4, uint64(r.ServerTime))
		if at, ok := r.LocalTime(); ok {
			f.set("smb.server_date_time", at.Format("Jan _2, 2006 15:04:05.000000000 UTC"))
		}
	} else {
		f.hexadecimal("smb.sm", 2, uint64(r.SecurityMode))
		f.decimal("smb.max_raw", int(r.MaxRawSize))
		f.hexadecimal("smb.server_cap", 8, uint64(r.Capabilities))
		f.set("smb.system.time", timeText(r.SystemTime))
	}
	f.filled("smb.challenge", r.Challenge)
	if r.ExtendedSecurity() {
		f.set("smb.server_guid", r.ServerGUID.String())
		f.filled("smb.security_blob", r.SecurityBlob)
		_ = f.addToken(r.SecurityBlob) // as in addSMB2Response
	}
	if r.DomainName != nil {
		f.set("smb.primary_domain", r.Text(r.DomainName))
	}
	if r.ServerName != nil {
		f.set("smb.server", r.Text(r.ServerName))
	}
}

func (f facts) addSMB1SetupRequest(r smb.SMB1SessionSetupRequest) error {
	f.addLink(smb.SMB1SessionSetupAndX, r.AndXCommand)
	f.decimal("smb.wct", r.WordCount)
	f.decimal("smb.max_buf", int(r.MaxBufferSize))
	f.decimal("smb.max_mpx_count", int(r.MaxMpxCount))
	f.decimal("smb.vc", int(r.VcNumber))
	f.hexadecimal("smb.session_key", 8, uint64(r.SessionKey))
	f.set("smb.server_cap")
	if r.WordCount != smb.SetupWordsLANMAN {
		f.hexadecimal("smb.server_cap", 8, uint64(r.Capabilities))
	}
	f.filled("smb.security_blob", r.SecurityBlob)
	f.filled("smb.ansi_password", r.OEMPassword)
	f.filled("smb.unicode_password", r.NTPassword)
	f.addText("smb.account", r.Header, r.AccountName)
	f.addText("smb.primary_domain", r.Header, r.PrimaryDomain)
	f.addText("smb.native_os", r.Header, r.NativeOS)
	f.addText("smb.native_lanman", r.Header, r.NativeLanMan)
	return f.addToken(r.SecurityBlob)
}
