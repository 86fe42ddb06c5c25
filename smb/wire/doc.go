// Package wire reads and writes the little-endian, offset-addressed messages of the SMB protocol family.
//
// It knows no message: it holds the [Cursor] that every parser reads with, the [Appender] that every builder
// writes with, UTF-16LE text ([MS-DTYP] 2.1, [MS-CIFS] 2.2.1.1), and the one function that makes a stranger's
// text safe to print.
//
// The contract of all parsers that are built on it:
//
//   - Any bytes give a value or an error; nothing panics and nothing is allocated from a count on the wire.
//   - A fixed part that is too short is an error that matches [ErrTruncated]; the value is then the zero value.
//   - A variable part that lies out of bounds stays empty and is noted as an [Anomaly]; the rest is read and the
//     error is nil.
//   - Odd values (a wrong StructureSize, a nonzero reserved field, trailing bytes) are kept and noted.
//   - Slices in a value alias the message they were parsed from.
package wire
