package guard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/ntlmssp"
	"github.com/smbscope/smbscope/smb/spnego"
)

// A user who was asked for by name is not made a guest: that would end signing, and with it all that keeps others out.
func TestGuest(t *testing.T) {
	for _, flags := range []smb.SessionFlags{smb.SessionIsGuest, smb.SessionIsNull} {
		answer := encode(t, setupAnswer(2, dtyp.StatusSuccess, flags, nil))
		k := challenged(t, guard.Options{}, smb.DialectSMB202, "user")
		k.refused(k.tell(answer), guard.ErrGuest)
		k = challenged(t, guard.Options{AllowGuest: true}, smb.DialectSMB202, "user")
		require.NoError(t, k.tell(answer))
		k = challenged(t, guard.Options{}, smb.DialectSMB202, "")
		require.NoError(t, k.tell(answer), "an anonymous logon")
	}
	// A refused logon has no flags.
	k := challenged(t, guard.Options{}, smb.DialectSMB202, "user")
	require.NoError(t, k.tell(failure(smb.SMB2SessionSetup, 2, dtyp.StatusLogonFailure)))
}

// Before the logon is over no flag has a meaning, and one that is believed leaves a client without keys.
func TestFlagsBeforeTheEnd(t *testing.T) {
	for _, flags := range []smb.SessionFlags{smb.SessionIsGuest, smb.SessionIsNull, smb.SessionEncryptData} {
		for _, o := range []guard.Options{{}, {AllowGuest: true}} {
			k := negotiated(t, o, smb.DialectSMB311)
			k.ask(encode(t, setup(1, 0, firstToken(t))))
			token := challengeToken(t, encode(t, challenge()))
			k.refused(k.tell(encode(t, setupAnswer(1, dtyp.StatusMoreProcessingRequired, flags, token))), guard.ErrGuest)
		}
	}
}

// Who the client logs on as is read from its tokens, in whatever they are wrapped.
func TestWhoLogsOn(t *testing.T) {
	anonymous, named := encode(t, ntlmssp.AnonymousAuthenticate(0)), ntlmssp.AnonymousAuthenticate(0)
	named.UserName = []byte("u")
	first := encode(t, ntlmssp.DefaultNegotiate())
	init := func(mech spnego.OID, token []byte) []byte {
		return encode(t, spnego.NegTokenInit{MechTypes: []spnego.OID{mech}, MechToken: token})
	}
	mic := encode(t, spnego.NegTokenResp{MechListMIC: []byte{1}})
	for name, test := range map[string]struct {
		tokens [][]byte
		rule   error
	}{
		"raw anonymous":             {[][]byte{first, anonymous}, nil},
		"raw user":                  {[][]byte{first, encode(t, named)}, guard.ErrGuest},
		"user after anonymous":      {[][]byte{anonymous, encode(t, named)}, guard.ErrGuest},
		"anonymous after user":      {[][]byte{encode(t, named), first, anonymous}, nil},
		"MIC of a user":             {[][]byte{first, lastToken(t, "u"), mic}, guard.ErrGuest},
		"MIC of an anonymous":       {[][]byte{first, lastToken(t, ""), mic}, nil},
		"Kerberos":                  {[][]byte{init(spnego.OIDKRB5, []byte{1, 2})}, guard.ErrGuest},
		"a mechanism and no token":  {[][]byte{init(spnego.OIDKRB5, nil)}, nil},
		"no token":                  {[][]byte{nil}, nil},
		"unreadable":                {[][]byte{{1, 2, 3}}, guard.ErrGuest},
		"half a last NTLM token":    {[][]byte{anonymous[:20]}, guard.ErrGuest},
		"another's type of message": {[][]byte{[]byte("NTLMSSP\x00\x09\x00\x00\x00")}, guard.ErrGuest},
	} {
		t.Run(name, func(t *testing.T) {
			k := negotiated(t, guard.Options{}, smb.DialectSMB202)
			session := uint64(0)
			for i, token := range test.tokens {
				id := uint64(i + 1)
				k.ask(encode(t, setup(id, session, token)))
				if session = sessionID; i < len(test.tokens)-1 {
					reply := challengeToken(t, encode(t, challenge()))
					require.NoError(t, k.tell(encode(t, setupAnswer(id, dtyp.StatusMoreProcessingRequired, 0, reply))))
					continue
				}
				require.ErrorIs(t, k.tell(encode(t, setupAnswer(id, dtyp.StatusSuccess, smb.SessionIsGuest, nil))), test.rule)
			}
		})
	}
}

// Each session of a connection has its own user.
func TestTwoSessions(t *testing.T) {
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(encode(t, setup(3, 0, firstToken(t))))
	more := setupAnswer(3, dtyp.StatusMoreProcessingRequired, 0, challengeToken(t, encode(t, challenge())))
	more.Header.SessionID++
	require.NoError(t, k.tell(encode(t, more)))
	k.ask(encode(t, setup(4, sessionID+1, lastToken(t, ""))))
	k.ask(encode(t, setup(5, sessionID, lastToken(t, "user"))))
	last := setupAnswer(4, dtyp.StatusSuccess, smb.SessionIsNull, nil)
	last.Header.SessionID++
	require.NoError(t, k.tell(encode(t, last)))
	k.refused(k.tell(encode(t, setupAnswer(5, dtyp.StatusSuccess, smb.SessionIsNull, nil))), guard.ErrGuest)
}

func TestRefusedTokens(t *testing.T) {
	good := challengeToken(t, encode(t, challenge()))
	resp := func(r spnego.NegTokenResp) []byte { return encode(t, r) }
	ntlm := encode(t, challenge())
	for name, test := range map[string]struct {
		token []byte
		rule  error
	}{
		"good":              {good, nil},
		"not SPNEGO":        {[]byte{1, 2, 3}, guard.ErrMalformed},
		"indefinite length": {[]byte{0xA1, 0x80, 0x30, 0x80, 0, 0, 0, 0}, guard.ErrMalformed},
		"cut":               {good[:len(good)-1], guard.ErrMalformed},
		"inner length":      {poke(good, u8(5, 0x7F)), guard.ErrMalformed},
		"no mechanism":      {resp(spnego.NegTokenResp{ResponseToken: ntlm}), guard.ErrMalformed},
		"another mechanism": {resp(spnego.NegTokenResp{SupportedMech: spnego.OIDKRB5, ResponseToken: ntlm}), guard.ErrDialect},
		"unknown element":   {resp(spnego.NegTokenResp{SupportedMech: spnego.OIDNTLMSSP, Unknown: [][]byte{{0xA9, 0}}}), guard.ErrMalformed},
		"type 1":            {challengeToken(t, encode(t, ntlmssp.DefaultNegotiate())), guard.ErrMalformed},
		"type 3":            {challengeToken(t, encode(t, ntlmssp.AnonymousAuthenticate(0))), guard.ErrMalformed},
		"half a challenge":  {challengeToken(t, ntlm[:30]), guard.ErrMalformed},
		"other bytes":       {challengeToken(t, []byte{1, 2, 3}), nil}, // of another mechanism
	} {
		t.Run(name, func(t *testing.T) {
			k := negotiated(t, guard.Options{}, smb.DialectSMB202)
			k.ask(encode(t, setup(1, 0, firstToken(t))))
			err := k.tell(encode(t, setupAnswer(1, dtyp.StatusMoreProcessingRequired, 0, test.token)))
			if test.rule == nil {
				require.NoError(t, err)
				return
			}
			k.refused(err, test.rule)
		})
	}
	// Kerberos may be done in one step, without the name of the mechanism.
	k := negotiated(t, guard.Options{}, smb.DialectSMB202)
	k.ask(encode(t, setup(1, 0, firstToken(t))))
	state := spnego.AcceptCompleted
	require.NoError(t, k.tell(encode(t, setupAnswer(1, dtyp.StatusSuccess, 0, resp(spnego.NegTokenResp{NegState: &state})))))
	// The security buffer itself.
	for _, bad := range []put{u16(64+4, 0xFFF0), u16(64+6, 0xFFF0), u16(64+4, 64)} {
		k := negotiated(t, guard.Options{}, smb.DialectSMB202)
		k.ask(encode(t, setup(1, 0, firstToken(t))))
		k.refused(k.tell(poke(encode(t, setupAnswer(1, dtyp.StatusMoreProcessingRequired, 0, good)), bad)), guard.ErrMalformed)
	}
}

func TestRefusedChallenges(t *testing.T) {
	pairs := func(info ...byte) []byte {
		c := challenge()
		c.AVPairs, c.TargetInfo = nil, info
		return encode(t, c)
	}
	good := encode(t, challenge())
	short := ntlmssp.Challenge{TargetName: []byte("N\x00"), HeaderSize: 40}
	for name, test := range map[string]struct {
		ntlm []byte
		rule error
	}{
		"good":                       {good, nil},
		"short form without a name":  {encode(t, ntlmssp.Challenge{HeaderSize: 32}), nil},
		"short form with a name":     {encode(t, short), guard.ErrMalformed},
		"no target info":             {encode(t, ntlmssp.Challenge{}), nil},
		"no target info but flag":    {encode(t, ntlmssp.Challenge{Flags: ntlmssp.FlagNegotiateTargetInfo}), guard.ErrMalformed},
		"name past the end":          {poke(good, u32(16, uint32(len(good)))), guard.ErrMalformed},
		"name wraps round":           {poke(good, u32(16, 0xFFFFFFFF)), guard.ErrMalformed},
		"name too long":              {poke(good, u16(12, 0xFFFF), u16(14, 0xFFFF)), guard.ErrMalformed},
		"name longer than MaxLen":    {poke(good, u16(14, 1)), guard.ErrMalformed},
		"info past the end":          {poke(good, u32(44, uint32(len(good)-3))), guard.ErrMalformed},
		"info wraps round":           {poke(good, u32(44, 0xFFFFFFFF)), guard.ErrMalformed},
		"info longer than MaxLen":    {poke(good, u16(42, 1)), guard.ErrMalformed},
		"pair too long":              {pairs(1, 0, 0xFF, 0xFF, 'D', 0, 0, 0, 0, 0), guard.ErrMalformed},
		"pair of one byte too many":  {pairs(1, 0, 7, 0, 'D', 0, 0, 0, 0, 0), guard.ErrMalformed},
		"half a pair":                {pairs(1, 0, 0), guard.ErrMalformed},
		"no end":                     {pairs(1, 0, 2, 0, 'D', 0), guard.ErrMalformed},
		"end with a value":           {pairs(0, 0, 2, 0, 'D', 0), guard.ErrMalformed},
		"flags of three bytes":       {pairs(6, 0, 3, 0, 1, 2, 3, 0, 0, 0, 0), guard.ErrMalformed},
		"time of seven bytes":        {pairs(7, 0, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0), guard.ErrMalformed},
		"end alone":                  {pairs(0, 0, 0, 0), nil},
		"an unknown pair, then ends": {pairs(0x42, 0, 1, 0, 9, 0, 0, 0, 0), nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, token := range [][]byte{challengeToken(t, test.ntlm), test.ntlm} {
				k := negotiated(t, guard.Options{}, smb.DialectSMB202)
				k.ask(encode(t, setup(1, 0, firstToken(t))))
				err := k.tell(encode(t, setupAnswer(1, dtyp.StatusMoreProcessingRequired, 0, token)))
				if test.rule == nil {
					require.NoError(t, err)
					continue
				}
				k.refused(err, test.rule)
			}
		})
	}
}
