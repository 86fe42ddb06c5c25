// Package negotiate builds and reads every negotiation of the SMB protocol family, from both ends: SMB1 with any list of
// dialects ([MS-CIFS] 2.2.4.52, [MS-SMB] 2.2.4.5), the multi-protocol negotiation that leads from SMB1 to SMB2
// ([MS-SMB2] 3.3.5.3), and SMB2 of all dialects with all contexts ([MS-SMB2] 2.2.3 and 2.2.4).
//
// An [Offer] says what to ask; its Build gives the bytes. The named offers ([All], [Conservative], [Single], [SMB1Only],
// [Multi]) are what a scan asks. Requests set every capability bit, because servers hide what the client does not claim:
// a client without the encryption bit is told that a 3.x server cannot encrypt ([MS-SMB2] 3.3.5.4), and Samba 4.17 then
// leaves out the cipher context at 3.1.1 as well.
//
// To add a negotiate context: 1. its type in contexttype.go; 2. a type with ParseX, AppendBinary and Context in a file
// of its own; 3. a row in the tables of the tests; 4. a field of Offer if a scan is to ask for it.
package negotiate
