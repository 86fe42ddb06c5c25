package dcerpc

import (
	"github.com/smbscope/smbscope/smb/wire"
)

// Next cuts the first PDU off the bytes that a pipe gave, of which one read may hold a part of a PDU or several.
// While the PDU is not all there, the error matches wire.ErrTruncated, rest is b, and the reader comes back with more
// bytes behind them; it never needs more than 65535. Any other error means that no PDU begins there, and that no
// further one can be found: it is told as soon as the bytes that say so are there, and matches what ParseHeader's do.
func Next(b []byte) (pdu, rest []byte, err error) {
	c := wire.NewCursor("PDU", b)
	h := readHeader(&c)
	if h.FragLength > len(b) && !c.Failed() {
		failAt(&c, "frag_length", 8, wire.ErrTruncated)
	}
	c.Seek("rpc_vers", 0)
	pdu = c.Bytes("PDU", h.FragLength)
	rest = c.Rest()
	if err := c.Err(); err != nil {
		return nil, b, err
	}
	return pdu, rest, nil
}
