package verdict_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
)

// hold checks what holds for the report of any dialogues.
func hold(t testing.TB, dialogues []*dialogue.Dialogue, r *report.Report) {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	again, err := json.Marshal(verdict.Of(dialogues, verdict.Options{}))
	require.NoError(t, err)
	require.Equal(t, string(text), string(again), "the same dialogues give another report")

	requests, sent, received := 0, 0, 0
	for _, d := range dialogues {
		n, s, v := d.Cost()
		requests, sent, received = requests+n, sent+s, received+v
	}
	require.Equal(t, []int{requests, sent, received}, []int{r.Cost.Requests, r.Cost.BytesSent, r.Cost.BytesReceived})
	unseen := 0 // in a capture the answer alone may be there
	for _, p := range r.Probes {
		if p.Sent == "a request that was not captured" && slices.ContainsFunc(dialogues, func(d *dialogue.Dialogue) bool { return d.Capture != nil }) {
			unseen++
		}
	}
	require.Len(t, r.Probes, requests+unseen)
	require.LessOrEqual(t, r.Cost.LogonAttempts, r.Cost.Authentications)
	require.LessOrEqual(t, r.Cost.Repeats, requests)
	require.GreaterOrEqual(t, r.DurationMS, 0.0)
	for _, p := range r.Probes {
		require.Contains(t, p.Result.Enum(), string(p.Result))
		require.GreaterOrEqual(t, p.DurationMS, 0.0)
		safe(t, p.Sent)
	}
	safe(t, r.Reason)
	for _, a := range r.Anomalies {
		safe(t, a.Where+a.What)
	}
	if r.Outcome != report.OutcomeSMB {
		require.NotEmpty(t, r.Reason)
		require.Nil(t, r.Dialects)
		require.Nil(t, r.SMB1)
		require.Nil(t, r.Signing)
		require.Nil(t, r.Encryption)
		require.Nil(t, r.Compression)
		require.Nil(t, r.NTLM)
		require.Nil(t, r.Evidence)
		return
	}
	answersHaveEvidence(t, text)
	if r.ClockSkewErrorMS != nil {
		require.Positive(t, *r.ClockSkewErrorMS)
	}
	noNeedsQuestion(t, dialogues, r)
	yesNeedsAnswer(t, dialogues, r)
}

// safe checks that a terminal can print the text.
func safe(t testing.TB, text string) {
	t.Helper()
	require.Equal(t, wire.EscapeText(text), text)
}

// answersHaveEvidence checks the JSON both ways: evidence under the path of each yes and no, and an answer under each
// path that has evidence.
func answersHaveEvidence(t testing.TB, text []byte) {
	t.Helper()
	var root map[string]any
	require.NoError(t, json.Unmarshal(text, &root))
	evidence, _ := root["evidence"].(map[string]any)
	answers := map[string]string{}
	for _, top := range []string{"dialects", "smb1", "signing", "encryption", "compression"} {
		require.Contains(t, root, top)
		collect(answers, "/"+top, root[top])
	}
	for _, top := range []string{"rdma_transforms", "posix_extensions", "transports"} { // where the level asks for them
		collect(answers, "/"+top, root[top])
	}
	ntlm, ok := root["ntlm"].(map[string]any)
	require.True(t, ok)
	for _, key := range []string{"listed", "challenge"} {
		collect(answers, "/ntlm/"+key, ntlm[key])
	}
	if null, ok := root["null_session"].(map[string]any); ok {
		for _, key := range []string{"session", "ipc", "guest", "unknown_user_maps_to_guest"} {
			collect(answers, "/null_session/"+key, null[key])
		}
	}
	for path, answer := range answers {
		if answer != "unknown" {
			require.NotEmpty(t, evidence[path], "%s is %s without evidence", path, answer)
		}
	}
	for path := range evidence {
		require.Contains(t, answers, path, "evidence of what is not in the report")
	}
}

// collect lists the answers below a node of JSON under their paths.
func collect(answers map[string]string, path string, node any) {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			key = strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
			collect(answers, path+"/"+key, child)
		}
	case []any:
		for i, child := range n {
			collect(answers, fmt.Sprintf("%s/%d", path, i), child)
		}
	case string:
		if n == "yes" || n == "no" || n == "unknown" {
			answers[path] = n
		}
	}
}

// An asked is what the requests of some dialogues offered, collected without the code under test.
type asked struct {
	dialects    map[string]bool
	ciphers     map[negotiate.Cipher]bool
	compression map[negotiate.CompressionAlgorithm]bool
	chained     bool
	signing     map[negotiate.SigningAlgorithm]bool
	rdma, posix bool
	bit         map[smb.Dialect]bool // offered together with the capability bit
}

func questions(dialogues []*dialogue.Dialogue) asked {
	a := asked{
		dialects: map[string]bool{}, ciphers: map[negotiate.Cipher]bool{},
		compression: map[negotiate.CompressionAlgorithm]bool{}, bit: map[smb.Dialect]bool{},
		signing: map[negotiate.SigningAlgorithm]bool{},
	}
	for _, d := range dialogues {
		for _, f := range d.Frames {
			if !f.Sent || f.Kind != dialogue.Message {
				continue
			}
			if r, err := negotiate.ParseSMB1Request(f.Data); err == nil {
				for _, dialect := range r.Dialects {
					a.dialects[dialect] = true
				}
			}
			if r, err := negotiate.ParseSMB2Request(f.Data); err == nil {
				a.add(r)
			}
		}
	}
	return a
}

func (a *asked) add(r negotiate.SMB2Request) {
	encrypts := r.Capabilities&smb.CapEncryption != 0
	for _, d := range r.Dialects {
		a.dialects[d.String()] = true
		a.bit[d] = a.bit[d] || encrypts
	}
	for _, c := range r.Contexts {
		a.rdma = a.rdma || c.Type == negotiate.ContextRDMATransform
		a.posix = a.posix || c.Type == negotiate.ContextPOSIX
		if e, err := negotiate.ParseEncryption(c.Data); err == nil && c.Type == negotiate.ContextEncryption && encrypts {
			for _, id := range e.Ciphers {
				a.ciphers[id] = true
			}
		}
		if p, err := negotiate.ParseCompression(c.Data); err == nil && c.Type == negotiate.ContextCompression {
			a.chained = a.chained || p.Chained()
			for _, id := range p.Algorithms {
				a.compression[id] = true
			}
		}
		if s, err := negotiate.ParseSigning(c.Data); err == nil && c.Type == negotiate.ContextSigning {
			for _, id := range s.Algorithms {
				a.signing[id] = true
			}
		}
	}
}

// noNeedsQuestion checks that nothing is a no that was not offered, or whose dialect was not offered and refused.
func noNeedsQuestion(t testing.TB, dialogues []*dialogue.Dialogue, r *report.Report) {
	t.Helper()
	a := questions(dialogues)
	no := func(dialects ...smb.Dialect) bool {
		return !slices.ContainsFunc(dialects, func(d smb.Dialect) bool { return r.Dialects[d.String()] != report.No })
	}
	for d, answer := range r.Dialects {
		require.True(t, answer != report.No || a.dialects[d], "no to %s, which was not offered", d)
	}
	three, threes := no(smb.DialectSMB311), no(smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311)
	allCiphers, allAlgorithms, allSMB1 := true, true, true
	for _, c := range negotiate.Ciphers() {
		if r.Encryption.Ciphers[c.String()].Answer != report.No {
			allCiphers = false
			continue
		}
		ccm := c == negotiate.CipherAES128CCM && (threes || three && (a.bit[smb.DialectSMB302] || a.bit[smb.DialectSMB300]))
		require.True(t, a.ciphers[c] || ccm || three && c != negotiate.CipherAES128CCM, "no to %v", c)
		require.NotEmpty(t, r.Encryption.Ciphers[c.String()].Basis)
	}
	require.True(t, r.Encryption.Supported != report.No || allCiphers, "no encryption, but a cipher is open")
	for _, c := range negotiate.CompressionAlgorithms() {
		if r.Compression.Algorithms[c.String()] != report.No {
			allAlgorithms = false
			continue
		}
		require.True(t, a.compression[c] || three, "no to %v", c)
	}
	require.True(t, r.Compression.Supported != report.No || allAlgorithms, "no compression, but an algorithm is open")
	require.True(t, r.Compression.Chained != report.No || a.chained || three)
	below := map[negotiate.SigningAlgorithm][]smb.Dialect{ // that sign with it without a context
		negotiate.SigningHMACSHA256: {smb.DialectSMB202, smb.DialectSMB210},
		negotiate.SigningAESCMAC:    {smb.DialectSMB300, smb.DialectSMB302},
		negotiate.SigningAESGMAC:    nil,
	}
	for id, dialects := range below {
		refused := no(dialects...) && (a.signing[id] || three)
		require.True(t, r.Signing.Algorithms[id.String()].Answer != report.No || refused, "no to %v", id)
	}
	if r.RDMATransforms != nil {
		for _, answer := range r.RDMATransforms.Algorithms {
			require.True(t, answer != report.No || a.rdma || three)
		}
	}
	require.True(t, r.POSIXExtensions != report.No || a.posix || three)
	for d, answer := range r.SMB1.OtherDialects {
		require.True(t, answer != report.No || a.dialects[d], "no to %s, which was not offered", d)
	}
	for _, d := range []string{smb.DialectCore, smb.DialectLANMAN10, smb.DialectLM12X002, smb.DialectLANMAN21, smb.DialectNTLM012} {
		allSMB1 = allSMB1 && r.Dialects[d] == report.No
	}
	require.True(t, r.SMB1.Supported != report.No || allSMB1, "no SMB1, but a dialect is open")
	require.True(t, r.NTLM.Listed != report.No || len(r.SPNEGO.Mechanisms) > 0)
	require.NotEqual(t, report.No, r.NTLM.Challenge)
	require.NotEqual(t, report.No, r.Encryption.Required)
	require.NotEqual(t, report.No, r.Signing.SMB2.Enabled)
}

// yesNeedsAnswer checks that a dialect that is a yes was named by an answer, and that what belongs to a dialect needs it.
func yesNeedsAnswer(t testing.TB, dialogues []*dialogue.Dialogue, r *report.Report) {
	t.Helper()
	named, old := map[string]bool{}, false
	for _, d := range dialogues {
		for _, f := range d.Frames {
			if s, err := negotiate.ParseSMB2Response(f.Data); err == nil && !f.Sent {
				named[s.Dialect.String()] = true
			}
			s, err := negotiate.ParseSMB1Response(f.Data)
			old = old || err == nil && !f.Sent && !s.Refused()
		}
	}
	taken := false
	for _, d := range smb.Dialects() {
		yes := r.Dialects[d.String()] == report.Yes
		require.True(t, !yes || named[d.String()], "yes to %v, which no answer names", d)
		taken = taken || yes
	}
	require.True(t, r.SMB1.Supported != report.Yes || old)
	require.True(t, taken || !r.Signing.SMB2.Required.Known())
	require.True(t, taken || r.Encryption.Supported != report.Yes)
	require.True(t, r.Dialects["3.1.1"] == report.Yes || r.Compression.Supported != report.Yes)
	require.True(t, r.SMB1.Supported == report.Yes || !r.Signing.SMB1.Required.Known())
	for c, a := range r.Encryption.Ciphers {
		require.True(t, a.Answer != report.Yes || r.Encryption.Supported == report.Yes, c)
	}
}
