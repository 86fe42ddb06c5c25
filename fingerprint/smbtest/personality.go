package smbtest

import (
	"crypto/sha256"
	"encoding/binary"
	"net"
	"slices"
	"time"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
)

// A PersonalityRole is what a Personality plays in its network.
type PersonalityRole string

// The roles of a Personality. A stack that knows no domains has the role of a workgroup's host.
const (
	RoleWorkgroup        PersonalityRole = "workgroup"
	RoleMember           PersonalityRole = "member"
	RoleDomainController PersonalityRole = "dc"
)

// A Personality is a server that never existed: it answers as a product is documented to, with messages that this module
// builds. Its name begins with "synthetic-", and so do all names that it tells. It is for tests, for demonstrations and
// for the tests of importers. How well identification works must never be measured with one: a personality knows what
// the tables of identification know, and nothing else.
//
// What it gives is what a client sees without an account: negotiations of SMB1 and SMB2, an NTLM challenge, the logon of
// nobody and of an unknown user, and IPC$. It has no shares, no files and no pipes, and nothing waits: Windows 11 24H2 and
// Server 2025 would refuse a logon after two seconds only. The exported fields up to NullSession tell what is documented
// of the product, for a test to compare with; changing them changes the answers. What looks random is drawn from Name and
// the request, so that the same request has the same answer in whatever order connections come. It is safe for concurrent
// use while its fields do not change and Now is.
type Personality struct {
	// Name begins with "synthetic-".
	Name string
	// Product is what it stands for.
	Product string
	Role    PersonalityRole
	// Sources say where the values come from.
	Sources []string
	// Tells are its deviations from the specification, as what a report says of them has it: "where: what".
	Tells []string

	// Version is the version in NTLM challenges; nil where the product sends none.
	Version *ntlmssp.Version
	// Dialects are the SMB2 dialects that it takes, in ascending order.
	Dialects []smb.Dialect
	// SigningRequired says that it takes nothing unsigned once somebody has logged on.
	SigningRequired bool
	// Ciphers, Compression, Signing and RDMA are the algorithms that it takes with 3.1.1; of those of the client the first
	// is chosen. Without Ciphers it has no encryption with 3.1.1; without the others it does not answer their contexts.
	Ciphers     []negotiate.Cipher
	Compression []negotiate.CompressionAlgorithm
	Signing     []negotiate.SigningAlgorithm
	RDMA        []negotiate.RDMATransformID
	// Encrypts30 says that it encrypts with 3.0 and 3.0.2.
	Encrypts30 bool
	// SMB1 says that it takes NT LM 0.12; NativeOS and NativeLanMan are what it tells then.
	SMB1                   bool
	NativeOS, NativeLanMan string
	// StartTime says that it tells when its service was started.
	StartTime bool
	// NullSession says that it takes the logon of nobody.
	NullSession bool

	// Computer and Domain are its NetBIOS names; DNSComputer and DNSDomain the others. They are made up.
	Computer, Domain, DNSComputer, DNSDomain string
	// Now is its clock; nil means time.Now.
	Now func() time.Time

	old   personalitySMB1
	smb2  personalitySMB2
	logon personalityLogon
}

// Handle serves one connection, for [Serve]. A session request for its own name or for *SMBSERVER is taken, so that it
// can serve port 139 as well.
func (p Personality) Handle(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c := &personalityConn{p: p}
	for {
		request, err := readRequest(conn)
		if err != nil {
			return
		}
		var reply []byte
		if request.Kind == dialogue.Session {
			reply = c.session(request.Data)
		} else if message := c.answer(request.Data); message != nil {
			reply, err = smb.AppendFrame(nil, message)
		}
		if err != nil || reply == nil {
			return
		}
		if _, err := conn.Write(reply); err != nil || reply[0] == byte(smb.FrameNegativeResponse) {
			return
		}
	}
}

// A personalityConn is one connection to a Personality.
type personalityConn struct {
	p          Personality
	netBIOS    bool // it began with a session request
	begun      bool // a message was read
	negotiated bool // a dialect was chosen
	upgraded   bool // SMB1 has led to SMB2
	extended   bool // SMB1 with extended security
	next       uint64
	challenged bool
	nobody     bool // a session of nobody stands
}

// session answers a session request ([RFC 1002] 4.3).
func (c *personalityConn) session(packet []byte) []byte {
	r, err := smb.ParseSessionRequest(packet[smb.FrameHeaderSize:])
	if err != nil || c.begun || c.netBIOS || c.p.smb2.noNetBIOS {
		return nil
	}
	names := []smb.NetBIOSName{
		smb.MakeNetBIOSName("*SMBSERVER", smb.SuffixFileServer), smb.MakeNetBIOSName(c.p.Computer, smb.SuffixFileServer),
	}
	if !slices.Contains(names, r.Called) {
		return []byte{byte(smb.FrameNegativeResponse), 0, 0, 1, byte(smb.SessionCalledNotPresent)}
	}
	c.netBIOS = true
	return []byte{byte(smb.FramePositiveResponse), 0, 0, 0}
}

// answer returns the answer to a message; nil closes the connection.
func (c *personalityConn) answer(request []byte) []byte {
	c.begun = true
	if smb.IsSMB2(request) {
		return c.answerSMB2(request)
	}
	return c.answerSMB1(request)
}

// drawn returns n bytes, at most 32, that look random and depend on the name, on what they are for and on the request.
func (p Personality) drawn(n int, what string, request []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(p.Name), []byte(what), request} {
		var size [8]byte
		binary.LittleEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write(part)
	}
	return h.Sum(nil)[:n]
}

// guid returns a random GUID of version 4, as Windows has them, or what the product has instead.
func (p Personality) guid() (g dtyp.GUID) {
	if p.smb2.zeroGUID {
		return g
	}
	copy(g[:], p.drawn(len(g), "ServerGuid", nil))
	if p.smb2.letters {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		for i := range g {
			g[i] = letters[int(g[i])%len(letters)]
		}
		return g
	}
	g[7], g[8] = g[7]&0x0F|0x40, g[8]&0x3F|0x80
	return g
}

// now returns the clock and the start of the service, which was in the evening of the day before.
func (p Personality) now() (now, started dtyp.Filetime) {
	clock := time.Now
	if p.Now != nil {
		clock = p.Now
	}
	at := clock().UTC()
	now = dtyp.FiletimeOf(at)
	switch {
	case p.smb2.startsNow:
		started = now
	case p.StartTime:
		started = dtyp.FiletimeOf(at.Truncate(24 * time.Hour).Add(-6 * time.Hour))
	}
	return now, started
}

// joined tells whether it belongs to a domain.
func (p Personality) joined() bool { return p.Role != RoleWorkgroup }
