package nullsession_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dcerpc/wkssvc"
)

// The ways to a session, each with its own messages.
var ways = map[string]*smbtest.PipeServer{
	"3.1.1":            {Dialects: []smb.Dialect{smb.DialectSMB311}},
	"2.0.2":            {Dialects: []smb.Dialect{smb.DialectSMB202}},
	"SMB1":             {Dialects: []smb.Dialect{}, NTLM012: true},
	"SMB1 without GSS": {Dialects: []smb.Dialect{}, NTLM012: true, NotExtended: true},
}

// files returns the server of a way with five shares, and answers of srvsvc and wkssvc.
func files(way string) *smbtest.PipeServer {
	w := ways[way]
	return &smbtest.PipeServer{
		Dialects: w.Dialects, NTLM012: w.NTLM012, NotExtended: w.NotExtended,
		Pipes: []string{"srvsvc", "wkssvc"}, Call: genuine,
		Shares: []smbtest.PipeShare{
			{Name: "public", Access: smb.AccessReadData, Root: smb.AccessReadData},
			{Name: "Данные", Access: smb.AccessReadData | smb.AccessWriteData, Root: smb.AccessReadData | smb.AccessWriteData},
			{Name: "hidden$", Access: smb.AccessReadData},
		},
	}
}

// genuine answers as a server does that tells everything.
func genuine(pipe string, q dcerpc.Request) smbtest.PipeAnswer {
	switch {
	case pipe == "srvsvc" && q.Opnum == srvsvc.OpShareEnum:
		shares, _ := srvsvc.MakeShares(
			srvsvc.Share{Netname: ndr.MakeText("public"), Remark: ndr.MakeText("for all 🎉")},
			srvsvc.Share{Netname: ndr.MakeText("Данные"), Remark: ndr.MakeText("")},
			srvsvc.Share{Netname: ndr.MakeText("hidden$"), Type: srvsvc.ShareSpecial},
			srvsvc.Share{Netname: ndr.MakeText("printer"), Type: srvsvc.SharePrintQueue},
			srvsvc.Share{Netname: ndr.MakeText("IPC$"), Type: srvsvc.ShareIPC | srvsvc.ShareSpecial},
		)
		return answerOf(srvsvc.ShareEnumResponse{Level: 1, Shares: shares, TotalEntries: 5, ResumeHandle: new(uint32)})
	case pipe == "srvsvc" && q.Opnum == srvsvc.OpServerGetInfo:
		r, _ := srvsvc.ParseServerGetInfoRequest(q.Stub)
		return answerOf(srvsvc.ServerGetInfoResponse{Level: r.Level, InfoStruct: &srvsvc.ServerInfo{
			PlatformID: 500, Name: ndr.MakeText("FILES"), Comment: ndr.MakeText("a server"), UserPath: ndr.MakeText(`c:\`),
		}})
	case pipe == "wkssvc" && q.Opnum == wkssvc.OpWkstaGetInfo:
		return answerOf(wkssvc.WkstaGetInfoResponse{Level: wkssvc.LevelWksta, WkstaInfo: &wkssvc.WkstaInfo{
			PlatformID: 500, ComputerName: ndr.MakeText("FILES"), LANGroup: ndr.MakeText("ГРУППА"), VerMajor: 6, VerMinor: 1,
		}})
	}
	return smbtest.PipeAnswer{Fault: dcerpc.FaultOpRangeError}
}

func answerOf(x interface{ AppendBinary([]byte) ([]byte, error) }) smbtest.PipeAnswer {
	stub, err := x.AppendBinary(nil)
	if err != nil {
		return smbtest.PipeAnswer{Fault: dcerpc.FaultNDR}
	}
	return smbtest.PipeAnswer{Stub: stub}
}

// visit scans a genuine server of a way without logons, and then reads from another one that has taken its place.
func visit(ctx context.Context, t *testing.T, way string, server *smbtest.PipeServer, o nullsession.Reader) (*fingerprint.Report, error) {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{})
	l, err := network.Listen("192.0.2.1:445")
	require.NoError(t, err)
	handle := files(way).Handle
	stop := smbtest.Serve(l, func(conn net.Conn) { handle(conn) })
	s := &fingerprint.Scanner{Level: fingerprint.LevelStandard, NoNTLM: true, Dial: network.Dial, Sequential: true}
	r, err := s.Scan(t.Context(), "192.0.2.1")
	stop()
	require.NoError(t, err)
	require.Equal(t, report.OutcomeSMB, r.Outcome, way)
	before := r.Cost

	l, err = network.Listen("192.0.2.1:445")
	require.NoError(t, err)
	defer smbtest.Serve(l, server.Handle)()
	err = o.Read(ctx, s, r)
	holds(t, r)
	require.Equal(t, len(server.Requests()), r.Cost.Requests-before.Requests, "every request is counted")
	require.Zero(t, network.Counts().Open, "no connection stays open")
	return r, err
}

// holds checks what is true of every report, whatever the server says.
func holds(t *testing.T, r *fingerprint.Report) {
	t.Helper()
	require.NotNil(t, r.NullSession)
	first, err := json.Marshal(r)
	require.NoError(t, err)
	var again fingerprint.Report
	require.NoError(t, json.Unmarshal(first, &again))
	second, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
	evidenced(t, r)
}

// each runs a test for each way, in a bubble of its own.
func each(t *testing.T, test func(t *testing.T, way string)) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, way) })
		})
	}
}

// learnt is what a report has of the server, as far as it got.
func learnt(r *fingerprint.Report) string {
	n := r.NullSession
	return fmt.Sprint(len(n.Shares), " shares; calls ", len(n.Calls), "; pipes ", len(n.Pipes))
}
