// Package spnego reads and writes the tokens of the GSS-API negotiation mechanism: NegTokenInit and NegTokenResp of
// RFC 4178 4.2, and NegTokenInit2, with which servers speak first, of [MS-SPNG] 2.2.1.
//
// Parse takes any security blob of an SMB server or client and tells its form. Each token has a parser and a builder
// of its own as well. What parsers guarantee is told in package wire; in addition:
//
//   - Lengths are read as BER allows, so that a length in more bytes than it needs is an anomaly and not the end of the
//     blob. Indefinite lengths, lengths above 32 bits and tag numbers above 30 are wire.ErrFormat errors.
//   - What encloses the fields (GSS-API header, choice, sequence) is the fixed part: an error there loses the token.
//     A field that cannot be read is noted, and kept in Unknown as it came.
//   - The depth of nesting is what the code spells out. There is no recursion.
//   - In byte slices nil is an absent field and an empty slice a field without content.
//
// Builders write DER with the fields in the order of the specification and what is in Unknown behind them.
package spnego
