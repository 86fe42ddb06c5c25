package nullsession_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A Reader that cannot be used says so before anything is asked.
func TestInvalidReader(t *testing.T) {
	for name, o := range map[string]nullsession.Reader{
		"entries": {MaxEntries: -1}, "bytes": {MaxBytes: -1}, "time": {Timeout: -1}, "pipe": {Pipes: []string{"nosuch"}},
		"backwards": {RIDs: []nullsession.RIDRange{{From: 2, To: 1}}},
		"too many":  {RIDs: []nullsession.RIDRange{{From: 0, To: 4096}}},
		"all":       {RIDs: []nullsession.RIDRange{{From: 0, To: 0xFFFFFFFF}}},
		"together":  {RIDs: []nullsession.RIDRange{{From: 0, To: 4000}, {From: 5000, To: 5100}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &fingerprint.Report{Outcome: report.OutcomeSMB}
			require.ErrorIs(t, o.Read(t.Context(), new(fingerprint.Scanner), r), nullsession.ErrReader)
			require.Nil(t, r.NullSession)
		})
	}
}

// There is nothing to read where there is no SMB server.
func TestNothingToRead(t *testing.T) {
	r := &fingerprint.Report{Outcome: report.OutcomeRefused}
	require.NoError(t, nullsession.Read(t.Context(), new(fingerprint.Scanner), r))
	require.Nil(t, r.NullSession)
}

// Every pipe has interfaces that can be bound and says what opening it does; winreg is opened by its name alone.
func TestPipes(t *testing.T) {
	names := map[string]nullsession.When{}
	for _, p := range nullsession.Pipes() {
		names[p.Name] = p.When
		require.NotEmpty(t, p.Effect)
		require.NotEmpty(t, p.Interfaces)
		for _, i := range p.Interfaces {
			_, err := dtyp.ParseGUID(i.UUID)
			require.NoError(t, err)
		}
	}
	require.Equal(t, map[string]nullsession.When{
		"srvsvc": nullsession.WhenReading, "wkssvc": nullsession.WhenReading, "lsarpc": nullsession.WhenReading,
		"samr": nullsession.WhenReading, "epmapper": nullsession.WhenReading,
		"spoolss": nullsession.WhenAudited, "netdfs": nullsession.WhenAudited, "netlogon": nullsession.WhenAudited,
		"eventlog": nullsession.WhenAudited, "efsrpc": nullsession.WhenAudited, "FssagentRpc": nullsession.WhenAudited,
		"winreg": nullsession.WhenNamed,
	}, names)
}

// A budget that is used up ends the reading, and what was learnt stays.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := replayed(t, "samba-4.17.12-null-open", smbtest.Path{})
		s.Budget.Bytes = 9000
		s.Extend = nullsession.Reader{PipeAudit: true}.Read
		r, err := s.Scan(t.Context(), recorded(t, "samba-4.17.12-null-open").Transports[0].Address)
		require.NoError(t, err)
		require.Contains(t, r.NullSession.Partial, "budget")
		require.NotEmpty(t, r.NullSession.Shares)
		require.Empty(t, r.NullSession.Endpoints)
		require.Less(t, r.Cost.BytesSent+r.Cost.BytesReceived, 12_000)
		require.Equal(t, 3, r.Cost.Connections, "none is made without a budget")
		evidenced(t, r)
	})
	synctest.Test(t, func(t *testing.T) {
		_, s := replayed(t, "samba-4.17.12-null-open", smbtest.Path{})
		s.Budget.Connections = 2
		s.Extend = nullsession.Read
		r, err := s.Scan(t.Context(), recorded(t, "samba-4.17.12-null-open").Transports[0].Address)
		require.NoError(t, err)
		require.Equal(t, 2, r.Cost.Connections)
		require.Empty(t, r.NullSession.Calls)
		require.NotEmpty(t, r.NullSession.Partial)
	})
}

// A context that ends, at whatever moment, ends the reading with its cause, and what was learnt stays.
func TestCanceled(t *testing.T) {
	cause := errors.New("enough")
	for after := time.Duration(0); after < 3*time.Second; after += 173 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			link := smbtest.Link{Latency: 25 * time.Millisecond}
			_, s := replayed(t, "samba-4.17.12-null-open", smbtest.Path{Up: link, Down: link})
			target := recorded(t, "samba-4.17.12-null-open").Transports[0].Address
			r, err := s.Scan(t.Context(), target)
			require.NoError(t, err)
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(after, func() { cancel(cause) })
			err = nullsession.Reader{PipeAudit: true}.Read(ctx, s, r)
			require.ErrorIs(t, err, cause)
			require.Contains(t, r.NullSession.Partial, "enough")
			if after > 2*time.Second {
				require.NotEmpty(t, r.NullSession.Shares)
			}
			evidenced(t, r)
			cancel(nil)
		})
	}
}

// Reading has a time of its own, which bounds it as a whole.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		link := smbtest.Link{Latency: 500 * time.Millisecond}
		_, s := replayed(t, "samba-4.17.12-null-open", smbtest.Path{Up: link, Down: link})
		r, err := s.Scan(t.Context(), recorded(t, "samba-4.17.12-null-open").Transports[0].Address)
		require.NoError(t, err)
		begun := time.Now()
		require.NoError(t, nullsession.Reader{Timeout: 10 * time.Second}.Read(t.Context(), s, r))
		require.LessOrEqual(t, time.Since(begun), 10*time.Second+time.Millisecond)
		require.Contains(t, r.NullSession.Partial, "time")
	})
}

// Lists are cut at their bounds, and given away as they come where that was asked for.
func TestBoundsAndStreams(t *testing.T) {
	const server = "samba-4.17.12-null-open"
	synctest.Test(t, func(t *testing.T) {
		_, s := replayed(t, server, smbtest.Path{})
		s.Extend = nullsession.Reader{MaxEntries: 2, NoShareAccess: true}.Read
		r, err := s.Scan(t.Context(), recorded(t, server).Transports[0].Address)
		require.NoError(t, err)
		require.Len(t, r.NullSession.Shares, 2)
		require.NotEmpty(t, r.NullSession.Partial)
	})
	synctest.Test(t, func(t *testing.T) {
		_, s := replayed(t, server, smbtest.Path{})
		want := recorded(t, server)
		var shares []report.Share
		users, groups := map[uint32]string{}, map[uint32]string{}
		s.Extend = nullsession.Reader{
			PipeAudit: true,
			Share:     func(x report.Share) { shares = append(shares, x) },
			User:      func(x report.User) { users[x.RID] = x.Name },
			Group:     func(x report.Group) { groups[x.RID] = x.Name },
		}.Read
		r, err := s.Scan(t.Context(), want.Transports[0].Address)
		require.NoError(t, err)
		require.Equal(t, want.NullSession.Shares, shares)
		require.Len(t, users, len(want.NullSession.Users))
		require.Len(t, groups, len(want.NullSession.Groups))
		require.Empty(t, r.NullSession.Shares)
		require.Empty(t, r.NullSession.Users)
		require.Empty(t, r.NullSession.Groups)
		require.Equal(t, want.NullSession.Calls, r.NullSession.Calls)
	})
}

// A report of a scan without logons can be read on from: the session is asked for where the server was found to be.
func TestReadWithoutDetection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const server = "samba-4.17.12-null-open"
		_, s := replayed(t, server, smbtest.Path{})
		address := recorded(t, server).Transports[0].Address
		r, err := s.Scan(t.Context(), address)
		require.NoError(t, err)
		r.NullSession = nil
		for path := range nullEvidence(r) {
			delete(r.Evidence, path)
		}
		require.NoError(t, nullsession.Reader{PipeAudit: true}.Read(t.Context(), s, r))
		require.Equal(t, report.Yes, r.NullSession.Session)
		require.Equal(t, recorded(t, server).NullSession.Shares, r.NullSession.Shares)
		evidenced(t, r)
	})
}
