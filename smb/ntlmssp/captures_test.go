package ntlmssp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/testdata/truth"
)

// A captureRow is what another dissector (tshark) read from one session setup message of other people's captures.
type captureRow truth.Setup

// message cuts the NTLMSSP message out of the security blob of an SMB message.
func (r captureRow) message(t *testing.T) []byte {
	raw, err := hex.DecodeString(r.Raw)
	require.NoError(t, err)
	at, length := 33+2*r.WCT+2, 0
	switch {
	case r.Version == 2: // the response and the request differ in where the offset is
		fields := raw[64+4:]
		if raw[16]&1 == 0 {
			fields = raw[64+12:]
		}
		at, length = int(binary.LittleEndian.Uint16(fields)), int(binary.LittleEndian.Uint16(fields[2:]))
	case r.WCT == 12:
		length = int(binary.LittleEndian.Uint16(raw[33+14:]))
	default:
		length = int(binary.LittleEndian.Uint16(raw[33+6:]))
	}
	blob := raw[at : at+length]
	return blob[bytes.Index(blob, []byte(signature)):]
}

func TestCaptures(t *testing.T) {
	streams := truth.Streams(t)
	counts := map[MessageType]int{}
	same, noted := map[MessageType]int{}, map[string]int{}
	for _, stream := range streams {
		for i, row := range stream.Setups {
			if row.NTLMSSP == nil {
				continue
			}
			t.Run(fmt.Sprintf("line %d setup %d %s", stream.Line, i, stream.File), func(t *testing.T) {
				kind := MessageType(row.NTLMSSP.Type)
				msg := captureRow(row).message(t)
				built, anomalies := captureRow(row).compare(t, msg)
				counts[kind]++
				if bytes.HasPrefix(msg, built) {
					same[kind]++
				}
				for _, a := range anomalies {
					noted[kind.String()+" "+a]++
				}
			})
		}
	}
	for _, want := range []MessageType{TypeNegotiate, TypeChallenge, TypeAuthenticate} {
		require.NotZero(t, counts[want], "no %v in %d streams", want, len(streams))
	}
	t.Logf("%v, %v built with the same bytes, anomalies: %v", counts, same, noted)
}

// compare parses the message, compares it with the row, and returns what it builds and what was odd.
func (r captureRow) compare(t *testing.T, msg []byte) (built []byte, anomalies []string) {
	want := r.NTLMSSP
	var version *Version
	var flags Flags
	null := func(s string) string { // what tshark prints for an absent name
		if s == "" {
			return "NULL"
		}
		return s
	}
	switch MessageType(want.Type) {
	case TypeNegotiate:
		n, err := ParseNegotiate(msg)
		require.NoError(t, err)
		require.Equal(t, want.Domain, null(string(n.DomainName)))
		require.Equal(t, want.Calling, null(string(n.Workstation)))
		version, flags, anomalies = n.Version, n.Flags, odd(n.Anomalies)
		built, err = n.AppendBinary(nil)
		require.NoError(t, err)
	case TypeChallenge:
		ch, err := ParseChallenge(msg)
		require.NoError(t, err)
		require.Equal(t, want.Target, ch.TargetNameText())
		require.Equal(t, want.Challenge, hex.EncodeToString(ch.ServerChallenge[:]))
		r.comparePairs(t, ch)
		version, flags, anomalies = ch.Version, ch.Flags, odd(ch.Anomalies)
		built, err = ch.AppendBinary(nil)
		require.NoError(t, err)
	case TypeAuthenticate:
		au, err := ParseAuthenticate(msg)
		require.NoError(t, err)
		require.Equal(t, want.Domain, null(au.Flags.Text(au.DomainName)))
		require.Equal(t, want.User, null(au.Flags.Text(au.UserName)))
		require.Equal(t, want.Host, null(au.Flags.Text(au.Workstation)))
		// To tshark no user name is enough; one client sent a whole NTLMv2 response without a name and became a guest.
		require.Equal(t, want.Anonymous, len(au.UserName) == 0)
		require.Equal(t, want.Anonymous && len(au.NtChallengeResponse) == 0, au.IsAnonymous())
		version, flags, anomalies = au.Version, au.Flags, odd(au.Anomalies)
		built, err = au.AppendBinary(nil)
		require.NoError(t, err)
	}
	require.Equal(t, want.Flags, fmt.Sprintf("0x%08x", uint32(flags)))
	if want.Version == nil {
		if version != nil {
			require.Equal(t, Version{}, *version)
		}
		return built, anomalies
	}
	require.NotNil(t, version)
	require.Equal(t, *want.Version, truth.NTLMVersion{
		Major: int(version.ProductMajorVersion), Minor: int(version.ProductMinorVersion), Build: int(version.ProductBuild),
		Revision: int(version.NTLMRevisionCurrent),
	})
	return built, anomalies
}

func (r captureRow) comparePairs(t *testing.T, ch Challenge) {
	want := r.NTLMSSP
	for id, name := range map[AVID]*string{
		AVNbComputerName: want.NbComputer, AVNbDomainName: want.NbDomain, AVDNSComputerName: want.DNSComputer,
		AVDNSDomainName: want.DNSDomain, AVDNSTreeName: want.DNSTree,
	} {
		p, ok := ch.AV(id)
		require.Equal(t, name != nil, ok && len(p.Value) > 0, id)
		if name != nil {
			text, _, _ := strings.Cut(p.Text(), "\x00") // tshark ends there: some servers send one zero as a domain
			require.Equal(t, *name, text, id)
		}
	}
	stamp, _ := ch.AV(AVTimestamp)
	at, ok := stamp.Timestamp()
	require.Equal(t, want.Timestamp != nil, ok)
	if ok {
		require.Equal(t, *want.Timestamp, uint64(at))
	}
	pair, _ := ch.AV(AVFlags)
	bits, ok := pair.Flags()
	require.Equal(t, want.AVFlags != nil, ok)
	if ok {
		require.Equal(t, *want.AVFlags, fmt.Sprintf("0x%08x", uint32(bits)))
	}
	var ids []AVID
	for _, text := range want.Types {
		id, err := strconv.ParseUint(text, 0, 16)
		require.NoError(t, err)
		ids = append(ids, AVID(id))
	}
	var got []AVID
	for _, p := range ch.AVPairs {
		got = append(got, p.ID)
	}
	require.Equal(t, ids, slices.Concat(got, []AVID{AVEOL}))
}
