package smbtest_test

import (
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/wire"
)

// zooSent is what a hostile server sends for requests, within a time and a number of bytes, and whether it ended by itself.
// It has to end once its client has.
func zooSent(t *testing.T, handle func(net.Conn), within time.Duration, requests ...[]byte) (sent []byte, ended bool) {
	t.Helper()
	client, server := smbtest.Pipe(smbtest.Path{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		handle(server)
	}()
	for _, r := range requests {
		_, _ = client.Write(framed(t, r))
	}
	require.NoError(t, client.SetReadDeadline(time.Now().Add(within)))
	sent, err := io.ReadAll(io.LimitReader(client, 1<<20))
	ended = err == nil && len(sent) < 1<<20 || err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	require.NoError(t, client.Close())
	begun := time.Now()
	<-done
	require.LessOrEqual(t, time.Since(begun), 2*time.Second, "it goes on without its client")
	return sent, ended
}

// zooRequests are one negotiation in each protocol.
func zooRequests(t *testing.T) map[string][]byte {
	return map[string][]byte{"SMB2": build(t, negotiate.All()), "SMB1": build(t, negotiate.SMB1Only(smb.DialectNTLM012))}
}

// Hostile servers have names of their own and say what they do; with the same seed they send the same bytes, and they end
// when their client closes.
func TestZoo(t *testing.T) {
	again := smbtest.Zoo(1)
	names := map[string]bool{}
	for i, h := range smbtest.Zoo(1) {
		require.False(t, names[h.Name], h.Name)
		names[h.Name] = true
		require.Regexp(t, `^[a-z0-9]+/.`, h.Name)
		require.NotEmpty(t, h.Does)
		require.False(t, strings.HasSuffix(h.Does, "."), h.Does)
		require.Equal(t, h.Name, again[i].Name)
		for _, request := range zooRequests(t) {
			synctest.Test(t, func(t *testing.T) {
				first, _ := zooSent(t, h.Handle, 3*time.Second, request)
				second, _ := zooSent(t, again[i].Handle, 3*time.Second, request)
				require.Equal(t, first, second, h.Name)
			})
		}
	}
}

// Another seed makes other mutants, and changes nothing else.
func TestZooSeeds(t *testing.T) {
	other, request := smbtest.Zoo(2), build(t, negotiate.All())
	differ := 0
	for i, h := range smbtest.Zoo(1) {
		require.Equal(t, h.Name, other[i].Name)
		if strings.HasPrefix(h.Name, "fields/") {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			first, _ := zooSent(t, h.Handle, time.Second, request)
			second, _ := zooSent(t, other[i].Handle, time.Second, request)
			if strings.HasPrefix(h.Name, "mutants/") || h.Name == "identities/drawn" {
				if string(first) != string(second) {
					differ++
				}
				return
			}
			require.Equal(t, first, second, h.Name)
		})
	}
	require.Greater(t, differ, 8)
}

func hostile(t *testing.T, name string) func(net.Conn) {
	t.Helper()
	for _, h := range smbtest.Zoo(1) {
		if h.Name == name {
			return h.Handle
		}
	}
	require.Fail(t, "there is no "+name)
	return nil
}

// What some of them send for a plain negotiation.
func TestZooBytes(t *testing.T) {
	request := build(t, negotiate.All())
	genuine, err := smb.ParseSMB2Header(request)
	require.NoError(t, err)
	for name, check := range map[string]func(t *testing.T, sent []byte, ended bool){
		"frames/silent":         func(t *testing.T, sent []byte, ended bool) { require.Empty(t, sent); require.False(t, ended) },
		"frames/closes-at-once": func(t *testing.T, sent []byte, ended bool) { require.Empty(t, sent); require.True(t, ended) },
		"frames/byte-a-second":  func(t *testing.T, sent []byte, _ bool) { require.Len(t, sent, 9) },
		"frames/largest-frame-drips": func(t *testing.T, sent []byte, _ bool) {
			require.Equal(t, "\x00\xFF\xFF\xFF\xFESMB\x00\x00\x00\x00\x00", string(sent))
		},
		"frames/keep-alives": func(t *testing.T, sent []byte, _ bool) {
			require.Equal(t, strings.Repeat("\x85\x00\x00\x00", 1<<18), string(sent))
		},
		"answers/twice": func(t *testing.T, sent []byte, _ bool) {
			list := frames(t, sent)
			require.Len(t, list, 2)
			require.Equal(t, list[0], list[1])
			require.Equal(t, smb.DialectSMB311, chosen(t, list[0]).Dialect)
		},
		"answers/other-message-id": func(t *testing.T, sent []byte, _ bool) {
			require.NotEqual(t, genuine.MessageID, chosen(t, frames(t, sent)[0]).Header.MessageID)
		},
		"answers/pending": func(t *testing.T, sent []byte, _ bool) {
			list := frames(t, sent)
			require.Len(t, list, 9)
			require.Equal(t, smb.Unrelated, smb.Relate(request, list[8]))
		},
		"answers/oplock-break": func(t *testing.T, sent []byte, _ bool) {
			list := frames(t, sent)
			require.Len(t, list, 2)
			h, err := smb.ParseSMB2Header(list[0])
			require.NoError(t, err)
			require.Equal(t, uint64(smb.UnsolicitedMessageID), h.MessageID)
		},
		"compounds/next-backwards": func(t *testing.T, sent []byte, _ bool) {
			h, err := smb.ParseSMB2Header(frames(t, sent)[0])
			require.NoError(t, err)
			require.Equal(t, int32(-64), int32(h.NextCommand))
		},
		"transforms/encrypted":  func(t *testing.T, sent []byte, _ bool) { require.True(t, smb.IsTransform(frames(t, sent)[0])) },
		"transforms/compressed": func(t *testing.T, sent []byte, _ bool) { require.True(t, smb.IsCompressed(frames(t, sent)[0])) },
		"tokens/deep": func(t *testing.T, sent []byte, _ bool) {
			blob, depth := chosen(t, frames(t, sent)[0]).SecurityBuffer, 0
			for ; len(blob) > 0; depth++ {
				require.Equal(t, byte(0x30), blob[0])
				blob = blob[2+max(0, int(int8(blob[1]&0x7F))*int(blob[1]>>7)):]
			}
			require.Equal(t, 10_000, depth)
		},
		"fields/SMB2 NEGOTIATE Response/SecurityBufferLength=max": func(t *testing.T, sent []byte, _ bool) {
			require.Equal(t, "\xFF\xFF", string(frames(t, sent)[0][122:124]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent, ended := zooSent(t, hostile(t, name), 9*time.Second+time.Millisecond, request)
				check(t, sent, ended)
			})
		})
	}
}

// counted are the names that the codec gives to lengths, counts and offsets.
var counted = regexp.MustCompile(`(Size|Length|LengthHigh|Count|Offset|Displacement|Next|NextCommand|Count/Reserved|Offset/Reserved2)$`)

// The table of fields has each length, count and offset that the parsers of the codec read, at the place where they read
// it: they tell the name and the place of the field that a message is cut off in.
func TestZooFieldsAreTheCodecs(t *testing.T) {
	parsers := map[string]func([]byte) error{}
	parser := func(name string, parse func([]byte) error) { parsers[name] = parse }
	parser("SMB2 NEGOTIATE Response", func(b []byte) error { _, err := negotiate.ParseSMB2Response(b); return err })
	parser("SMB2 SESSION_SETUP Response", func(b []byte) error { _, err := smb.ParseSMB2SessionSetupResponse(b); return err })
	parser("SMB2 TREE_CONNECT Response", func(b []byte) error { _, err := smb.ParseSMB2TreeConnectResponse(b); return err })
	parser("SMB2 CREATE Response", func(b []byte) error { _, err := smb.ParseSMB2CreateResponse(b); return err })
	parser("SMB2 IOCTL Response", func(b []byte) error { _, err := smb.ParseSMB2IoctlResponse(b); return err })
	parser("SMB2 READ Response", func(b []byte) error { _, err := smb.ParseSMB2ReadResponse(b); return err })
	parser("SMB2 CLOSE Response", func(b []byte) error { _, err := smb.ParseSMB2CloseResponse(b); return err })
	parser("SMB2 ERROR Response", func(b []byte) error { _, err := smb.ParseSMB2ErrorResponse(b); return err })
	for _, name := range []string{"", " (LANMAN)", " (core)", " (without extended security)"} {
		parser("SMB_COM_NEGOTIATE response"+name, func(b []byte) error { _, err := negotiate.ParseSMB1Response(b); return err })
	}
	for _, name := range []string{"", " (without extended security)"} {
		parser("SMB_COM_SESSION_SETUP_ANDX response"+name, func(b []byte) error { _, err := smb.ParseSMB1SessionSetupResponse(b); return err })
	}
	parser("SMB_COM_TREE_CONNECT_ANDX response", func(b []byte) error { _, err := smb.ParseSMB1TreeConnectResponse(b); return err })
	parser("SMB_COM_NT_CREATE_ANDX response", func(b []byte) error { _, err := smb.ParseSMB1NTCreateResponse(b); return err })
	parser("SMB_COM_TRANSACTION response", func(b []byte) error { _, err := smb.ParseSMB1TransactionResponse(b); return err })
	parser("SMB_COM_READ_ANDX response", func(b []byte) error { _, err := smb.ParseSMB1ReadResponse(b); return err })
	met := map[string]bool{}
	for _, packet := range smbtest.ZooPackets() {
		message, fields := packet[smb.FrameHeaderSize:], smbtest.ZooFields(packet)
		require.NotEmpty(t, fields)
		name := strings.TrimSuffix(fields[0].Name, "/Length of the frame")
		parse := parsers[name]
		if parse == nil {
			continue
		}
		met[name] = true
		require.NoError(t, parse(message), name)
		for n := range len(message) {
			var failed *wire.ParseError
			if !errors.As(parse(message[:n]), &failed) || !counted.MatchString(failed.Field) {
				continue
			}
			at := -1
			for _, f := range fields {
				field := strings.TrimSuffix(strings.TrimPrefix(f.Name, name+"/"), " (header)")
				if field == failed.Field && f.At == failed.Offset {
					at = f.At
				}
			}
			require.Equal(t, failed.Offset, at, "%s has no field %s", name, failed.Field)
		}
	}
	require.Len(t, met, len(parsers))
}

// The stub of the pipes is what its comment says.
func TestZooShares(t *testing.T) {
	shares, err := srvsvc.MakeShares(
		srvsvc.Share{Netname: ndr.MakeText("public"), Remark: ndr.MakeText("")},
		srvsvc.Share{Netname: ndr.MakeText("IPC$"), Type: srvsvc.ShareIPC, Remark: ndr.MakeText("IPC")},
	)
	require.NoError(t, err)
	want, err := srvsvc.ShareEnumResponse{Level: 1, Shares: shares, TotalEntries: 2, ResumeHandle: new(uint32)}.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, want, smbtest.GenuineShares())
}
