package lsarpc_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/lsarpc"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

func TestOpenPolicy2(t *testing.T) {
	x := parsed(t, lsarpc.ParseOpenPolicy2Request, openRequest)
	require.Equal(t, lsarpc.NewOpenPolicy2(lsarpc.AccessViewLocalInformation|lsarpc.AccessLookupNames), x)
	full := lsarpc.OpenPolicy2Request{
		SystemName: ndr.MakeText(`\\сервер`), Length: 24, Attributes: 7,
		QualityOfService: &lsarpc.QualityOfService{Length: 12, ImpersonationLevel: 2, ContextTrackingMode: 1}, DesiredAccess: 1,
	}
	require.Equal(t, full, built(t, lsarpc.ParseOpenPolicy2Request, full))
	r := parsed(t, lsarpc.ParseHandleResponse, openResponse)
	require.False(t, r.Handle.IsZero())
	require.Equal(t, dtyp.StatusSuccess, r.Result)
}

// built sends a value through its own bytes.
func built[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), x T) T {
	t.Helper()
	b, err := x.AppendBinary(nil)
	require.NoError(t, err)
	wiretest.Prefixes(t, parse, b)
	return wiretest.RoundTrip(t, parse, b)
}

func TestClose(t *testing.T) {
	require.False(t, parsed(t, lsarpc.ParseCloseRequest, closeRequest).Handle.IsZero())
	require.True(t, parsed(t, lsarpc.ParseHandleResponse, closeResponse).Handle.IsZero())
}

func TestPolicy(t *testing.T) {
	x := parsed(t, lsarpc.ParsePolicyRequest, primaryRequest)
	require.Equal(t, lsarpc.PolicyPrimaryDomain, x.Class)

	primary := parsed(t, lsarpc.ParsePolicyResponse, primaryResponse).Information
	require.Equal(t, "ЛАБГРУП", primary.Name.String())
	require.Nil(t, primary.SID, "a workgroup has none")

	account := parsed(t, lsarpc.ParsePolicyResponse, accountResponse).Information
	require.Equal(t, "NULLU", account.Name.String())
	require.Equal(t, "S-1-5-21-3620763019-612310297-1885485359", account.SID.String())

	sid, err := dtyp.ParseSIDText("S-1-5-21-1-2-3")
	require.NoError(t, err)
	for _, x := range []lsarpc.PolicyResponse{
		{Result: dtyp.StatusAccessDenied},
		{Information: &lsarpc.PolicyInformation{Class: lsarpc.PolicyDNSDomain, Name: ndr.MakeText("EX"), DNSDomainName: ndr.MakeText("ex.org"),
			DNSForestName: ndr.MakeText("org"), DomainGUID: dtyp.GUID{1, 2, 3}, SID: &sid}},
		{Information: &lsarpc.PolicyInformation{Class: lsarpc.PolicyDNSDomain}},
		{Information: &lsarpc.PolicyInformation{Class: lsarpc.PolicyPrimaryDomain, Name: ndr.Text{}}},
	} {
		require.Equal(t, x, built(t, lsarpc.ParsePolicyResponse, x))
	}
}

func TestPolicyHostile(t *testing.T) {
	other := bytes.Clone(wiretest.Hex(t, accountResponse))
	other[4] = 9
	_, err := lsarpc.ParsePolicyResponse(other)
	require.ErrorIs(t, err, wire.ErrFormat)
	_, err = lsarpc.PolicyResponse{Information: &lsarpc.PolicyInformation{Class: 9}}.AppendBinary(nil)
	require.ErrorIs(t, err, wire.ErrFormat)
	require.Equal(t, "PolicyClass(9)", lsarpc.PolicyClass(9).String())
	require.Equal(t, "PolicyDnsDomainInformation", lsarpc.PolicyDNSDomain.String())
}

func TestLookupSids2(t *testing.T) {
	x := parsed(t, lsarpc.ParseLookupSids2Request, lookupRequest)
	require.Len(t, x.SIDs, 3)
	require.Equal(t, "S-1-5-21-3620763019-612310297-1885485359-1000", x.SIDs[0].String())
	require.Equal(t, lsarpc.LookupWksta, x.Level)
	require.Equal(t, lsarpc.ClientRevision, x.Revision)

	r := parsed(t, lsarpc.ParseLookupSids2Response, lookupResponse)
	require.Len(t, r.Domains, 1)
	require.Equal(t, "NULLU", r.Domains[0].Name.String())
	require.Equal(t, "S-1-5-21-3620763019-612310297-1885485359", r.Domains[0].SID.String())
	require.Len(t, r.Names, 3)
	for i, name := range []string{"alice", "bob", "nobody"} {
		require.Equal(t, name, r.Names[i].Name.String())
		require.Equal(t, lsarpc.SIDTypeUser, r.Names[i].Use)
		require.Zero(t, r.Names[i].DomainIndex)
	}
	require.EqualValues(t, 3, r.MappedCount)

	for _, x := range []lsarpc.LookupSids2Response{
		{NoDomains: true, Result: dtyp.StatusNoneMapped},
		{Names: []lsarpc.TranslatedName{{Use: lsarpc.SIDTypeUnknown, DomainIndex: -1}, {Use: lsarpc.SIDTypeAlias, Name: ndr.MakeText("x"), Flags: 1}}},
	} {
		require.Equal(t, x, built(t, lsarpc.ParseLookupSids2Response, x))
	}
	require.Equal(t, lsarpc.LookupSids2Request{}, built(t, lsarpc.ParseLookupSids2Request, lsarpc.LookupSids2Request{}))
	require.Equal(t, "SidTypeLabel", lsarpc.SIDTypeLabel.String())
	require.Equal(t, "SIDNameUse(0)", lsarpc.SIDNameUse(0).String())
	require.Equal(t, "SIDNameUse(11)", lsarpc.SIDNameUse(11).String())
}

// Counts are a server's words; what there is is counted by its bytes.
func TestLookupSids2Hostile(t *testing.T) {
	good := wiretest.Hex(t, lookupResponse)
	for _, count := range []uint32{4, 1 << 31, 0xFFFFFFFF, 0x55555556} {
		for _, at := range []int{4, 100} { // entries of domains; near those of names
			bad := bytes.Clone(good)
			binary.LittleEndian.PutUint32(bad[at:], count)
			_, err := lsarpc.ParseLookupSids2Response(bad)
			if err != nil {
				require.ErrorIs(t, err, wire.ErrTruncated)
			}
		}
	}
	request := wiretest.Hex(t, lookupRequest)
	binary.LittleEndian.PutUint32(request[20:], 1<<31)
	_, err := lsarpc.ParseLookupSids2Request(request)
	require.Error(t, err)
}

func FuzzParseOpenPolicy2Request(f *testing.F) { fuzz(f, lsarpc.ParseOpenPolicy2Request, openRequest) }
func FuzzParseHandleResponse(f *testing.F) {
	fuzz(f, lsarpc.ParseHandleResponse, openResponse, closeResponse)
}
func FuzzParseCloseRequest(f *testing.F)  { fuzz(f, lsarpc.ParseCloseRequest, closeRequest) }
func FuzzParsePolicyRequest(f *testing.F) { fuzz(f, lsarpc.ParsePolicyRequest, primaryRequest) }
func FuzzParsePolicyResponse(f *testing.F) {
	fuzz(f, lsarpc.ParsePolicyResponse, primaryResponse, accountResponse)
}
func FuzzParseLookupSids2Request(f *testing.F) {
	fuzz(f, lsarpc.ParseLookupSids2Request, lookupRequest)
}
func FuzzParseLookupSids2Response(f *testing.F) {
	fuzz(f, lsarpc.ParseLookupSids2Response, lookupResponse)
}
