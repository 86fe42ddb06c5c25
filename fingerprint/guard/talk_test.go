package guard_test

import (
	"encoding"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A talk is a client behind a guard and a server that the test plays.
type talk struct {
	t      testing.TB
	conn   *guard.Conn
	server *smbtest.Conn
}

func start(t testing.TB, o guard.Options) *talk {
	client, server := smbtest.Pipe(smbtest.Path{Down: smbtest.Link{Buffer: 8 << 20}, Up: smbtest.Link{Buffer: 8 << 20}})
	k := &talk{t: t, conn: guard.New(client, o), server: server}
	t.Cleanup(func() { _, _ = k.conn.Close(), k.server.Close() })
	return k
}

func frame(t testing.TB, msg []byte) []byte {
	b, err := smb.AppendFrame(nil, msg)
	require.NoError(t, err)
	return b
}

// ask sends a message of the client.
func (k *talk) ask(msg []byte) {
	k.t.Helper()
	require.NoError(k.t, k.try(msg))
	got := make([]byte, smb.FrameHeaderSize+len(msg))
	_, err := io.ReadFull(k.server, got)
	require.NoError(k.t, err)
	require.Equal(k.t, frame(k.t, msg), got)
}

// try sends a message of the client that may be refused.
func (k *talk) try(msg []byte) error {
	_, err := k.conn.Write(frame(k.t, msg))
	return err
}

// tell sends a message of the server and returns why it was refused; the client must get it else.
func (k *talk) tell(msg []byte) error {
	k.t.Helper()
	return k.raw(frame(k.t, msg), true)
}

// raw sends bytes of the server, all of which the client must get unless the error tells why not, or none.
func (k *talk) raw(b []byte, pass bool) error {
	k.t.Helper()
	_, err := k.server.Write(b)
	require.NoError(k.t, err)
	if !pass {
		n, err := k.conn.Read(make([]byte, 1))
		require.Zero(k.t, n)
		return err
	}
	got := make([]byte, len(b))
	n, err := io.ReadFull(k.conn, got)
	if err != nil {
		require.Zero(k.t, n, "bytes of a frame that was refused")
		return err
	}
	require.Equal(k.t, b, got)
	return nil
}

// refused wants the rule of a refusal, the same error from then on, and a closed connection.
func (k *talk) refused(err, rule error) {
	k.t.Helper()
	require.ErrorIs(k.t, err, rule)
	var refusal *guard.RefusedError
	require.ErrorAs(k.t, err, &refusal)
	require.Equal(k.t, rule, refusal.Rule)
	require.Contains(k.t, err.Error(), rule.Error())
	require.Equal(k.t, err, k.conn.Err())
	_, again := k.conn.Read(make([]byte, 1))
	require.Equal(k.t, err, again)
	_, again = k.conn.Write([]byte{0})
	require.Equal(k.t, err, again)
	require.NoError(k.t, k.conn.Close())
	require.NoError(k.t, k.server.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, again = io.Copy(io.Discard, k.server)
	require.NoError(k.t, again, "the connection is still open")
}

func encode(t testing.TB, m encoding.BinaryAppender) []byte {
	t.Helper()
	b, err := m.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

// A put is a little-endian field of a body.
type put struct {
	at, size int
	value    uint64
}

func u8(at int, v uint8) put   { return put{at, 1, uint64(v)} }
func u16(at int, v uint16) put { return put{at, 2, uint64(v)} }
func u32(at int, v uint32) put { return put{at, 4, uint64(v)} }

// poke returns a copy of a message with other fields.
func poke(msg []byte, puts ...put) []byte {
	b := append([]byte(nil), msg...)
	for _, p := range puts {
		var v [8]byte
		binary.LittleEndian.PutUint64(v[:], p.value)
		copy(b[p.at:p.at+p.size], v[:])
	}
	return b
}

// message makes a message of a header and a body of zeros with some fields, whose offsets count from the body.
func message(h smb.SMB2Header, size int, puts ...put) []byte {
	b, _ := h.AppendBinary(nil)
	return append(b, poke(make([]byte, size), puts...)...)
}

func asks(c smb.SMB2Command, id uint64) smb.SMB2Header {
	return smb.SMB2Header{Command: c, MessageID: id, CreditCharge: 1, Credits: 1}
}

func says(c smb.SMB2Command, id uint64) smb.SMB2Header {
	return smb.SMB2Header{Command: c, MessageID: id, Credits: 1, Flags: smb.SMB2FlagServerToRedir}
}

func with(h smb.SMB2Header, change func(*smb.SMB2Header)) smb.SMB2Header {
	change(&h)
	return h
}

func status(h smb.SMB2Header, s dtyp.NTStatus) smb.SMB2Header {
	h.Status = s
	return h
}

// failure is an error response.
func failure(c smb.SMB2Command, id uint64, s dtyp.NTStatus) []byte {
	return message(status(says(c, id), s), 9, u16(0, 9))
}

func contexts(t testing.TB, list ...interface {
	Context() (negotiate.Context, error)
}) []negotiate.Context {
	var all []negotiate.Context
	for _, c := range list {
		ctx, err := c.Context()
		require.NoError(t, err)
		all = append(all, ctx)
	}
	return all
}

// offer is a negotiate request for every dialect.
func offer(t testing.TB) negotiate.SMB2Request {
	return negotiate.SMB2Request{
		Header: asks(smb.SMB2Negotiate, 0), Dialects: smb.Dialects(), Capabilities: smb.CapEncryption,
		Contexts: contexts(t, negotiate.PreauthIntegrity{HashAlgorithms: []negotiate.HashAlgorithm{negotiate.HashSHA512}, Salt: []byte{1}},
			negotiate.Encryption{Ciphers: []negotiate.Cipher{negotiate.CipherAES128GCM}},
			negotiate.Signing{Algorithms: []negotiate.SigningAlgorithm{negotiate.SigningAESCMAC}},
			negotiate.Compression{Algorithms: []negotiate.CompressionAlgorithm{negotiate.CompressionLZ77}}),
	}
}

// choice is the answer to offer that chooses a dialect.
func choice(t testing.TB, d smb.Dialect) negotiate.SMB2Response {
	r := negotiate.SMB2Response{
		Header: says(smb.SMB2Negotiate, 0), Dialect: d, Capabilities: smb.CapEncryption,
		MaxTransactSize: 1 << 16, MaxReadSize: 1 << 16, MaxWriteSize: 1 << 16,
		SecurityBuffer: encode(t, spnego.NegTokenInit2{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}}),
	}
	if d == smb.DialectSMB311 {
		r.Contexts = offer(t).Contexts
	}
	return r
}

// negotiated has agreed on a dialect.
func negotiated(t testing.TB, o guard.Options, d smb.Dialect) *talk {
	t.Helper()
	k := start(t, o)
	k.ask(encode(t, offer(t)))
	require.NoError(t, k.tell(encode(t, choice(t, d))))
	return k
}

const sessionID = 0x1234

func setup(id uint64, session uint64, token []byte) smb.SMB2SessionSetupRequest {
	h := asks(smb.SMB2SessionSetup, id)
	h.SessionID = session
	return smb.SMB2SessionSetupRequest{Header: h, SecurityBuffer: token}
}

func setupAnswer(id uint64, s dtyp.NTStatus, flags smb.SessionFlags, token []byte) smb.SMB2SessionSetupResponse {
	h := status(says(smb.SMB2SessionSetup, id), s)
	h.SessionID = sessionID
	return smb.SMB2SessionSetupResponse{Header: h, SessionFlags: flags, SecurityBuffer: token}
}

func firstToken(t testing.TB) []byte {
	return encode(t, spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: encode(t, ntlmssp.DefaultNegotiate())})
}

func challenge() ntlmssp.Challenge {
	return ntlmssp.Challenge{
		TargetName: []byte("N\x00"), Flags: ntlmssp.FlagNegotiateUnicode | ntlmssp.FlagNegotiateTargetInfo, Version: &ntlmssp.Version{},
		AVPairs: []ntlmssp.AVPair{
			ntlmssp.TextPair(ntlmssp.AVNbDomainName, "D"), {ID: ntlmssp.AVFlags, Value: make([]byte, 4)}, ntlmssp.TimestampPair(1),
		},
	}
}

func challengeToken(t testing.TB, ntlm []byte) []byte {
	state := spnego.AcceptIncomplete
	return encode(t, spnego.NegTokenResp{NegState: &state, SupportedMech: spnego.OIDNTLMSSP, ResponseToken: ntlm})
}

func lastToken(t testing.TB, user string) []byte {
	a := ntlmssp.AnonymousAuthenticate(0)
	if user != "" {
		a.UserName = []byte(user)
	}
	return encode(t, spnego.NegTokenResp{ResponseToken: encode(t, a)})
}

// challenged has got as far as the client's last token.
func challenged(t testing.TB, o guard.Options, d smb.Dialect, user string) *talk {
	t.Helper()
	k := negotiated(t, o, d)
	k.ask(encode(t, setup(1, 0, firstToken(t))))
	token := challengeToken(t, encode(t, challenge()))
	require.NoError(t, k.tell(encode(t, setupAnswer(1, dtyp.StatusMoreProcessingRequired, 0, token))))
	k.ask(encode(t, setup(2, sessionID, lastToken(t, user))))
	return k
}

// loggedOn has a session of a user; the next message has id 3.
func loggedOn(t testing.TB, o guard.Options, d smb.Dialect) *talk {
	t.Helper()
	k := challenged(t, o, d, "user")
	require.NoError(t, k.tell(encode(t, setupAnswer(2, dtyp.StatusSuccess, 0, nil))))
	return k
}
