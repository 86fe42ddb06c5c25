// Package smb reads and writes the messages that all dialects of the Server Message Block protocol are made of:
// framing over TCP (direct and NetBIOS session service), SMB1 headers ([MS-CIFS], [MS-SMB]), SMB2 headers ([MS-SMB2]),
// session setup and error responses. Negotiation has a package of its own, negotiate.
//
// Every message has a pair ParseX and AppendBinary, for requests and responses alike, so that clients, passive readers
// and test servers use the same code. A message begins at its protocol identifier (0xFE 'S' 'M' 'B' or
// 0xFF 'S' 'M' 'B'), which is the base of all offsets in it; the framing before it is not part of it. Security buffers
// stay bytes: packages ntlmssp and spnego read them.
//
// What parsers guarantee is told in package wire. Slices in a parsed value alias the message; the value is valid as
// long as the message is not changed.
//
// To add a message: 1. a file with its type, ParseX and AppendBinary in the order of the specification's fields;
// 2. a test file beside it with a table of bytes, wiretest.RoundTrip and wiretest.Prefixes; 3. a fuzz target with
// wiretest.Stable.
package smb
