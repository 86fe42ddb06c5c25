package fingerprint_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// A detailedCase is a server, what a scan of it at level full costs, and what it must leave open.
type detailedCase struct {
	server      *detailed
	connections int      // exactly; what is asked again is counted too
	repeats     int      // exactly
	open        []string // paths, or how they begin, whose answer is unknown
}

func lzs() []negotiate.CompressionAlgorithm {
	return []negotiate.CompressionAlgorithm{
		negotiate.CompressionLZ77, negotiate.CompressionLZ77Huffman, negotiate.CompressionLZNT1, negotiate.CompressionPatternV1,
	}
}

// windows is a server as Windows 10 2004 and later are, without SMB1.
func windows() *detailed {
	return &detailed{
		two: smb.Dialects(), ciphers: []negotiate.Cipher{negotiate.CipherAES128GCM, negotiate.CipherAES128CCM}, bit: true,
		compression: lzs(), chained: true, emptily: true, denies: shut,
	}
}

func with(s *detailed, edit func(*detailed)) *detailed {
	edit(s)
	return s
}

// oldWindows knows most dialects that there are.
func oldWindows() *detailed {
	return &detailed{old: []string{
		smb.DialectCore, smb.DialectXenixCore, smb.DialectMSNet103, smb.DialectLANMAN10, smb.DialectMSNet30, smb.DialectWfW31a,
		smb.DialectLM12X002, smb.DialectDOSLM12X002, smb.DialectLANMAN21, smb.DialectDOSLANMAN21, smb.DialectNTLM012,
	}, extended: true}
}

// choosy dislikes offers of 3.1.1 with a list that has nothing in it but what it does not know.
func choosy(s *detailed, does way) *detailed {
	s.dislikes = func(r negotiate.SMB2Request) way {
		if c, ok := r.Context(negotiate.ContextEncryption); ok {
			if e, _ := negotiate.ParseEncryption(c.Data); len(commonOf(e.Ciphers, s.ciphers)) == 0 {
				return does
			}
		}
		if c, ok := r.Context(negotiate.ContextSigning); ok {
			if e, _ := negotiate.ParseSigning(c.Data); len(commonOf(e.Algorithms, s.signing)) == 0 {
				return does
			}
		}
		return answer
	}
	return s
}

// noPOSIX is a server that does something else where the POSIX extensions are offered.
func noPOSIX(s *detailed, does way) *detailed {
	s.dislikes = func(r negotiate.SMB2Request) way {
		if _, ok := r.Context(negotiate.ContextPOSIX); ok {
			return does
		}
		return answer
	}
	return s
}

func detailedCases() map[string]detailedCase {
	signs := []negotiate.SigningAlgorithm{negotiate.SigningAESGMAC, negotiate.SigningAESCMAC}
	like := func(edit func(*detailed)) *detailed { // as Windows, but for SMB1, which it refuses in its own words
		s := windows()
		s.denies = answer
		edit(s)
		return s
	}
	old := func(edit func(*detailed)) *detailed {
		s := oldWindows()
		edit(s)
		return s
	}
	picky := func(does way) *detailed { return choosy(like(func(s *detailed) { s.signing = signs }), does) }
	smb1 := []string{"/smb1/supported", "/smb1/other_dialects", "/dialects/PC", "/dialects/L", "/dialects/N"}
	unlistable := []string{"/compression", "/rdma", "/posix", "/signing/algorithms/AES-GMAC"}
	ciphers256 := []string{"/encryption/ciphers/AES-256"}
	return map[string]detailedCase{
		// Two losses, each with a repeat and a control.
		"Windows":                     {windows(), 16, 2, nil},
		"Windows, the client's order": {with(windows(), func(s *detailed) { s.clientOrder = true }), 16, 2, nil},
		"Windows, signing context":    {with(windows(), func(s *detailed) { s.signing = signs }), 16, 2, nil},
		"no SMB1":                     {like(func(*detailed) {}), 12, 0, nil},
		"everything": {like(func(s *detailed) {
			s.signing, s.ciphers, s.rdma = append(signs, negotiate.SigningHMACSHA256), negotiate.Ciphers(), negotiate.RDMATransforms()
			s.compression, s.posix = append(lzs(), negotiate.CompressionLZ4), true
		}), 12, 0, nil},
		// The transform that the answer to both leaves out is asked for alone.
		"one RDMA transform": {like(func(s *detailed) { s.rdma = negotiate.RDMATransforms()[1:] }), 13, 0, nil},
		// The lists in reverse order, RDMA and POSIX by themselves.
		"refuses POSIX":       {noPOSIX(like(func(s *detailed) { s.rdma = negotiate.RDMATransforms() }), invalid), 15, 0, []string{"/posix"}},
		"drops POSIX":         {noPOSIX(like(func(*detailed) {}), shut), 17, 1, []string{"/posix"}},
		"silent on POSIX":     {noPOSIX(like(func(*detailed) {}), mutely), 15, 0, []string{"/posix"}},
		"encryption required": {like(func(s *detailed) { s.required = true }), 12, 0, nil},
		// Without a dialect below 3.0 there is one connection more.
		"encryption required, only 3.x":   {like(func(s *detailed) { s.required, s.two = true, smb.Dialects()[2:] }), 13, 0, nil},
		"encryption required, only 3.0":   {like(func(s *detailed) { s.required, s.two = true, smb.Dialects()[2:3] }), 7, 0, nil},
		"no encryption, only 3.1.1":       {like(func(s *detailed) { s.ciphers, s.bit, s.two = nil, false, smb.Dialects()[4:] }), 12, 0, nil},
		"answers no context, and says so": {like(func(s *detailed) { s.emptily = false }), 12, 0, nil},
		// A fourth algorithm is open, as Pattern_V1 is not taken.
		"compresses nothing, and says so": {like(func(s *detailed) { s.compression, s.chained = []negotiate.CompressionAlgorithm{}, false }), 13, 0, nil},
		"LZ4 alone": {like(func(s *detailed) {
			s.compression, s.chained = []negotiate.CompressionAlgorithm{negotiate.CompressionLZ4}, false
		}), 13, 0, nil},
		"only 2.0.2":       {like(func(s *detailed) { s.two, s.bit = smb.Dialects()[:1], false }), 4, 0, nil},
		"silent on SMB1":   {like(func(s *detailed) { s.denies = mutely }), 11, 0, smb1},
		"SMB1 beside SMB2": {like(func(s *detailed) { s.old, s.extended = []string{smb.DialectNTLM012}, true }), 14, 0, nil},
		"LANMAN to 3.1.1": {like(func(s *detailed) {
			s.old, s.extended = append(smb.SMB1Dialects()[1:4:4], smb.DialectDOSLM12X002, smb.DialectMSNet30,
				smb.DialectNTLANMAN10, smb.DialectNTLM012), true
		}), 19, 0, nil},
		// Each of the dialects that it takes but the first of its list is asked for alone.
		"old Windows":                   {oldWindows(), 15, 0, nil},
		"old Windows, closes":           {old(func(s *detailed) { s.denies = shut }), 17, 1, nil},
		"share level, without extended": {old(func(s *detailed) { s.share, s.extended = true, false }), 14, 0, nil},
		"core alone":                    {&detailed{old: []string{smb.DialectCore}}, 4, 0, nil},
		"LANMAN2.1 and below":           {&detailed{old: smb.SMB1Dialects()[:4]}, 7, 0, nil},
		"other dialects alone":          {&detailed{old: []string{smb.DialectXenixCore, smb.DialectWfW31a}}, 10, 0, nil},
		// Each of two questions in its three parts, after two repeats and two controls where it drops them.
		"refuses what it does not know":   {picky(invalid), 18, 0, nil},
		"drops what it does not know":     {picky(shut), 22, 2, ciphers256},
		"silent on what it does not know": {picky(mutely), 18, 0, ciphers256},
		// The conservative offer is a repeat; each list by itself is four connections more.
		"only conservative, refuses": {onlyConservative(invalid), 17, 1, unlistable},
		"only conservative, AES-256": {with(onlyConservative(invalid), func(s *detailed) {
			s.ciphers = []negotiate.Cipher{negotiate.CipherAES256GCM, negotiate.CipherAES128CCM, negotiate.CipherAES128GCM}
		}), 17, 1, unlistable},
		"only conservative, silent": {onlyConservative(mutely), 17, 1, unlistable},
		"only conservative, drops":  {onlyConservative(shut), 0, 0, unlistable},
	}
}

// onlyConservative does not take an offer with contexts that came after Windows 10 1507.
func onlyConservative(does way) *detailed {
	s := with(windows(), func(s *detailed) { s.compression, s.chained, s.denies = nil, false, answer })
	s.dislikes = func(r negotiate.SMB2Request) way {
		for _, c := range r.Contexts {
			if c.Type > negotiate.ContextEncryption {
				return does
			}
		}
		return answer
	}
	return s
}

// fullScan scans a server at level full in a bubble, checks what holds for every scan, and returns the report.
func fullScan(t *testing.T, server *detailed, edit func(*fingerprint.Scanner)) (r *fingerprint.Report, network *smbtest.Network) {
	t.Helper()
	link := smbtest.Link{Latency: time.Millisecond}
	network = smbtest.NewNetwork(smbtest.Path{Up: link, Down: link})
	l, err := network.Listen(address)
	require.NoError(t, err)
	defer smbtest.Serve(l, server.handle)()
	server.asked = nil
	s := fixed(network)
	s.Level = fingerprint.LevelFull
	if edit != nil {
		edit(s)
	}
	var dialogues []*dialogue.Dialogue
	s.Dialogues = func(d *dialogue.Dialogue) { dialogues = append(dialogues, d) }
	r = scan(t, s)
	reports := fingerprint.Observe(dialogues)
	require.Len(t, reports, 1)
	require.Equal(t, text(t, r), text(t, reports[0]))
	require.Zero(t, network.Counts().Open)
	require.LessOrEqual(t, network.Counts().MaxOpen, 8)
	require.LessOrEqual(t, r.Cost.Repeats, 6)
	require.Zero(t, r.Cost.Authentications)
	ids := map[string]bool{}
	for _, p := range r.Probes {
		require.True(t, p.ID == "ntlm-challenge" || p.ID == "control" || !ids[p.ID], "%s is asked twice", p.ID)
		ids[p.ID] = true
	}
	return r, network
}

// answersIn lists the answers of a report by their paths.
func answersIn(t *testing.T, r *fingerprint.Report) map[string]report.Answer {
	t.Helper()
	m := map[string]report.Answer{}
	var root map[string]any
	require.NoError(t, json.Unmarshal([]byte(text(t, r)), &root))
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch n := node.(type) {
		case map[string]any:
			for key, child := range n {
				walk(path+"/"+key, child)
			}
		case string:
			if a := report.Answer(n); a == report.Yes || a == report.No || a == report.Unknown {
				m[path] = a
			}
		}
	}
	walk("", root)
	return m
}

// Every answer of a server is right, none is unknown that could be known, and what that costs is known too.
func TestFull(t *testing.T) {
	for name, tt := range detailedCases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := fullScan(t, tt.server, nil)
				got := answersIn(t, r)
				for path, want := range tt.server.truth() {
					if slices.ContainsFunc(tt.open, func(open string) bool { return strings.HasPrefix(path, open) }) {
						want = report.Unknown
					}
					require.Equal(t, want, got[path], "%s: %+v", path, r.Evidence[path])
				}
				if tt.connections != 0 { // else some are lost in between, and are asked again
					require.Equal(t, []int{tt.connections, tt.repeats}, []int{r.Cost.Connections, r.Cost.Repeats}, said(r))
				}
				require.LessOrEqual(t, r.Cost.Connections, 26, said(r))
				preferences(t, tt.server, r)
			})
		})
	}
}

// preferences checks whose order decides, where more than one algorithm is common.
func preferences(t *testing.T, s *detailed, r *fingerprint.Report) {
	t.Helper()
	by := func(n int, preferred string) []string {
		switch {
		case n < 2 || !slices.Contains(s.two, smb.DialectSMB311):
			return []string{"", ""}
		case s.clientOrder:
			return []string{"client-order", ""}
		}
		return []string{"server-order", preferred}
	}
	first := ""
	if len(s.ciphers) > 0 {
		first = s.ciphers[0].String()
	}
	require.Equal(t, by(len(s.ciphers), first), []string{string(r.Encryption.Selection), r.Encryption.Preferred})
	first = ""
	if len(s.compression) > 0 {
		first = s.compression[0].String()
	}
	require.Equal(t, by(len(s.compression), first), []string{string(r.Compression.Selection), r.Compression.Preferred})
}
