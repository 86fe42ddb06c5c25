package nullsession_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// All that the server tells comes out, over every way to a session.
func TestEveryWay(t *testing.T) {
	each(t, func(t *testing.T, way string) {
		server := files(way)
		r, err := visit(t.Context(), t, way, server, nullsession.Reader{})
		require.NoError(t, err)
		n := r.NullSession
		require.Equal(t, report.Yes, n.Session)
		require.Empty(t, n.Partial)
		var names []string
		for _, s := range n.Shares {
			names = append(names, s.Name)
		}
		require.Equal(t, []string{"public", "Данные", "hidden$", "printer", "IPC$"}, names)
		require.Equal(t, "for all 🎉", n.Shares[0].Comment)
		require.Equal(t, []report.Answer{report.Yes, report.No}, []report.Answer{n.Shares[0].Read, n.Shares[0].Write})
		require.Equal(t, report.No, n.Shares[2].Write)
		require.Equal(t, "FILES", n.ServerInfo.Name)
		require.Equal(t, "ГРУППА", n.ServerInfo.LANGroup)
		require.Equal(t, 1, server.Count(smbtest.StepLogon))
		for _, q := range server.Requests() {
			require.NotEqual(t, smbtest.StepOther, q.Step, q.Command)
			if q.Step == smbtest.StepOpen && q.Name == "" {
				require.Equal(t, smb.AccessReadAttributes, q.Access)
			}
			require.NotContains(t, []string{"printer"}, q.Name, "printers are never opened")
		}
	})
}

// A connection that is lost, a server that falls silent, and a refusal, at each request in turn: reading ends in its time,
// what was learnt before is kept, and something says what happened.
func TestEachStep(t *testing.T) {
	actions := map[string]smbtest.PipeAction{
		"closed":  {Close: true},
		"reset":   {Reset: true},
		"silent":  {Silent: true},
		"refused": {Status: dtyp.StatusAccessDenied},
	}
	for way := range ways {
		var steps int
		synctest.Test(t, func(t *testing.T) {
			server := files(way)
			_, err := visit(t.Context(), t, way, server, nullsession.Reader{})
			require.NoError(t, err)
			steps = len(server.Requests())
		})
		for name, action := range actions {
			t.Run(way+"/"+name, func(t *testing.T) {
				for step := 1; step <= steps; step++ {
					synctest.Test(t, func(t *testing.T) {
						server := files(way)
						var at smbtest.PipeRequest
						server.Step = func(q smbtest.PipeRequest) smbtest.PipeAction {
							if q.Number != step {
								return smbtest.PipeAction{}
							}
							at = q
							return action
						}
						begun := time.Now()
						r, err := visit(t.Context(), t, way, server, nullsession.Reader{})
						what := fmt.Sprintf("request %d, %s %q: %s", step, at.Step, at.Name, learnt(r))
						require.NoError(t, err, what)
						require.Less(t, time.Since(begun), 35*time.Second, what)
						require.NotEmpty(t, at.Step)
						n := r.NullSession
						switch at.Step {
						case smbtest.StepNegotiate, smbtest.StepChallenge, smbtest.StepLogon:
							if n.Session != report.Yes { // another way to it may be left
								require.Empty(t, n.Shares, what)
								require.NotEqual(t, report.Yes, n.IPC, what)
							}
						case smbtest.StepClose, smbtest.StepDisconnect:
							require.Len(t, n.Shares, 5, what)
						case smbtest.StepOpen, smbtest.StepBind, smbtest.StepCall:
							require.NotEmpty(t, n.Pipes, what)
						}
						if action.Status != 0 && at.Step != smbtest.StepClose && at.Step != smbtest.StepDisconnect {
							require.Contains(t, text(t, r), "STATUS_ACCESS_DENIED", what)
						}
						if at.Name == "wkssvc" {
							require.Len(t, n.Shares, 5, what)
							require.Equal(t, "ERROR_SUCCESS", n.SharesStatus, what)
						}
						for _, s := range n.Shares {
							require.NotEmpty(t, s.Name)
						}
					})
				}
			})
		}
	}
}

// A context that ends at any request ends the reading with its cause, and what was learnt until then is kept.
func TestCanceledAtEachStep(t *testing.T) {
	enough := errors.New("enough")
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			shares := 0
			for step := 1; ; step++ {
				last := false
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					server := files(way)
					reached := false
					server.Step = func(q smbtest.PipeRequest) smbtest.PipeAction {
						if q.Number != step {
							return smbtest.PipeAction{}
						}
						reached = true
						return smbtest.PipeAction{Silent: true, Before: func() { cancel(enough) }}
					}
					r, err := visit(ctx, t, way, server, nullsession.Reader{})
					if last = !reached; last {
						require.NoError(t, err)
						return
					}
					require.ErrorIs(t, err, enough)
					require.Len(t, server.Requests(), step, "nothing is asked any more")
					require.Contains(t, r.NullSession.Partial, "enough")
					require.GreaterOrEqual(t, len(r.NullSession.Shares), shares, "what was learnt is kept")
					shares = len(r.NullSession.Shares)
				})
				if last {
					require.Greater(t, step, 20)
					require.Equal(t, 5, shares)
					return
				}
			}
		})
	}
}

// Binds that are refused in each way.
func TestRefusedBinds(t *testing.T) {
	raw := func(x interface{ AppendBinary([]byte) ([]byte, error) }) smbtest.PipeAnswer {
		b, err := x.AppendBinary(nil)
		require.NoError(t, err)
		return smbtest.PipeAnswer{Raw: [][]byte{b}}
	}
	whole := func(b dcerpc.Bind) dcerpc.Header {
		return dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: b.Header.CallID}
	}
	for name, tt := range map[string]struct {
		bind  func(dcerpc.Bind) smbtest.PipeAnswer
		bound report.Answer
	}{
		"nak":   {func(b dcerpc.Bind) smbtest.PipeAnswer { return raw(dcerpc.BindNak{Header: whole(b), Reason: 4}) }, report.No},
		"fault": {func(dcerpc.Bind) smbtest.PipeAnswer { return smbtest.PipeAnswer{Fault: dcerpc.FaultAccessDenied} }, report.No},
		"rejected": {func(b dcerpc.Bind) smbtest.PipeAnswer {
			return raw(dcerpc.BindAck{Header: whole(b), Results: []dcerpc.Result{{Result: dcerpc.ResultProviderRejection, Reason: 1}}})
		}, report.No},
		"no result": {func(b dcerpc.Bind) smbtest.PipeAnswer { return raw(dcerpc.BindAck{Header: whole(b)}) }, report.Unknown},
		"another call": {func(b dcerpc.Bind) smbtest.PipeAnswer {
			return raw(dcerpc.BindAck{Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: b.Header.CallID + 1}, Results: []dcerpc.Result{{TransferSyntax: dcerpc.NDR()}}})
		}, report.Unknown},
		"no PDU": {func(dcerpc.Bind) smbtest.PipeAnswer {
			return smbtest.PipeAnswer{Raw: [][]byte{[]byte("220 ready, what is it?")}}
		}, report.Unknown},
		"silence": {func(dcerpc.Bind) smbtest.PipeAnswer { return smbtest.PipeAnswer{Raw: [][]byte{}} }, report.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, way string) {
				server := files(way)
				server.Bind = func(_ string, b dcerpc.Bind) smbtest.PipeAnswer { return tt.bind(b) }
				r, err := visit(t.Context(), t, way, server, nullsession.Reader{})
				require.NoError(t, err)
				require.Equal(t, tt.bound, r.NullSession.Pipes[0].Interfaces[0].Bound, r.NullSession.Pipes[0])
				require.Zero(t, server.Count(smbtest.StepCall))
				require.Empty(t, r.NullSession.Shares)
			})
		})
	}
}

// A fragment that says to be longer than all that comes is waited for no longer than the time for reading.
func TestFragmentThatNeverEnds(t *testing.T) {
	each(t, func(t *testing.T, way string) {
		server := files(way)
		server.Call = func(_ string, q dcerpc.Request) smbtest.PipeAnswer {
			pdu := smbtest.Responses(q, make([]byte, 100), 0)[0]
			binary.LittleEndian.PutUint16(pdu[8:], 0xFFFF)
			return smbtest.PipeAnswer{Raw: [][]byte{pdu}}
		}
		begun := time.Now()
		r, err := visit(t.Context(), t, way, server, nullsession.Reader{Timeout: 7 * time.Second})
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(begun), 8*time.Second)
		require.Equal(t, "no answer", r.NullSession.Calls[0].Status)
		require.Contains(t, r.NullSession.Partial, "time")
	})
}

// A list that is cut at any length gives what a whole one gives or nothing.
func TestCutLists(t *testing.T) {
	whole := genuine("srvsvc", dcerpc.Request{Opnum: srvsvc.OpShareEnum}).Stub
	for _, way := range []string{"3.1.1", "SMB1"} {
		for n := range len(whole) {
			synctest.Test(t, func(t *testing.T) {
				server := files(way)
				server.Call = func(pipe string, q dcerpc.Request) smbtest.PipeAnswer {
					a := genuine(pipe, q)
					if q.Opnum == srvsvc.OpShareEnum {
						a.Stub = a.Stub[:n]
					}
					return a
				}
				r, err := visit(t.Context(), t, way, server, nullsession.Reader{NoShareAccess: true})
				require.NoError(t, err)
				require.Empty(t, r.NullSession.Shares)
				require.True(t, strings.Contains(r.NullSession.SharesStatus, "truncated"), "%d bytes: %s", n, r.NullSession.SharesStatus)
				require.Equal(t, "ГРУППА", r.NullSession.ServerInfo.LANGroup, "the rest goes on")
			})
		}
	}
}
