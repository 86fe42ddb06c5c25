package negotiate

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// A Netname is the data of an SMB2_NETNAME_NEGOTIATE_CONTEXT_ID context as described in [MS-SMB2] 2.2.3.1.4: the name
// by which the client knows the server. Servers do not send it.
type Netname struct {
	Name []byte // UTF-16LE without a terminator; aliases the message
}

// ParseNetname parses the data of a context of type ContextNetname.
func ParseNetname(data []byte) (Netname, error) { return Netname{Name: data}, nil }

// Text decodes the name.
func (n Netname) Text() string { return wire.DecodeUTF16(n.Name) }

// AppendBinary appends the data of the context.
func (n Netname) AppendBinary(b []byte) ([]byte, error) { return append(b, n.Name...), nil }

// Context returns the context with this data.
func (n Netname) Context() (Context, error) { return contextOf(ContextNetname, n) }

// TransportSecurity is the flag of a transport context that accepts the security of the transport (SMB over QUIC)
// instead of SMB encryption, [MS-SMB2] 2.2.3.1.5.
const TransportSecurity uint32 = 0x00000001

// A Transport is the data of an SMB2_TRANSPORT_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.5 and 2.2.4.1.5.
type Transport struct {
	Flags     uint32
	Anomalies []wire.Anomaly
}

// ParseTransport parses the data of a context of type ContextTransport.
func ParseTransport(data []byte) (Transport, error) {
	c := wire.NewCursor("SMB2_TRANSPORT_CAPABILITIES", data)
	t := Transport{Flags: c.U32("Flags")}
	if err := c.Err(); err != nil {
		return Transport{}, err
	}
	c.NoteTrailing(c.Offset())
	t.Anomalies = c.Anomalies()
	return t, nil
}

// AppendBinary appends the data of the context.
func (t Transport) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_TRANSPORT_CAPABILITIES", b)
	a.U32(t.Flags)
	return a.Result()
}

// Context returns the context with this data.
func (t Transport) Context() (Context, error) { return contextOf(ContextTransport, t) }

// An RDMATransform is the data of an SMB2_RDMA_TRANSFORM_CAPABILITIES context as described in [MS-SMB2] 2.2.3.1.6 and
// 2.2.4.1.6.
type RDMATransform struct {
	Reserved1  uint16
	Reserved2  uint32
	Transforms []RDMATransformID
	Anomalies  []wire.Anomaly
}

// ParseRDMATransform parses the data of a context of type ContextRDMATransform.
func ParseRDMATransform(data []byte) (RDMATransform, error) {
	c := wire.NewCursor("SMB2_RDMA_TRANSFORM_CAPABILITIES", data)
	count := c.Len16("TransformCount")
	t := RDMATransform{Reserved1: c.U16("Reserved1"), Reserved2: c.U32("Reserved2")}
	if err := c.Err(); err != nil {
		return RDMATransform{}, err
	}
	t.Transforms = readList[RDMATransformID](&c, "RDMATransformIds", count)
	c.NoteTrailing(c.Offset())
	t.Anomalies = c.Anomalies()
	return t, nil
}

// AppendBinary appends the data of the context.
func (t RDMATransform) AppendBinary(b []byte) ([]byte, error) {
	a := wire.NewAppender("SMB2_RDMA_TRANSFORM_CAPABILITIES", b)
	a.Len16("TransformCount", len(t.Transforms))
	a.U16(t.Reserved1)
	a.U32(t.Reserved2)
	appendList(&a, t.Transforms)
	return a.Result()
}

// Context returns the context with this data.
func (t RDMATransform) Context() (Context, error) { return contextOf(ContextRDMATransform, t) }

// posixExtensions is the identifier that the POSIX extensions put into their context: version 1 of the extensions as
// Samba 4.17 and the Linux client since 4.18 send it (93AD2550-9CB4-11E7-B423-83DE968BCD7C, in the order of the wire).
var posixExtensions = [16]byte{
	0x93, 0xAD, 0x25, 0x50, 0x9C, 0xB4, 0x11, 0xE7, 0xB4, 0x23, 0x83, 0xDE, 0x96, 0x8B, 0xCD, 0x7C,
}

// A POSIX is the data of the context 0x0100 of the POSIX extensions: an identifier of 16 bytes for each version that the
// client offers, or the one that the server takes.
type POSIX struct {
	Versions  [][16]byte
	Anomalies []wire.Anomaly
}

// POSIXVersion1 returns the one version of the POSIX extensions that exists.
func POSIXVersion1() POSIX { return POSIX{Versions: [][16]byte{posixExtensions}} }

// ParsePOSIX parses the data of a context of type ContextPOSIX.
func ParsePOSIX(data []byte) (POSIX, error) {
	c := wire.NewCursor("SMB2_POSIX_EXTENSIONS_AVAILABLE", data)
	var p POSIX
	for c.Remaining() >= 16 && len(p.Versions) < maxContexts {
		var v [16]byte
		c.Copy("Version", v[:])
		p.Versions = append(p.Versions, v)
	}
	c.NoteTrailing(c.Offset())
	p.Anomalies = c.Anomalies()
	return p, nil
}

// AppendBinary appends the data of the context.
func (p POSIX) AppendBinary(b []byte) ([]byte, error) {
	for _, v := range p.Versions {
		b = append(b, v[:]...)
	}
	return b, nil
}

// Context returns the context with this data.
func (p POSIX) Context() (Context, error) { return contextOf(ContextPOSIX, p) }
