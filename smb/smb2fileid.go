package smb

import (
	"encoding/hex"
)

// An SMB2FileID is the server's handle of an open file or pipe as described in [MS-SMB2] 2.2.14.1: the persistent part,
// then the volatile one, as they are on the wire. It means nothing outside its session.
type SMB2FileID [16]byte

// NoSMB2FileID returns the handle of no file, 16 bytes of 0xFF: an IOCTL that is not about a file carries it ([MS-SMB2]
// 2.2.31), and so does a related request of a compound, which means the file of the request before it ([MS-SMB2]
// 3.2.4.1.4).
func NoSMB2FileID() SMB2FileID {
	var id SMB2FileID
	for i := range id {
		id[i] = 0xFF
	}
	return id
}

// String prints the bytes in hex, in wire order.
func (id SMB2FileID) String() string { return hex.EncodeToString(id[:]) }
