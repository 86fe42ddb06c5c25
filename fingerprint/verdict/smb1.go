package verdict

import (
	"fmt"
	"slices"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

const (
	challengeResponsePath = "/smb1/challenge_response"
	extendedSecurityPath  = "/smb1/extended_security"
)

const upgradePath = "/smb1/upgrade_to_smb2"

// upgrade says whether the server takes "SMB 2.???" up, the way from an SMB1 negotiation to any SMB2 dialect ([MS-SMB2]
// 3.3.5.3). A server that takes another dialect of the same list does not.
func (v *verdict) upgrade(q *question) {
	if !slices.Contains(q.smb1Asked.Dialects, smb.DialectSMB2Any) {
		return
	}
	_, takesSMB2 := q.smb2Dialect()
	switch {
	case q.smb2 != nil && q.smb2.Dialect == smb.DialectWildcard:
		v.say(upgradePath, report.Yes, q.evidence("dialect 0x02FF: an SMB2 negotiation is to follow"))
	case takesSMB2:
		v.say(upgradePath, report.No, q.declined("the server chose "+smb.DialectSMB2002))
	case q.smb1 != nil && q.smb1.Refused():
		v.say(upgradePath, report.No, q.evidence("DialectIndex 0xFFFF: none of the dialects that were offered"))
	case q.takes():
		dialect, _ := q.smb1Dialect()
		v.say(upgradePath, report.No, q.declined("the server chose "+wire.EscapeText(dialect)))
	default:
		v.say(upgradePath, report.Unknown, q.evidence(""))
	}
}

// smb1 collects what the server says under SMB1, all of it before any authentication.
func (v *verdict) smb1() {
	s := &report.SMB1{}
	v.report.SMB1 = s
	for _, q := range v.questions {
		dialect, ok := q.smb1Dialect()
		ok = ok || q.unseen && q.smb1 != nil && !q.smb1.Refused()
		if ok && q.smb1.WordCount != negotiate.AnswerWordsCore {
			v.smb1Answer(q, dialect, s)
		}
		if q.smb1Setup != nil {
			smb1Strings(q.smb1Setup, s)
		}
	}
	s.Supported, s.UpgradeToSMB2 = v.answer("/smb1/supported"), v.answer(upgradePath)
	s.ChallengeResponse = v.answer(challengeResponsePath)
	s.ExtendedSecurity = v.answer(extendedSecurityPath)
	for _, d := range smb.OtherSMB1Dialects() {
		if a := v.answer(otherPath(d)); a != "" {
			if s.OtherDialects == nil {
				s.OtherDialects = map[string]report.Answer{}
			}
			s.OtherDialects[d] = a
		}
	}
}

func (v *verdict) smb1Answer(q *question, dialect string, s *report.SMB1) {
	r := q.smb1
	if s.PrimaryDomain == "" { // only answers without extended security have it
		s.PrimaryDomain = r.Text(r.DomainName)
	}
	if s.ServerName == "" { // as before, and only at NT LM 0.12
		s.ServerName = r.Text(r.ServerName)
	}
	if s.MaxMpx != nil { // the first answer is the preferred dialect's
		return
	}
	s.SecurityLevel = "share"
	if r.SecurityMode&negotiate.SecurityUserLevel != 0 {
		s.SecurityLevel = "user"
	}
	at := smb1Mode(r.SecurityMode, dialect)
	v.say(challengeResponsePath, report.AnswerOf(r.SecurityMode&negotiate.SecurityChallengeResponse != 0), q.evidence(at))
	if r.WordCount == negotiate.AnswerWordsNT {
		s.Capabilities = r.Capabilities.Tokens()
		s.MaxRawSize = new(r.MaxRawSize)
		switch {
		case r.ExtendedSecurity():
			v.say(extendedSecurityPath, report.Yes, q.evidence("CAP_EXTENDED_SECURITY"))
		case !q.unseen && q.smb1Asked.Header.Flags2&smb.SMB1Flags2ExtendedSecurity != 0:
			v.say(extendedSecurityPath, report.No, q.declined("asked for, and answered without CAP_EXTENDED_SECURITY"))
		}
	}
	s.MaxMpx, s.MaxBufferSize = new(r.MaxMpxCount), new(r.MaxBufferSize)
	s.SessionKey = fmt.Sprintf("%08x", r.SessionKey)
	s.TimeZoneMinutes = new(r.ServerTimeZone)
}

// smb1Strings takes the server's own words from a session setup response.
func smb1Strings(r *smb.SMB1SessionSetupResponse, s *report.SMB1) {
	if s.NativeOS == "" && s.NativeLANManager == "" {
		s.NativeOS, s.NativeLANManager = r.Header.Text(r.NativeOS), r.Header.Text(r.NativeLanMan)
	}
	if s.PrimaryDomain == "" {
		s.PrimaryDomain = r.Header.Text(r.PrimaryDomain)
	}
}

func hex8(v uint16) string { return fmt.Sprintf("%02x", v) }
