package lsarpc_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/lsarpc"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const dcSID = "S-1-5-21-3990419312-4010475212-368464468"

func TestPolicyOfController(t *testing.T) {
	q := parsed(t, lsarpc.ParsePolicyRequest, dcDNSRequest)
	require.Equal(t, lsarpc.PolicyDNSDomain, q.Class)
	r := parsed(t, lsarpc.ParsePolicyResponse, dcDNSResponse)
	require.Nil(t, r.Anomalies)
	require.Equal(t, dtyp.StatusSuccess, r.Result)
	p := *r.Information
	require.Equal(t, lsarpc.PolicyDNSDomain, p.Class)
	require.Equal(t, []string{"LAB", "lab.example", "lab.example", "61c74183-40e3-470a-9d7a-68229c045ad3", dcSID},
		[]string{p.Name.String(), p.DNSDomainName.String(), p.DNSForestName.String(), p.DomainGUID.String(), p.SID.String()})

	p = *parsed(t, lsarpc.ParsePolicyResponse, dcPrimaryResponse).Information
	require.Equal(t, lsarpc.PolicyPrimaryDomain, p.Class)
	require.Equal(t, []string{"LAB", dcSID}, []string{p.Name.String(), p.SID.String()})
}

// A refusal may come with information that tells nothing: its result is what counts.
func TestPolicyRefused(t *testing.T) {
	r := parsed(t, lsarpc.ParsePolicyResponse, refusedClass)
	require.Equal(t, dtyp.NTStatus(0xC0000003), r.Result) // STATUS_INVALID_INFO_CLASS
	require.Equal(t, &lsarpc.PolicyInformation{Class: lsarpc.PolicyDNSDomain}, r.Information)
	require.Nil(t, r.Anomalies)
}

func TestLookupSids2OfController(t *testing.T) {
	q := parsed(t, lsarpc.ParseLookupSids2Request, dcLookupRequest)
	require.Nil(t, q.Anomalies)
	require.Len(t, q.SIDs, 8)
	wiretest.RoundTrip(t, lsarpc.ParseLookupSids2Request, wiretest.Hex(t, dcLookupRequest))

	r := parsed(t, lsarpc.ParseLookupSids2Response, dcLookupResponse)
	require.Nil(t, r.Anomalies)
	require.Equal(t, dtyp.StatusSomeNotMapped, r.Result)
	require.EqualValues(t, 6, r.MappedCount)
	require.EqualValues(t, 96, r.MaxEntries)
	var domains [][2]string
	for _, d := range r.Domains {
		domains = append(domains, [2]string{d.Name.String(), d.SID.String()})
	}
	require.Equal(t, [][2]string{{"LAB", dcSID}, {"BUILTIN", "S-1-5-32"}, {"", "S-1-1"}}, domains)
	type row struct {
		sid, use, name string
		domain         int32
	}
	var got []row
	for i, n := range r.Names {
		got = append(got, row{q.SIDs[i].String(), n.Use.String(), n.Name.String(), n.DomainIndex})
		require.Zero(t, n.Flags)
	}
	require.Equal(t, []row{
		{dcSID + "-500", "SidTypeUser", "Administrator", 0},
		{dcSID + "-501", "SidTypeUser", "Guest", 0},
		{dcSID + "-513", "SidTypeGroup", "Domain Users", 0},
		{"S-1-5-32-544", "SidTypeAlias", "Administrators", 1},
		{"S-1-1-0", "SidTypeWellKnownGroup", "Everyone", 2},
		{"S-1-5-21-1-2-3-500", "SidTypeUnknown", "S-1-5-21-1-2-3-500", -1},
		{dcSID, "SidTypeDomain", "LAB", 0},
		{dcSID + "-9999", "SidTypeUnknown", "0000270F", 0},
	}, got)
}

// Samba names the domain of a SID that it does not know, with an empty name; of no SID it names none.
func TestLookupSids2OfNothing(t *testing.T) {
	r := parsed(t, lsarpc.ParseLookupSids2Response, noneMapped)
	require.Equal(t, dtyp.StatusNoneMapped, r.Result)
	require.Zero(t, r.MappedCount)
	require.Len(t, r.Domains, 1)
	require.Equal(t, "S-1-5-21-1-2-3", r.Domains[0].SID.String())
	require.Len(t, r.Names, 1)
	require.Equal(t, lsarpc.SIDTypeUnknown, r.Names[0].Use)
	require.EqualValues(t, -1, r.Names[0].DomainIndex)

	r = parsed(t, lsarpc.ParseLookupSids2Response, noSIDs)
	require.Equal(t, lsarpc.LookupSids2Response{NoDomains: true}, r)
}

// Counts of both lists that the bytes do not bear out. The places are those of the answer of the controller.
func TestLookupSids2Counts(t *testing.T) {
	good := wiretest.Hex(t, dcLookupResponse)
	names := bytes.Index(good, wiretest.Hex(t, "08000000 20000200 08000000"))
	require.Positive(t, names)
	for _, at := range []int{4, names} {
		for _, count := range []uint32{1 << 31, 1<<31 + 3, 0xFFFFFFFF, 0x15555556, 1 << 20} {
			bad := bytes.Clone(good)
			binary.LittleEndian.PutUint32(bad[at:], count)
			r, err := lsarpc.ParseLookupSids2Response(bad)
			require.ErrorIs(t, err, wire.ErrTruncated, "%#x at %d", count, at)
			require.Equal(t, lsarpc.LookupSids2Response{}, r)
		}
	}
	// The maximum count of the array is not what is read by, and is noted.
	binary.LittleEndian.PutUint32(good[names+8:], 0xFFFFFFFF)
	r, err := lsarpc.ParseLookupSids2Response(good)
	require.NoError(t, err)
	require.Len(t, r.Names, 8)
	require.Len(t, r.Anomalies, 1)
}
