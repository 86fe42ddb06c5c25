package nullsession_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb/dcerpc"
)

// FuzzPipes reads from a server whose every answer of a pipe is changed by the input: bytes of it are laid over the stubs,
// or are what the pipe gives. Whatever comes, the reading ends in its time with a report that holds.
func FuzzPipes(f *testing.F) {
	f.Add(uint8(0), uint16(0), []byte{})
	f.Add(uint8(0), uint16(12), []byte{0xFF, 0xFF, 0xFF, 0xFF})
	f.Add(uint8(1), uint16(20), []byte{0, 0, 0, 0x80})
	f.Add(uint8(2), uint16(3), []byte("\x05\x00\x02\x03\x10\x00\x00\x00\xff\xff\x00\x00\x02\x00\x00\x00"))
	f.Add(uint8(3), uint16(30), []byte{1, 2, 3})
	names := []string{"3.1.1", "SMB1"}
	f.Fuzz(func(t *testing.T, mode uint8, at uint16, data []byte) {
		way := names[mode%2]
		synctest.Test(t, func(t *testing.T) {
			server := files(way)
			server.Pipes = []string{"srvsvc", "wkssvc", "lsarpc", "samr", "epmapper"}
			server.Call = func(pipe string, q dcerpc.Request) smbtest.PipeAnswer {
				a := genuine(pipe, q)
				switch mode / 2 % 3 {
				case 0: // over the stub
					if a.Fault != 0 {
						return smbtest.PipeAnswer{Stub: data}
					}
					if int(at) < len(a.Stub) {
						copy(a.Stub[at:], data)
					}
				case 1: // over the PDU
					pdu := smbtest.Responses(q, append(a.Stub, data...), 0)[0]
					copy(pdu[int(at)%len(pdu):], data)
					return smbtest.PipeAnswer{Raw: [][]byte{pdu}, Endless: at&1 != 0}
				case 2: // instead of it
					return smbtest.PipeAnswer{Raw: [][]byte{data}, Endless: at&1 != 0}
				}
				return a
			}
			begun := time.Now()
			_, err := visit(t.Context(), t, way, server, nullsession.Reader{MaxBytes: 1 << 20, NoShareAccess: true})
			require.NoError(t, err)
			require.LessOrEqual(t, time.Since(begun), 45*time.Second)
		})
	})
}
