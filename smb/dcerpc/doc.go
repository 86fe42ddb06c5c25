// Package dcerpc reads and writes the connection-oriented PDUs of DCE/RPC as described in [C706] chapter 12 with the
// extensions of [MS-RPCE] 2.2.2. They are what the named pipes of SMB and TCP ports such as 135 carry.
//
// A message begins at the first byte of its PDU and ends where its frag_length says. Only little-endian PDUs are read
// and written: a PDU in another data representation is an ErrDataRepresentation error. What parsers guarantee is told
// in package wire. Slices in a parsed value alias the message, except those of a Reassembler.
//
// A call is: a Bind, whose answer is a BindAck or a BindNak; then Fragments of a Request; then Next, which cuts the
// bytes of the pipe into PDUs, and a Reassembler, which makes one stub of them or a *FaultError.
//
// To add a PDU: 1. a file with its type, ParseX and AppendBinary in the order of the specification's fields, which
// begin with openPDU and Header.begin and end with Header.end; 2. a test file beside it with a table of bytes,
// wiretest.RoundTrip and wiretest.Prefixes; 3. a fuzz target with wiretest.Stable.
package dcerpc
