package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

func TestRDMA(t *testing.T) {
	const encrypts, signs, u = negotiate.RDMATransformEncryption, negotiate.RDMATransformSigning, report.Unknown
	rdma := func(list ...negotiate.RDMATransformID) part { return negotiate.RDMATransform{Transforms: list} }
	only := func(list ...negotiate.RDMATransformID) dialogue.Frame {
		return offered(t, "rdma", func(o *negotiate.Offer) { o.RDMA = list })
	}
	tests := map[string]struct {
		question                       dialogue.Frame
		contexts                       []part
		supported, encryption, signing report.Answer
		anomalies                      int
	}{
		"both":                    {reversed(t), []part{rdma(encrypts, signs)}, yes, yes, yes, 0},
		"one":                     {reversed(t), []part{rdma(signs)}, yes, u, yes, 0},
		"one and NONE":            {reversed(t), []part{rdma(0, encrypts)}, yes, yes, u, 0},
		"NONE":                    {reversed(t), []part{rdma(0)}, no, no, no, 0},
		"count 0":                 {reversed(t), []part{rdma()}, no, no, no, 0},
		"no context":              {reversed(t), []part{preauth()}, no, no, no, 0},
		"no contexts":             {reversed(t), nil, no, no, no, 0},
		"an unknown one":          {reversed(t), []part{rdma(0x99)}, u, u, u, 1},
		"an unknown one and one":  {reversed(t), []part{rdma(0x99, signs)}, yes, u, yes, 1},
		"twice":                   {reversed(t), []part{rdma(), rdma(signs)}, u, u, u, 1},
		"too short":               {reversed(t), []part{odd{Type: negotiate.ContextRDMATransform, Data: []byte{1, 0}}}, u, u, u, 1},
		"a list that is cut":      {reversed(t), []part{odd{Type: negotiate.ContextRDMATransform, Data: []byte{2, 0, 0, 0, 0, 0, 0, 0, 1, 0}}}, u, u, u, 2},
		"one offered, none":       {only(signs), []part{preauth()}, u, u, no, 0},
		"one offered, another":    {only(signs), []part{rdma(encrypts)}, u, u, u, 1},
		"one offered, and taken":  {only(signs), []part{rdma(signs)}, yes, u, yes, 0},
		"an unknown one offered":  {only(0x99), []part{preauth()}, u, u, u, 0},
		"not offered, answered":   {all(t), []part{rdma(signs)}, u, u, u, 1},
		"not offered, no context": {all(t), []part{preauth()}, u, u, u, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.contexts...)))
			require.Equal(t, &report.RDMATransforms{Supported: tt.supported, Algorithms: map[string]report.Answer{
				"ENCRYPTION": tt.encryption, "SIGNING": tt.signing,
			}}, r.RDMATransforms)
			require.Len(t, r.Anomalies, tt.anomalies)
			require.Len(t, r.Negotiated[0].Contexts, len(tt.contexts))
		})
	}
	// Each by itself, on connections of its own.
	r := ofFull(t, conn(1, done, only(signs), takes(t, smb.DialectSMB311)), conn(2, done, only(encrypts), takes(t, smb.DialectSMB311)))
	require.Equal(t, no, r.RDMATransforms.Supported)
	r = ofFull(t, conn(1, done, only(signs), takes(t, smb.DialectSMB311)), conn(2, done, only(encrypts), takes(t, smb.DialectSMB311, rdma(encrypts))))
	require.Equal(t, &report.RDMATransforms{Supported: yes, Algorithms: map[string]report.Answer{"ENCRYPTION": yes, "SIGNING": no}}, r.RDMATransforms)
}

func TestPOSIX(t *testing.T) {
	version := negotiate.POSIXVersion1().Versions[0]
	other := version
	other[0]++
	posix := func(list ...[16]byte) part { return negotiate.POSIX{Versions: list} }
	u := report.Unknown
	tests := map[string]struct {
		question  dialogue.Frame
		contexts  []part
		want      report.Answer
		anomalies int
	}{
		"the version":                {reversed(t), []part{preauth(), posix(version)}, yes, 0},
		"first of the contexts":      {reversed(t), []part{posix(version), preauth()}, yes, 0},
		"with another one":           {reversed(t), []part{posix(other, version)}, yes, 0},
		"another version":            {reversed(t), []part{posix(other)}, u, 1},
		"none":                       {reversed(t), []part{posix()}, u, 1},
		"cut":                        {reversed(t), []part{odd{Type: negotiate.ContextPOSIX, Data: version[:8]}}, u, 2},
		"trailing bytes":             {reversed(t), []part{odd{Type: negotiate.ContextPOSIX, Data: append(version[:], 1)}}, yes, 1},
		"no context":                 {reversed(t), []part{preauth()}, no, 0},
		"no contexts":                {reversed(t), nil, no, 0},
		"twice":                      {reversed(t), []part{posix(version), posix(other)}, yes, 1},
		"twice, the wrong one first": {reversed(t), []part{posix(other), posix(version)}, u, 2},
		"not offered, no context":    {all(t), []part{preauth()}, u, 0},
		"not offered, answered":      {all(t), []part{posix(version)}, u, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := ofFull(t, conn(1, done, tt.question, takes(t, smb.DialectSMB311, tt.contexts...)))
			require.Equal(t, tt.want, r.POSIXExtensions)
			require.Len(t, r.Anomalies, tt.anomalies)
		})
	}
}

// Where 3.1.1 is not taken there is neither, and it takes no question for them; where it may be, both are unknown. No
// other level has a place for them, but for what it sees.
func TestTransformsWithoutDialect(t *testing.T) {
	r := ofFull(t, conn(1, done, all(t), takes(t, smb.DialectSMB302)))
	require.Equal(t, &report.RDMATransforms{Supported: no, Algorithms: map[string]report.Answer{"ENCRYPTION": no, "SIGNING": no}}, r.RDMATransforms)
	require.Equal(t, no, r.POSIXExtensions)
	require.Equal(t, report.ResultInferred, r.Evidence["/posix_extensions"][0].Result)
	for _, talk := range []*dialogue.Dialogue{
		conn(1, done, single(t, smb.DialectSMB302), takes(t, smb.DialectSMB302)),
		conn(1, done, reversed(t), refusesSMB2(t, 0xC000000D)),
		conn(1, done, smb1(t), nt(t, 4, nil)),
	} {
		r = ofFull(t, talk)
		require.Equal(t, report.Unknown, r.RDMATransforms.Supported)
		require.Equal(t, report.Unknown, r.POSIXExtensions)
	}
	r = of(t, conn(1, done, all(t), takes(t, smb.DialectSMB302)))
	require.Nil(t, r.RDMATransforms)
	require.Empty(t, r.POSIXExtensions)
}
