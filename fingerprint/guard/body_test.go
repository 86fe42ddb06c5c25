package guard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// A request that is answered, and the answer's variable part.
type exchange struct {
	command smb.SMB2Command
	request []byte // body
	answer  []byte // body, with a variable part of four bytes
	offset  put    // field of the body
	length  put
	most    bool // the request says how much may come
}

func body(size int, puts ...put) []byte { return poke(make([]byte, size), puts...) }

func exchanges() []exchange {
	return []exchange{
		{smb.SMB2Create, body(57, u16(0, 57)), append(body(88, u16(0, 89), u32(80, 152), u32(84, 24)), createContext()...), u32(80, 0), u32(84, 0), false},
		{smb.SMB2Read, body(49, u16(0, 49), u32(4, 4)), body(20, u16(0, 17), u8(2, 80), u32(4, 4)), u8(2, 0), u32(4, 0), true},
		{smb.SMB2Write, body(49, u16(0, 49), u32(4, 4)), body(20, u16(0, 17), u32(4, 4), u16(12, 80), u16(14, 4)), u16(12, 0), u16(14, 0), false},
		{smb.SMB2Ioctl, body(57, u16(0, 57), u32(44, 4)), body(52, u16(0, 49), u32(24, 112), u32(28, 4), u32(32, 112)), u32(24, 0), u32(28, 0), false},
		{smb.SMB2Ioctl, body(57, u16(0, 57), u32(44, 4)), body(52, u16(0, 49), u32(24, 112), u32(32, 112), u32(36, 4)), u32(32, 0), u32(36, 0), true},
		{smb.SMB2QueryDirectory, body(33, u16(0, 33), u8(2, 0x77), u32(28, 4)), body(12, u16(0, 9), u16(2, 72), u32(4, 4)), u16(2, 0), u32(4, 0), true},
		{smb.SMB2ChangeNotify, body(32, u16(0, 32), u32(4, 4)), body(12, u16(0, 9), u16(2, 72), u32(4, 4)), u16(2, 0), u32(4, 0), true},
		{smb.SMB2QueryInfo, body(41, u16(0, 41), u32(4, 4)), body(12, u16(0, 9), u16(2, 72), u32(4, 4)), u16(2, 0), u32(4, 0), true},
	}
}

func createContext() []byte { return body(24, u16(4, 16), u16(6, 4)) }

func max64(size int) uint64 { return 1<<(8*size) - 1 }

// Variable parts lie behind the fixed part and inside the message, however the sums are made: no offset and no length
// wraps round in 16 or 32 bits.
func TestVariableParts(t *testing.T) {
	for _, e := range exchanges() {
		name := e.command.String()
		tell := func(t *testing.T, s dtyp.NTStatus, answer []byte) (*talk, error) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(append(message(asks(e.command, 3), 0), e.request...))
			return k, k.tell(append(message(status(says(e.command, 3), s), 0), answer...))
		}
		_, err := tell(t, dtyp.StatusSuccess, e.answer)
		require.NoError(t, err, name)
		empty := poke(e.answer, put{e.offset.at, e.offset.size, 3}, put{e.length.at, e.length.size, 0})
		if e.command != smb.SMB2QueryDirectory {
			_, err = tell(t, dtyp.StatusSuccess, empty)
			require.NoError(t, err, "%s: an empty part may claim to be anywhere", name)
		}
		size := uint64(len(e.answer))
		begin := 64 + size - 4
		if e.command == smb.SMB2Create {
			begin = 152
		}
		for what, bad := range map[string][]byte{
			"before the fixed part's end": poke(e.answer, put{e.offset.at, e.offset.size, begin - 4}),
			"offset 1":                    poke(e.answer, put{e.offset.at, e.offset.size, 1}),
			"offset 0":                    poke(e.answer, put{e.offset.at, e.offset.size, 0}),
			"one byte too far":            poke(e.answer, put{e.offset.at, e.offset.size, begin + 1}),
			"largest offset":              poke(e.answer, put{e.offset.at, e.offset.size, max64(e.offset.size)}),
			"one byte too long":           poke(e.answer, put{e.length.at, e.length.size, 64 + size - begin + 1}),
			"largest length":              poke(e.answer, put{e.length.at, e.length.size, max64(e.length.size)}),
			"sum wraps round":             poke(e.answer, put{e.offset.at, e.offset.size, begin}, put{e.length.at, e.length.size, max64(e.length.size) - begin + 70}),
			"StructureSize":               poke(e.answer, u16(0, 3)),
			"fixed part":                  e.answer[:begin-64-1],
		} {
			k, err := tell(t, dtyp.StatusSuccess, bad)
			require.Error(t, err, "%s: %s", name, what)
			k.refused(err, guard.ErrMalformed)
		}
		if e.most {
			long := append(poke(e.answer, put{e.length.at, e.length.size, 5}), 0)
			k, err := tell(t, dtyp.StatusSuccess, long)
			require.ErrorIs(t, err, guard.ErrMalformed, name)
			k.refused(err, guard.ErrMalformed)
		}
		// A failure may have the command's own body, or that of an error response.
		if e.command == smb.SMB2Read || e.command == smb.SMB2Ioctl {
			for _, s := range []dtyp.NTStatus{dtyp.StatusBufferOverflow, dtyp.StatusInvalidParameter, dtyp.StatusAccessDenied} {
				_, err := tell(t, s, e.answer)
				require.NoError(t, err)
				k, err := tell(t, s, poke(e.answer, put{e.offset.at, e.offset.size, max64(e.offset.size)}))
				k.refused(err, guard.ErrMalformed)
			}
		}
		_, err = tell(t, dtyp.StatusAccessDenied, body(9, u16(0, 9)))
		require.NoError(t, err, name)
		k, err := tell(t, dtyp.StatusAccessDenied, body(9, u16(0, 9), u32(4, 2)))
		k.refused(err, guard.ErrMalformed)
	}
}

// A QUERY_INFO that overflows has the body of an answer, and an error response without data looks like one.
func TestQueryInfoOverflow(t *testing.T) {
	for _, test := range []struct {
		answer []byte
		rule   error
	}{
		{body(12, u16(0, 9), u16(2, 72), u32(4, 4)), nil},
		{body(9, u16(0, 9)), nil},
		{body(12, u16(0, 9), u32(4, 4)), guard.ErrMalformed},
	} {
		k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
		k.ask(message(asks(smb.SMB2QueryInfo, 3), 41, u16(0, 41), u32(4, 4)))
		err := k.tell(append(message(status(says(smb.SMB2QueryInfo, 3), dtyp.StatusBufferOverflow), 0), test.answer...))
		require.ErrorIs(t, err, test.rule)
	}
}

// STATUS_NOTIFY_ENUM_DIR is no failure; a Windows 7 answers so.
func TestNotifyEnumDir(t *testing.T) {
	for offset, rule := range map[uint16]error{72: nil, 71: guard.ErrMalformed} {
		k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
		k.ask(message(asks(smb.SMB2ChangeNotify, 3), 32, u16(0, 32), u32(4, 100)))
		err := k.tell(message(status(says(smb.SMB2ChangeNotify, 3), 0x0000010C), 12, u16(0, 9), u16(2, offset), u32(4, 4)))
		require.ErrorIs(t, err, rule)
	}
}

func TestFixedBodies(t *testing.T) {
	for command, size := range map[smb.SMB2Command]int{
		smb.SMB2Logoff: 4, smb.SMB2TreeConnect: 16, smb.SMB2TreeDisconnect: 4, smb.SMB2Close: 60, smb.SMB2Flush: 4,
		smb.SMB2Lock: 4, smb.SMB2Echo: 4, smb.SMB2SetInfo: 2,
	} {
		for _, short := range []int{0, 1} {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(message(asks(command, 3), 60))
			err := k.tell(message(says(command, 3), size-short, u16(0, uint16(size))))
			if short == 0 {
				require.NoError(t, err, command)
				continue
			}
			k.refused(err, guard.ErrMalformed)
		}
	}
	k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(message(asks(0x13, 3), 60))
	k.refused(k.tell(message(says(0x13, 3), 60)), guard.ErrMalformed)
	k = loggedOn(t, guard.Options{}, smb.DialectSMB202)
	k.ask(message(asks(0x13, 3), 60))
	require.NoError(t, k.tell(failure(0x13, 3, dtyp.StatusInvalidParameter)))
}

func TestErrorContexts(t *testing.T) {
	for name, test := range map[string]struct {
		count uint8
		data  []byte
		rule  error
	}{
		"none":         {0, []byte{1, 2, 3}, nil},
		"one":          {1, body(12, u32(0, 4)), nil},
		"two":          {2, body(24, u32(0, 4)), nil},
		"too long":     {1, body(12, u32(0, 5)), guard.ErrMalformed},
		"wraps round":  {1, body(12, u32(0, 0xFFFFFFFF)), guard.ErrMalformed},
		"second bad":   {2, body(24, u32(0, 4), u32(16, 1)), guard.ErrMalformed},
		"not there":    {2, body(12, u32(0, 4)), guard.ErrMalformed},
		"count of 255": {255, nil, guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB311)
			k.ask(message(asks(smb.SMB2Create, 3), 57, u16(0, 57)))
			h := status(says(smb.SMB2Create, 3), dtyp.StatusAccessDenied)
			require.ErrorIs(t, k.tell(append(message(h, 8, u16(0, 9), u8(2, test.count), u32(4, uint32(len(test.data)))), test.data...)), test.rule)
		})
	}
}

func TestCreateContexts(t *testing.T) {
	for name, test := range map[string]struct {
		list []byte
		rule error
	}{
		"whole":         {createContext(), nil},
		"next":          {poke(createContext(), u32(0, 8)), guard.ErrMalformed},
		"name":          {poke(createContext(), u16(6, 9)), guard.ErrMalformed},
		"data":          {poke(createContext(), u16(10, 16), u32(12, 9)), guard.ErrMalformed},
		"half a header": {createContext()[:10], guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(message(asks(smb.SMB2Create, 3), 57, u16(0, 57)))
			h := says(smb.SMB2Create, 3)
			msg := append(message(h, 88, u16(0, 89), u32(80, 152), u32(84, uint32(len(test.list)))), test.list...)
			require.ErrorIs(t, k.tell(msg), test.rule)
		})
	}
}

// A write cannot have written more than was sent.
func TestWriteCount(t *testing.T) {
	for count, rule := range map[uint32]error{0: nil, 4: nil, 5: guard.ErrMalformed, 0xFFFFFFFF: guard.ErrMalformed} {
		k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
		k.ask(message(asks(smb.SMB2Write, 3), 53, u16(0, 49), u32(4, 4)))
		require.ErrorIs(t, k.tell(message(says(smb.SMB2Write, 3), 16, u16(0, 17), u32(4, count))), rule)
	}
}

func TestListings(t *testing.T) {
	for class, l := range map[uint8]struct{ fixed, name int }{
		0x01: {64, 60}, 0x02: {68, 60}, 0x03: {94, 60}, 0x0C: {12, 8}, 0x25: {104, 60}, 0x26: {80, 60},
	} {
		entry := func(next uint32, name string) []byte {
			text := wire.AppendUTF16(nil, name)
			return append(body(l.fixed, u32(0, next), u32(l.name, uint32(len(text)))), text...)
		}
		size := uint32(l.fixed) + 8
		two := append(entry(size, "four"), entry(0, "..")...)
		for name, test := range map[string]struct {
			data []byte
			rule error
		}{
			"one":           {entry(0, "."), nil},
			"two":           {two, nil},
			"nothing":       {nil, guard.ErrMalformed},
			"half an entry": {entry(0, "")[:l.fixed-1], guard.ErrMalformed},
			"name":          {poke(entry(0, "ab"), u32(l.name, 5)), guard.ErrMalformed},
			"largest name":  {poke(entry(0, "ab"), u32(l.name, 0xFFFFFFFF)), guard.ErrMalformed},
			"overlap":       {poke(two, u32(0, size-1)), guard.ErrMalformed},
			"past the end":  {poke(two, u32(0, uint32(len(two)))), guard.ErrMalformed},
			"largest next":  {poke(two, u32(0, 0xFFFFFFFF)), guard.ErrMalformed},
			"second bad":    {poke(two, u32(int(size)+l.name, 100)), guard.ErrMalformed},
		} {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(message(asks(smb.SMB2QueryDirectory, 3), 33, u16(0, 33), u8(2, class), u32(28, 1<<16)))
			msg := append(message(says(smb.SMB2QueryDirectory, 3), 8, u16(0, 9), u16(2, 72), u32(4, uint32(len(test.data)))), test.data...)
			require.ErrorIs(t, k.tell(msg), test.rule, "class %d, %s", class, name)
		}
	}
}

func TestResumeKeys(t *testing.T) {
	for name, test := range map[string]struct {
		output []byte
		rule   error
	}{
		"whole":   {body(28), nil},
		"short":   {body(27), guard.ErrMalformed},
		"nothing": {nil, guard.ErrMalformed},
		"context": {body(28, u32(24, 1)), guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k := loggedOn(t, guard.Options{}, smb.DialectSMB202)
			k.ask(message(asks(smb.SMB2Ioctl, 3), 57, u16(0, 57), u32(4, uint32(smb.FSCTLSrvRequestResumeKey)), u32(44, 32)))
			msg := append(message(says(smb.SMB2Ioctl, 3), 48, u16(0, 49), u32(32, 112), u32(36, uint32(len(test.output)))), test.output...)
			require.ErrorIs(t, k.tell(msg), test.rule)
		})
	}
}
