package nullsession_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// listing answers NetrShareEnum with pages of a list of shares, and everything else with a fault.
func (f *fake) listing(total, page int, resume func(from, to uint32) uint32) func(dcerpc.Request) [][]byte {
	return func(q dcerpc.Request) [][]byte {
		if q.Opnum != srvsvc.OpShareEnum {
			return f.faulted(q)
		}
		x, err := srvsvc.ParseShareEnumRequest(q.Stub)
		require.NoError(f.t, err)
		from := int(*x.ResumeHandle)
		to := min(from+page, total)
		var list []srvsvc.Share
		for i := from; i < to; i++ {
			list = append(list, srvsvc.Share{Netname: ndr.MakeText(fmt.Sprintf("share %d", i)), Type: srvsvc.SharePrintQueue, Remark: ndr.MakeText("a remark")})
		}
		shares, err := srvsvc.MakeShares(list...)
		require.NoError(f.t, err)
		r := srvsvc.ShareEnumResponse{Level: srvsvc.LevelShares, Shares: shares, TotalEntries: uint32(total), ResumeHandle: new(uint32)}
		if *r.ResumeHandle = resume(uint32(from), uint32(to)); to < total {
			r.Result = dtyp.Win32MoreData
		}
		return f.answered(q, f.bytes(r), 4000)
	}
}

func onward(_, to uint32) uint32 { return to }

// A hundred thousand shares are cut at the bound, and the memory for it stays below 16 MiB; whoever takes them as they
// come gets all of them.
func TestManyShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{t: t}
		f.pipe = f.listing(100_000, 500, onward)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		r := f.read(nullsession.Reader{})
		runtime.GC()
		runtime.ReadMemStats(&after)
		require.Len(t, r.NullSession.Shares, 10_000)
		require.Contains(t, r.NullSession.Partial, "cut off")
		require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20))
		runtime.KeepAlive(r)
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fake{t: t}
		f.pipe = f.listing(100_000, 500, onward)
		n := 0
		r := f.read(nullsession.Reader{MaxEntries: 200_000, MaxBytes: 64 << 20, Share: func(s report.Share) {
			require.Equal(t, fmt.Sprintf("share %d", n), s.Name)
			n++
		}})
		require.Equal(t, 100_000, n)
		require.Empty(t, r.NullSession.Partial)
		require.Equal(t, "ERROR_SUCCESS", r.NullSession.SharesStatus)
	})
	synctest.Test(t, func(t *testing.T) { // in one answer, which is larger than any that is taken
		f := &fake{t: t}
		f.pipe = f.listing(100_000, 100_000, onward)
		r := f.read(nullsession.Reader{})
		require.Contains(t, r.NullSession.SharesStatus, "too large")
		require.Empty(t, r.NullSession.Shares)
		require.NotEmpty(t, r.NullSession.Pipes[1:], "the rest goes on")
	})
	synctest.Test(t, func(t *testing.T) { // beyond what may be received
		f := &fake{t: t}
		f.pipe = f.listing(100_000, 500, onward)
		r := f.read(nullsession.Reader{MaxEntries: 200_000, MaxBytes: 1 << 20})
		require.NotEmpty(t, r.NullSession.Shares)
		require.NotEmpty(t, r.NullSession.Partial)
		require.Less(t, r.Cost.BytesReceived, 2<<20)
	})
}

// A list whose place does not move, or whose pages are empty, comes to an end.
func TestListsWithoutEnd(t *testing.T) {
	for name, resume := range map[string]func(from, to uint32) uint32{
		"stays": func(from, _ uint32) uint32 { return from },
		"back":  func(from, to uint32) uint32 { return to % 200 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{t: t}
				f.pipe = f.listing(1000, 100, resume)
				r := f.read(nullsession.Reader{MaxEntries: 5000})
				require.LessOrEqual(t, len(r.NullSession.Shares), 5000)
				require.Equal(t, "ERROR_MORE_DATA", r.NullSession.SharesStatus)
			})
		})
	}
}

// Fragments without an end, empty ones, ones of another call, one that is never whole, and silence all end with a status
// within the time for reading.
func TestPipesWithoutEnd(t *testing.T) {
	fragment := func(f *fake, q dcerpc.Request, edit func(*dcerpc.Response)) []byte {
		r := dcerpc.Response{Header: dcerpc.Header{Flags: dcerpc.PFCFirstFrag, CallID: q.Header.CallID}, Stub: make([]byte, 4000)}
		edit(&r)
		return f.bytes(r)
	}
	middle := func(r *dcerpc.Response) { r.Header.Flags = 0 }
	tests := map[string]struct {
		pipe   func(*fake, dcerpc.Request) [][]byte
		silent bool
		status string
	}{
		"endless": {func(f *fake, q dcerpc.Request) [][]byte {
			return [][]byte{fragment(f, q, func(*dcerpc.Response) {}), fragment(f, q, middle)}
		}, false, "too large"},
		"empty": {func(f *fake, q dcerpc.Request) [][]byte {
			return [][]byte{fragment(f, q, func(*dcerpc.Response) {}), fragment(f, q, func(r *dcerpc.Response) { r.Header.Flags, r.Stub = 0, nil })}
		}, false, "empty"},
		"another call": {func(f *fake, q dcerpc.Request) [][]byte {
			return [][]byte{fragment(f, q, func(r *dcerpc.Response) { r.Header.CallID++ })}
		}, false, "call"},
		"one byte at a time": {func(f *fake, q dcerpc.Request) [][]byte { return [][]byte{{5}} }, false, "answer of the pipe"},
		"never whole": {func(f *fake, q dcerpc.Request) [][]byte {
			return [][]byte{fragment(f, q, func(*dcerpc.Response) {})[:30], {}}
		}, false, "truncated"},
		"no PDU":  {func(f *fake, q dcerpc.Request) [][]byte { return [][]byte{[]byte("HTTP/1.1 200 OK\r\n\r\n........")} }, false, "answer of the pipe"},
		"nothing": {func(f *fake, q dcerpc.Request) [][]byte { return nil }, false, "truncated"},
		"silence": {func(f *fake, q dcerpc.Request) [][]byte { return nil }, true, "no answer"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{t: t, endless: true, silent: tt.silent}
				f.pipe = func(q dcerpc.Request) [][]byte { return tt.pipe(f, q) }
				begun := time.Now()
				r := f.read(nullsession.Reader{})
				require.LessOrEqual(t, time.Since(begun), 31*time.Second)
				require.NotEmpty(t, r.NullSession.Calls)
				require.Contains(t, r.NullSession.Calls[0].Status, tt.status)
				require.Empty(t, r.NullSession.Shares)
			})
		})
	}
}

// Nothing but what reading needs is ever sent: no write, no query of a file, nothing that sets anything.
func TestNothingIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{t: t}
		f.pipe = f.listing(3, 3, onward)
		f.read(nullsession.Reader{PipeAudit: true})
		for command := range f.commands {
			require.Contains(t, []smb.SMB2Command{
				smb.SMB2Negotiate, smb.SMB2SessionSetup, smb.SMB2TreeConnect, smb.SMB2TreeDisconnect, smb.SMB2Create, smb.SMB2Close,
				smb.SMB2Ioctl, smb.SMB2Read,
			}, command)
		}
	})
}
