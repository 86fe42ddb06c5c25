package fingerprint_test

import (
	"context"
	"fmt"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/smbtest"
	"github.com/smbscope/smbscope/testdata"
)

// recordedNetwork is a network in memory with one recorded server on it, for examples.
func recordedNetwork(name string) (network *smbtest.Network, stop func(), err error) {
	dialogues, err := testdata.Dialogues(name)
	if err != nil {
		return nil, nil, err
	}
	network = smbtest.NewNetwork(smbtest.Path{})
	listener, err := network.Listen("192.0.2.10:445")
	if err != nil {
		return nil, nil, err
	}
	return network, smbtest.Serve(listener, smbtest.NewReplay(dialogues).Handle), nil
}

func ExampleScanner_Scan() {
	network, stop, err := recordedNetwork("samba-4.17.12-nt1")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	scanner := fingerprint.Scanner{Dial: network.Dial} // without Dial: the network of this machine
	r, err := scanner.Scan(context.Background(), "192.0.2.10")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("outcome:", r.Outcome)
	fmt.Println("best dialect:", r.PreferredDialect)
	fmt.Println("SMB1:", r.SMB1.Supported, "by", r.SMB1.NativeLANManager)
	fmt.Println("signing required:", r.Signing.SMB2.Required)
	fmt.Println("why:", r.Evidence["/signing/smb2/required"][0].Text)
	// Output:
	// outcome: smb
	// best dialect: 3.1.1
	// SMB1: yes by Samba 4.17.12-Debian
	// signing required: no
	// why: SecurityMode SMB2_NEGOTIATE_SIGNING_ENABLED at 3.1.1
}

func ExampleScanner_DetectSMB1() {
	network, stop, err := recordedNetwork("samba-4.17.12-default")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	scanner := fingerprint.Scanner{Dial: network.Dial}
	r, err := scanner.DetectSMB1(context.Background(), "192.0.2.10")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.SMB1.Supported, "after", r.Cost.Connections, "connection:", r.Evidence["/smb1/supported"][0].Text)
	// Output:
	// no after 1 connection: every SMB1 dialect was refused (DialectIndex 0xFFFF)
}
