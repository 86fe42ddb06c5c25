package verdict_test

import (
	"bytes"
	"encoding"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// noon is when the first connection of a test begins. Each begins a second after the one before; its frames are 10 ms
// apart.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const step = 10 * time.Millisecond

// conn builds the n-th connection, from 1.
func conn(n int, end dialogue.End, frames ...dialogue.Frame) *dialogue.Dialogue {
	at := noon.Add(time.Duration(n-1) * time.Second)
	d := &dialogue.Dialogue{
		Target: "192.0.2.1", Level: "quick", Connection: n, Transport: dialogue.DirectTCP, Address: "192.0.2.1:445",
		Started: at, Connected: at.Add(step), End: end, Frames: frames,
	}
	for i := range d.Frames {
		d.Frames[i].At = d.Connected.Add(time.Duration(i+1) * step)
	}
	d.Ended = d.Connected.Add(time.Duration(len(frames)+1) * step)
	return d
}

// failed builds the n-th connection, one that did not come about.
func failed(n int, end dialogue.End, reason string) *dialogue.Dialogue {
	d := conn(n, end)
	d.Connected, d.Reason = time.Time{}, reason
	return d
}

func ask(probe string, b []byte) dialogue.Frame {
	return dialogue.Frame{Sent: true, Kind: dialogue.Message, Probe: probe, Data: b}
}

func got(b []byte) dialogue.Frame { return dialogue.Frame{Kind: dialogue.Message, Data: b} }

func raw(b []byte) dialogue.Frame { return dialogue.Frame{Kind: dialogue.Raw, Data: b} }

func build(t testing.TB, part encoding.BinaryAppender) []byte {
	t.Helper()
	b, err := part.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

func request(t testing.TB, o negotiate.Offer) []byte {
	t.Helper()
	b, err := o.Build(bytes.NewReader(bytes.Repeat([]byte{0x5A}, 64)))
	require.NoError(t, err)
	return b
}

// edited returns the request of an offer with some fields changed.
func edited(t testing.TB, o negotiate.Offer, edit func(*negotiate.SMB2Request)) []byte {
	t.Helper()
	r, err := negotiate.ParseSMB2Request(request(t, o))
	require.NoError(t, err)
	edit(&r)
	return build(t, r)
}

func all(t testing.TB) dialogue.Frame { return ask("all-offer", request(t, negotiate.All())) }

func conservative(t testing.TB) dialogue.Frame {
	return ask("conservative", request(t, negotiate.Conservative()))
}

func smb1(t testing.TB) dialogue.Frame { return ask("smb1", request(t, negotiate.SMB1Only())) }

func single(t testing.TB, d smb.Dialect) dialogue.Frame {
	return ask("only-"+d.String(), request(t, negotiate.Single(d)))
}

// response returns a plain answer that selects a dialect.
func response(d smb.Dialect) negotiate.SMB2Response {
	r := negotiate.SMB2Response{
		Header:       smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Credits: 1},
		SecurityMode: smb.SigningEnabled, Dialect: d, ServerGUID: dtyp.GUID{1, 2, 3, 0xFF},
		MaxTransactSize: 8 << 20, MaxReadSize: 8 << 20, MaxWriteSize: 8 << 20,
		SystemTime: dtyp.FiletimeOf(noon),
	}
	return r
}

// A part is the data of a context.
type part interface {
	Context() (negotiate.Context, error)
}

// takes returns the answer that selects a dialect, with contexts.
func takes(t testing.TB, d smb.Dialect, contexts ...part) dialogue.Frame {
	t.Helper()
	r := response(d)
	for _, c := range contexts {
		ctx, err := c.Context()
		require.NoError(t, err)
		r.Contexts = append(r.Contexts, ctx)
	}
	return got(build(t, r))
}

func takesWith(t testing.TB, d smb.Dialect, edit func(*negotiate.SMB2Response)) dialogue.Frame {
	t.Helper()
	r := response(d)
	edit(&r)
	return got(build(t, r))
}

func preauth() negotiate.PreauthIntegrity {
	return negotiate.PreauthIntegrity{HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: make([]byte, 32)}
}

func refusesSMB2(t testing.TB, s dtyp.NTStatus) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2ErrorResponse{
		Header: smb.SMB2Header{Command: smb.SMB2Negotiate, Flags: smb.SMB2FlagServerToRedir, Status: s},
	}))
}

func smb1Header(s dtyp.NTStatus) smb.SMB1Header {
	return smb.SMB1Header{
		Command: smb.SMB1Negotiate, Flags: smb.SMB1FlagReply, Flags2: smb.SMB1Flags2NTStatus | smb.SMB1Flags2Unicode, Status: s,
	}
}

func refusesSMB1(t testing.TB, s dtyp.NTStatus) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB1ErrorResponse{Header: smb1Header(s)}))
}

// none is how a server without SMB1 answers in its format.
func none(t testing.TB) dialogue.Frame {
	t.Helper()
	return got(build(t, negotiate.SMB1Response{
		Header: smb1Header(0), WordCount: negotiate.AnswerWordsCore, DialectIndex: smb.NoDialect,
	}))
}

// nt returns an answer in the form of NT LM 0.12.
func nt(t testing.TB, index uint16, edit func(*negotiate.SMB1Response)) dialogue.Frame {
	t.Helper()
	r := negotiate.SMB1Response{
		Header: smb1Header(0), WordCount: negotiate.AnswerWordsNT, DialectIndex: index,
		SecurityMode: negotiate.SecurityUserLevel | negotiate.SecurityChallengeResponse, MaxMpxCount: 50, MaxBufferSize: 16644,
		Capabilities: smb.SMB1CapExtendedSecurity | smb.SMB1CapUnicode, SystemTime: dtyp.FiletimeOf(noon), ServerGUID: dtyp.GUID{9},
	}
	if edit != nil {
		edit(&r)
	}
	return got(build(t, r))
}

func lanman(t testing.TB, index uint16, edit func(*negotiate.SMB1Response)) dialogue.Frame {
	t.Helper()
	r := negotiate.SMB1Response{
		Header: smb1Header(0), WordCount: negotiate.AnswerWordsLANMAN, DialectIndex: index, MaxBufferSize: 4356, MaxMpxCount: 2,
	}
	if edit != nil {
		edit(&r)
	}
	return got(build(t, r))
}

// setup is a session setup in SMB2 with a security blob.
func setup(t testing.TB, blob []byte) dialogue.Frame {
	t.Helper()
	return ask("ntlm-challenge", build(t, smb.SMB2SessionSetupRequest{
		Header: smb.SMB2Header{Command: smb.SMB2SessionSetup, MessageID: 1}, SecurityBuffer: blob,
	}))
}

func type1(t testing.TB) []byte {
	return build(t, spnego.NegTokenInit{
		MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: build(t, ntlmssp.DefaultNegotiate()),
	})
}

func setupAnswer(t testing.TB, blob []byte) dialogue.Frame {
	t.Helper()
	return got(build(t, smb.SMB2SessionSetupResponse{
		Header: smb.SMB2Header{
			Command: smb.SMB2SessionSetup, MessageID: 1, Flags: smb.SMB2FlagServerToRedir, Status: dtyp.StatusMoreProcessingRequired,
		},
		SecurityBuffer: blob,
	}))
}

func inResp(t testing.TB, token []byte) []byte {
	t.Helper()
	state := spnego.AcceptIncomplete
	return build(t, spnego.NegTokenResp{NegState: &state, SupportedMech: spnego.OIDNTLMSSP, ResponseToken: token})
}

// of returns the report of some dialogues, and checks on the way what holds for every report.
func of(t testing.TB, dialogues ...*dialogue.Dialogue) *report.Report {
	t.Helper()
	r := verdict.Of(dialogues, verdict.Options{})
	hold(t, dialogues, r)
	return r
}

// says checks what a report says of some dialects; those that are not named must be unknown.
func says(t testing.TB, r *report.Report, want map[string]report.Answer) {
	t.Helper()
	require.Equal(t, report.OutcomeSMB, r.Outcome, r.Reason)
	require.Len(t, r.Dialects, 10)
	for d, answer := range r.Dialects {
		expected := want[d]
		if expected == "" {
			expected = report.Unknown
		}
		require.Equal(t, expected, answer, d)
	}
}
