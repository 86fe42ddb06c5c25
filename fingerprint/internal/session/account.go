package session

import (
	"fmt"
	"io"
	"time"

	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/wire"
)

// An account is who logs on. The zero value is nobody.
type account struct {
	user, domain string
	proof        [16]byte // in place of what a password would give
	challenge    [8]byte  // the client's
	now          time.Time
}

const (
	inventedPrefix = "smbscope-"
	inventedLength = 12 // random characters behind it
	letters        = "abcdefghijklmnopqrstuvwxyz234567"
)

// invent makes an account up. No password is drawn: what a response proves is a keyed hash of the password's hash, and a
// random one of those is as good as the hash of a random password.
func invent(rand io.Reader, domain string, now time.Time) (account, error) {
	a := account{domain: domain, now: now}
	var name [inventedLength]byte
	for _, random := range [][]byte{name[:], a.proof[:], a.challenge[:]} {
		if _, err := io.ReadFull(rand, random); err != nil {
			return account{}, fmt.Errorf("drawing an account: %w", err)
		}
	}
	for i := range name {
		name[i] = letters[int(name[i])%len(letters)]
	}
	a.user = inventedPrefix + string(name[:])
	return a, nil
}

func (a account) anonymous() bool { return a.user == "" }

// authenticate builds the type 3 message that answers a challenge.
func (a account) authenticate(c ntlmssp.Challenge) ([]byte, error) {
	m := ntlmssp.AnonymousAuthenticate(c.Flags)
	if a.anonymous() {
		return m.AppendBinary(nil)
	}
	response, err := a.response(c)
	if err != nil {
		return nil, err
	}
	m.Flags &^= ntlmssp.FlagAnonymous
	m.LmChallengeResponse = make([]byte, 24) // [MS-NLMP] 3.1.5.1.2: zeros beside a response with the server's time
	m.NtChallengeResponse = response
	m.UserName, m.DomainName = encode(m.Flags, a.user), encode(m.Flags, a.domain)
	return m.AppendBinary(nil)
}

func encode(flags ntlmssp.Flags, s string) []byte {
	if flags&ntlmssp.FlagNegotiateUnicode != 0 {
		return wire.AppendUTF16(nil, s)
	}
	return []byte(s)
}

// response builds an NTLM version 2 response ([MS-NLMP] 3.3.2).
func (a account) response(c ntlmssp.Challenge) ([]byte, error) {
	r := ntlmssp.NTLMv2Response{
		Response: a.proof, RespType: 1, HiRespType: 1, TimeStamp: dtyp.FiletimeOf(a.now), ChallengeFromClient: a.challenge,
		AVPairs: append(c.TargetInfo[:len(c.TargetInfo):len(c.TargetInfo)], 0, 0, 0, 0),
	}
	return r.AppendBinary(nil)
}
