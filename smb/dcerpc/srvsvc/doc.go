// Package srvsvc reads and writes the stubs of the calls of the server service that a null session asks: which shares
// there are (NetrShareEnum) and what the server says of itself (NetrServerGetInfo), as described in [MS-SRVS].
//
// Texts in a value alias the stub that it was parsed from.
package srvsvc

// The interface and its named pipe, [MS-SRVS] 1.9 and 2.1.
const (
	PipeName = "srvsvc"
	UUID     = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
	Major    = 3
	Minor    = 0
)

// The numbers of the calls, [MS-SRVS] 3.1.4.
const (
	OpShareEnum     uint16 = 15
	OpServerGetInfo uint16 = 21
)
