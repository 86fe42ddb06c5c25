package smb

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRelate(t *testing.T) {
	smb2 := func(command, status, flags string, id byte) string {
		msg := unhex(t, header2(command, status, flags))
		return string(patched(msg, 24, id))
	}
	smb1 := func(command, flags string, mid byte) string {
		return string(patched(unhex(t, header1(command, success, flags, oem)+"000000"), 30, mid))
	}
	ping := func(function byte) string {
		return string(patched(unhex(t, transaction2Requests()["ping"]), 61, function))
	}
	patchedMID := func(msg string) string { return string(patched(patched([]byte(msg), 30, 0xFF), 31, 0xFF)) }
	breaks := patchedMID(smb1("24", request1, 1))
	ask2, ask1 := smb2(setup2, success, request2, 1), smb1(setup1, request1, 1)
	for _, c := range []struct {
		name, request, message string
		want                   Relation
	}{
		{"SMB2 answer", ask2, smb2(setup2, success, reply2, 1), Answers},
		{"SMB2 failure", ask2, smb2(setup2, failure, reply2, 1), Answers},
		{"SMB2 echo", ask2, ask2, Echoes},
		{"SMB2 interim", ask2, smb2(setup2, "03010000", "03000000", 1), Unrelated},
		{"SMB2 pending, but synchronous", ask2, smb2(setup2, "03010000", reply2, 1), Answers},
		{"SMB2 final answer, asynchronous", ask2, smb2(setup2, success, "03000000", 1), Answers},
		{"SMB2 other id", ask2, smb2(setup2, success, reply2, 2), Unrelated},
		{"SMB2 other command", ask2, smb2("0000", success, reply2, 1), Unrelated},
		{"SMB2 oplock break", ask2, smb2("1200", success, reply2, 0xFF), Unrelated},
		{"SMB2 cut off", ask2, ask2[:20], Answers},
		{"SMB1 to SMB2, multi-protocol", ask1, smb2("0000", success, reply2, 0), Answers},
		{"SMB1 to SMB2, interim", ask1, smb2("0000", "03010000", "03000000", 0), Unrelated},
		{"SMB1 answer", ask1, smb1(setup1, reply1, 1), Answers},
		{"SMB1 echo", ask1, ask1, Echoes},
		{"SMB1 oplock break", ask1, breaks, Unrelated},
		{"SMB1 oplock break to SMB2", ask2, breaks, Unrelated},
		{"SMB1 oplock break, other id", ask1, smb1("24", request1, 1), Echoes},
		{"SMB1 other request with that id", ask1, patchedMID(smb1(setup1, request1, 1)), Echoes},
		{"SMB1 other id", ask1, smb1(setup1, reply1, 2), Unrelated},
		{"SMB1 other command", ask1, smb1("72", reply1, 1), Unrelated},
		{"SMB1 cut off", ask1, ask1[:20], Answers},
		{"implant's answer", ping(0x0E), smb1(trans2, reply1, 81), Answers},
		{"implant's answer with an error", ping(0x0E), smb1(trans2, reply1, 97), Unrelated},
		{"no implant's answer", ping(0x0E), smb1(trans2, reply1, 65), Answers},
		{"implant's mark, other command", ping(0x0E), smb1(trans1, reply1, 81), Unrelated},
		{"implant's mark, other transaction", ping(0x05), smb1(trans2, reply1, 81), Unrelated},
		{"implant's mark, request cut off", ping(0x0E)[:40], smb1(trans2, reply1, 81), Unrelated},
		{"implant's mark, other request", string(patched([]byte(ask1), 30, 65)), smb1(setup1, reply1, 81), Unrelated},
		{"SMB2 to SMB1 error", ask2, smb1("72", reply1, 9), Answers},
		{"encrypted", ask2, "\xFDSMB", Answers},
		{"compressed", ask2, "\xFCSMB", Answers},
		{"not SMB", ask2, "HTTP/1.1 400 Bad Request", Answers},
		{"empty", ask1, "", Answers},
		{"no request", "", smb2(setup2, success, reply2, 1), Answers},
	} {
		require.Equal(t, c.want, Relate([]byte(c.request), []byte(c.message)), c.name)
	}
}

func FuzzRelate(f *testing.F) {
	f.Add(unhex(f, header2(setup2, success, request2)), unhex(f, header2(setup2, success, reply2)))
	f.Add(unhex(f, header1(setup1, success, request1, oem)), unhex(f, header1(setup1, success, reply1, oem)))
	f.Add(unhex(f, transaction2Requests()["ping"]), patched(unhex(f, header1(trans2, success, reply1, oem)+"000000"), 30, 81))
	f.Fuzz(func(t *testing.T, request, message []byte) {
		if r := Relate(request, message); r < Unrelated || r > Echoes {
			t.Fatal(r)
		}
		if !IsSMB1(message) && !IsSMB2(message) && Relate(request, message) != Answers {
			t.Fatal("nobody can tell what this is; it ends the wait")
		}
	})
}
