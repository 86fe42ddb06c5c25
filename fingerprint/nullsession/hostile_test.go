package nullsession_test

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc"
	"github.com/smbscope/smbscope/testdata"
)

const openServer = "samba-4.17.12-null-open"

// An answer is a frame of a recording in which a pipe answers.
type answer struct {
	dialogue, frame int
	probe           string
}

// answers lists those of a recording that are made of PDUs.
func answers(t testing.TB, name string) (list []answer) {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	for i, d := range dialogues {
		probe := ""
		for j, f := range d.Frames {
			if f.Sent {
				probe = f.Probe
			} else if r, err := smb.ParseSMB2IoctlResponse(f.Data); err == nil && dcerpc.IsPDU(r.Output) {
				list = append(list, answer{i, j, probe})
			}
		}
	}
	require.NotEmpty(t, list)
	return list
}

// altered returns a recording in which one answer of a pipe is another one.
func altered(t testing.TB, name string, at answer, alter func(pdu []byte) []byte) []*dialogue.Dialogue {
	t.Helper()
	dialogues, err := testdata.Dialogues(name)
	require.NoError(t, err)
	d := *dialogues[at.dialogue]
	d.Frames = slices.Clone(d.Frames)
	r, err := smb.ParseSMB2IoctlResponse(d.Frames[at.frame].Data)
	require.NoError(t, err)
	r.Output = alter(slices.Clone(r.Output))
	d.Frames[at.frame].Data, err = r.AppendBinary(nil)
	require.NoError(t, err)
	dialogues[at.dialogue] = &d
	return dialogues
}

// readFrom reads from a server of some dialogues and checks what holds whatever they say.
func readFrom(t testing.TB, dialogues []*dialogue.Dialogue, o nullsession.Reader) *fingerprint.Report {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{})
	l, err := network.Listen("192.0.2.1:445")
	require.NoError(t, err)
	stop := smbtest.Serve(l, smbtest.NewReplay(dialogues).Handle)
	defer stop()
	s := &fingerprint.Scanner{Level: fingerprint.LevelQuick, NullSession: true, GuestMapping: true, Dial: network.Dial, Extend: o.Read}
	begun := time.Now()
	r, err := s.Scan(context.Background(), "192.0.2.1")
	require.NoError(t, err)
	require.LessOrEqual(t, time.Since(begun), 35*time.Second)
	require.Equal(t, report.Yes, r.NullSession.Session)
	evidenced(t, r)
	require.Less(t, len(text(t, r)), 1<<20)
	return r
}

// A fault in the place of any answer is the status of that call, and the rest goes on.
func TestFaultInEachPlace(t *testing.T) {
	for _, at := range answers(t, openServer) {
		synctest.Test(t, func(t *testing.T) {
			var want string
			dialogues := altered(t, openServer, at, func(pdu []byte) []byte {
				h, err := dcerpc.ParseHeader(pdu)
				require.NoError(t, err)
				f := dcerpc.Fault{Header: dcerpc.Header{Flags: dcerpc.PFCWhole, CallID: h.CallID}, Status: dcerpc.FaultAccessDenied}
				want = f.Err().Error()
				b, err := f.AppendBinary(nil)
				require.NoError(t, err)
				return b
			})
			r := readFrom(t, dialogues, nullsession.Reader{PipeAudit: true})
			if !strings.Contains(at.probe, "Close") { // that a handle was given back is of no interest
				require.Contains(t, text(t, r.NullSession), want, at.probe)
			}
			require.NotEmpty(t, r.NullSession.Pipes)
		})
	}
}

// Whatever number stands in an answer, reading ends with a report that holds, and invents nothing: no list has more
// entries than there are bytes.
func TestHostileNumbers(t *testing.T) {
	values := []uint32{0, 1 << 31, 0xFFFFFFFF}
	for _, at := range answers(t, openServer) {
		t.Run(at.probe, func(t *testing.T) {
			size := 0
			altered(t, openServer, at, func(pdu []byte) []byte { size = len(pdu); return pdu })
			for offset := dcerpc.HeaderSize; offset+4 <= size; offset += 4 {
				if offset > dcerpc.HeaderSize+40 && offset%92 != 0 {
					continue // texts, and entries like those before
				}
				for _, v := range values {
					synctest.Test(t, func(t *testing.T) {
						r := readFrom(t, altered(t, openServer, at, func(pdu []byte) []byte {
							binary.LittleEndian.PutUint32(pdu[offset:], v)
							return pdu
						}), nullsession.Reader{PipeAudit: true})
						n := r.NullSession
						require.LessOrEqual(t, len(n.Shares)+len(n.Users)+len(n.Groups)+len(n.Endpoints), 64)
					})
				}
			}
		})
	}
}

// An answer that is cut, at whatever byte, has a status, and what was learnt before it stays.
func TestCutAnswers(t *testing.T) {
	for _, at := range answers(t, openServer) {
		if at.probe != "null-session-srvsvc-NetrShareEnum" && at.probe != "null-session-samr-SamrEnumerateUsersInDomain" {
			continue
		}
		size := 0
		altered(t, openServer, at, func(pdu []byte) []byte { size = len(pdu); return pdu })
		for n := 0; n < size; n += 7 {
			synctest.Test(t, func(t *testing.T) {
				r := readFrom(t, altered(t, openServer, at, func(pdu []byte) []byte { return pdu[:n] }), nullsession.Reader{PipeAudit: true})
				require.NotNil(t, r.NullSession.ServerInfo)
				require.Equal(t, "LAB-OPEN", r.NullSession.ServerInfo.Name)
				if at.probe == "null-session-srvsvc-NetrShareEnum" {
					require.Empty(t, r.NullSession.Shares)
					require.NotEqual(t, "ERROR_SUCCESS", r.NullSession.SharesStatus)
				}
			})
		}
	}
}

// FuzzRead changes some bytes of one answer of a recorded server: reading ends with a report that holds.
func FuzzRead(f *testing.F) {
	list := answers(f, openServer)
	for i := range list {
		f.Add(uint8(i), uint16(8), []byte{0xFF, 0xFF}) // frag_length
		f.Add(uint8(i), uint16(24), []byte{0, 0, 0, 0x80})
	}
	f.Fuzz(func(t *testing.T, which uint8, offset uint16, patch []byte) {
		dialogues := altered(t, openServer, list[int(which)%len(list)], func(pdu []byte) []byte {
			copy(pdu[int(offset)%len(pdu):], patch)
			return pdu
		})
		readFrom(t, dialogues, nullsession.Reader{PipeAudit: true})
	})
}
