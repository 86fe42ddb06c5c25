package identity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// versionPrefix begins every hash and has the version of the specification, which is raised by what changes a hash. The
// letter of the level follows.
const versionPrefix = "s1"

const (
	unseen = "-" // in place of what was not seen
	none   = "none"
)

// StackOf returns the stack fingerprint of a server; nil where it does not speak SMB. The package's documentation
// specifies it.
func StackOf(r *report.Report) *report.Stack {
	if r.Outcome != report.OutcomeSMB {
		return nil
	}
	t := traitsOf(r)
	implementation, configuration := t.implementation().String(), t.configuration().String()
	return &report.Stack{
		Hash: fmt.Sprintf("%s%s_%s%s%s_%s_%s", versionPrefix, letter(r.Level), t.shortDialect(), t.smb1Letter(), t.challengeLetter(),
			digest(implementation, digestLength), digest(configuration, digestLength)),
		Canonical: implementation + "|" + configuration,
	}
}

// digestLength is how many hex digits of a SHA-256 a hash keeps.
const digestLength = 12

// The last letter of a hash's second part.
const (
	withChallenge    = "c"
	withoutChallenge = "x"
)

// letter marks how much was asked.
func letter(l report.Level) string {
	switch l {
	case report.LevelQuick:
		return "q"
	case report.LevelStandard:
		return "s"
	case report.LevelFull:
		return "f"
	}
	return "p"
}

// shortDialect is the highest dialect that was taken, for the readable beginning of a hash.
func (t *traits) shortDialect() string {
	switch {
	case t.best == "2.0.2":
		return "202"
	case t.best != "":
		return (strings.ReplaceAll(t.best, ".", "") + "00")[:3]
	case t.report.Dialects[smb.DialectNTLM012] == report.Yes:
		return "nt1"
	case t.report.SMB1 != nil && t.report.SMB1.Supported == report.Yes:
		return "lm"
	}
	return "0"
}

func (t *traits) smb1Letter() string {
	if t.report.SMB1 == nil {
		return answerLetter("")
	}
	return answerLetter(t.report.SMB1.Supported)
}

// challengeLetter tells whether an NTLM challenge came: without one an implementation part has less in it.
func (t *traits) challengeLetter() string {
	if t.challenged() {
		return withChallenge
	}
	return withoutChallenge
}

func answerLetter(a report.Answer) string {
	switch a {
	case report.Yes:
		return "y"
	case report.No:
		return "n"
	}
	return "u"
}

// A preimage is a list of names and values in a fixed order.
type preimage []string

func (p preimage) String() string { return strings.Join(p, ";") }

func (p *preimage) add(name, value string) { *p = append(*p, name+"="+value) }

// list writes values of one field; none where there are none.
func list(values []string) string {
	if len(values) == 0 {
		return none
	}
	return strings.Join(values, ",")
}

// implementation is what settings and requests leave alone, where an NTLM challenge came.
func (t *traits) implementation() preimage {
	var p preimage
	p.add("guid", string(t.guid))
	p.add("mechs", t.mechanismForm(withoutKerberos(t.mechanisms)))
	p.add("ntlm", t.versionForm())
	p.add("av", t.avForm(ntlmssp.AVDNSTreeName, ntlmssp.AVFlags))
	return p
}

// withoutKerberos leaves out what a server lists when it is in a domain.
func withoutKerberos(mechanisms []string) []string {
	return slices.DeleteFunc(slices.Clone(mechanisms), func(name string) bool {
		return name == "MS-KRB5" || name == "KRB5" || name == "KRB5-U2U"
	})
}

func (t *traits) mechanismForm(mechanisms []string) string {
	if t.report.SPNEGO == nil {
		return unseen
	}
	return list(mechanisms)
}

func (t *traits) versionForm() string {
	switch v := t.version(); {
	case !t.challenged():
		return unseen
	case t.hasNoVersion():
		return none
	default:
		return fmt.Sprintf("%d.%d.%d.%d", v.Major, v.Minor, v.Build, v.Revision)
	}
}

// avForm lists the attributes of the challenge in wire order, but for some.
func (t *traits) avForm(without ...ntlmssp.AVID) string {
	if !t.challenged() {
		return unseen
	}
	var ids []string
	for _, id := range t.avOrder {
		if !slices.Contains(without, ntlmssp.AVID(id)) {
			ids = append(ids, strconv.Itoa(int(id)))
		}
	}
	return list(ids)
}

// configuration is what settings and questions change.
func (t *traits) configuration() preimage {
	var p preimage
	p.add("dialects", t.dialectForm())
	p.add("start", string(t.start()))
	for _, d := range smb.Dialects() {
		p.add(d.String(), t.rowForm(d.String()))
	}
	p.add("mechs", t.mechanismForm(t.mechanisms))
	p.add("token", t.tokenForm())
	p.add("flags", t.flagForm())
	p.add("av", t.avForm())
	p.add("contexts", t.contextForm())
	p.add("ciphers", answersForm(t.cipher, "AES-128-CCM", "AES-128-GCM", "AES-256-CCM", "AES-256-GCM"))
	p.add("signing", answersForm(t.signs, "HMAC-SHA256", "AES-CMAC", "AES-GMAC"))
	p.add("compression", answersForm(t.compresses, "LZNT1", "LZ77", "LZ77+Huffman", "Pattern_V1", "LZ4"))
	p.add("order", t.orderForm())
	p.add("posix", answerLetter(t.report.POSIXExtensions))
	p.add("nt1", t.smb1Form())
	return p
}

// dialectForm has one letter for each dialect, from the oldest.
func (t *traits) dialectForm() string {
	var b strings.Builder
	for _, d := range smb.SMB1Dialects() {
		b.WriteString(answerLetter(t.report.Dialects[d]))
	}
	for _, d := range smb.Dialects() {
		b.WriteString(answerLetter(t.report.Dialects[d.String()]))
	}
	return b.String()
}

// rowForm writes the answer to one dialect.
func (t *traits) rowForm(dialect string) string {
	row, ok := t.rows[dialect]
	if !ok {
		return unseen
	}
	var capabilities, modes []string
	for _, c := range row.Capabilities {
		capabilities = append(capabilities, strings.TrimPrefix(c, "SMB2_GLOBAL_CAP_"))
	}
	for _, m := range row.SecurityMode {
		modes = append(modes, strings.TrimPrefix(m, "SMB2_NEGOTIATE_"))
	}
	return fmt.Sprintf("%s/%s/%d/%d/%d/%d", list(modes), list(capabilities), row.MaxTransactSize, row.MaxReadSize, row.MaxWriteSize, row.Credits)
}

// tokenForm is the form of the first security token and of the hint in it; a hint with a name in it is only "other".
func (t *traits) tokenForm() string {
	if t.report.SPNEGO == nil {
		return unseen
	}
	hint := "other"
	switch t.hint() {
	case "":
		hint = none
	case ignoredHint:
		hint = "ignored"
	}
	return t.report.SPNEGO.Form + "/" + hint
}

// flagForm is the flags of the challenge, which echo the client's: in captures they are left out.
func (t *traits) flagForm() string {
	if !t.challenged() || t.report.Level == report.LevelPassive {
		return unseen
	}
	var flags []string
	for _, f := range t.report.NTLM.Flags {
		f = strings.TrimPrefix(f, "NTLMSSP_")
		flags = append(flags, strings.TrimPrefix(f, "NEGOTIATE_"))
	}
	return list(flags)
}

// contextForm lists the negotiate contexts of the first 3.1.1 answer in wire order, each with its data; of the preauth
// context only the length of its salt, which is random.
func (t *traits) contextForm() string {
	row, ok := t.rows[smb.DialectSMB311.String()]
	if !ok {
		return unseen
	}
	var contexts []string
	for _, c := range row.Contexts {
		name := strings.TrimSuffix(strings.TrimPrefix(c.Type, "SMB2_"), "_CAPABILITIES")
		if c.Type == negotiate.ContextPreauthIntegrity.String() {
			length, _ := t.saltLength()
			contexts = append(contexts, name+"/"+strconv.Itoa(length))
			continue
		}
		contexts = append(contexts, name+"/"+c.Data)
	}
	return list(contexts)
}

func answersForm(answer func(string) report.Answer, tokens ...string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteString(answerLetter(answer(token)))
	}
	return b.String()
}

// orderForm tells whose order decides among ciphers, and among compression algorithms.
func (t *traits) orderForm() string {
	ciphers, algorithms := unseen, unseen
	if e := t.report.Encryption; e != nil && e.Selection != "" {
		ciphers = string(e.Selection)
	}
	if c := t.report.Compression; c != nil && c.Selection != "" {
		algorithms = string(c.Selection)
	}
	return ciphers + "/" + algorithms
}

// smb1Form is what an NT LM 0.12 answer says, and how a server without that refuses.
func (t *traits) smb1Form() string {
	s := t.report.SMB1
	switch {
	case t.closes():
		return "dropped"
	case t.declines():
		return "declined"
	case s == nil || s.MaxMpx == nil || s.MaxBufferSize == nil || s.MaxRawSize == nil:
		return unseen
	}
	var capabilities []string
	for _, c := range s.Capabilities {
		capabilities = append(capabilities, strings.TrimPrefix(c, "CAP_"))
	}
	mode := unseen
	if t.report.Signing != nil && t.report.Signing.SMB1 != nil && t.report.Signing.SMB1.SecurityMode != nil {
		mode = strconv.Itoa(int(*t.report.Signing.SMB1.SecurityMode))
	}
	return fmt.Sprintf("%s/%d/%d/%d/%s", mode, *s.MaxMpx, *s.MaxBufferSize, *s.MaxRawSize, list(capabilities))
}
