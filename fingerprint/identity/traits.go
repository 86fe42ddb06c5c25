package identity

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// traits is what of a report tells implementations apart, in one shape for every level and for captures.
type traits struct {
	report *report.Report
	rows   map[string]report.Negotiated // by dialect, over the transport that speaks for the server
	best   string                       // the highest SMB2 dialect that was taken; empty where none was
	guid   guidForm

	mechanisms []string // authentication mechanisms in wire order, by their names
	avOrder    []uint16 // numbers of the NTLM challenge's attributes as they came
	nativeOS   NativeOS // what Windows says of itself in SMB1
	named      bool     // nativeOS is that
	controller bool     // of a domain, as far as it tells
}

// A guidForm is how a server makes its GUID.
type guidForm string

const (
	guidUnseen    guidForm = "-"
	guidZero      guidForm = "zero"
	guidName      guidForm = "name"      // a NetBIOS name in lower case, padded with zeros
	guidPrintable guidForm = "printable" // sixteen printable bytes
	guidOther     guidForm = "other"     // random, or a machine's own
)

func traitsOf(r *report.Report) *traits {
	t := &traits{report: r, rows: map[string]report.Negotiated{}, guid: formOf(r)}
	main := speaker(r)
	for _, row := range r.Negotiated {
		if row.Transport != main {
			continue
		}
		if _, seen := t.rows[row.Dialect]; !seen {
			t.rows[row.Dialect] = row
		}
	}
	for _, d := range smb.Dialects() {
		if _, ok := t.rows[d.String()]; ok {
			t.best = d.String()
		}
	}
	t.mechanisms, t.avOrder = mechanismsOf(r), avOrderOf(r)
	if system, manager := t.native(); windowsManager(manager) {
		t.nativeOS, t.named = ParseNativeOS(system)
	}
	t.controller = controls(t) != ""
	return t
}

// speaker returns the index of the transport that the report's answers come from.
func speaker(r *report.Report) int {
	first := -1
	for i, t := range r.Transports {
		if t.Outcome != report.OutcomeSMB {
			continue
		}
		if t.Transport == "direct-tcp" {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return max(first, 0)
}

func formOf(r *report.Report) guidForm {
	var g dtyp.GUID
	if r.ServerGUID == "" || g.UnmarshalText([]byte(r.ServerGUID)) != nil {
		return guidUnseen
	}
	switch {
	case g.IsZero():
		return guidZero
	case r.ServerGUIDText != "":
		return guidName
	case !slices.ContainsFunc(g[:], func(b byte) bool { return b < ' ' || b > '~' }):
		return guidPrintable
	}
	return guidOther
}

// top is the answer to the highest dialect that was taken.
func (t *traits) top() (report.Negotiated, bool) {
	row, ok := t.rows[t.best]
	return row, ok
}

// above202 is the answer to a dialect above 2.0.2, where servers are free to choose their sizes.
func (t *traits) above202() (report.Negotiated, bool) {
	if t.best == smb.DialectSMB202.String() {
		return report.Negotiated{}, false
	}
	return t.top()
}

// sizes are the maximum sizes above 2.0.2.
func (t *traits) sizes(transact, read, write uint32) bool {
	row, ok := t.above202()
	return ok && row.MaxTransactSize == transact && row.MaxReadSize == read && row.MaxWriteSize == write
}

func (t *traits) capability(token string) bool {
	row, ok := t.top()
	return ok && slices.Contains(row.Capabilities, token)
}

// capabilities tells whether the answer to a dialect has exactly these.
func (t *traits) capabilities(dialect string, tokens ...string) bool {
	row, ok := t.rows[dialect]
	return ok && slices.Equal(row.Capabilities, tokens)
}

// context returns the data of a negotiate context.
func (t *traits) context(of negotiate.ContextType) ([]byte, bool) {
	row := t.rows[smb.DialectSMB311.String()]
	for _, c := range row.Contexts {
		if c.Type == of.String() {
			data, err := hex.DecodeString(c.Data)
			return data, err == nil
		}
	}
	return nil, false
}

// contexts are the types of the negotiate contexts in wire order.
func (t *traits) contexts() []string {
	var list []string
	for _, c := range t.rows[smb.DialectSMB311.String()].Contexts {
		list = append(list, c.Type)
	}
	return list
}

// saltLength returns the size of the salt in bytes that a 3.1.1 answer has ([MS-SMB2] 2.2.3.1.1).
func (t *traits) saltLength() (int, bool) {
	data, ok := t.context(negotiate.ContextPreauthIntegrity)
	if !ok {
		return 0, false
	}
	context, err := negotiate.ParsePreauthIntegrity(data)
	return len(context.Salt), err == nil
}

func mechanismsOf(r *report.Report) []string {
	if r.SPNEGO == nil {
		return nil
	}
	var list []string
	for _, m := range r.SPNEGO.Mechanisms {
		name := m.Name
		if name == "" {
			name = m.OID
		}
		list = append(list, name)
	}
	return list
}

func (t *traits) lists(names ...string) bool { return slices.Equal(t.mechanisms, names) }

func (t *traits) mentions(name string) bool { return slices.Contains(t.mechanisms, name) }

const ignoredHint = "not_defined_in_RFC4178@please_ignore"

// hint is what stands where RFC 4178 has a principal's name.
func (t *traits) hint() string {
	if t.report.SPNEGO == nil {
		return ""
	}
	return t.report.SPNEGO.Hint
}

// challenged tells whether an NTLM challenge came back.
func (t *traits) challenged() bool {
	return t.report.NTLM != nil && t.report.NTLM.Challenge == report.Yes
}

// version is the version in the NTLM challenge, which is zero where it has none.
func (t *traits) version() report.NTLMVersion {
	if !t.challenged() || t.report.NTLM.Version == nil {
		return report.NTLMVersion{}
	}
	return *t.report.NTLM.Version
}

func (t *traits) isVersion(major, minor uint8, build uint16) bool {
	v := t.version()
	return t.challenged() && t.report.NTLM.Version != nil && v.Major == major && v.Minor == minor && v.Build == build
}

func (t *traits) hasNoVersion() bool { return t.challenged() && t.report.NTLM.Version == nil }

func avOrderOf(r *report.Report) []uint16 {
	if r.NTLM == nil || r.NTLM.Challenge != report.Yes {
		return nil
	}
	var list []uint16
	for _, p := range r.NTLM.AVPairs {
		list = append(list, p.ID)
	}
	return list
}

// orders compares the order of attributes without the forest's name, which only members of a domain send.
func (t *traits) orders(ids ...ntlmssp.AVID) bool {
	next := 0
	for _, id := range t.avOrder {
		if id == uint16(ntlmssp.AVDNSTreeName) {
			continue
		}
		if next == len(ids) || id != uint16(ids[next]) {
			return false
		}
		next++
	}
	return next > 0 && next == len(ids)
}

func (t *traits) flag(token string) bool {
	return t.challenged() && slices.Contains(t.report.NTLM.Flags, token)
}

// A startForm is what a server says of its start.
type startForm string

const (
	startUnseen startForm = "-"
	startNone   startForm = "none"
	startSet    startForm = "set"
	startNow    startForm = "now" // the very moment of the answer
)

// moment is how far apart two times of one moment may be: some servers have whole seconds, and the clock may have been
// read over another connection.
const moment = 2 * time.Second

// start tells what the server says of the start of its SMB service.
func (t *traits) start() startForm {
	switch start := t.report.ServerStartTime; {
	case t.best == "":
		return startUnseen
	case start.IsZero():
		return startNone
	case t.report.SystemTime.Sub(start).Abs() <= moment:
		return startNow
	}
	return startSet
}

// native returns the server's own words in SMB1.
func (t *traits) native() (system, manager string) {
	if t.report.SMB1 == nil {
		return "", ""
	}
	return t.report.SMB1.NativeOS, t.report.SMB1.NativeLANManager
}

// numbers compares what an SMB1 negotiate response says of a server.
func (t *traits) numbers(mpx uint16, buffer uint32, capabilities smb.SMB1Capabilities) bool {
	s := t.report.SMB1
	return s != nil && s.MaxMpx != nil && *s.MaxMpx == mpx && s.MaxBufferSize != nil && *s.MaxBufferSize == buffer &&
		s.Capabilities != nil && slices.Equal(s.Capabilities, capabilities.Tokens())
}

// closes tells whether the server drops an offer of SMB1 alone, as Windows does where SMB1 is off; declines, whether it
// answers that it takes none of its dialects.
func (t *traits) closes() bool   { return t.smb1Evidence(report.ResultClosed, report.ResultReset) }
func (t *traits) declines() bool { return t.smb1Evidence(report.ResultRefused) }

func (t *traits) smb1Evidence(results ...report.Result) bool {
	path := "/dialects/" + smb.DialectNTLM012
	return t.report.Dialects[smb.DialectNTLM012] == report.No &&
		slices.ContainsFunc(t.report.Evidence[path], func(e report.Evidence) bool { return slices.Contains(results, e.Result) })
}

// probe returns a question and what became of it; the zero value where it was not asked.
func (t *traits) probe(id string) report.Probe {
	for _, p := range t.report.Probes {
		if p.ID == id {
			return p
		}
	}
	return report.Probe{}
}

// cipher returns what is known of a cipher.
func (t *traits) cipher(token string) report.Answer {
	if t.report.Encryption == nil {
		return ""
	}
	return t.report.Encryption.Ciphers[token].Answer
}

// signs returns what the server says of a signing algorithm in a negotiate context: what a dialect implies is left out.
func (t *traits) signs(token string) report.Answer {
	if t.report.Signing == nil || t.report.Signing.Algorithms[token].Basis != report.BasisContext {
		return ""
	}
	return t.report.Signing.Algorithms[token].Answer
}

func (t *traits) compresses(token string) report.Answer {
	if t.report.Compression == nil {
		return ""
	}
	return t.report.Compression.Algorithms[token]
}

// compression tells whether the server compresses at all.
func (t *traits) compression() report.Answer {
	if t.report.Compression == nil {
		return ""
	}
	return t.report.Compression.Supported
}
