package samr_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/samr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

// built sends a value through its own bytes.
func built[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), x T) T {
	t.Helper()
	b, err := x.AppendBinary(nil)
	require.NoError(t, err)
	wiretest.Prefixes(t, parse, b)
	return wiretest.RoundTrip(t, parse, b)
}

func TestConnect(t *testing.T) {
	x := parsed(t, samr.ParseConnect5Request, connect5Request)
	require.Equal(t, `\\NULLU`, x.ServerName.String())
	require.Equal(t, samr.ServerConnect|samr.ServerEnumerateDomains|samr.ServerLookupDomain, x.DesiredAccess)
	require.EqualValues(t, 3, x.Revision.Revision)
	r := parsed(t, samr.ParseConnect5Response, connect5Response)
	require.False(t, r.Handle.IsZero())
	require.EqualValues(t, 3, r.Revision.Revision)
	for _, x := range []samr.Connect2Request{{DesiredAccess: 7}, {ServerName: ndr.MakeText("сервер")}, {ServerName: ndr.Text{}}} {
		require.Equal(t, x, built(t, samr.ParseConnect2Request, x))
	}
	bad := wiretest.Hex(t, connect5Response)
	bad[0] = 2
	_, err := samr.ParseConnect5Response(bad)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestHandles(t *testing.T) {
	require.False(t, parsed(t, samr.ParseCloseHandleRequest, closeRequest).Handle.IsZero())
	x := parsed(t, samr.ParseOpenDomainRequest, openRequest)
	require.Equal(t, "S-1-5-21-3620763019-612310297-1885485359", x.DomainID.String())
	require.Equal(t, samr.DomainListAccounts|samr.DomainLookup|samr.DomainReadPasswordParameters|samr.DomainReadOtherParameters, x.DesiredAccess)
	require.Equal(t, dtyp.StatusSuccess, parsed(t, samr.ParseHandleResponse, openResponse).Result)
}

func TestLookupDomain(t *testing.T) {
	require.Equal(t, "NULLU", parsed(t, samr.ParseLookupDomainRequest, lookupRequest).Name.String())
	require.Equal(t, "S-1-5-21-3620763019-612310297-1885485359", parsed(t, samr.ParseLookupDomainResponse, lookupResponse).DomainID.String())
	refused := samr.LookupDomainResponse{Result: dtyp.StatusAccessDenied}
	require.Equal(t, refused, built(t, samr.ParseLookupDomainResponse, refused))
}

func TestEnumerate(t *testing.T) {
	x := parsed(t, samr.ParseEnumerateRequest, domainsRequest)
	require.EqualValues(t, 64<<10, x.PreferedMaximumLength)
	require.Zero(t, x.EnumerationContext)
	r := parsed(t, samr.ParseEnumerateResponse, domainsResponse)
	require.Equal(t, []samr.Entry{{Name: ndr.MakeText("NULLU")}, {RelativeID: 1, Name: ndr.MakeText("Builtin")}}, r.Entries)
	require.EqualValues(t, 2, r.CountReturned)

	require.EqualValues(t, 64<<10, parsed(t, samr.ParseEnumerateUsersRequest, usersRequest).PreferedMaximumLength)
	users := parsed(t, samr.ParseEnumerateResponse, usersResponse)
	require.Len(t, users.Entries, 5)
	require.Equal(t, samr.Entry{RelativeID: 1000, Name: ndr.MakeText("alice")}, users.Entries[0])

	none := parsed(t, samr.ParseEnumerateResponse, noAliasesResponse)
	require.Empty(t, none.Entries)
	require.False(t, none.NoBuffer)
	refused := samr.EnumerateResponse{NoBuffer: true, Result: dtyp.StatusAccessDenied}
	require.Equal(t, refused, built(t, samr.ParseEnumerateResponse, refused))
}

func TestDisplay(t *testing.T) {
	x := parsed(t, samr.ParseDisplayRequest, displayRequest)
	require.Equal(t, samr.DisplayUser, x.Class)
	require.EqualValues(t, 256, x.EntryCount)
	r := parsed(t, samr.ParseDisplayResponse, displayResponse)
	require.Len(t, r.Users, 5)
	alice, bob := r.Users[0], r.Users[3]
	require.Equal(t, "Алиса 🚀", alice.FullName.String())
	require.Equal(t, "alice", alice.AccountName.String())
	require.EqualValues(t, 1000, alice.RID)
	require.Equal(t, "комментарий", bob.AdminComment.String())
	require.Equal(t, []string{"USER_NORMAL_ACCOUNT"}, bob.AccountControl.Tokens())
	require.Equal(t, "USER_ACCOUNT_DISABLED|USER_NORMAL_ACCOUNT|0x80000000", (samr.UserNormalAccount | samr.UserAccountDisabled | 1<<31).String())
	refused := samr.DisplayResponse{Result: dtyp.StatusAccessDenied}
	require.Equal(t, refused, built(t, samr.ParseDisplayResponse, refused))
	bad := wiretest.Hex(t, displayResponse)
	bad[8] = 2
	_, err := samr.ParseDisplayResponse(bad)
	require.ErrorIs(t, err, wire.ErrFormat)
}

func TestDomainInfo(t *testing.T) {
	require.Equal(t, samr.DomainPassword, parsed(t, samr.ParseDomainInfoRequest, passwordRequest).Class)
	p := parsed(t, samr.ParseDomainInfoResponse, passwordResponse).Password
	require.EqualValues(t, 7, p.MinPasswordLength)
	require.Zero(t, p.PasswordHistoryLength)
	age, ok := p.MaxPasswordAge.Duration()
	require.True(t, ok)
	require.Equal(t, 42*24*time.Hour, age.Round(time.Microsecond))
	l := parsed(t, samr.ParseDomainInfoResponse, lockoutResponse).Lockout
	require.EqualValues(t, 4, l.LockoutThreshold)
	window, ok := l.LockoutObservationWindow.Duration()
	require.True(t, ok)
	require.Equal(t, 30*time.Minute, window.Round(time.Microsecond))
	refused := samr.DomainInfoResponse{Result: dtyp.StatusAccessDenied}
	require.Equal(t, refused, built(t, samr.ParseDomainInfoResponse, refused))
	bad := wiretest.Hex(t, passwordResponse)
	bad[4] = 2
	_, err := samr.ParseDomainInfoResponse(bad)
	require.ErrorIs(t, err, wire.ErrFormat)
	require.Equal(t, "DOMAIN_PASSWORD_COMPLEX|0x80", samr.PasswordProperties(0x81).String())
	require.Equal(t, []string{"DomainLockoutInformation", "DomainClass(2)"}, []string{samr.DomainLockout.String(), samr.DomainClass(2).String()})
}

func TestDelta(t *testing.T) {
	tests := map[samr.Delta]struct {
		span time.Duration
		ok   bool
	}{
		samr.Never: {0, false}, 0: {0, true}, 1: {0, true}, -1: {100, true}, -10_000_000: {time.Second, true},
		-92233720368547758: {9223372036854775800, true}, -92233720368547759: {0, false},
	}
	for d, want := range tests {
		span, ok := d.Duration()
		require.Equal(t, want.ok, ok, int64(d))
		require.Equal(t, want.span, span, int64(d))
	}
}

// Counts are a server's words; what there is is counted by its bytes.
func TestHostileCounts(t *testing.T) {
	users, shown := wiretest.Hex(t, usersResponse), wiretest.Hex(t, displayResponse)
	for _, count := range []uint32{6, 1 << 31, 0xFFFFFFFF, 0x15555556} {
		_, err := samr.ParseEnumerateResponse(patched(users, 16, count))
		require.ErrorIs(t, err, wire.ErrTruncated, count)
		_, err = samr.ParseDisplayResponse(patched(shown, 20, count))
		require.ErrorIs(t, err, wire.ErrTruncated, count)
	}
	// The count of the array rules over the number beside the pointer to it.
	for _, count := range []uint32{0, 4, 6, 1 << 31, 0xFFFFFFFF} {
		list, err := samr.ParseEnumerateResponse(patched(users, 8, count))
		require.NoError(t, err, count)
		require.Len(t, list.Entries, 5, count)
		require.Zero(t, list.Result)
		require.Len(t, list.Anomalies, 1, count)
		require.Equal(t, "Buffer", list.Anomalies[0].Field)
		display, err := samr.ParseDisplayResponse(patched(shown, 12, count))
		require.NoError(t, err, count)
		require.Len(t, display.Users, 5, count)
		require.Len(t, display.Anomalies, 1, count)
	}
}

// patched returns msg with a number at an offset.
func patched(msg []byte, offset int, v uint32) []byte {
	msg = bytes.Clone(msg)
	binary.LittleEndian.PutUint32(msg[offset:], v)
	return msg
}

func TestOddLists(t *testing.T) {
	list, err := samr.ParseEnumerateResponse(wiretest.Hex(t, "00000000 00000200 05000000 00000000 00000000 00000000"))
	require.NoError(t, err)
	require.Empty(t, list.Entries)
	require.Equal(t, []string{"EntriesRead: 5 entries, and a null pointer to them"}, wiretest.Odd(list.Anomalies))
	// An array of none, which Samba leaves out and others may not.
	list, err = samr.ParseEnumerateResponse(wiretest.Hex(t, "00000000 00000200 00000000 04000200 00000000 00000000 00000000"))
	require.NoError(t, err)
	require.Empty(t, list.Entries)
	require.Nil(t, list.Anomalies)
	list, err = samr.ParseEnumerateResponse(patched(wiretest.Hex(t, noAliasesResponse), 16, 7))
	require.NoError(t, err)
	require.Equal(t, []string{"CountReturned: 7, with 0 entries"}, wiretest.Odd(list.Anomalies))
	// Entries without texts are as small as entries can be, and all that follows is the result.
	smallest := samr.DisplayResponse{Users: []samr.DisplayedUser{{RID: 1}, {RID: 2}, {RID: 3}}}
	require.Equal(t, smallest, built(t, samr.ParseDisplayResponse, smallest))
	// Null pointers to texts, and lengths that are not those of the texts.
	list, err = samr.ParseEnumerateResponse(wiretest.Hex(t, `00000000 00000200 02000000 04000200 02000000
		01000000 0000 0000 00000000 02000000 0900 0a00 ffffffff 01000000 00000000 01000000 6100 0000 02000000 00000000`))
	require.NoError(t, err)
	require.Equal(t, []samr.Entry{{RelativeID: 1}, {RelativeID: 2, Name: ndr.MakeText("a")}}, list.Entries)
	require.Equal(t, []string{"Name: length 9 of a text of 2 bytes"}, wiretest.Odd(list.Anomalies))
}

func FuzzParseConnect2Request(f *testing.F) {
	fuzz(f, samr.ParseConnect2Request, sambaConnect2Request, impacketConnect2Request)
}
func FuzzParseConnect5Request(f *testing.F)    { fuzz(f, samr.ParseConnect5Request, connect5Request) }
func FuzzParseConnect5Response(f *testing.F)   { fuzz(f, samr.ParseConnect5Response, connect5Response) }
func FuzzParseHandleResponse(f *testing.F)     { fuzz(f, samr.ParseHandleResponse, openResponse) }
func FuzzParseCloseHandleRequest(f *testing.F) { fuzz(f, samr.ParseCloseHandleRequest, closeRequest) }
func FuzzParseOpenDomainRequest(f *testing.F)  { fuzz(f, samr.ParseOpenDomainRequest, openRequest) }
func FuzzParseLookupDomainRequest(f *testing.F) {
	fuzz(f, samr.ParseLookupDomainRequest, lookupRequest)
}
func FuzzParseLookupDomainResponse(f *testing.F) {
	fuzz(f, samr.ParseLookupDomainResponse, lookupResponse, noSuchDomainResponse)
}
func FuzzParseEnumerateRequest(f *testing.F) { fuzz(f, samr.ParseEnumerateRequest, domainsRequest) }
func FuzzParseEnumerateUsersRequest(f *testing.F) {
	fuzz(f, samr.ParseEnumerateUsersRequest, usersRequest)
}
func FuzzParseEnumerateResponse(f *testing.F) {
	fuzz(f, samr.ParseEnumerateResponse, domainsResponse, usersResponse, noAliasesResponse, groupsResponse, usersRefused)
}
func FuzzParseDisplayRequest(f *testing.F) { fuzz(f, samr.ParseDisplayRequest, displayRequest) }
func FuzzParseDisplayResponse(f *testing.F) {
	fuzz(f, samr.ParseDisplayResponse, displayResponse, displayPage1, displayEnd, displayRefused)
}
func FuzzParseDomainInfoRequest(f *testing.F) { fuzz(f, samr.ParseDomainInfoRequest, passwordRequest) }
func FuzzParseDomainInfoResponse(f *testing.F) {
	fuzz(f, samr.ParseDomainInfoResponse, passwordResponse, lockoutResponse, neverLockoutResponse, policyRefused, namesResponse)
}
