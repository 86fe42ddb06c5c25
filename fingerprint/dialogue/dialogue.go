// Package dialogue holds the one value that a live scan, a replay and a packet capture have in common: what was said
// over one connection.
//
// A [Dialogue] is all that verdicts are made of. Whoever makes one hands it over whole: its bytes are its own, and
// nobody changes it afterwards, so that dialogues can be read from many goroutines.
package dialogue

import (
	"time"
)

// A Dialogue is one connection to a server: who, when, what was sent and received, and how it ended.
type Dialogue struct {
	Target     string    // what the scan was asked for, the same in all dialogues of one scan; from a capture the server's address
	Level      string    // the scan's level as in the report; "passive" from a capture
	Checks     bool      // the scan was asked for weakness checks, whether or not it came to them
	Connection int       // number of the connection in its scan, from 1, in the order of the plan; 0 for datagrams
	Transport  Transport // how SMB messages are framed
	Address    string    // the server, "ip:port" with IPv6 in brackets; empty when a caller's dialer resolved the name
	Port       int       // that was asked for where Address is empty; else 0
	Client     string    // our own end, or the client of a capture, "ip:port"; empty when not known
	Started    time.Time // when name resolution or the dial began; from a capture, when the first packet was seen
	Connected  time.Time // when the connection stood; zero when it never did
	Ended      time.Time // when the last thing happened
	Frames     []Frame   // in the order in which they were sent or received
	End        End       // how it ended
	Reason     string    // a sentence for people about the end, such as an error's text; may be empty
	Capture    *Capture  // set only for a dialogue that was read from a capture
}

// A Frame is one message, in either direction.
type Frame struct {
	Sent  bool      // true from the client to the server
	Kind  Kind      // what Data holds
	Probe string    // for what a scan sends, and for datagrams that it gets: the identifier of the question
	At    time.Time // when it was written, or when its last byte was received
	Data  []byte    // owned by the dialogue, never nil, never changed
}

// A Capture tells where in a packet capture a dialogue was found.
type Capture struct {
	File       string // base name of the file
	Stream     int    // the index that tshark gives the TCP stream (tcp.stream)
	FirstFrame int    // number of its first packet in the file, from 1
}

// A Transport is a way to frame SMB messages, or what finds the name for one.
type Transport string

// The transports, spelt as in the report.
const (
	DirectTCP      Transport = "direct-tcp"      // [MS-SMB2] 2.1: four bytes of length before each message
	NetBIOSSession Transport = "netbios-session" // RFC 1002 4.3: session service packets
	// NetBIOSNameService carries no SMB: it is the UDP service that tells the names of a server, RFC 1002 4.2. Its
	// datagrams are frames of Kind Raw, one each. There is no connection, so that Connected stays zero.
	NetBIOSNameService Transport = "netbios-name"
)

// A Kind tells what the bytes of a frame are.
type Kind string

// The kinds of frame. Only messages carry SMB; their data begins at the protocol identifier, without the four bytes of
// framing before it.
const (
	Message Kind = "message" // an SMB message
	Session Kind = "session" // a NetBIOS session service packet other than a session message, with its four byte header
	Raw     Kind = "raw"     // bytes that are no frame at all, as far as they were read
)

// An End is how a dialogue ended.
type End string

// The ends of a dialogue. The first two are no loss: all questions that were meant to be asked had an answer.
const (
	EndDone        End = "done"            // the scan had no more to ask and closed or left the connection
	EndForeign     End = "foreign"         // the peer sent bytes that are no SMB
	EndClosed      End = "closed"          // the peer closed
	EndReset       End = "reset"           // the peer reset the connection
	EndTimeout     End = "timeout"         // the time for connecting or for an answer was up
	EndRefused     End = "refused"         // the connect was refused
	EndUnreachable End = "unreachable"     // the network or the host could not be reached
	EndUnresolved  End = "unresolved"      // the name has no address
	EndCanceled    End = "canceled"        // the caller's context ended
	EndLimit       End = "limit"           // the peer sent more than a scan is ready to take
	EndSession     End = "session-refused" // the NetBIOS session was refused or led elsewhere; the last frame tells
	EndBudget      End = "budget"          // the scan had no more connections or bytes to spend
	EndError       End = "error"           // anything else; Reason tells
)

// framing is the size of the header before each message: a zero byte or a packet type, and 24 bits of length.
const framing = 4

// Cost returns how many messages were sent, and the bytes of both directions on the wire above TCP.
func (d *Dialogue) Cost() (requests, sent, received int) {
	for _, f := range d.Frames {
		size := len(f.Data)
		if f.Kind == Message {
			size += framing
		}
		switch {
		case !f.Sent:
			received += size
		case f.Kind == Message:
			requests++
			sent += size
		default:
			sent += size
		}
	}
	return requests, sent, received
}

// Received tells whether the peer has sent anything.
func (d *Dialogue) Received() bool {
	for _, f := range d.Frames {
		if !f.Sent {
			return true
		}
	}
	return false
}
