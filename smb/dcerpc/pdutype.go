package dcerpc

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// A PDUType is the PTYPE of a PDU, [C706] 12.6.1 and [MS-RPCE] 2.2.2.10.
type PDUType uint8

// The types of PDUs. Those of the connectionless protocol have no names here but in String.
const (
	PDURequest          PDUType = 0x00
	PDUResponse         PDUType = 0x02
	PDUFault            PDUType = 0x03
	PDUBind             PDUType = 0x0B
	PDUBindAck          PDUType = 0x0C
	PDUBindNak          PDUType = 0x0D
	PDUAlterContext     PDUType = 0x0E
	PDUAlterContextResp PDUType = 0x0F
	PDUAuth3            PDUType = 0x10 // rpc_auth_3 of [MS-RPCE] 2.2.2.10
	PDUShutdown         PDUType = 0x11
	PDUCoCancel         PDUType = 0x12
	PDUOrphaned         PDUType = 0x13
	PDURTS              PDUType = 0x14 // of RPC over HTTP, [MS-RPCH] 2.2.3
)

var pduTypeNames = [...]string{
	0x00: "request", 0x01: "ping", 0x02: "response", 0x03: "fault", 0x04: "working", 0x05: "nocall", 0x06: "reject",
	0x07: "ack", 0x08: "cl_cancel", 0x09: "fack", 0x0A: "cancel_ack", 0x0B: "bind", 0x0C: "bind_ack", 0x0D: "bind_nak",
	0x0E: "alter_context", 0x0F: "alter_context_resp", 0x10: "rpc_auth_3", 0x11: "shutdown", 0x12: "co_cancel",
	0x13: "orphaned", 0x14: "rts",
}

// String prints the specification's word, such as bind_ack, and an unknown type as PTYPE(0x55).
func (t PDUType) String() string {
	if int(t) < len(pduTypeNames) {
		return pduTypeNames[t]
	}
	return fmt.Sprintf("PTYPE(0x%02X)", uint8(t))
}

// PFCFlags are the flags of a PDU, pfc_flags of [C706] 12.6.3.1.
type PFCFlags uint8

// The bits of [C706] 12.6.3.1.
const (
	PFCFirstFrag     PFCFlags = 0x01
	PFCLastFrag      PFCFlags = 0x02
	PFCPendingCancel PFCFlags = 0x04
	PFCConcMpx       PFCFlags = 0x10
	PFCDidNotExecute PFCFlags = 0x20
	PFCMaybe         PFCFlags = 0x40
	PFCObjectUUID    PFCFlags = 0x80

	// PFCSupportHeaderSign is what the bit of PFCPendingCancel means in bind, alter_context, their answers and
	// rpc_auth_3, [MS-RPCE] 2.2.2.3. String cannot tell and prints the name of [C706].
	PFCSupportHeaderSign PFCFlags = 0x04

	// PFCWhole are the flags of a PDU that is not split.
	PFCWhole = PFCFirstFrag | PFCLastFrag
)

var pfcNames = []wire.FlagName{
	{Bit: 0x01, Token: "PFC_FIRST_FRAG"},
	{Bit: 0x02, Token: "PFC_LAST_FRAG"},
	{Bit: 0x04, Token: "PFC_PENDING_CANCEL"},
	{Bit: 0x08, Token: "PFC_RESERVED_1"},
	{Bit: 0x10, Token: "PFC_CONC_MPX"},
	{Bit: 0x20, Token: "PFC_DID_NOT_EXECUTE"},
	{Bit: 0x40, Token: "PFC_MAYBE"},
	{Bit: 0x80, Token: "PFC_OBJECT_UUID"},
}

// String prints the bits as "A|B".
func (f PFCFlags) String() string { return wire.FlagString(uint64(f), pfcNames) }

// Tokens returns the specification's token of each bit.
func (f PFCFlags) Tokens() []string { return wire.FlagTokens(uint64(f), pfcNames) }
