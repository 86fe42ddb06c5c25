package guard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

func echo(id uint64) []byte      { return message(asks(smb.SMB2Echo, id), 4, u16(0, 4)) }
func echoed(id uint64) []byte    { return message(says(smb.SMB2Echo, id), 4, u16(0, 4)) }
func pending(id uint64) []byte   { return pendingOf(smb.SMB2Echo, id) }
func asyncEcho(id uint64) []byte { return async(echoed(id)) }

func async(msg []byte) []byte {
	return poke(msg, u32(16, uint32(smb.SMB2FlagServerToRedir|smb.SMB2FlagAsyncCommand)), put{32, 8, 77})
}

func pendingOf(c smb.SMB2Command, id uint64) []byte { return async(failure(c, id, dtyp.StatusPending)) }

// Each request is answered once, by its own command.
func TestUnsolicited(t *testing.T) {
	for name, test := range map[string]struct {
		answers [][]byte // all but the last pass
		rule    error
	}{
		"nothing was asked":       {[][]byte{echoed(4)}, guard.ErrUnsolicited},
		"answered before":         {[][]byte{echoed(3), echoed(3)}, guard.ErrUnsolicited},
		"another command":         {[][]byte{message(says(smb.SMB2Logoff, 3), 4, u16(0, 4))}, guard.ErrUnsolicited},
		"two interim answers":     {[][]byte{pending(3), pending(3)}, guard.ErrUnsolicited},
		"interim after the end":   {[][]byte{pending(3), asyncEcho(3), pending(3)}, guard.ErrUnsolicited},
		"another AsyncId":         {[][]byte{pending(3), poke(asyncEcho(3), put{32, 8, 78})}, guard.ErrUnsolicited},
		"interim and synchronous": {[][]byte{failure(smb.SMB2Echo, 3, dtyp.StatusPending)}, guard.ErrMalformed},
		"interim without a body":  {[][]byte{pending(3)[:70]}, guard.ErrMalformed},
		"oplock break":            {[][]byte{oplockBreak(24)}, guard.ErrUnsolicited},
		"SMB1":                    {[][]byte{append([]byte("\xFFSMB"), make([]byte, 40)...)}, guard.ErrMalformed},
		"compound": {[][]byte{append(message(with(says(smb.SMB2Echo, 3), func(h *smb.SMB2Header) { h.NextCommand = 72 }), 8, u16(0, 4)),
			echoed(3)...)}, guard.ErrCompound},
		"compound that loops": {[][]byte{poke(echoed(3), u32(20, 0xFFFFFFF8))}, guard.ErrCompound},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(echo(3))
			for _, answer := range test.answers[:len(test.answers)-1] {
				require.NoError(t, k.tell(answer))
			}
			k.refused(k.tell(test.answers[len(test.answers)-1]), test.rule)
		})
	}
	// An interim answer to a negotiate has no place.
	k := start(t, guard.Options{})
	k.ask(encode(t, offer(t)))
	k.refused(k.tell(pendingOf(smb.SMB2Negotiate, 0)), guard.ErrMalformed)
}

// Answers come in any order, and a cancelled request is answered too, though a cancel is not.
func TestAnswersInAnyOrder(t *testing.T) {
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(echo(3))
	k.ask(echo(4))
	k.ask(message(asks(smb.SMB2Cancel, 3), 4, u16(0, 4)))
	require.NoError(t, k.tell(pending(3)))
	require.NoError(t, k.tell(echoed(4)))
	require.NoError(t, k.tell(async(failure(smb.SMB2Echo, 3, dtyp.StatusAccessDenied))))
	k.refused(k.tell(failure(smb.SMB2Cancel, 3, dtyp.StatusAccessDenied)), guard.ErrUnsolicited)
}

func oplockBreak(size int) []byte {
	return message(says(smb.SMB2OplockBreak, smb.UnsolicitedMessageID), size, u16(0, uint16(size)))
}

func TestOplockBreaks(t *testing.T) {
	for _, level := range []uint8{0, uint8(smb.SMB2OplockNone) + 1} {
		for _, size := range []int{24, 44, 23, 36} {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(message(asks(smb.SMB2Create, 3), 57, u16(0, 57), u8(3, level)))
			err := k.tell(oplockBreak(size))
			switch {
			case level == 0:
				k.refused(err, guard.ErrUnsolicited)
			case size == 24 || size == 44:
				require.NoError(t, err)
				k.ask(message(asks(smb.SMB2OplockBreak, 4), 24, u16(0, 24)))
				require.NoError(t, k.tell(message(says(smb.SMB2OplockBreak, 4), 24, u16(0, 24))))
				other := with(says(smb.SMB2Echo, smb.UnsolicitedMessageID), func(*smb.SMB2Header) {})
				k.refused(k.tell(message(other, 24, u16(0, 24))), guard.ErrUnsolicited)
			default:
				k.refused(err, guard.ErrMalformed)
			}
		}
	}
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(message(asks(smb.SMB2OplockBreak, 3), 24, u16(0, 24)))
	k.refused(k.tell(message(says(smb.SMB2OplockBreak, 3), 20, u16(0, 24))), guard.ErrMalformed)
}

// next lets a message be followed by others.
func next(msg []byte, last bool) []byte {
	for len(msg)%8 != 0 {
		msg = append(msg, 0)
	}
	if last {
		return msg
	}
	return poke(msg, u32(20, uint32(len(msg))))
}

func TestCompounds(t *testing.T) {
	two := func(a, b []byte) []byte { return append(next(a, false), next(b, true)...) }
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.refused(k.try(two(echo(3), echo(4))), guard.ErrCompound)

	o := guard.Options{Compounds: true}
	for name, test := range map[string]struct {
		answers [][]byte
		rule    error
	}{
		"together":          {[][]byte{two(echoed(3), echoed(4)), nil}, nil},
		"other order":       {[][]byte{two(echoed(4), echoed(3)), nil}, nil},
		"each by itself":    {[][]byte{echoed(4), echoed(3), nil}, nil},
		"the same twice":    {[][]byte{two(echoed(3), echoed(3))}, guard.ErrUnsolicited},
		"with one too many": {[][]byte{append(next(echoed(3), false), two(echoed(4), echoed(9))...)}, guard.ErrUnsolicited},
		"bad second":        {[][]byte{two(echoed(3), poke(echoed(4), u16(64, 5)))}, guard.ErrMalformed},
		"loop":              {[][]byte{append(poke(next(echoed(3), true), u32(20, 8)), echoed(4)...)}, guard.ErrCompound},
		"odd":               {[][]byte{append(poke(next(echoed(3), true), u32(20, 76)), make([]byte, 200)...)}, guard.ErrCompound},
		"past the end":      {[][]byte{poke(next(echoed(3), true), u32(20, 72))}, guard.ErrCompound},
		"with another's":    {[][]byte{two(echoed(3), echoed(5))}, guard.ErrCompound},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, o, smb.DialectSMB202)
			k.ask(two(echo(3), echo(4)))
			k.ask(echo(5))
			last := len(test.answers) - 1
			for _, answer := range test.answers[:last] {
				require.NoError(t, k.tell(answer))
			}
			if test.rule != nil {
				k.refused(k.tell(test.answers[last]), test.rule)
			}
		})
	}
	for name, bad := range map[string][]byte{
		"past the end": poke(next(echo(3), true), u32(20, 72)),
		"too long":     append(next(echo(3), false), append(echo(4), make([]byte, 128<<10)...)...),
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, o, smb.DialectSMB202)
			k.refused(k.try(bad), guard.ErrRequest)
		})
	}
}

// A server that grants no credit leaves the client waiting for one for ever.
func TestCredits(t *testing.T) {
	none := func(msg []byte) []byte { return poke(msg, u16(14, 0)) }
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(echo(3))
	k.ask(echo(4)) // beyond what was granted: the server's business
	require.NoError(t, k.tell(none(echoed(3))), "another answer may bring one")
	k.refused(k.tell(none(echoed(4))), guard.ErrCredits)

	k = loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(echo(3))
	require.NoError(t, k.tell(poke(pending(3), u16(14, 1))))
	require.NoError(t, k.tell(none(asyncEcho(3))), "granted with the interim answer")
	k.ask(poke(echo(4), u16(6, 0))) // charges one all the same
	k.refused(k.tell(none(echoed(4))), guard.ErrCredits)
}

func encrypted(session uint64, size int) []byte {
	b := append([]byte("\xFDSMB"), make([]byte, 48+size)...)
	return poke(b, u32(36, uint32(size)), u16(42, 1), put{44, 8, session})
}

func TestEncryption(t *testing.T) {
	for _, d := range []smb.Dialect{smb.DialectSMB300, smb.DialectSMB302, smb.DialectSMB311} {
		k := loggedOn(t, guard.Options{}, d)
		k.ask(encrypted(sessionID, 68))
		require.NoError(t, k.tell(encrypted(sessionID, 64)), d)
		require.NoError(t, k.tell(encrypted(sessionID, 1000)), "after an interim answer")
		k.refused(k.tell(encrypted(sessionID, 64)), guard.ErrUnsolicited)
	}
	for name, test := range map[string]struct {
		talk func() *talk
		msg  []byte
		rule error
	}{
		"2.1":             {func() *talk { return loggedOn(t, guard.Options{}, smb.DialectSMB210) }, encrypted(sessionID, 64), guard.ErrTransform},
		"no session":      {func() *talk { return negotiated(t, guard.Options{}, smb.DialectSMB300) }, encrypted(0, 64), guard.ErrTransform},
		"not allowed":     {func() *talk { return loggedOn(t, guard.Options{NoTransforms: true}, smb.DialectSMB300) }, encrypted(sessionID, 64), guard.ErrTransform},
		"nothing asked":   {func() *talk { return loggedOn(t, guard.Options{}, smb.DialectSMB300) }, encrypted(sessionID, 64), guard.ErrUnsolicited},
		"another session": {func() *talk { return asked(t) }, encrypted(9, 64), guard.ErrTransform},
		"size":            {func() *talk { return asked(t) }, poke(encrypted(sessionID, 64), u32(36, 65)), guard.ErrMalformed},
		"small":           {func() *talk { return asked(t) }, encrypted(sessionID, 63), guard.ErrMalformed},
		"flags":           {func() *talk { return asked(t) }, poke(encrypted(sessionID, 64), u16(42, 2)), guard.ErrMalformed},
		"half a header":   {func() *talk { return asked(t) }, encrypted(sessionID, 64)[:51], guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := test.talk()
			k.refused(k.tell(test.msg), test.rule)
		})
	}
	// Before the logon is over there is no key, whatever the client has asked.
	k := challenged(t, guard.Options{}, smb.DialectSMB300, "user")
	k.ask(encrypted(sessionID, 64))
	k.refused(k.tell(encrypted(sessionID, 64)), guard.ErrTransform)
	// A client that encrypts where it cannot is told so.
	k = loggedOn(t, guard.Options{}, smb.DialectSMB210)
	k.refused(k.try(encrypted(sessionID, 64)), guard.ErrTransform)
}

// asked has sent an encrypted request.
func asked(t testing.TB) *talk {
	k := loggedOn(t, guard.Options{}, smb.DialectSMB300)
	k.ask(encrypted(sessionID, 64))
	return k
}

// A flag that demands encryption where there is none makes clients encrypt without a key.
func TestDemandedEncryption(t *testing.T) {
	tree := message(says(smb.SMB2TreeConnect, 3), 16, u16(0, 16), u8(2, 1), u32(4, uint32(smb.SMB2ShareEncryptData)))
	for d, rule := range map[smb.Dialect]error{smb.DialectSMB202: guard.ErrTransform, smb.DialectSMB300: nil, smb.DialectSMB311: nil} {
		k := loggedOn(t, guard.Options{}, d)
		k.ask(message(asks(smb.SMB2TreeConnect, 3), 9, u16(0, 9)))
		if err := k.tell(tree); rule != nil {
			k.refused(err, rule)
		} else {
			require.NoError(t, err)
		}
		k = challenged(t, guard.Options{}, d, "user")
		if err := k.tell(encode(t, setupAnswer(2, dtyp.StatusSuccess, smb.SessionEncryptData, nil))); rule != nil {
			k.refused(err, rule)
		} else {
			require.NoError(t, err)
		}
	}
	k := challenged(t, guard.Options{NoTransforms: true}, smb.DialectSMB300, "user")
	k.refused(k.tell(encode(t, setupAnswer(2, dtyp.StatusSuccess, smb.SessionEncryptData, nil))), guard.ErrTransform)
}

func TestCompression(t *testing.T) {
	compressed := func(original uint32, offset uint32) []byte {
		return poke(append([]byte("\xFCSMB"), make([]byte, 92)...), u32(4, original), u16(8, 2), u32(12, offset))
	}
	k := loggedOn(t, guard.Options{}, smb.DialectSMB311)
	k.ask(echo(3))
	require.NoError(t, k.tell(compressed(1000, 80)))
	k.refused(k.tell(compressed(1000, 80)), guard.ErrUnsolicited)
	for name, test := range map[string]struct {
		msg  []byte
		rule error
	}{
		"size":          {compressed(guard.DefaultMaxFrame+1, 0), guard.ErrFrameSize},
		"largest":       {compressed(0xFFFFFFFF, 0), guard.ErrFrameSize},
		"offset":        {compressed(100, 81), guard.ErrMalformed},
		"flags":         {poke(compressed(100, 0), u16(10, 2)), guard.ErrMalformed},
		"half a header": {compressed(100, 0)[:15], guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB311)
			k.ask(echo(3))
			k.refused(k.tell(test.msg), test.rule)
		})
	}
	k = loggedOn(t, guard.Options{}, smb.DialectSMB302)
	k.ask(echo(3))
	k.refused(k.tell(compressed(100, 0)), guard.ErrTransform)
	k = challenged(t, guard.Options{}, smb.DialectSMB311, "user")
	k.refused(k.tell(compressed(100, 0)), guard.ErrTransform)
}
