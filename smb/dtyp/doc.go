// Package dtyp holds the data types that the protocols share: FILETIME, GUID and SID ([MS-DTYP]) and the status codes
// of [MS-ERREF] with their names.
//
// To add a status: 1. a row in testdata/tables/ntstatus.csv, with its source, and with a phase if code needs a constant
// for it; 2. go generate ./smb/dtyp.
package dtyp
