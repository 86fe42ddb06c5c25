package negotiate

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/testdata/truth"
)

// What another dissector (tshark) read from the negotiate messages of other people's captures.
type (
	captureSMB2Request  truth.SMB2Request
	captureSMB2Response truth.SMB2Response
	captureSMB1Request  truth.SMB1Request
	captureSMB1Response truth.SMB1Response
)

// A tally counts what was compared, what was built with the same bytes, and what was odd.
type tally struct {
	compared, same int
	odd            map[string]int
}

func (c *tally) add(msg, built []byte, anomalies []wire.Anomaly) {
	c.compared++
	if bytes.Equal(msg, built) {
		c.same++
	}
	for _, a := range odd(anomalies) {
		c.odd[a]++
	}
}

func TestCaptures(t *testing.T) {
	streams := truth.Streams(t)
	tallies := map[string]*tally{}
	for _, kind := range []string{"SMB2 request", "SMB2 response", "SMB1 request", "SMB1 response"} {
		tallies[kind] = &tally{odd: map[string]int{}}
	}
	for _, stream := range streams {
		check := func(kind string, i int, compare func(*testing.T, *tally)) {
			t.Run(fmt.Sprintf("line %d %s %d %s", stream.Line, kind, i, stream.File), func(t *testing.T) { compare(t, tallies[kind]) })
		}
		for i, row := range stream.SMB2Requests {
			check("SMB2 request", i, captureSMB2Request(row).compare)
		}
		for i, row := range stream.SMB2Responses {
			check("SMB2 response", i, captureSMB2Response(row).compare)
		}
		for i, row := range stream.SMB1Requests {
			check("SMB1 request", i, captureSMB1Request(row).compare)
		}
		for i, row := range stream.SMB1Responses {
			check("SMB1 response", i, captureSMB1Response(row).compare)
		}
	}
	for kind, c := range tallies {
		require.NotZero(t, c.compared, kind)
		t.Logf("%s: %d compared, %d built with the same bytes, anomalies %v", kind, c.compared, c.same, c.odd)
	}
}

func (r captureSMB2Request) compare(t *testing.T, c *tally) {
	msg := unhex(t, r.Raw)
	m, err := ParseSMB2Request(msg)
	require.NoError(t, err)
	require.Equal(t, r.Dialects, ints(m.Dialects))
	require.Equal(t, r.Mode, fmt.Sprintf("0x%02x", uint16(m.SecurityMode)))
	require.Equal(t, r.Capabilities, fmt.Sprintf("0x%08x", uint32(m.Capabilities)))
	require.Equal(t, r.GUID, m.ClientGUID.String())
	compareContexts(t, r.Contexts, m.Contexts)
	built, err := m.AppendBinary(nil)
	require.NoError(t, err)
	c.add(msg, built, m.Anomalies)
}

func (r captureSMB2Response) compare(t *testing.T, c *tally) {
	msg := unhex(t, r.Raw)
	m, err := ParseSMB2Response(msg)
	if r.Status != "0x00000000" {
		require.ErrorIs(t, err, smb.ErrErrorResponse)
		return
	}
	require.NoError(t, err)
	require.Equal(t, r.Dialect, int(m.Dialect))
	require.Equal(t, r.Mode, fmt.Sprintf("0x%02x", uint16(m.SecurityMode)))
	require.Equal(t, r.SigningEnabled, m.SecurityMode&smb.SigningEnabled != 0)
	require.Equal(t, r.SigningRequired, m.SecurityMode&smb.SigningRequired != 0)
	require.Equal(t, r.GUID, m.ServerGUID.String())
	require.Equal(t, r.GUIDRaw, hex.EncodeToString(m.ServerGUID[:]))
	require.Equal(t, r.Capabilities, fmt.Sprintf("0x%08x", uint32(m.Capabilities)))
	require.Equal(t, [3]uint32{r.MaxTransact, r.MaxRead, r.MaxWrite}, [3]uint32{m.MaxTransactSize, m.MaxReadSize, m.MaxWriteSize})
	require.Equal(t, r.CurrentTime, uint64(m.SystemTime))
	require.Equal(t, r.BootTime, uint64(m.ServerStartTime))
	if m.Dialect == smb.DialectSMB311 {
		require.Equal(t, int(r.Count), len(m.Contexts))
	} else {
		require.Equal(t, r.Count, m.Reserved)
	}
	compareContexts(t, r.Contexts, m.Contexts)
	built, err := m.AppendBinary(nil)
	require.NoError(t, err)
	c.add(msg, built, m.Anomalies)
}

// ints is a list of identifiers as the rows have them.
func ints[T ~uint16](list []T) []int {
	var out []int
	for _, id := range list {
		out = append(out, int(id))
	}
	return out
}

func compareContexts(t *testing.T, want []truth.Context, got []Context) {
	require.Len(t, got, len(want))
	for i, row := range want {
		ctx := got[i]
		require.Equal(t, ContextType(row.Type), ctx.Type)
		require.Equal(t, row.Length, len(ctx.Data))
		switch ctx.Type {
		case ContextPreauthIntegrity:
			p, err := ParsePreauthIntegrity(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.Equal(t, row.Hashes, ints(p.HashAlgorithms))
			require.Equal(t, *row.Salt, hex.EncodeToString(p.Salt))
		case ContextEncryption:
			p, err := ParseEncryption(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.Equal(t, *row.CipherCount, len(p.Ciphers))
			require.Equal(t, row.Ciphers, ints(p.Ciphers))
		case ContextCompression:
			p, err := ParseCompression(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.Equal(t, *row.CompCount, len(p.Algorithms))
			require.Equal(t, row.Compression, ints(p.Algorithms))
			require.Equal(t, row.CompFlags, fmt.Sprintf("0x%08x", p.Flags))
		case ContextNetname:
			p, err := ParseNetname(ctx.Data)
			require.NoError(t, err)
			require.Equal(t, *row.Netname, p.Text())
		case ContextSigning:
			p, err := ParseSigning(ctx.Data)
			require.NoError(t, err)
			require.Nil(t, p.Anomalies)
			require.Equal(t, *row.SigningCount, len(p.Algorithms))
			require.Equal(t, row.Signing, ints(p.Algorithms))
		case ContextTransport:
			p, err := ParseTransport(ctx.Data)
			require.NoError(t, err)
			require.Equal(t, row.TransportFlags, fmt.Sprintf("0x%08x", p.Flags))
		case ContextPOSIX:
			p, err := ParsePOSIX(ctx.Data)
			require.NoError(t, err)
			require.Equal(t, row.Length/16, len(p.Versions))
			require.Equal(t, *row.POSIXReserved, colons(ctx.Data))
		default:
			t.Fatalf("a context of type %v, which no row has yet", ctx.Type)
		}
	}
}

func colons(b []byte) string {
	var parts []string
	for _, c := range b {
		parts = append(parts, fmt.Sprintf("%02x", c))
	}
	return strings.Join(parts, ":")
}

func (r captureSMB1Request) compare(t *testing.T, c *tally) {
	msg := unhex(t, r.Raw)
	m, err := ParseSMB1Request(msg)
	require.NoError(t, err)
	require.Equal(t, r.Flags, fmt.Sprintf("0x%02x", uint8(m.Header.Flags)))
	require.Equal(t, r.Flags2, fmt.Sprintf("0x%04x", uint16(m.Header.Flags2)))
	require.Equal(t, r.Dialects, m.Dialects)
	built, err := m.AppendBinary(nil)
	require.NoError(t, err)
	c.add(msg, built, m.Anomalies)
}

func (r captureSMB1Response) compare(t *testing.T, c *tally) {
	msg := unhex(t, r.Raw)
	m, err := ParseSMB1Response(msg)
	if r.WCT == 0 {
		require.ErrorIs(t, err, smb.ErrErrorResponse)
		return
	}
	require.NoError(t, err)
	h := m.Header
	require.Equal(t, r.Flags, fmt.Sprintf("0x%02x", uint8(h.Flags)))
	require.Equal(t, r.Flags2, fmt.Sprintf("0x%04x", uint16(h.Flags2)))
	status := fmt.Sprintf("0x%08x", uint32(h.Status))
	if h.Flags2&smb.SMB1Flags2NTStatus == 0 {
		status = fmt.Sprintf("dos:0x%02x/0x%04x", uint8(h.Status), uint32(h.Status)>>16)
	}
	require.Equal(t, r.Status, status)
	require.Equal(t, r.WCT, m.WordCount)
	require.Equal(t, r.Index, m.DialectIndex)
	mode, err := strconv.ParseUint(r.Mode, 0, 16)
	require.NoError(t, err)
	require.Equal(t, SMB1SecurityMode(mode), m.SecurityMode)
	require.Equal(t, [2]uint16{r.MaxMpx, r.MaxVcs}, [2]uint16{m.MaxMpxCount, m.MaxNumberVcs})
	require.Equal(t, r.MaxBuffer, m.MaxBufferSize)
	require.Equal(t, r.TimeZone, m.ServerTimeZone)
	require.Equal(t, r.SessionKey, fmt.Sprintf("0x%08x", m.SessionKey))
	if m.WordCount == AnswerWordsNT {
		require.Equal(t, *r.Capabilities, fmt.Sprintf("0x%08x", uint32(m.Capabilities)))
		require.Equal(t, *r.SystemTime, uint64(m.SystemTime))
	} else {
		require.Equal(t, r.Fields["smb.server_date_time.smb_time"], fmt.Sprintf("0x%04x", m.ServerTime))
		require.Equal(t, r.Fields["smb.server_date_time.smb_date"], fmt.Sprintf("0x%04x", m.ServerDate))
		require.Equal(t, r.Fields["smb.rm"], fmt.Sprintf("0x%04x", m.RawMode))
	}
	require.Equal(t, r.ServerGUID != nil, m.ExtendedSecurity())
	if m.ExtendedSecurity() {
		// tshark takes this one GUID as sixteen bytes in order, the project as Windows prints it.
		require.Equal(t, strings.ReplaceAll(*r.ServerGUID, "-", ""), hex.EncodeToString(m.ServerGUID[:]))
		blob, _ := r.Fields["smb.security_blob"].(string)
		if short, cut := strings.CutSuffix(blob, "..."); cut { // tshark prints no more of a long one
			require.True(t, strings.HasPrefix(colons(m.SecurityBlob), short))
		} else {
			require.Equal(t, blob, colons(m.SecurityBlob))
		}
	} else {
		r.compareNames(t, m)
	}
	built, err := m.AppendBinary(nil)
	require.NoError(t, err)
	c.add(msg, built, m.Anomalies)
}

func (r captureSMB1Response) compareNames(t *testing.T, m SMB1Response) {
	if r.WCT == AnswerWordsLANMAN && r.ChallengeLength == 0 {
		// Windows for Workgroups 3.11: tshark takes the key, whose length field is zero, for a domain name.
		require.Equal(t, []string{"EncryptionKeyLength: 0, but the data are a key"}, odd(m.Anomalies))
		require.Len(t, m.Challenge, 8)
		require.Nil(t, m.DomainName)
		return
	}
	challenge := ""
	if r.Challenge != nil {
		challenge = *r.Challenge
	}
	require.Equal(t, challenge, hex.EncodeToString(m.Challenge))
	require.Equal(t, r.ChallengeLength, len(m.Challenge))
	for name, pair := range map[string]struct {
		want *string
		got  []byte
	}{"domain": {r.PrimaryDomain, m.DomainName}, "server": {r.ServerName, m.ServerName}} {
		want := ""
		if pair.want != nil {
			want = *pair.want
		}
		if want == "????" && m.WordCount == AnswerWordsLANMAN {
			want = "WORKGROUP" // tshark follows the header's UTF-16 flag; the bytes of this form are OEM all the same
		}
		require.Equal(t, want, m.Text(pair.got), name)
	}
}
