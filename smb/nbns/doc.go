// Package nbns reads and writes the node status messages of the NetBIOS name service as described in RFC 1002 4.2.17 and
// 4.2.18 and [MS-NBTE]: the question for all names of a host, and the answer. They are UDP datagrams of port 137.
//
// A message begins at its transaction id. Integers are big-endian here, unlike in all other packages of the codec. What
// parsers guarantee is told in package wire. Slices in a parsed value alias the message. Names are never compressed in
// these two messages (RFC 1002 4.2.17, 4.2.18): a pointer in place of a name is a wire.ErrFormat error.
//
// To add a message: 1. a file with its type, ParseX and AppendBinary in the order of RFC 1002's fields; 2. a test file
// beside it with a table of bytes, wiretest.RoundTrip and wiretest.Prefixes; 3. a fuzz target with wiretest.Stable.
package nbns
