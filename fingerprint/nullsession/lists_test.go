package nullsession_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dcerpc/wkssvc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// paged answers NetrShareEnum with pages of shares; resume makes the place to go on from.
func paged(t *testing.T, kind srvsvc.ShareType, total, page int, resume func(from uint32) uint32) func(string, dcerpc.Request) smbtest.PipeAnswer {
	return func(pipe string, q dcerpc.Request) smbtest.PipeAnswer {
		if pipe != "srvsvc" || q.Opnum != srvsvc.OpShareEnum {
			return genuine(pipe, q)
		}
		x, err := srvsvc.ParseShareEnumRequest(q.Stub)
		require.NoError(t, err)
		from := int(*x.ResumeHandle) % total
		var list []srvsvc.Share
		for i := from; i < min(from+page, total); i++ {
			list = append(list, srvsvc.Share{
				Netname: ndr.MakeText(fmt.Sprintf("share %d", i)), Type: kind, Remark: ndr.MakeText("a remark of some length"),
			})
		}
		shares, err := srvsvc.MakeShares(list...)
		require.NoError(t, err)
		next := resume(*x.ResumeHandle)
		r := srvsvc.ShareEnumResponse{Level: 1, Shares: shares, TotalEntries: uint32(total), ResumeHandle: &next}
		if int(next) != total {
			r.Result = dtyp.Win32MoreData
		}
		return answerOf(r)
	}
}

// The memory of a reading is bounded at every moment of it, not only at its end.
func TestHeapOfManyShares(t *testing.T) {
	each(t, func(t *testing.T, way string) {
		const page = 500
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, most := int64(m.HeapAlloc), int64(0)
		server := files(way)
		server.Call = paged(t, srvsvc.ShareDiskTree, 100_000, page, func(from uint32) uint32 { return from + page })
		for i := range 600 { // more than are asked for what may be done with them
			server.Shares = append(server.Shares, smbtest.PipeShare{
				Name: fmt.Sprintf("share %d", i), Access: smb.AccessReadData, Root: smb.AccessReadData,
			})
		}
		server.Step = func(q smbtest.PipeRequest) smbtest.PipeAction {
			if q.Step == smbtest.StepCall && q.Number%5 == 0 || q.Step == smbtest.StepClose && q.Name != "" {
				runtime.GC() // what is garbage is no memory of a target
				runtime.ReadMemStats(&m)
				most = max(most, int64(m.HeapAlloc)-before)
			}
			return smbtest.PipeAction{}
		}
		r, err := visit(t.Context(), t, way, server, nullsession.Reader{})
		require.NoError(t, err)
		require.Len(t, r.NullSession.Shares, 10_000)
		require.Contains(t, r.NullSession.Partial, "cut off")
		runtime.KeepAlive(r)
		require.Positive(t, most)
		require.Less(t, most, int64(16<<20))
	})
}

// A server whose place to go on from changes for ever, with the same entries, fills the list to its bound and no more.
func TestPlaceThatChangesForEver(t *testing.T) {
	each(t, func(t *testing.T, way string) {
		server := files(way)
		place := uint32(7)
		server.Call = paged(t, srvsvc.SharePrintQueue, 10, 10, func(uint32) uint32 { place += 10; return place })
		n := 0
		r, err := visit(t.Context(), t, way, server, nullsession.Reader{MaxEntries: 300, Share: func(report.Share) { n++ }})
		require.NoError(t, err)
		require.LessOrEqual(t, n, 300)
		require.Less(t, server.Count(smbtest.StepCall), 400)
		require.NotEmpty(t, r.NullSession.Calls)
	})
}

// A fault is the status of the call that it answers; the others have theirs.
func TestFaultOfEachCall(t *testing.T) {
	for _, tt := range []struct {
		pipe, call string
		opnum      uint16
	}{
		{"srvsvc", "NetrServerGetInfo 102", srvsvc.OpServerGetInfo},
		{"srvsvc", "NetrShareEnum 1", srvsvc.OpShareEnum},
		{"wkssvc", "NetrWkstaGetInfo 100", wkssvc.OpWkstaGetInfo},
	} {
		t.Run(tt.call, func(t *testing.T) {
			each(t, func(t *testing.T, way string) {
				server := files(way)
				server.Call = func(pipe string, q dcerpc.Request) smbtest.PipeAnswer {
					if pipe == tt.pipe && q.Opnum == tt.opnum {
						return smbtest.PipeAnswer{Fault: dcerpc.FaultAccessDenied}
					}
					return genuine(pipe, q)
				}
				r, err := visit(t.Context(), t, way, server, nullsession.Reader{})
				require.NoError(t, err)
				failed := map[string]bool{}
				for _, c := range r.NullSession.Calls {
					if c.Pipe != "" && c.Status != "ERROR_SUCCESS" {
						failed[c.Call] = true
						require.Contains(t, c.Status, (&dcerpc.FaultError{Status: dcerpc.FaultAccessDenied}).Error())
					}
				}
				require.Equal(t, map[string]bool{tt.call: true}, failed)
			})
		})
	}
}
