package nullsession_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/testdata"
)

// callsAllowed are the calls that reading makes, by the pipe: each of them only tells.
func callsAllowed() map[string][]uint16 {
	return map[string][]uint16{
		"srvsvc": {15, 21}, "wkssvc": {0}, "lsarpc": {0, 7, 44, 46, 57},
		"samr": {1, 5, 6, 7, 8, 11, 13, 15, 40, 57, 64}, "epmapper": {2},
	}
}

// Whatever the server, nothing is sent that writes, and nothing that could make it act: roots of shares are opened for
// their attributes alone, IPC$ and print shares have none opened, pipes are those that were asked for, and calls those
// that tell (behaviours 29 and 30).
func TestWhatIsSent(t *testing.T) {
	names, err := testdata.NullSessions()
	require.NoError(t, err)
	for _, name := range names {
		for _, o := range []nullsession.Reader{{}, {PipeAudit: true}} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					_, s := replayed(t, name, smbtest.Path{})
					s.Extend = o.Read
					var sent sentRequests
					s.Dialogues = func(d *dialogue.Dialogue) { sent.add(t, d) }
					_, err := s.Scan(t.Context(), recorded(t, name).Transports[0].Address)
					require.NoError(t, err)
					require.NotContains(t, sent.pipes, "winreg")
					audited := slices.ContainsFunc(sent.pipes, func(p string) bool { return callsAllowed()[p] == nil })
					require.Equal(t, o.PipeAudit && len(sent.pipes) > 0, audited)
				})
			})
		}
	}
}

// sentRequests are the requests of a scan and of reading.
type sentRequests struct {
	pipes []string // opened, or asked to be
}

func (s *sentRequests) add(t *testing.T, d *dialogue.Dialogue) {
	t.Helper()
	pipe, share := "", ""
	for _, f := range d.Frames {
		if !f.Sent || f.Kind != dialogue.Message {
			continue
		}
		if h, err := smb.ParseSMB2Header(f.Data); err == nil {
			require.Contains(t, []smb.SMB2Command{
				smb.SMB2Negotiate, smb.SMB2SessionSetup, smb.SMB2TreeConnect, smb.SMB2TreeDisconnect, smb.SMB2Create, smb.SMB2Close,
				smb.SMB2Ioctl, smb.SMB2Read,
			}, h.Command)
		} else {
			h, err := smb.ParseSMB1Header(f.Data)
			require.NoError(t, err)
			require.Contains(t, []smb.SMB1Command{
				smb.SMB1Negotiate, smb.SMB1SessionSetupAndX, smb.SMB1TreeConnectAndX, smb.SMB1TreeDisconnect, smb.SMB1NTCreateAndX,
				smb.SMB1Close, smb.SMB1Transaction, smb.SMB1ReadAndX,
			}, h.Command)
		}
		if r, err := smb.ParseSMB2TreeConnectRequest(f.Data); err == nil {
			share = shareOf(r.PathText())
		}
		if r, err := smb.ParseSMB1TreeConnectRequest(f.Data); err == nil {
			share = shareOf(r.Header.Text(r.Path))
		}
		if r, err := smb.ParseSMB2CreateRequest(f.Data); err == nil {
			require.Equal(t, smb.SMB2OplockNone, r.RequestedOplockLevel)
			pipe = s.create(t, share, r.NameText(), r.DesiredAccess, r.CreateDisposition, r.CreateOptions, r.ShareAccess)
		}
		if r, err := smb.ParseSMB1NTCreateRequest(f.Data); err == nil {
			require.Zero(t, r.Flags)
			name := strings.TrimPrefix(r.Header.Text(r.FileName), `\`)
			pipe = s.create(t, share, name, r.DesiredAccess, r.CreateDisposition, r.CreateOptions, r.ShareAccess)
		}
		if r, err := smb.ParseSMB2IoctlRequest(f.Data); err == nil {
			require.Equal(t, smb.FSCTLPipeTransceive, r.CtlCode)
			s.call(t, pipe, r.Input)
		}
		if r, err := smb.ParseSMB1TransactionRequest(f.Data); err == nil {
			require.EqualValues(t, smb.SMB1TransTransactNMPipe, uint16(r.Setup[0])|uint16(r.Setup[1])<<8)
			s.call(t, pipe, r.Data)
		}
	}
}

func shareOf(path string) string { return path[strings.LastIndexByte(path, '\\')+1:] }

func (s *sentRequests) create(t *testing.T, share, name string, access smb.AccessMask, d smb.CreateDisposition, o smb.CreateOptions, with smb.ShareAccess) string {
	t.Helper()
	require.Equal(t, smb.DispositionOpen, d)
	require.Equal(t, smb.ShareRead|smb.ShareWrite|smb.ShareDelete, with)
	if name == "" {
		require.Equal(t, smb.AccessReadAttributes, access)
		require.Equal(t, smb.OptionDirectoryFile, o)
		require.NotContains(t, []string{"IPC$", "laser"}, share)
		return ""
	}
	require.Equal(t, smb.OptionNonDirectoryFile, o)
	require.Equal(t, smb.AccessReadData|smb.AccessWriteData, access)
	s.pipes = append(s.pipes, name)
	return name
}

func (s *sentRequests) call(t *testing.T, pipe string, pdu []byte) {
	t.Helper()
	if q, err := dcerpc.ParseRequest(pdu); err == nil {
		require.Contains(t, callsAllowed()[pipe], q.Opnum, pipe)
		return
	}
	b, err := dcerpc.ParseBind(pdu)
	require.NoError(t, err)
	require.Len(t, b.Contexts, 1)
	require.Equal(t, []dcerpc.SyntaxID{dcerpc.NDR()}, b.Contexts[0].TransferSyntaxes)
}
