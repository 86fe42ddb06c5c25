package smbtest

import (
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A PipeServer is an SMB server for one kind of client: one that logs on as nobody, connects shares, opens their roots and
// calls named pipes. It reads no file and has none. What a pipe answers is for a test to say, and so is which request is
// refused, left without an answer, or costs the connection. The zero value takes every SMB2 dialect and has no pipe.
//
// Nothing in it is random and nothing waits, so that it answers the same requests with the same bytes. Its fields must not
// change while it serves; its functions are called by one goroutine for each connection.
type PipeServer struct {
	// Dialects are the SMB2 dialects that it takes; nil means all of them, an empty slice none.
	Dialects []smb.Dialect
	// NTLM012 says that it takes SMB1 as well; NotExtended that it has no extended security there.
	NTLM012, NotExtended bool
	// Computer is the name that it tells; empty means FILES.
	Computer string
	// SessionFlags are what it tells of a session, Samba none.
	SessionFlags smb.SessionFlags
	// Shares are there beside IPC$. The root of one that has no Root tells no rights, as servers without MxAc do.
	Shares []PipeShare
	// Pipes are the names of the pipes that can be opened; any other is not found.
	Pipes []string
	// Bind answers the bind of a pipe; nil accepts all contexts.
	Bind func(pipe string, b dcerpc.Bind) PipeAnswer
	// Call answers a call over a pipe; nil, as the zero answer of a call, is a response without a stub.
	Call func(pipe string, q dcerpc.Request) PipeAnswer
	// Step, where set, is asked before each request is answered, and decides what becomes of it.
	Step func(PipeRequest) PipeAction
	// FragmentSize bounds the stub of one response PDU in bytes; 0 means 4256, which fits dcerpc.MaxFragment.
	FragmentSize int

	weak *WeakServer // whose server this is; nil for one of its own

	mu          sync.Mutex
	connections int
	requests    []PipeRequest
}

// A PipeShare is a share of a PipeServer.
type PipeShare struct {
	Name   string
	Kind   smb.SMB2ShareType // zero is a disk
	Access smb.AccessMask    // MaximalAccess of the tree connect
	Root   smb.AccessMask    // MaximalAccess of the root's open; zero tells none
}

// A PipeAnswer is what a pipe gives: a stub, or one of the others.
type PipeAnswer struct {
	Stub  []byte
	Fault dcerpc.FaultStatus
	// Raw is what one read of the pipe after the other gives, whatever it is; Endless gives the last of it for ever.
	Raw     [][]byte
	Endless bool
}

// The steps of a client, as PipeRequest.Step names them.
const (
	StepNegotiate  = "negotiate"
	StepChallenge  = "challenge"
	StepLogon      = "logon"
	StepConnect    = "connect"
	StepDisconnect = "disconnect"
	StepOpen       = "open"
	StepBind       = "bind"
	StepCall       = "call"
	StepRead       = "read"
	StepClose      = "close"
	StepPeek       = "peek"  // of a named pipe
	StepPing       = "ping"  // TRANS2_SESSION_SETUP
	StepOther      = "other" // what this server does not know
)

// A PipeRequest is a request that a PipeServer was sent.
type PipeRequest struct {
	Number     int    // of the request, from 1, over all connections
	Connection int    // from 1
	Step       string // StepNegotiate and so on
	Name       string // of the share, the file or the pipe
	Opnum      uint16 // of a call
	Access     smb.AccessMask
	Options    smb.CreateOptions
	Command    string // the command's name, with the protocol before it
}

// A PipeAction tells what becomes of a request. The zero value is that it is answered as usual.
type PipeAction struct {
	Status dtyp.NTStatus // a refusal
	Silent bool          // no answer, and none to what follows
	Close  bool          // the connection is closed instead of an answer
	Reset  bool          // the connection is reset instead of an answer
	Before func()        // called first
}

// Requests returns what the server was sent, in order.
func (s *PipeServer) Requests() []PipeRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Count returns how many requests of a step came.
func (s *PipeServer) Count(step string) (n int) {
	for _, r := range s.Requests() {
		if r.Step == step {
			n++
		}
	}
	return n
}

// maxPipeRequest is the largest message that is taken, in bytes.
const maxPipeRequest = 1 << 20

// Handle serves one connection.
func (s *PipeServer) Handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	s.mu.Lock()
	s.connections++
	c := &pipeConn{server: s, number: s.connections, trees: map[uint32]*PipeShare{}, files: map[uint16]*pipeFile{}}
	s.mu.Unlock()
	for {
		request, err := readMessage(conn)
		if err != nil {
			return
		}
		reply, action := c.serve(request)
		switch {
		case action.Silent:
			discard(conn)
			return
		case action.Reset:
			ResetAtOnce(conn)
			return
		case action.Close, reply == nil:
			return
		}
		framed, err := smb.AppendFrame(nil, reply)
		if err != nil {
			return
		}
		if _, err := conn.Write(framed); err != nil {
			return
		}
	}
}

func readMessage(conn net.Conn) ([]byte, error) {
	var head [smb.FrameHeaderSize]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	h, err := smb.ParseFrameHeader(head[:])
	if err != nil || h.Length > maxPipeRequest {
		return nil, io.ErrUnexpectedEOF
	}
	message := make([]byte, h.Length)
	_, err = io.ReadFull(conn, message)
	return message, err
}

// A pipeConn is one connection of a PipeServer.
type pipeConn struct {
	server   *PipeServer
	number   int
	trees    map[uint32]*PipeShare
	files    map[uint16]*pipeFile
	last     uint16 // tree or file
	extended bool   // of SMB1
}

// A pipeFile is a pipe that is open, or the root of a share, and what it has yet to give.
type pipeFile struct {
	name    string
	queue   [][]byte
	endless bool
}

// A pipeOp is a request without what SMB1 and SMB2 do differently, and a pipeResult such an answer.
type pipeOp struct {
	PipeRequest
	blob []byte
	tree uint32
	fid  uint16
	in   []byte
	max  int

	timeout uint32 // of a ping
}

type pipeResult struct {
	status dtyp.NTStatus
	blob   []byte
	tree   uint32
	share  *PipeShare
	fid    uint16
	out    []byte
	silent bool
	marked bool // the implant's answer
}

func (c *pipeConn) serve(request []byte) ([]byte, PipeAction) {
	op, encode := c.smb2(request)
	if encode == nil {
		op, encode = c.smb1(request)
	}
	if encode == nil {
		return nil, PipeAction{Close: true}
	}
	c.describe(&op)
	s := c.server
	s.mu.Lock()
	op.Number, op.Connection = len(s.requests)+1, c.number
	s.requests = append(s.requests, op.PipeRequest)
	s.mu.Unlock()
	var action PipeAction
	if s.Step != nil {
		action = s.Step(op.PipeRequest)
	}
	if action.Before != nil {
		action.Before()
	}
	if action.Status != 0 {
		return encode(pipeResult{status: action.Status}), action
	}
	result := c.do(op)
	action.Silent = action.Silent || result.silent
	return encode(result), action
}

// describe tells what goes over a pipe, and in a logon.
func (c *pipeConn) describe(op *pipeOp) {
	switch op.Step {
	case StepChallenge:
		if strings.Contains(string(op.blob), "NTLMSSP\x00\x03") {
			op.Step = StepLogon
		}
	case StepCall:
		if q, err := dcerpc.ParseRequest(op.in); err == nil {
			op.Opnum = q.Opnum
		} else {
			op.Step = StepBind
		}
	}
	if f := c.files[op.fid]; f != nil && op.Step != StepOpen {
		op.Name = f.name
	}
}

func (c *pipeConn) do(op pipeOp) pipeResult {
	switch op.Step {
	case StepNegotiate, StepLogon:
		return pipeResult{}
	case StepChallenge:
		return c.challenge()
	case StepConnect:
		return c.connect(op.Name)
	case StepDisconnect:
		delete(c.trees, op.tree)
		return pipeResult{}
	case StepOpen:
		return c.open(op)
	case StepBind, StepCall:
		return c.transact(op)
	case StepRead:
		return c.read(op)
	case StepClose:
		delete(c.files, op.fid)
		return pipeResult{}
	case StepPeek, StepPing:
		if c.server.weak != nil {
			return c.server.weak.answer(op)
		}
	}
	return pipeResult{status: dtyp.StatusNotSupported}
}

func (s *PipeServer) computer() string {
	if s.Computer == "" {
		return "FILES"
	}
	return s.Computer
}

func (c *pipeConn) challenge() pipeResult {
	message, err := ntlmssp.Challenge{
		Flags:   ntlmssp.FlagNegotiateUnicode,
		AVPairs: []ntlmssp.AVPair{ntlmssp.TextPair(ntlmssp.AVNbComputerName, c.server.computer())},
	}.AppendBinary(nil)
	if err != nil {
		return pipeResult{status: dtyp.StatusNotSupported}
	}
	blob, err := spnego.NegTokenResp{SupportedMech: spnego.OIDNTLMSSP, ResponseToken: message}.AppendBinary(nil)
	if err != nil {
		return pipeResult{status: dtyp.StatusNotSupported}
	}
	return pipeResult{status: dtyp.StatusMoreProcessingRequired, blob: blob}
}

const ipcShare = "IPC$"

func (c *pipeConn) connect(name string) pipeResult {
	share := &PipeShare{Name: ipcShare, Kind: smb.SMB2SharePipe}
	if !strings.EqualFold(name, ipcShare) {
		i := slices.IndexFunc(c.server.Shares, func(s PipeShare) bool { return strings.EqualFold(s.Name, name) })
		if i < 0 {
			return pipeResult{status: dtyp.StatusBadNetworkName}
		}
		share = &c.server.Shares[i]
	}
	c.last++
	c.trees[uint32(c.last)] = share
	return pipeResult{tree: uint32(c.last), share: share}
}

func (c *pipeConn) open(op pipeOp) pipeResult {
	share := c.trees[op.tree]
	switch {
	case share == nil:
		return pipeResult{status: dtyp.StatusNotSupported}
	case share.Name != ipcShare && op.Name == "":
	case share.Name != ipcShare, !slices.Contains(c.server.Pipes, op.Name):
		return pipeResult{status: dtyp.StatusObjectNameNotFound}
	}
	c.last++
	c.files[c.last] = &pipeFile{name: op.Name}
	return pipeResult{fid: c.last, share: share}
}
