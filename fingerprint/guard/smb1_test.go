package guard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/guard"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

func asks1(c smb.SMB1Command, id uint16) smb.SMB1Header {
	return smb.SMB1Header{Command: c, MID: id, PIDLow: 9, Flags2: smb.SMB1Flags2NTStatus}
}

func says1(c smb.SMB1Command, id uint16) smb.SMB1Header {
	h := asks1(c, id)
	h.Flags = smb.SMB1FlagReply
	return h
}

// message1 makes a message of words and bytes.
func message1(h smb.SMB1Header, words, bytes []byte) []byte {
	b, _ := h.AppendBinary(nil)
	b = append(append(b, byte(len(words)/2)), words...)
	return append(append(b, byte(len(bytes)), byte(len(bytes)>>8)), bytes...)
}

// one1 sends a request and its answer.
func one1(t *testing.T, request, answer []byte) (*talk, error) {
	k := start(t, guard.Options{})
	k.ask(request)
	return k, k.tell(answer)
}

func TestSMB1Answers(t *testing.T) {
	request := message1(asks1(smb.SMB1TreeDisconnect, 1), nil, nil)
	good := message1(says1(smb.SMB1TreeDisconnect, 1), nil, nil)
	for name, test := range map[string]struct {
		answer []byte
		rule   error
	}{
		"good":            {good, nil},
		"a failure":       {poke(good, u32(5, 0xC0000022)), nil},
		"a request":       {poke(good, u8(9, 0)), guard.ErrMalformed},
		"another command": {poke(good, u8(4, uint8(smb.SMB1Close))), guard.ErrUnsolicited},
		"another id":      {poke(good, u8(30, 2)), guard.ErrUnsolicited},
		"another process": {poke(good, u8(26, 8)), guard.ErrUnsolicited},
		"half a header":   {good[:31], guard.ErrMalformed},
		"no words":        {good[:32], guard.ErrMalformed},
		"words":           {poke(good, u8(32, 255)), guard.ErrMalformed},
		"one word more":   {poke(good, u8(32, 1)), guard.ErrMalformed},
		"bytes":           {poke(good, u16(33, 1)), guard.ErrMalformed},
		"most bytes":      {poke(good, u16(33, 0xFFFF)), guard.ErrMalformed},
		"SMB2":            {failure(smb.SMB2TreeDisconnect, 1, dtyp.StatusAccessDenied), guard.ErrUnsolicited},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := one1(t, request, test.answer)
			if test.rule != nil {
				k.refused(err, test.rule)
				return
			}
			require.NoError(t, err)
			k.refused(k.tell(test.answer), guard.ErrUnsolicited)
		})
	}
	k := start(t, guard.Options{})
	k.ask(message(asks(smb.SMB2Echo, 1), 4, u16(0, 4)))
	k.refused(k.tell(good), guard.ErrUnsolicited)
}

func TestSMB1AndX(t *testing.T) {
	request := message1(asks1(smb.SMB1TreeConnectAndX, 1), body(8), nil)
	block := []byte{0, 0, 0} // of no words and no bytes
	link := func(command smb.SMB1Command, offset uint16) []byte {
		return append(message1(says1(smb.SMB1TreeConnectAndX, 1), body(6, u8(0, uint8(command)), u16(2, offset)), nil), block...)
	}
	const end = 32 + 1 + 6 + 2
	for name, test := range map[string]struct {
		answer []byte
		rule   error
	}{
		"none":          {link(smb.SMB1NoFurtherCommand, 0xFFFF), nil},
		"one":           {link(smb.SMB1Close, end), nil},
		"itself":        {link(smb.SMB1TreeConnectAndX, 32), guard.ErrMalformed},
		"inside itself": {link(smb.SMB1Close, end-1), guard.ErrMalformed},
		"past the end":  {link(smb.SMB1Close, end+1), guard.ErrMalformed},
		"far":           {link(smb.SMB1Close, 0xFFFF), guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := one1(t, request, test.answer)
			if test.rule != nil {
				k.refused(err, test.rule)
				return
			}
			require.NoError(t, err)
		})
	}
	for _, c := range []smb.SMB1Command{
		0x24, 0x2D, smb.SMB1ReadAndX, smb.SMB1WriteAndX, smb.SMB1SessionSetupAndX, smb.SMB1LogoffAndX, smb.SMB1TreeConnectAndX, smb.SMB1NTCreateAndX,
	} {
		answer := message1(says1(c, 1), body(24, u8(0, uint8(smb.SMB1Close)), u16(2, 32)), nil)
		k, err := one1(t, message1(asks1(c, 1), body(24), nil), answer)
		k.refused(err, guard.ErrMalformed)
	}
	// Windows counts the words of an extended create wrongly, and what follows them is no count of bytes.
	answer := poke(message1(says1(smb.SMB1NTCreateAndX, 1), body(84, u8(0, 0xFF)), nil), u16(32+1+84, 0x9F05))
	_, err := one1(t, message1(asks1(smb.SMB1NTCreateAndX, 1), body(48), nil), answer)
	require.NoError(t, err)
}

func TestSMB1Negotiate(t *testing.T) {
	request := encode(t, negotiate.SMB1Request{Header: asks1(smb.SMB1Negotiate, 1), Dialects: []string{smb.DialectCore, smb.DialectNTLM012}})
	make1 := func(f func(*negotiate.SMB1Response)) []byte {
		r := negotiate.SMB1Response{
			Header: says1(smb.SMB1Negotiate, 1), WordCount: negotiate.AnswerWordsNT, DialectIndex: 1, Challenge: make([]byte, 8), DomainName: []byte("D"),
		}
		f(&r)
		return encode(t, r)
	}
	extended := func(r *negotiate.SMB1Response) { r.Capabilities, r.DomainName = smb.SMB1CapExtendedSecurity, nil }
	good := make1(func(*negotiate.SMB1Response) {})
	for name, test := range map[string]struct {
		answer []byte
		rule   error
	}{
		"good":         {good, nil},
		"extended":     {make1(extended), nil},
		"refused":      {make1(func(r *negotiate.SMB1Response) { r.WordCount, r.DialectIndex = 1, smb.NoDialect }), nil},
		"not offered":  {make1(func(r *negotiate.SMB1Response) { r.DialectIndex = 2 }), guard.ErrDialect},
		"a failure":    {message1(status1(says1(smb.SMB1Negotiate, 1), dtyp.StatusAccessDenied), nil, nil), nil},
		"form":         {message1(says1(smb.SMB1Negotiate, 1), body(10), nil), guard.ErrMalformed},
		"key":          {poke(good, u8(33+33, 200)), guard.ErrMalformed},
		"cut GUID":     {message1(says1(smb.SMB1Negotiate, 1), body(34, u16(0, 1), u32(19, 0x80000000)), body(15)), guard.ErrMalformed},
		"token":        {make1(func(r *negotiate.SMB1Response) { extended(r); r.SecurityBlob = []byte{1} }), guard.ErrMalformed},
		"LANMAN key":   {message1(says1(smb.SMB1Negotiate, 1), body(26, u16(0, 1), u16(22, 9)), body(8)), guard.ErrMalformed},
		"LANMAN whole": {message1(says1(smb.SMB1Negotiate, 1), body(26, u16(0, 1), u16(22, 8)), body(8)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := one1(t, request, test.answer)
			if test.rule != nil {
				k.refused(err, test.rule)
				return
			}
			require.NoError(t, err)
		})
	}
}

func status1(h smb.SMB1Header, s dtyp.NTStatus) smb.SMB1Header {
	h.Status = s
	return h
}

func TestSMB1Logon(t *testing.T) {
	plain := func(user string) []byte {
		return encode(t, smb.SMB1SessionSetupRequest{
			Header: asks1(smb.SMB1SessionSetupAndX, 1), WordCount: smb.SetupWordsNT, AndXCommand: smb.SMB1NoFurtherCommand, AccountName: []byte(user),
		})
	}
	blob := func(token []byte) []byte {
		return encode(t, smb.SMB1SessionSetupRequest{
			Header: asks1(smb.SMB1SessionSetupAndX, 1), WordCount: smb.SetupWordsExtended, AndXCommand: smb.SMB1NoFurtherCommand, SecurityBlob: token,
		})
	}
	answer := func(s dtyp.NTStatus, action smb.SMB1Action, token []byte) []byte {
		r := smb.SMB1SessionSetupResponse{
			Header: status1(says1(smb.SMB1SessionSetupAndX, 1), s), WordCount: smb.SetupAnswerWords, AndXCommand: smb.SMB1NoFurtherCommand, Action: action,
		}
		if token != nil {
			r.WordCount, r.SecurityBlob = smb.SetupAnswerWordsExtended, token
		}
		return encode(t, r)
	}
	token := challengeToken(t, encode(t, challenge()))
	bad := challengeToken(t, encode(t, challenge())[:30])
	more, guest := dtyp.StatusMoreProcessingRequired, smb.SMB1ActionGuest
	for name, test := range map[string]struct {
		request, answer []byte
		rule            error
	}{
		"user":               {plain("u"), answer(0, 0, nil), nil},
		"guest":              {plain("u"), answer(0, guest, nil), guard.ErrGuest},
		"anonymous to guest": {plain(""), answer(0, guest, nil), nil},
		"unreadable":         {message1(asks1(smb.SMB1SessionSetupAndX, 1), nil, nil), answer(0, guest, nil), guard.ErrGuest},
		"token":              {blob(firstToken(t)), answer(more, 0, token), nil},
		"too early":          {blob(firstToken(t)), answer(more, guest, token), guard.ErrGuest},
		"user's token":       {blob(lastToken(t, "u")), answer(0, guest, token), guard.ErrGuest},
		"anonymous token":    {blob(lastToken(t, "")), answer(0, guest, token), nil},
		"bad token":          {blob(firstToken(t)), answer(more, 0, bad), guard.ErrMalformed},
		"blob's length":      {blob(firstToken(t)), poke(answer(more, 0, token), u16(33+6, 0xFFFF)), guard.ErrMalformed},
		"form":               {plain("u"), message1(says1(smb.SMB1SessionSetupAndX, 1), body(10, u8(0, 0xFF)), nil), guard.ErrMalformed},
		"refused":            {plain("u"), message1(status1(says1(smb.SMB1SessionSetupAndX, 1), dtyp.StatusLogonFailure), nil, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := one1(t, test.request, test.answer)
			if test.rule != nil {
				k.refused(err, test.rule)
				return
			}
			require.NoError(t, err)
		})
	}
	k := start(t, guard.Options{AllowGuest: true})
	k.ask(plain("u"))
	require.NoError(t, k.tell(answer(0, guest, nil)))
	k.ask(blob(firstToken(t)))
	k.refused(k.tell(answer(more, guest, token)), guard.ErrGuest)
}

// A transaction of 8 bytes of parameters and 8 of data, in parts of the answer.
func TestSMB1Transactions(t *testing.T) {
	type part struct{ p, pFrom, d, dFrom, total int }
	words := func(c smb.SMB1Command, x part, shift int) []byte {
		if c == smb.SMB1NTTransact {
			at := uint32(32 + 1 + 36 + 2 + shift)
			return body(36, u32(3, uint32(x.total)), u32(7, uint32(x.total)), u32(11, uint32(x.p)), u32(15, at), u32(19, uint32(x.pFrom)),
				u32(23, uint32(x.d)), u32(27, at+uint32(x.p)), u32(31, uint32(x.dFrom)))
		}
		at := uint16(32 + 1 + 20 + 2 + shift)
		return body(20, u16(0, uint16(x.total)), u16(2, uint16(x.total)), u16(6, uint16(x.p)), u16(8, at), u16(10, uint16(x.pFrom)),
			u16(12, uint16(x.d)), u16(14, at+uint16(x.p)), u16(16, uint16(x.dFrom)))
	}
	for _, c := range []smb.SMB1Command{smb.SMB1Transaction, smb.SMB1Transaction2, smb.SMB1NTTransact} {
		tell := func(x part) []byte { return message1(says1(c, 1), words(c, x, 0), body(x.p+x.d)) }
		interim := message1(says1(c, 1), nil, nil)
		whole, half := part{8, 0, 8, 0, 8}, part{8, 0, 3, 0, 8}
		for name, test := range map[string]struct {
			answers [][]byte
			rule    error
		}{
			"whole":              {[][]byte{tell(whole), tell(whole)}, guard.ErrUnsolicited},
			"interim":            {[][]byte{interim, tell(whole), tell(whole)}, guard.ErrUnsolicited},
			"two interim":        {[][]byte{interim, interim}, guard.ErrUnsolicited},
			"two parts":          {[][]byte{tell(half), tell(part{0, 0, 5, 3, 8}), tell(whole)}, guard.ErrUnsolicited},
			"empty part":         {[][]byte{tell(half), tell(part{0, 0, 0, 0, 8})}, guard.ErrMalformed},
			"more than all":      {[][]byte{tell(half), tell(whole)}, guard.ErrMalformed},
			"beyond the end":     {[][]byte{tell(part{8, 0, 5, 4, 8})}, guard.ErrMalformed},
			"parameters beyond":  {[][]byte{tell(part{5, 4, 8, 0, 8})}, guard.ErrMalformed},
			"data cut":           {[][]byte{message1(says1(c, 1), words(c, whole, 1), body(16))}, guard.ErrMalformed},
			"far away":           {[][]byte{message1(says1(c, 1), words(c, whole, 1000), body(16))}, guard.ErrMalformed},
			"few words":          {[][]byte{message1(says1(c, 1), body(4), body(16))}, guard.ErrMalformed},
			"a failure ends it":  {[][]byte{message1(status1(says1(c, 1), dtyp.StatusAccessDenied), nil, nil), tell(whole)}, guard.ErrUnsolicited},
			"parameters cut off": {[][]byte{message1(says1(c, 1), words(c, part{9, 0, 0, 0, 9}, 0), body(8))}, guard.ErrMalformed},
		} {
			t.Run(c.String()+" "+name, func(t *testing.T) {
				k := start(t, guard.Options{})
				k.ask(message1(asks1(c, 1), body(28), nil))
				last := len(test.answers) - 1
				for _, answer := range test.answers[:last] {
					require.NoError(t, k.tell(answer))
				}
				k.refused(k.tell(test.answers[last]), test.rule)
			})
		}
	}
}

func TestSMB1Reads(t *testing.T) {
	read := func(length, high, offset uint16) []byte {
		return message1(says1(smb.SMB1ReadAndX, 1), body(24, u8(0, 0xFF), u16(10, length), u16(12, offset), u16(14, high)), body(4))
	}
	const at = 32 + 1 + 24 + 2
	for name, test := range map[string]struct {
		answer []byte
		rule   error
	}{
		"whole":     {read(4, 0, at), nil},
		"nothing":   {read(0, 0, 0), nil},
		"long":      {read(5, 0, at), guard.ErrMalformed},
		"very long": {read(4, 1, at), guard.ErrMalformed},
		"offset":    {read(4, 0, at+1), guard.ErrMalformed},
		"form":      {message1(says1(smb.SMB1ReadAndX, 1), body(8, u8(0, 0xFF)), nil), guard.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := one1(t, message1(asks1(smb.SMB1ReadAndX, 1), body(24), nil), test.answer)
			require.ErrorIs(t, err, test.rule)
		})
	}
}

// An echo is answered as often as it asks for; what adds to a request, or ends one, is not answered.
func TestSMB1OtherNumbersOfAnswers(t *testing.T) {
	k := start(t, guard.Options{})
	k.ask(message1(asks1(smb.SMB1Echo, 1), body(2, u16(0, 3)), nil))
	answer := message1(says1(smb.SMB1Echo, 1), body(2), nil)
	for range 3 {
		require.NoError(t, k.tell(answer))
	}
	k.refused(k.tell(answer), guard.ErrUnsolicited)
	for _, c := range []smb.SMB1Command{0x26, 0x33, 0xA1, 0xA4} {
		k := start(t, guard.Options{})
		k.ask(message1(asks1(c, 1), nil, nil))
		k.refused(k.tell(message1(says1(c, 1), nil, nil)), guard.ErrUnsolicited)
	}
}
