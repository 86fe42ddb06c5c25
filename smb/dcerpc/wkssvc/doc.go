// Package wkssvc reads and writes the stubs of the one call of the workstation service that a null session asks, what
// the machine is and which domain it is in (NetrWkstaGetInfo), as described in [MS-WKST].
//
// Texts in a value alias the stub that it was parsed from.
package wkssvc

// The interface and its named pipe, [MS-WKST] 1.9 and 2.1.
const (
	PipeName = "wkssvc"
	UUID     = "6bffd098-a112-3610-9833-46c3f87e345a"
	Major    = 1
	Minor    = 0
)

// OpWkstaGetInfo is the number of NetrWkstaGetInfo, [MS-WKST] 3.2.4.
const OpWkstaGetInfo uint16 = 0

// LevelWksta is the level of WKSTA_INFO_100, the least of them.
const LevelWksta = 100
