package smbtest_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/smbscope/smbscope/fingerprint/smbtest"
)

// A web server on the port of SMB, reached over an in-memory network: network.Dial is what a scanner is given.
func Example() {
	network := smbtest.NewNetwork(smbtest.Path{Up: smbtest.Link{Latency: time.Millisecond}})
	listener, err := network.Listen("192.0.2.1:445")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer smbtest.Serve(listener, smbtest.HTTP)()

	conn, err := network.Dial(context.Background(), "tcp", "192.0.2.1:445")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprintln(conn, "hello")
	answer := make([]byte, 24)
	_, err = io.ReadFull(conn, answer)
	fmt.Println(conn.RemoteAddr(), string(answer), err)

	_, err = network.Dial(context.Background(), "tcp", "192.0.2.9:445")
	fmt.Println(err)
	fmt.Println(network.Counts().Dials, "dials,", network.Counts().Open, "open")

	// Output:
	// 192.0.2.1:445 HTTP/1.1 400 Bad Request <nil>
	// dial tcp 192.0.2.9:445: connect: connection refused
	// 2 dials, 1 open
}
