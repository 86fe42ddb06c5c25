package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

// A line is a line of a cell.
type line struct {
	text  string
	shade shade
}

// A cell is what stands in one place of the table: lines without line breaks in them.
type cell []line

// unknown stands where an answer is not known. It must not look like a no.
const unknown = "?"

// maxText is how many characters of a stranger's text fit into a cell; -json has all of it.
const maxText = 60

// clean makes a stranger's text safe and short.
func clean(s string) string {
	s = wire.EscapeText(s)
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}

func targetCell(r *fingerprint.Report) cell {
	return cell{{text: wire.EscapeText(r.Target), shade: bold}}
}

func outcomeCell(r *fingerprint.Report) cell {
	if r.Outcome == report.OutcomeSMB {
		return cell{{text: string(r.Outcome)}}
	}
	return cell{{text: string(r.Outcome), shade: notice}}
}

// signingCell shows whether signatures are required, at SMB1 and SMB2 apart where both are known.
func signingCell(r *fingerprint.Report) cell {
	if r.Signing == nil {
		return required(nil, "")
	}
	smb1, smb2 := r.Signing.SMB1, r.Signing.SMB2
	switch {
	case smb1 == nil || !smb1.Required.Known():
		return required(smb2, "")
	case smb2 == nil || !smb2.Required.Known():
		return required(smb1, "")
	}
	return append(required(smb2, "SMB2 "), required(smb1, "SMB1 ")...)
}

func required(m *report.SigningMode, prefix string) cell {
	switch {
	case m != nil && m.Required == report.Yes:
		return cell{{text: prefix + "required", shade: good}}
	case m != nil && m.Required == report.No:
		return cell{risky(prefix + "not required")}
	}
	return cell{{text: prefix + unknown, shade: faint}}
}

func encryptionCell(r *fingerprint.Report) cell {
	switch {
	case r.Encryption == nil:
		return answerCell(report.Unknown)
	case r.Encryption.Required == report.Yes:
		return cell{{text: "required", shade: good}}
	}
	return answerCell(r.Encryption.Supported)
}

func answerCell(a report.Answer) cell {
	if !a.Known() {
		return cell{{text: unknown, shade: faint}}
	}
	return cell{{text: string(a)}}
}

// risky marks what a defender should look at, without colour too.
func risky(text string) line { return line{text: text + riskMark, shade: alarm} }

const riskMark = " !"

// nameCell shows the NetBIOS name, and the DNS name where it tells more than the NetBIOS name and the domain.
func nameCell(r *fingerprint.Report) cell {
	var netbios, dns, domain string
	if n := r.NTLM; n != nil {
		netbios, dns, domain = n.NetBIOSComputer, n.DNSComputer, n.DNSDomain
	}
	if netbios == "" && r.SMB1 != nil {
		netbios = r.SMB1.ServerName
	}
	if netbios == "" && dns == "" {
		netbios = r.ServerGUIDText
	}
	if strings.EqualFold(dns, netbios) || strings.EqualFold(dns, netbios+"."+domain) {
		dns = ""
	}
	return texts(netbios, dns)
}

// domainCell shows the domain or workgroup. A server that is in no domain has its own name as NTLM domain, and the
// workgroup, where it is known, says more.
func domainCell(r *fingerprint.Report) cell {
	var netbios, dns, workgroup string
	if n := r.NTLM; n != nil {
		netbios, dns = n.NetBIOSDomain, n.DNSDomain
		if netbios == n.NetBIOSComputer && r.SMB1 != nil {
			workgroup = r.SMB1.PrimaryDomain
		}
	} else if r.SMB1 != nil {
		workgroup = r.SMB1.PrimaryDomain
	}
	if workgroup != "" {
		netbios = workgroup
	}
	if first, _, _ := strings.Cut(dns, "."); strings.EqualFold(first, netbios) {
		netbios = ""
	}
	return texts(dns, netbios)
}

// productCell shows what hints at the product. The version in an NTLM challenge is named as such: Samba's 6.1.0 is not
// Windows 7.
func productCell(r *fingerprint.Report) cell {
	var lanman, ntlm string
	if r.SMB1 != nil {
		lanman = r.SMB1.NativeLANManager
	}
	if r.NTLM != nil && r.NTLM.Version != nil {
		v := r.NTLM.Version
		ntlm = fmt.Sprintf("NTLM %d.%d.%d", v.Major, v.Minor, v.Build)
	}
	return texts(lanman, ntlm)
}

func texts(list ...string) cell {
	var c cell
	for _, s := range list {
		if s != "" {
			c = append(c, line{text: clean(s)})
		}
	}
	return c
}

// skewCell shows how far the server's clock is off, or how large the skew may be at most where none could be measured.
func skewCell(r *fingerprint.Report) cell {
	if r.ClockSkewMS == nil {
		return nil
	}
	skew, sign := *r.ClockSkewMS, "+"
	if e := r.ClockSkewErrorMS; e != nil && math.Abs(skew) <= *e {
		return cell{{text: "±" + span(*e)}}
	}
	if skew < 0 {
		sign = "-"
	}
	return cell{{text: sign + span(math.Abs(skew))}}
}

// span prints milliseconds in the largest unit that leaves something before the point.
func span(ms float64) string {
	d := ms * float64(time.Millisecond)
	switch {
	case d < float64(time.Second):
		return fmt.Sprintf("%.0fms", math.Ceil(ms))
	case d < float64(2*time.Minute):
		return fmt.Sprintf("%.1fs", d/float64(time.Second))
	case d < float64(2*time.Hour):
		return fmt.Sprintf("%.0fmin", d/float64(time.Minute))
	case d < float64(48*time.Hour):
		return fmt.Sprintf("%.1fh", d/float64(time.Hour))
	}
	return fmt.Sprintf("%.0fd", d/float64(24*time.Hour))
}

func durationCell(r *fingerprint.Report) cell { return cell{{text: milliseconds(r.DurationMS)}} }

func milliseconds(ms float64) string {
	if ms < 10 {
		return strconv.FormatFloat(ms, 'f', 1, 64)
	}
	return strconv.FormatFloat(ms, 'f', 0, 64)
}
