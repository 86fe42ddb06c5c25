package nullsession_test

import (
	"context"
	"fmt"
	"log"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/nullsession"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// A scan that reads on where it has ended, from a server that was recorded.
func ExampleRead() {
	dialogues, err := testdata.Dialogues("samba-4.17.12-null-open")
	if err != nil {
		log.Fatal(err)
	}
	network := smbtest.NewNetwork(smbtest.Path{})
	listener, err := network.Listen("files.example:445")
	if err != nil {
		log.Fatal(err)
	}
	defer smbtest.Serve(listener, smbtest.NewReplay(dialogues).Handle)()

	scanner := fingerprint.Scanner{
		Level: fingerprint.LevelQuick, NullSession: true, GuestMapping: true, Dial: network.Dial,
		Extend: nullsession.Reader{PipeAudit: true}.Read,
	}
	report, err := scanner.Scan(context.Background(), "files.example")
	if err != nil {
		log.Fatal(err)
	}
	null := report.NullSession
	fmt.Println("session:", null.Session, "unknown users become guest:", null.UnknownUserMapsToGuest)
	for _, s := range null.Shares {
		fmt.Printf("share %s: read %s, write %s\n", s.Name, s.Read, s.Write)
	}
	for _, u := range null.Users {
		fmt.Println("user", u.RID, u.Name)
	}
	fmt.Println("passwords of", *null.PasswordPolicy.MinLength, "characters")
	// Output:
	// session: yes unknown users become guest: yes
	// share public: read yes, write no
	// share closed: read no, write no
	// share drop: read yes, write yes
	// share hidden$: read yes, write no
	// share laser: read unknown, write unknown
	// share locked: read yes, write no
	// share sealed: read no, write unknown
	// share общая: read yes, write no
	// share IPC$: read unknown, write unknown
	// user 501 nobody
	// user 1000 alice
	// user 1001 bob
	// user 1002 carol
	// user 1003 dave
	// user 1004 пётр
	// passwords of 7 characters
}

// Pipes tells what opening each pipe does.
func ExamplePipes() {
	for _, p := range nullsession.Pipes() {
		if p.When == nullsession.WhenNamed {
			fmt.Println(p.Name, p.Effect)
		}
	}
	// Output:
	// winreg starts the Remote Registry service on Windows, where that is set to start on demand
}
