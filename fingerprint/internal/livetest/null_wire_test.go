//go:build linux

package livetest

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// harmless are the calls that may be made over each pipe, by opnum: those that read. Pipes of an audit have none.
func harmless() map[string][]uint16 {
	return map[string][]uint16{
		"srvsvc":   {15, 21},                                                       // [MS-SRVS] 3.1.4
		"wkssvc":   {0},                                                            // [MS-WKST] 3.2.4
		"lsarpc":   {0, 7, 44, 46, 57},                                             // [MS-LSAD] 3.1.4, [MS-LSAT] 3.1.4
		"samr":     {0, 1, 5, 6, 7, 8, 11, 13, 15, 40, 46, 48, 51, 56, 57, 62, 64}, // [MS-SAMR] 3.1.5
		"epmapper": {2, 4},                                                         // [C706] appendix O
		"spoolss":  {}, "netdfs": {}, "netlogon": {}, "eventlog": {}, "efsrpc": {}, "FssagentRpc": {},
	}
}

// A watch goes through what a scan has sent over one connection, and knows what the server's answers have opened.
type watch struct {
	t     *testing.T
	trees map[uint32]string // share by tree
	files map[string]string // pipe by file, or "" for the root of a share
	close string            // the file that has to be closed next
	seen  map[string]int    // what was done, how often
	roots map[string]bool   // shares whose root was opened
}

// requireHarmless fails the test if anything was sent that could change something on a server or make it act, and returns
// what was done and the shares whose root was opened.
func requireHarmless(t *testing.T, dialogues []*dialogue.Dialogue) (done map[string]int, roots map[string]bool) {
	t.Helper()
	done, roots = map[string]int{}, map[string]bool{}
	for _, d := range dialogues {
		w := &watch{t: t, trees: map[uint32]string{}, files: map[string]string{}, seen: done, roots: roots}
		for i, f := range d.Frames {
			if !f.Sent || f.Kind != dialogue.Message {
				continue
			}
			var reply []byte
			for _, g := range d.Frames[i+1:] {
				if !g.Sent && g.Kind == dialogue.Message && smb.Relate(f.Data, g.Data) == smb.Answers {
					reply = g.Data
					break
				}
			}
			if smb.IsSMB2(f.Data) {
				w.smb2(f.Data, reply)
			} else {
				w.smb1(f.Data, reply)
			}
		}
	}
	return done, roots
}

func (w *watch) smb2(sent, reply []byte) {
	h, err := smb.ParseSMB2Header(sent)
	require.NoError(w.t, err)
	require.Zero(w.t, h.NextCommand, "a compound")
	w.next(h.Command == smb.SMB2Close)
	switch h.Command {
	case smb.SMB2Negotiate, smb.SMB2SessionSetup, smb.SMB2TreeDisconnect, smb.SMB2Logoff:
	case smb.SMB2TreeConnect:
		r, err := smb.ParseSMB2TreeConnectRequest(sent)
		require.NoError(w.t, err)
		if a, err := smb.ParseSMB2TreeConnectResponse(reply); err == nil {
			w.trees[a.Header.TreeID] = share(r.PathText())
		}
		w.connect(share(r.PathText()))
	case smb.SMB2Create:
		r, err := smb.ParseSMB2CreateRequest(sent)
		require.NoError(w.t, err)
		require.Equal(w.t, smb.SMB2OplockNone, r.RequestedOplockLevel)
		for context, err := range smb.SMB2CreateContexts(r.CreateContexts) {
			require.NoError(w.t, err)
			require.Equal(w.t, "MxAc", string(context.Name), "a question, and no lease")
		}
		id := ""
		if a, err := smb.ParseSMB2CreateResponse(reply); err == nil {
			id = a.FileID.String()
		}
		w.create(w.trees[h.TreeID], r.NameText(), r.DesiredAccess, r.CreateDisposition, r.CreateOptions, r.ShareAccess, id)
	case smb.SMB2Close:
		r, err := smb.ParseSMB2CloseRequest(sent)
		require.NoError(w.t, err)
		w.closed(r.FileID.String())
	case smb.SMB2Read:
		r, err := smb.ParseSMB2ReadRequest(sent)
		require.NoError(w.t, err)
		require.NotEmpty(w.t, w.files[r.FileID.String()], "only pipes are read from")
	case smb.SMB2Ioctl:
		r, err := smb.ParseSMB2IoctlRequest(sent)
		require.NoError(w.t, err)
		require.Equal(w.t, smb.FSCTLPipeTransceive, r.CtlCode)
		w.rpc(w.files[r.FileID.String()], r.Input)
	default:
		require.Fail(w.t, "a command that has no place here", "%v", h.Command)
	}
}

func (w *watch) smb1(sent, reply []byte) {
	h, err := smb.ParseSMB1Header(sent)
	require.NoError(w.t, err)
	w.next(h.Command == smb.SMB1Close)
	id := func(fid uint16) string { return fmt.Sprint(fid) }
	switch h.Command {
	case smb.SMB1Negotiate, smb.SMB1SessionSetupAndX, smb.SMB1TreeDisconnect, smb.SMB1LogoffAndX:
	case smb.SMB1TreeConnectAndX:
		r, err := smb.ParseSMB1TreeConnectRequest(sent)
		require.NoError(w.t, err)
		require.Equal(w.t, smb.SMB1NoFurtherCommand, r.AndXCommand)
		path := share(h.Text(r.Path))
		if a, err := smb.ParseSMB1TreeConnectResponse(reply); err == nil {
			w.trees[uint32(a.Header.TID)] = path
		}
		w.connect(path)
	case smb.SMB1NTCreateAndX:
		r, err := smb.ParseSMB1NTCreateRequest(sent)
		require.NoError(w.t, err)
		require.Equal(w.t, smb.SMB1NoFurtherCommand, r.AndXCommand)
		require.Zero(w.t, r.Flags&^smb.SMB1CreateExtendedResponse, "no oplock, no parent folder")
		file := ""
		if a, err := smb.ParseSMB1NTCreateResponse(reply); err == nil {
			file = id(a.FID)
		}
		name := strings.TrimPrefix(strings.TrimRight(h.Text(r.FileName), "\x00"), `\`)
		w.create(w.trees[uint32(h.TID)], name, r.DesiredAccess, r.CreateDisposition, r.CreateOptions, r.ShareAccess, file)
	case smb.SMB1Close:
		r, err := smb.ParseSMB1CloseRequest(sent)
		require.NoError(w.t, err)
		require.Contains(w.t, []uint32{0, 0xFFFFFFFF}, r.LastTimeModified, "a time would be set")
		w.closed(id(r.FID))
	case smb.SMB1ReadAndX:
		r, err := smb.ParseSMB1ReadRequest(sent)
		require.NoError(w.t, err)
		require.NotEmpty(w.t, w.files[id(r.FID)], "only pipes are read from")
	case smb.SMB1Transaction:
		r, err := smb.ParseSMB1TransactionRequest(sent)
		require.NoError(w.t, err)
		require.Len(w.t, r.Setup, 4)
		fid := uint16(r.Setup[2]) | uint16(r.Setup[3])<<8
		require.Equal(w.t, smb.SMB1TransactNMPipe(fid), r.Setup)
		w.rpc(w.files[id(fid)], r.Data)
	default:
		require.Fail(w.t, "a command that has no place here", "%v", h.Command)
	}
}

// share is the last part of a path.
func share(path string) string {
	path = strings.TrimRight(path, "\x00")
	return path[strings.LastIndexByte(path, '\\')+1:]
}

// next notes that another message follows: behind the open of a root it is its close.
func (w *watch) next(close bool) {
	require.True(w.t, w.close == "" || close, "the root of a share is left open")
}

// connect sees to it that a name that nobody has goes before every share.
func (w *watch) connect(share string) {
	w.seen["connect"]++
	control := regexp.MustCompile(`^smbscope-[0-9a-f]{12}$`).MatchString(share)
	if control {
		w.seen["control"]++
	}
	require.True(w.t, control || share == "IPC$" || w.seen["control"] > 0, "%q without a control before it", share)
}

func (w *watch) create(share, name string, access smb.AccessMask, how smb.CreateDisposition, options smb.CreateOptions, sharing smb.ShareAccess, id string) {
	w.t.Helper()
	require.Equal(w.t, smb.DispositionOpen, how, "nothing is made")
	require.Zero(w.t, options&smb.OptionDeleteOnClose)
	require.Equal(w.t, smb.ShareRead|smb.ShareWrite|smb.ShareDelete, sharing, "nobody is locked out")
	if share == "IPC$" {
		_, known := harmless()[name]
		require.True(w.t, known, "IPC$ is opened at %q", name)
		require.Zero(w.t, access&^(smb.AccessReadData|smb.AccessWriteData), "%v", access)
		w.seen["pipe"]++
		w.files[id] = name
		return
	}
	require.NotEmpty(w.t, share, "an open in no share")
	require.Empty(w.t, name, "only the root is opened")
	require.Equal(w.t, smb.AccessReadAttributes, access, "%v", access)
	require.Equal(w.t, smb.OptionDirectoryFile, options)
	w.seen["root"]++
	w.roots[share] = true
	if id != "" {
		w.files[id], w.close = "", id
	}
}

func (w *watch) closed(id string) {
	require.Contains(w.t, w.files, id)
	if w.close != "" {
		require.Equal(w.t, w.close, id)
	}
	w.close = ""
	delete(w.files, id)
}

// rpc checks a message over a pipe: binds, and calls that read.
func (w *watch) rpc(pipe string, pdu []byte) {
	require.NotEmpty(w.t, pipe, "a message to what is no pipe: %s", hex.EncodeToString(pdu))
	h, err := dcerpc.ParseHeader(pdu)
	require.NoError(w.t, err)
	w.seen["rpc "+pipe]++
	switch h.Type {
	case dcerpc.PDUBind:
		b, err := dcerpc.ParseBind(pdu)
		require.NoError(w.t, err)
		require.Len(w.t, b.Contexts, 1)
		i := slices.IndexFunc(nullsession.Pipes(), func(p nullsession.Pipe) bool { return p.Name == pipe })
		require.GreaterOrEqual(w.t, i, 0)
		id, err := dtyp.ParseGUID(nullsession.Pipes()[i].Interfaces[0].UUID)
		require.NoError(w.t, err)
		require.Equal(w.t, id, b.Contexts[0].AbstractSyntax.UUID)
	case dcerpc.PDURequest:
		r, err := dcerpc.ParseRequest(pdu)
		require.NoError(w.t, err)
		require.Contains(w.t, harmless()[pipe], r.Opnum, "a call over %s", pipe)
		w.seen["call "+pipe]++
	default:
		require.Fail(w.t, "a PDU that has no place here", "%v", h.Type)
	}
}

// What is sent to read everything, with an audit of pipes, asks for no right to change anything and makes nobody act.
func TestNullSessionIsHarmless(t *testing.T) {
	servers := map[string]func(testing.TB) *server{
		"3.1.1":          func(t testing.TB) *server { return startNull(t, open(), 445) },
		"NT LM 0.12":     func(t testing.TB) *server { return startNull(t, open(onlyNT1()...), 445) },
		"closed":         func(t testing.TB) *server { return startNull(t, closed(), 445) },
		"impacket":       func(t testing.TB) *server { return startImpacket(t) },
		"impacket, SMB2": func(t testing.TB) *server { return startImpacket(t, "-smb2support") },
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			var all []*dialogue.Dialogue
			scanner := &fingerprint.Scanner{
				NullSession: true, GuestMapping: true, Extend: nullsession.Reader{PipeAudit: true}.Read,
				Dialogues: func(d *dialogue.Dialogue) { all = append(all, d) },
			}
			r, err := scanner.Scan(t.Context(), s.Target())
			require.NoError(t, err)
			require.LessOrEqual(t, r.Cost.LogonAttempts, 1, "an invented account is tried once")
			done, roots := requireHarmless(t, all)
			t.Log(done, roots)
			require.NotContains(t, roots, "laser", "the root of a printer")
			if strings.Contains(name, "impacket") || name == "closed" {
				return
			}
			// The test would see nothing where nothing was asked.
			require.Equal(t, 1, done["control"])
			for pipe, calls := range harmless() {
				require.Equal(t, len(calls) > 0, done["call "+pipe] > 0, pipe)
			}
			for _, want := range nullShares() {
				if want.read == report.Yes {
					require.Contains(t, roots, want.name)
				}
			}
		})
	}
}
