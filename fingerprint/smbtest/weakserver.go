package smbtest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net"
	"sync"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A WeakServer is an SMB1 server for tests of the weakness checks: it answers a peek of a named pipe as a server does that
// has the update of MS17-010, or has it not, and a ping as a server does that has the DoublePulsar implant, or has it not.
//
// It is synthetic. Only what the checks look at is as documented; nothing in it is weak, nor an implant: it runs nothing
// and stores nothing. Its native strings say so. The zero value takes NT LM 0.12 alone, grants the anonymous logon and
// IPC$, has the update and no implant. Its fields must not change while it serves.
type WeakServer struct {
	// Dialects are the SMB2 dialects that it takes too; nil means none.
	Dialects []smb.Dialect
	// NoSMB1 says that it takes no dialect of SMB1; NotExtended that it has no extended security there.
	NoSMB1, NotExtended bool
	// NativeOS and NativeLANManager are what it calls itself; empty means a Windows that says that it is synthetic.
	NativeOS, NativeLANManager string
	// Anonymous and IPC are the statuses of the anonymous logon and the connect of IPC$. Zero grants them.
	Anonymous, IPC dtyp.NTStatus
	// Peek is the status of a peek of a pipe that is not open: STATUS_INSUFF_SERVER_RESOURCES of a server without the
	// update. Zero means STATUS_INVALID_HANDLE, that of one that has it.
	Peek dtyp.NTStatus
	// Implant says that it answers a ping as DoublePulsar does.
	Implant bool
	// ImplantKey is what the implant puts in the place of a signature: the seed of its key, and its architecture. Zero means
	// ImplantKey, the constant.
	ImplantKey uint64
	// Ping is the status of a ping. Zero means STATUS_NOT_IMPLEMENTED, that of every server.
	Ping dtyp.NTStatus
	// Step, where set, is asked before each request is answered, as that of a PipeServer: StepPeek and StepPing are the
	// requests of the checks.
	Step func(PipeRequest) PipeAction

	once   sync.Once
	server *PipeServer
}

// ImplantKey is the constant with which honeypots that pretend to have the implant answer (Dionaea's 0x5273365E).
const ImplantKey = 0x5273365E

// pingSum is the sum of the bytes of the time limit with which DoublePulsar is pinged, modulo 256.
const pingSum = 0x23

const (
	weakOS         = "Windows 6.1 (synthetic, smbtest)"
	weakLANManager = "Windows 6.1 (synthetic, smbtest)"
)

func (s *WeakServer) nativeOS() string { return cmp.Or(s.NativeOS, weakOS) }

func (s *WeakServer) nativeLANManager() string { return cmp.Or(s.NativeLANManager, weakLANManager) }

// Handle serves one connection.
func (s *WeakServer) Handle(conn net.Conn) { s.pipes().Handle(conn) }

// Requests returns what the server was sent, in order.
func (s *WeakServer) Requests() []PipeRequest { return s.pipes().Requests() }

// Count returns how many requests of a step came.
func (s *WeakServer) Count(step string) int { return s.pipes().Count(step) }

func (s *WeakServer) pipes() *PipeServer {
	s.once.Do(func() {
		dialects := append([]smb.Dialect{}, s.Dialects...) // nil would mean all
		s.server = &PipeServer{Dialects: dialects, NTLM012: !s.NoSMB1, NotExtended: s.NotExtended, Computer: "SYNTHETIC", Step: s.step, weak: s}
	})
	return s.server
}

// step refuses what is to be refused, unless the test decides otherwise.
func (s *WeakServer) step(r PipeRequest) PipeAction {
	var a PipeAction
	if s.Step != nil {
		a = s.Step(r)
	}
	if a.Status == 0 {
		a.Status = map[string]dtyp.NTStatus{StepLogon: s.Anonymous, StepConnect: s.IPC}[r.Step]
	}
	return a
}

// answer answers the requests of the checks.
func (s *WeakServer) answer(op pipeOp) pipeResult {
	if op.Step == StepPeek {
		return pipeResult{status: cmp.Or(s.Peek, dtyp.StatusInvalidHandle)}
	}
	var sum byte
	for _, b := range binary.LittleEndian.AppendUint32(nil, op.timeout) {
		sum += b
	}
	return pipeResult{status: cmp.Or(s.Ping, dtyp.StatusNotImplemented), marked: s.Implant && sum == pingSum}
}

// mark makes an answer the implant's.
func (s *WeakServer) mark(h *smb.SMB1Header) {
	h.MID += smb.SMB1ImplantMark
	binary.LittleEndian.PutUint64(h.SecurityFeatures[:], cmp.Or(s.ImplantKey, ImplantKey))
}

func isSessionSetup(r smb.SMB1Transaction2Request) bool {
	return bytes.Equal(r.Setup, smb.SMB1Trans2Setup(smb.SMB1Trans2SessionSetup))
}
