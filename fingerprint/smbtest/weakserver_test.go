package smbtest_test

import (
	"encoding"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// exchangeWeak sends messages over one connection to a server and returns the header of each answer.
func exchangeWeak(t *testing.T, s *smbtest.WeakServer, messages ...encoding.BinaryAppender) (headers []smb.SMB1Header) {
	t.Helper()
	network := smbtest.NewNetwork(smbtest.Path{})
	l, err := network.Listen("192.0.2.1:445")
	require.NoError(t, err)
	defer smbtest.Serve(l, s.Handle)()
	conn, err := network.Dial(t.Context(), "tcp", "192.0.2.1:445")
	require.NoError(t, err)
	defer conn.Close()
	for _, m := range messages {
		b, err := m.AppendBinary(nil)
		require.NoError(t, err)
		framed, err := smb.AppendFrame(nil, b)
		require.NoError(t, err)
		_, err = conn.Write(framed)
		require.NoError(t, err)
		answer := make([]byte, smb.FrameHeaderSize+smb.SMB1HeaderSize+3)
		_, err = io.ReadFull(conn, answer)
		require.NoError(t, err)
		h, err := smb.ParseSMB1Header(answer[smb.FrameHeaderSize:])
		require.NoError(t, err)
		headers = append(headers, h)
	}
	return headers
}

// A ping is known by its function and by the sum of its time limit's bytes; the implant answers nothing else.
func TestWeakServerPing(t *testing.T) {
	ping := func(function uint16, timeout uint32) smb.SMB1Transaction2Request {
		return smb.SMB1Transaction2Request{
			Header: smb.SMB1Header{Command: smb.SMB1Transaction2, MID: 65}, Timeout: timeout, Setup: smb.SMB1Trans2Setup(function),
		}
	}
	const setup, good = smb.SMB1Trans2SessionSetup, 0x00A4D9A6
	peek := smb.SMB1TransactionRequest{
		Header: smb.SMB1Header{Command: smb.SMB1Transaction, MID: 64}, Setup: smb.SMB1PeekNMPipe(0), Name: []byte(smb.SMB1PipeName),
	}
	for name, tt := range map[string]struct {
		server *smbtest.WeakServer
		mids   [5]uint16
		status [2]dtyp.NTStatus // of the peek and of the first ping
		key    byte             // the first of the marked answer's signature
	}{
		"zero value": {&smbtest.WeakServer{}, [5]uint16{64, 65, 65, 65, 65}, [2]dtyp.NTStatus{dtyp.StatusInvalidHandle, dtyp.StatusNotImplemented}, 0},
		"implanted": {
			&smbtest.WeakServer{Implant: true, Peek: dtyp.StatusInsuffServerResources}, [5]uint16{64, 81, 81, 65, 65},
			[2]dtyp.NTStatus{dtyp.StatusInsuffServerResources, dtyp.StatusNotImplemented}, 0x5E,
		},
		"another key": {
			&smbtest.WeakServer{Implant: true, ImplantKey: 0x1122, Ping: dtyp.StatusAccessDenied}, [5]uint16{64, 81, 81, 65, 65},
			[2]dtyp.NTStatus{dtyp.StatusInvalidHandle, dtyp.StatusAccessDenied}, 0x22,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := exchangeWeak(t, tt.server, peek, ping(setup, good), ping(setup, 0x23), ping(setup, 0x24), ping(5, good))
			var mids [5]uint16
			for i, h := range got {
				require.True(t, h.IsResponse())
				mids[i] = h.MID
			}
			require.Equal(t, tt.mids, mids)
			require.Equal(t, tt.status, [2]dtyp.NTStatus{got[0].Status, got[1].Status})
			require.Equal(t, tt.key, got[1].SecurityFeatures[0])
			require.Zero(t, got[3].SecurityFeatures)
			require.Equal(t, 1, tt.server.Count(smbtest.StepPeek))
			require.Equal(t, 3, tt.server.Count(smbtest.StepPing))
			require.Len(t, tt.server.Requests(), 5)
		})
	}
}
