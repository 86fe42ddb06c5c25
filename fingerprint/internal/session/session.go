// Package session holds the client's side of one SMB session over one connection: an NTLM challenge, a logon as nobody or
// as an account that was invented, shares, their roots, and named pipes.
//
// It can read and cannot write: no request of this package asks for a right to change anything, but for the two that a
// call over a named pipe needs. It knows no meaning of answers but success; what a server grants is for its users to judge.
package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/smbscope/smbscope/fingerprint/internal/exchange"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A Session is one connection after its negotiation. It is not safe for concurrent use.
type Session struct {
	// Wait tells how long to wait for the next answer.
	Wait func() time.Duration
	// Host is the server's name in paths where its challenge has told none.
	Host string

	conn      *exchange.Conn
	protocol  protocol
	challenge *ntlmssp.Challenge
}

// A protocol builds requests and reads answers in SMB1 or SMB2. Its parsers give a *StatusError for a failure that the
// server reports.
type protocol interface {
	setup(blob []byte) ([]byte, error)
	// isPlain tells whether logons go without a challenge of NTLM's own; anonymous builds such a one.
	isPlain() bool
	anonymous() ([]byte, error)
	// server is the name that the negotiation has told; empty where it told none.
	server() string
	parseSetup(reply []byte) (blob []byte, err error)
	connect(path string) ([]byte, error)
	parseConnect(reply []byte) (Tree, error)
	disconnect(t Tree) ([]byte, error)
	open(t Tree, what opening) ([]byte, error)
	parseOpen(t Tree, reply []byte) (File, error)
	transact(f File, in []byte) ([]byte, error)
	parseTransact(reply []byte) (out []byte, more bool, err error)
	read(f File) ([]byte, error)
	parseRead(reply []byte) (out []byte, more bool, err error)
	close(f File) ([]byte, error)
	status(reply []byte) error
}

var (
	// ErrNoAnswer says that no answer came: the dialogue tells why.
	ErrNoAnswer = errors.New("no answer")
	// ErrNoChallenge says that the server's answer holds no NTLM challenge.
	ErrNoChallenge = errors.New("no NTLM challenge")
)

// A StatusError is a failure that the server reports.
type StatusError struct {
	Token  string        // the specification's
	Status dtyp.NTStatus // 0 where SMB1 gave another code
}

func (e *StatusError) Error() string { return e.Token }

// ask sends a request that was built with err and returns the answer.
func (s *Session) ask(ctx context.Context, probe string, request []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", probe, err) // a defect of ours
	}
	reply := s.conn.Ask(ctx, probe, request, s.Wait())
	if reply == nil {
		return nil, ErrNoAnswer
	}
	return reply, nil
}

// Ready tells whether anything more can be asked.
func (s *Session) Ready() bool { return s.conn.Ready() }

// Plain tells whether the server takes logons without a challenge of NTLM's own.
func (s *Session) Plain() bool { return s.protocol.isPlain() }

// Challenge asks for an NTLM challenge: the first message of a logon, which names nobody and proves nothing.
func (s *Session) Challenge(ctx context.Context, probe string) error {
	message, err := ntlmssp.DefaultNegotiate().AppendBinary(nil)
	if err != nil {
		return fmt.Errorf("the NTLM negotiate message: %w", err)
	}
	blob, err := spnego.NegTokenInit{MechTypes: []spnego.OID{spnego.OIDNTLMSSP}, MechToken: message}.AppendBinary(nil)
	if err != nil {
		return fmt.Errorf("the first token: %w", err)
	}
	request, err := s.protocol.setup(blob)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return err
	}
	blob, err = s.protocol.parseSetup(reply)
	if err != nil {
		return err
	}
	token := blob
	if resp, err := spnego.ParseNegTokenResp(blob); err == nil {
		token = resp.ResponseToken
	}
	challenge, err := ntlmssp.ParseChallenge(token)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoChallenge, err)
	}
	s.challenge = &challenge
	return nil
}

// Anonymous logs on as nobody, behind a Challenge where the server takes one. Its error is a *StatusError where the server
// refuses.
func (s *Session) Anonymous(ctx context.Context, probe string) error {
	return s.logon(ctx, probe, account{})
}

// Invented logs on with an account that does not exist in the server's own domain, so that the server asks no other. It
// is an ErrNoChallenge error where the server has not told its name.
func (s *Session) Invented(ctx context.Context, probe string, rand io.Reader, now time.Time) error {
	domain := s.computer()
	if s.Plain() || domain == "" {
		return fmt.Errorf("%w with the server's name", ErrNoChallenge)
	}
	a, err := invent(rand, domain, now)
	if err != nil {
		return err
	}
	return s.logon(ctx, probe, a)
}

func (s *Session) logon(ctx context.Context, probe string, a account) error {
	build := func() ([]byte, error) { return s.authenticate(a) }
	if s.Plain() {
		build = s.protocol.anonymous
	}
	request, err := build()
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return err
	}
	if _, err = s.protocol.parseSetup(reply); err != nil {
		return err
	}
	return s.protocol.status(reply) // more to come is no success
}

// authenticate builds the last message of a logon.
func (s *Session) authenticate(a account) ([]byte, error) {
	if s.challenge == nil {
		return nil, ErrNoChallenge
	}
	message, err := a.authenticate(*s.challenge)
	if err != nil {
		return nil, err
	}
	blob, err := spnego.NegTokenResp{ResponseToken: message}.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	return s.protocol.setup(blob)
}

// computer returns the NetBIOS name that the server has told; empty where it told none.
func (s *Session) computer() string {
	if s.challenge == nil {
		return s.protocol.server()
	}
	for _, pair := range s.challenge.AVPairs {
		if pair.ID == ntlmssp.AVNbComputerName {
			return s.challenge.Flags.Text(pair.Value)
		}
	}
	return ""
}

// maxServerName is the longest name that is repeated in paths, in bytes.
const maxServerName = 255

// path returns the path of a share.
func (s *Session) path(share string) string { return `\\` + s.Server() + `\` + share }

// Server is what the server is called in paths and calls: the name that it has told, or else Host.
func (s *Session) Server() string {
	server := s.computer()
	if server == "" || len(server) > maxServerName || !printable(server) {
		return s.Host
	}
	return server
}

func printable(name string) bool {
	for _, r := range name {
		if r <= ' ' || r == '\\' || r == '/' {
			return false
		}
	}
	return true
}

// A Tree is a share that is connected.
type Tree struct {
	Kind smb.SMB2ShareType
	// Access are the rights that the share's own list grants; HasAccess tells whether the server said so.
	Access    smb.AccessMask
	HasAccess bool

	id uint32
}

// Connect connects a share.
func (s *Session) Connect(ctx context.Context, probe, share string) (Tree, error) {
	request, err := s.protocol.connect(s.path(share))
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return Tree{}, err
	}
	return s.protocol.parseConnect(reply)
}

// Disconnect takes leave of a share.
func (s *Session) Disconnect(ctx context.Context, probe string, t Tree) error {
	request, err := s.protocol.disconnect(t)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return err
	}
	return s.protocol.status(reply)
}

// A File is the root of a share or a named pipe that is open.
type File struct {
	// Access are the rights that the user has to it; HasAccess tells whether the server said so.
	Access    smb.AccessMask
	HasAccess bool

	tree uint32
	id   smb.SMB2FileID
	fid  uint16
}

// An opening is what is opened, and for what.
type opening struct {
	name    string
	access  smb.AccessMask
	options smb.CreateOptions
	maximal bool // ask which access the user has, in SMB2
}

// OpenRoot opens the root of a share to look at its attributes and no more, and asks which rights the user has to it, where
// the answer can be trusted.
func (s *Session) OpenRoot(ctx context.Context, probe string, t Tree) (File, error) {
	return s.open(ctx, probe, t, opening{access: smb.AccessReadAttributes, options: smb.OptionDirectoryFile, maximal: true})
}

// OpenPipe opens a named pipe of IPC$ for calls: to send and to receive over it.
func (s *Session) OpenPipe(ctx context.Context, probe string, t Tree, name string) (File, error) {
	return s.open(ctx, probe, t, opening{
		name: name, access: smb.AccessReadData | smb.AccessWriteData, options: smb.OptionNonDirectoryFile,
	})
}

func (s *Session) open(ctx context.Context, probe string, t Tree, what opening) (File, error) {
	request, err := s.protocol.open(t, what)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return File{}, err
	}
	return s.protocol.parseOpen(t, reply)
}

// Transact sends a message over a pipe and returns what comes back, and whether there is more to read.
func (s *Session) Transact(ctx context.Context, probe string, f File, in []byte) (out []byte, more bool, err error) {
	request, err := s.protocol.transact(f, in)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return nil, false, err
	}
	return s.protocol.parseTransact(reply)
}

// Read reads from a pipe, and tells whether there is more to read of the message.
func (s *Session) Read(ctx context.Context, probe string, f File) (out []byte, more bool, err error) {
	request, err := s.protocol.read(f)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return nil, false, err
	}
	return s.protocol.parseRead(reply)
}

// Close closes what is open.
func (s *Session) Close(ctx context.Context, probe string, f File) error {
	request, err := s.protocol.close(f)
	reply, err := s.ask(ctx, probe, request, err)
	if err != nil {
		return err
	}
	return s.protocol.status(reply)
}
