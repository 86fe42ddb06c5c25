package nullsession_test

import (
	"encoding"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A fake is a server that grants null sessions over 2.1 and has the pipe srvsvc, whose calls a test answers.
type fake struct {
	t testing.TB
	// pipe returns the bytes that the pipe gives in answer to a request, one slice for each read; it goes on with the last
	// one for ever where endless is set.
	pipe    func(r dcerpc.Request) [][]byte
	endless bool
	silent  bool // nothing is answered any more once the pipe was asked

	commands map[smb.SMB2Command]int
}

func (f *fake) handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	var reads [][]byte
	asked := false
	for {
		var head [smb.FrameHeaderSize]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		request := make([]byte, binary.BigEndian.Uint32(head[:])&0xFFFFFF)
		if _, err := io.ReadFull(conn, request); err != nil {
			return
		}
		h, err := smb.ParseSMB2Header(request)
		if err != nil {
			return
		}
		f.commands[h.Command]++
		if r, err := smb.ParseSMB2IoctlRequest(request); err == nil {
			if q, err := dcerpc.ParseRequest(r.Input); err == nil {
				asked = true
				reads = f.pipe(q)
			} else {
				b, err := dcerpc.ParseBind(r.Input)
				require.NoError(f.t, err)
				reads = [][]byte{f.bytes(dcerpc.BindAck{
					Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: b.Header.CallID}, Results: []dcerpc.Result{{TransferSyntax: dcerpc.NDR()}},
				})}
			}
		}
		if f.silent && asked {
			_, _ = io.Copy(io.Discard, conn)
			return
		}
		reply, err := smb.AppendFrame(nil, f.reply(h, request, &reads))
		require.NoError(f.t, err)
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

func (f *fake) bytes(x encoding.BinaryAppender) []byte {
	b, err := x.AppendBinary(nil)
	require.NoError(f.t, err)
	return b
}

func (f *fake) reply(h smb.SMB2Header, request []byte, reads *[][]byte) []byte {
	h.Flags, h.Credits, h.Status = h.Flags|smb.SMB2FlagServerToRedir, 1, 0
	next := func() []byte {
		if len(*reads) == 0 {
			return nil
		}
		out := (*reads)[0]
		if !f.endless || len(*reads) > 1 {
			*reads = (*reads)[1:]
		}
		return out
	}
	switch h.Command {
	case smb.SMB2Negotiate:
		return f.bytes(negotiate.SMB2Response{Header: h, Dialect: smb.DialectSMB210, MaxTransactSize: 1 << 16, MaxReadSize: 1 << 16, MaxWriteSize: 1 << 16})
	case smb.SMB2SessionSetup:
		h.SessionID = 7
		r := smb.SMB2SessionSetupResponse{Header: h}
		if s, err := smb.ParseSMB2SessionSetupRequest(request); err == nil && !strings.Contains(string(s.SecurityBuffer), "NTLMSSP\x00\x03") {
			r.Header.Status = dtyp.StatusMoreProcessingRequired
			r.SecurityBuffer = f.bytes(spnego.NegTokenResp{ResponseToken: f.bytes(ntlmssp.Challenge{
				Flags: ntlmssp.FlagNegotiateUnicode, AVPairs: []ntlmssp.AVPair{ntlmssp.TextPair(ntlmssp.AVNbComputerName, "FAKE")},
			})})
		}
		return f.bytes(r)
	case smb.SMB2TreeConnect:
		h.TreeID = 3
		r, err := smb.ParseSMB2TreeConnectRequest(request)
		require.NoError(f.t, err)
		if strings.HasPrefix(r.PathText(), `\\FAKE\smbscope-`) {
			h.Status = dtyp.StatusBadNetworkName
			return f.bytes(smb.SMB2ErrorResponse{Header: h})
		}
		return f.bytes(smb.SMB2TreeConnectResponse{Header: h, ShareType: smb.SMB2SharePipe})
	case smb.SMB2Create:
		if r, err := smb.ParseSMB2CreateRequest(request); err != nil || r.NameText() != "srvsvc" {
			h.Status = dtyp.StatusObjectNameNotFound
			return f.bytes(smb.SMB2ErrorResponse{Header: h})
		}
		return f.bytes(smb.SMB2CreateResponse{Header: h, FileID: smb.SMB2FileID{1}})
	case smb.SMB2Ioctl:
		return f.bytes(smb.SMB2IoctlResponse{Header: h, CtlCode: smb.FSCTLPipeTransceive, FileID: smb.SMB2FileID{1}, Output: next()})
	case smb.SMB2Read:
		return f.bytes(smb.SMB2ReadResponse{Header: h, Data: next()})
	case smb.SMB2Close:
		return f.bytes(smb.SMB2CloseResponse{Header: h})
	case smb.SMB2TreeDisconnect:
		return f.bytes(smb.SMB2TreeDisconnectResponse{Header: h})
	}
	h.Status = dtyp.StatusNotSupported
	return f.bytes(smb.SMB2ErrorResponse{Header: h})
}

// answered returns the PDUs that answer a request with a stub, each of at most size bytes of it.
func (f *fake) answered(q dcerpc.Request, stub []byte, size int) (pdus [][]byte) {
	for first := true; first || len(stub) > 0; first = false {
		n := min(size, len(stub))
		r := dcerpc.Response{Header: dcerpc.Header{CallID: q.Header.CallID}, AllocHint: uint32(len(stub)), Stub: stub[:n]}
		if first {
			r.Header.Flags |= dcerpc.PFCFirstFrag
		}
		if stub = stub[n:]; len(stub) == 0 {
			r.Header.Flags |= dcerpc.PFCLastFrag
		}
		pdus = append(pdus, f.bytes(r))
	}
	return pdus
}

// faulted answers a request with a fault.
func (f *fake) faulted(q dcerpc.Request) [][]byte {
	return [][]byte{f.bytes(dcerpc.Fault{
		Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: q.Header.CallID}, Status: dcerpc.FaultOpRangeError,
	})}
}

// read reads from the fake.
func (f *fake) read(o nullsession.Reader) *fingerprint.Report {
	f.commands = map[smb.SMB2Command]int{}
	network := smbtest.NewNetwork(smbtest.Path{})
	l, err := network.Listen("192.0.2.1:445")
	require.NoError(f.t, err)
	stop := smbtest.Serve(l, f.handle)
	defer stop()
	s := &fingerprint.Scanner{Level: fingerprint.LevelQuick, NullSession: true, Dial: network.Dial, Extend: o.Read}
	r, err := s.Scan(f.t.Context(), "192.0.2.1")
	require.NoError(f.t, err)
	require.Equal(f.t, fingerprint.LevelQuick, r.Level)
	evidenced(f.t, r)
	return r
}
