package nbns

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/wire"
	"github.com/smbscope/smbscope/smb/wire/wiretest"
)

const statusStart = "8400 0000 0001 0000 0000" + wildcardName + "0021 0001 00000000"

// zeros40 is what follows UNIT_ID in the statistics of both recorded answers.
const zeros40 = "00000000000000000000 00000000000000000000 00000000000000000000 00000000000000000000"

// windowsStatus is frame 838 of testte.pcap of the public collection ajbanjara/Wireshark. That it is of Windows is a
// conclusion from the MAC address in it, where Samba has zeros.
const windowsStatus = "a327" + statusStart + "009b 06" +
	"5343484c45505049202020202020200004005343484c45505049202020202020202004004949492020202020202020202020200084004949492020202020" +
	"202020202020201e84004949492020202020202020202020201d040001025f5f4d5342524f5753455f5f02018400 001f3b5c05a3" + zeros40

// sambaStatus is the answer of nmbd 4.17.12 (Debian), alone in its work group and master browser of it.
const sambaStatus = "1234" + statusStart + "00ad 07" +
	"4e4246494c45532020202020202020000400 4e4246494c45532020202020202020030400 4e4246494c45532020202020202020200400 01025f5f4d5342524f5753455f5f02018400" +
	"574f524b47524f5550202020202020008400 574f524b47524f55502020202020201d0400 574f524b47524f55502020202020201e8400" +
	"000000000000" + zeros40

// names prints the names of a status with their flags.
func names(s Status) []string {
	var list []string
	for _, e := range s.Names {
		list = append(list, e.Name.String()+" "+e.Flags.String())
	}
	return list
}

func TestStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		hex   string
		id    uint16
		unit  [6]byte
		names []string
		file  string
	}{
		"Windows": {windowsStatus, 0xA327, [6]byte{0x00, 0x1F, 0x3B, 0x5C, 0x05, 0xA3}, []string{
			"SCHLEPPI<00> B|ACT", "SCHLEPPI<20> B|ACT", "III<00> B|G|ACT", "III<1E> B|G|ACT", "III<1D> B|ACT",
			"\x01\x02__MSBROWSE__\x02<01> B|G|ACT",
		}, "SCHLEPPI<20>"},
		"Samba": {sambaStatus, 0x1234, [6]byte{}, []string{
			"NBFILES<00> B|ACT", "NBFILES<03> B|ACT", "NBFILES<20> B|ACT", "\x01\x02__MSBROWSE__\x02<01> B|G|ACT",
			"WORKGROUP<00> B|G|ACT", "WORKGROUP<1D> B|ACT", "WORKGROUP<1E> B|G|ACT",
		}, "NBFILES<20>"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := unhex(t, tc.hex)
			s := wiretest.RoundTrip(t, ParseStatus, msg)
			require.Equal(t, tc.id, s.TransactionID)
			require.Equal(t, FlagResponse|FlagAuthoritative, s.Flags)
			require.Equal(t, Wildcard(), s.Name)
			require.Equal(t, tc.unit, s.Unit)
			require.Equal(t, make([]byte, 40), s.Statistics)
			require.Equal(t, tc.names, names(s))
			require.Empty(t, s.Anomalies)
			file, ok := s.FileServerName()
			require.True(t, ok)
			require.Equal(t, tc.file, file.String())
			wiretest.Prefixes(t, ParseStatus, msg)
			wiretest.Allocs(t, 4, func() { _, _ = ParseStatus(msg) }) // the list of names grows as it is read
		})
	}
}

// What is short keeps what can be read, and is told.
func TestStatusOdd(t *testing.T) {
	const one = "46494c455320202020202020202020 20 0400" // FILES<20>
	rest := strings.ReplaceAll(zeros40, " ", "")
	for name, tc := range map[string]struct {
		hex        string
		names      int
		unit       byte // the first of UNIT_ID
		statistics int
		odd        []string
	}{
		"no RDATA":            {"0001" + statusStart + "0000", 0, 0, 0, []string{"NUM_NAMES: absent"}},
		"RDATA missing":       {"0001" + statusStart + "0041", 0, 0, 0, []string{"RDLENGTH: 65 bytes are announced and 0 are there", "NUM_NAMES: absent"}},
		"no names":            {"0001" + statusStart + "002f 00" + "aa0000000000" + rest, 0, 0xAA, 40, nil},
		"a name cut":          {"0001" + statusStart + "0041 02" + one + "4649", 1, 0, 0, []string{"RDLENGTH: 65 bytes are announced and 21 are there", "NODE_NAME: 2 names are announced and 1 are there"}},
		"names over RDLENGTH": {"0001" + statusStart + "0013 02" + one + one, 1, 0, 0, []string{"NODE_NAME: 2 names are announced and 1 are there", "trailing bytes: 18 bytes follow the message"}},
		"no statistics":       {"0001" + statusStart + "0013 01" + one, 1, 0, 0, []string{"STATISTICS: 0 bytes, should be 46"}},
		"half a unit":         {"0001" + statusStart + "0016 01" + one + "aabbcc", 1, 0xAA, 0, []string{"STATISTICS: 3 bytes, should be 46"}},
		"the unit alone":      {"0001" + statusStart + "0019 01" + one + "aabbccddeeff", 1, 0xAA, 0, []string{"STATISTICS: 6 bytes, should be 46"}},
		"statistics cut":      {"0001" + statusStart + "0041 01" + one + "aabbccddeeff 0102", 1, 0xAA, 2, []string{"RDLENGTH: 65 bytes are announced and 27 are there", "STATISTICS: 8 bytes, should be 46"}},
		"counts and class": {
			"0001 8400 0000 0002 0001 0000" + wildcardName + "0021 0002 00000000 0041 01" + one + "aabbccddeeff" + rest, 1, 0xAA, 40,
			[]string{"ANCOUNT: 2, should be 1", "NSCOUNT: 1, should be 0", "RR_CLASS: 2, should be 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ParseStatus(unhex(t, tc.hex))
			require.NoError(t, err)
			require.Len(t, s.Names, tc.names)
			require.Equal(t, tc.unit, s.Unit[0])
			require.Len(t, s.Statistics, tc.statistics)
			require.Equal(t, tc.odd, odd(s.Anomalies))
			_, ok := s.FileServerName()
			require.Equal(t, tc.names > 0, ok)
		})
	}
}

func TestStatusErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		hex  string
		kind error
	}{
		"a request":       {recordedRequest, smb.ErrCommand},
		"another opcode":  {"0001 ac00 0000 0001 0000 0000" + wildcardName + "0021 0001 00000000 0000", smb.ErrCommand},
		"a name response": {"0001 8400 0000 0001 0000 0000" + wildcardName + "0020 0001 00000000 0006 0000 7f000001", smb.ErrCommand},
		"with a question": {"0001 8400 0001 0001 0000 0000" + wildcardName + "0021 0001 c00c 0021 0001 00000000 0000", wire.ErrFormat},
		"without answer":  {"0001 8400 0000 0000 0000 0000" + wildcardName + "0021 0001 00000000 0000", wire.ErrFormat},
		"a pointer":       {"0001 8400 0000 0001 0000 0000 c00c 0021 0001 00000000 0041" + wildcardName, wire.ErrFormat},
		"short":           {"0001 8400 0000", wire.ErrTruncated},
		"empty":           {"", wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ParseStatus(unhex(t, tc.hex))
			require.ErrorIs(t, err, tc.kind)
			require.NotErrorIs(t, err, ErrNegative)
			require.Zero(t, s)
		})
	}
}

// A server that says no is an error that tells so, with all that the header says.
func TestStatusNegative(t *testing.T) {
	for _, body := range []string{"", wildcardName + "000a 0001 00000000 0000"} {
		s, err := ParseStatus(unhex(t, "0102 8583 0000 0000 0000 0000"+body))
		require.ErrorIs(t, err, ErrNegative)
		require.EqualError(t, err, "NODE STATUS RESPONSE: RCODE at byte 12: a negative response: NAM_ERR")
		var pe *wire.ParseError
		require.True(t, errors.As(err, &pe))
		require.Equal(t, Status{TransactionID: 0x0102, Flags: 0x8583}, s)
		require.Equal(t, RCodeName, s.Flags.RCode())
	}
}

// No count on the wire makes the list longer than what is there.
func TestStatusNames(t *testing.T) {
	s := Status{Names: make([]NameEntry, 255), Statistics: make([]byte, 40), Flags: FlagResponse}
	b, err := s.AppendBinary(nil)
	require.NoError(t, err)
	require.Len(t, wiretest.RoundTrip(t, ParseStatus, b).Names, 255)
	for _, long := range []Status{{Names: make([]NameEntry, 256)}, {Statistics: make([]byte, 65536)}, {Statistics: make([]byte, 65536-7)}} {
		b, err := long.AppendBinary([]byte("before"))
		require.ErrorIs(t, err, wire.ErrTooLong)
		require.Equal(t, "before", string(b))
	}
	b, err = Status{Flags: 0x7800}.AppendBinary(nil)
	require.NoError(t, err)
	got, err := ParseStatus(b)
	require.NoError(t, err)
	require.Equal(t, FlagResponse, got.Flags, "a response is a response and a query")
}

func TestFileServerName(t *testing.T) {
	entry := func(name string, suffix byte, flags NameFlags) NameEntry {
		return NameEntry{Name: smb.MakeNetBIOSName(name, suffix), Flags: flags}
	}
	for name, tc := range map[string]struct {
		names []NameEntry
		want  string
	}{
		"none":              {nil, ""},
		"workstation only":  {[]NameEntry{entry("a", 0, NameActive)}, ""},
		"a group":           {[]NameEntry{entry("a", 0x20, NameActive|NameGroup)}, ""},
		"active":            {[]NameEntry{entry("a", 0x20, NameActive|NameGroup), entry("b", 0x20, NameActive)}, "B<20>"},
		"an active one":     {[]NameEntry{entry("a", 0x20, NameConflict), entry("b", 0x20, NameActive), entry("c", 0x20, NameActive)}, "B<20>"},
		"only inactive":     {[]NameEntry{entry("a", 0x20, 0), entry("b", 0x20, NameDeregister)}, "A<20>"},
		"of another suffix": {[]NameEntry{entry("a", 0x1B, NameActive), entry("b", 0x1F, NameActive)}, ""},
	} {
		got, ok := Status{Names: tc.names}.FileServerName()
		require.Equal(t, tc.want != "", ok, name)
		if ok {
			require.Equal(t, tc.want, got.String(), name)
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add(unhex(f, windowsStatus))
	f.Add(unhex(f, sambaStatus))
	f.Add(unhex(f, "0001"+statusStart+"0013 02"))
	f.Add(unhex(f, "0102 8583 0000 0000 0000 0000"))
	f.Fuzz(func(t *testing.T, data []byte) { wiretest.Stable(t, ParseStatus, data) })
}
