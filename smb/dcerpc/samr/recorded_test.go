package samr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/samr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const maximumAllowed = 0x02000000

// exact is parsed for what has no garbage and referents as the writer numbers them: the bytes come out again.
func exact[T wiretest.Message](t *testing.T, parse func([]byte) (T, error), vector string) T {
	t.Helper()
	wiretest.RoundTrip(t, parse, wiretest.Hex(t, vector))
	return parsed(t, parse, vector)
}

func TestRecordedConnects(t *testing.T) {
	require.Equal(t, samr.Connect5Request{
		ServerName: ndr.MakeText(`\\127.0.88.13`), DesiredAccess: maximumAllowed, Revision: samr.Revision{Revision: 2},
	}, exact(t, samr.ParseConnect5Request, rpcclientConnect5Request))
	require.Equal(t, samr.Connect2Request{ServerName: ndr.MakeText("127.0.88.13"), DesiredAccess: maximumAllowed},
		exact(t, samr.ParseConnect2Request, sambaConnect2Request))
	// Other referents than the writer's.
	require.Equal(t, samr.Connect2Request{ServerName: ndr.MakeText(`\\x`), DesiredAccess: maximumAllowed},
		parsed(t, samr.ParseConnect2Request, impacketConnect2Request))
	r := exact(t, samr.ParseHandleResponse, impacketConnect2Response)
	require.False(t, r.Handle.IsZero())
	require.Equal(t, dtyp.StatusSuccess, r.Result)
}

func TestRecordedHandles(t *testing.T) {
	closed := exact(t, samr.ParseHandleResponse, closeResponse)
	require.True(t, closed.Handle.IsZero())
	require.Equal(t, "S-1-5-32", exact(t, samr.ParseOpenDomainRequest, openBuiltinRequest).DomainID.String())
	none := parsed(t, samr.ParseLookupDomainResponse, noSuchDomainResponse)
	require.Equal(t, dtyp.StatusNoSuchDomain, none.Result)
	// The referent is there all the same: a SID of no parts.
	require.Equal(t, &dtyp.SID{}, none.DomainID)
	odd, err := samr.ParseCloseHandleRequest(wiretest.Hex(t, impacketCloseRequest))
	require.NoError(t, err)
	require.Equal(t, []string{"trailing bytes: 4 bytes follow the message"}, wiretest.Odd(odd.Anomalies))
}

func TestRecordedLists(t *testing.T) {
	require.EqualValues(t, 0xFFFF, exact(t, samr.ParseEnumerateRequest, rpcclientDomainsRequest).PreferedMaximumLength)
	require.EqualValues(t, 0xFFFF, exact(t, samr.ParseEnumerateRequest, groupsRequest).PreferedMaximumLength)
	require.EqualValues(t, 0xFFFF, exact(t, samr.ParseEnumerateRequest, aliasesRequest).PreferedMaximumLength)
	users := exact(t, samr.ParseEnumerateUsersRequest, rpcclientUsersRequest)
	require.Equal(t, samr.UserNormalAccount, users.UserAccountControl)
	require.Equal(t, samr.EnumerateResponse{
		EnumerationContext: 1, CountReturned: 1, Entries: []samr.Entry{{RelativeID: 3001, Name: ndr.MakeText("Stab")}},
	}, exact(t, samr.ParseEnumerateResponse, groupsResponse))
	require.Equal(t, samr.EnumerateResponse{
		EnumerationContext: 1, CountReturned: 1, Entries: []samr.Entry{{RelativeID: 3002, Name: ndr.MakeText("Helfer")}},
	}, exact(t, samr.ParseEnumerateResponse, aliasesResponse))
	require.Equal(t, samr.EnumerateResponse{NoBuffer: true, Result: dtyp.StatusAccessDenied},
		exact(t, samr.ParseEnumerateResponse, usersRefused))
}

func TestRecordedDisplay(t *testing.T) {
	require.EqualValues(t, 0x3FFF, exact(t, samr.ParseDisplayRequest, display2Request).PreferedMaximumLength)
	garbage := parsed(t, samr.ParseDisplayRequest, impacketDisplay3Request)
	require.Equal(t, samr.DisplayUser, garbage.Class)
	require.Equal(t, uint32(0xFFFFFFFF), garbage.EntryCount)

	page := exact(t, samr.ParseDisplayResponse, displayPage1)
	require.Equal(t, dtyp.StatusMoreEntries, page.Result)
	require.Len(t, page.Users, 2)
	require.Equal(t, samr.DisplayedUser{
		Index: 2, RID: 1002, AccountControl: samr.UserNormalAccount,
		AccountName: ndr.MakeText("борис"), AdminComment: ndr.Text{}, FullName: ndr.MakeText("Борис 🎈"),
	}, page.Users[1])
	require.Equal(t, "Kommentar äöü", page.Users[0].AdminComment.String())
	next := exact(t, samr.ParseDisplayRequest, displayPage2Request)
	require.EqualValues(t, len(page.Users), next.Index)
	require.EqualValues(t, 2, next.EntryCount)
	last := exact(t, samr.ParseDisplayResponse, displayPage3)
	require.Equal(t, dtyp.StatusSuccess, last.Result)
	require.Len(t, last.Users, 1)
	require.EqualValues(t, 5, last.Users[0].Index)

	require.Equal(t, samr.DisplayResponse{}, exact(t, samr.ParseDisplayResponse, displayEnd))
	require.Equal(t, samr.DisplayResponse{Result: dtyp.StatusAccessDenied}, exact(t, samr.ParseDisplayResponse, displayRefused))
}

func TestRecordedRules(t *testing.T) {
	p := exact(t, samr.ParseDomainInfoResponse, policyResponse)
	// One unit longer than what was set: Samba sends the one's complement.
	const day = 24 * 60 * 60 * 10_000_000
	require.Equal(t, &samr.PasswordInformation{
		MinPasswordLength: 7, PasswordHistoryLength: 5, MaxPasswordAge: -42*day - 1, MinPasswordAge: -day - 1,
	}, p.Password)
	l := exact(t, samr.ParseDomainInfoResponse, lockoutMinutesResponse).Lockout
	require.EqualValues(t, 4, l.LockoutThreshold)
	requireSpan(t, 45*time.Minute+100, l.LockoutDuration)
	requireSpan(t, 20*time.Minute+100, l.LockoutObservationWindow)
	refused := exact(t, samr.ParseDomainInfoResponse, policyRefused)
	require.Equal(t, samr.DomainInfoResponse{Result: dtyp.StatusAccessDenied}, refused)
	// Another class than can be held.
	_, err := samr.ParseDomainInfoResponse(wiretest.Hex(t, namesResponse))
	require.ErrorIs(t, err, wire.ErrFormat)
}

// Samba has -1 for never in 32 bits, and sends it as so many seconds or minutes.
func TestRecordedNever(t *testing.T) {
	p := exact(t, samr.ParseDomainInfoResponse, neverPasswordResponse).Password
	requireSpan(t, (1<<32-1)*time.Second+100, p.MaxPasswordAge)
	requireSpan(t, 0, p.MinPasswordAge)
	l := exact(t, samr.ParseDomainInfoResponse, neverLockoutResponse).Lockout
	require.Equal(t, samr.Delta(-(1<<32-1)*60*10_000_000-1), l.LockoutDuration)
	_, ok := l.LockoutDuration.Duration()
	require.False(t, ok)
}

func requireSpan(t *testing.T, want time.Duration, d samr.Delta) {
	t.Helper()
	span, ok := d.Duration()
	require.True(t, ok)
	require.Equal(t, want, span)
}
