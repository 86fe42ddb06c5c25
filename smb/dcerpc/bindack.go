package dcerpc

import (
	"bytes"
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// A ContextResult is a server's answer to one presentation context, p_cont_def_result_t of [C706] 12.6.3.1.
type ContextResult uint16

// The results of [C706] 12.6.3.1 and [MS-RPCE] 2.2.2.4.
const (
	ResultAcceptance        ContextResult = 0
	ResultUserRejection     ContextResult = 1
	ResultProviderRejection ContextResult = 2
	ResultNegotiateAck      ContextResult = 3 // the answer to BindTimeFeatures
)

// String prints the specification's word, and an unknown result as ContextResult(0x0009).
func (r ContextResult) String() string {
	switch r {
	case ResultAcceptance:
		return "acceptance"
	case ResultUserRejection:
		return "user_rejection"
	case ResultProviderRejection:
		return "provider_rejection"
	case ResultNegotiateAck:
		return "negotiate_ack"
	}
	return fmt.Sprintf("ContextResult(0x%04X)", uint16(r))
}

// A ProviderReason tells why a presentation context was refused, p_provider_reason_t of [C706] 12.6.3.1.
type ProviderReason uint16

// The reasons of [C706] 12.6.3.1.
const (
	ReasonNotSpecified                         ProviderReason = 0
	ReasonAbstractSyntaxNotSupported           ProviderReason = 1
	ReasonProposedTransferSyntaxesNotSupported ProviderReason = 2
	ReasonLocalLimitExceeded                   ProviderReason = 3
)

// String prints the specification's word, and an unknown reason as ProviderReason(0x0009).
func (r ProviderReason) String() string {
	switch r {
	case ReasonNotSpecified:
		return "reason_not_specified"
	case ReasonAbstractSyntaxNotSupported:
		return "abstract_syntax_not_supported"
	case ReasonProposedTransferSyntaxesNotSupported:
		return "proposed_transfer_syntaxes_not_supported"
	case ReasonLocalLimitExceeded:
		return "local_limit_exceeded"
	}
	return fmt.Sprintf("ProviderReason(0x%04X)", uint16(r))
}

// A Result is the answer to one presentation context, the p_result_t of [C706] 12.6.3.1.
type Result struct {
	Result         ContextResult
	Reason         ProviderReason // the server's BindTimeFeatures where Result is ResultNegotiateAck
	TransferSyntax SyntaxID       // zero unless Result is ResultAcceptance
}

const resultSize = 4 + syntaxIDSize

// A BindAck is a bind_ack PDU as described in [C706] 12.6.4.4, or an alter_context_resp PDU, 12.6.4.2, which has the
// same fields: Header.Type tells, and any type but PDUAlterContextResp builds a bind_ack.
type BindAck struct {
	Header      Header
	MaxXmitFrag uint16 // bytes of the largest PDU that the server sends
	MaxRecvFrag uint16 // bytes of the largest PDU that the server takes
	AssocGroup  uint32
	// SecondaryAddress is sec_addr with its NUL: the name of the pipe, such as "\PIPE\srvsvc", or a port in decimal.
	// It is empty in an alter_context_resp. It aliases the message.
	SecondaryAddress []byte
	Pad              []byte // up to a multiple of 4, aliases the message; zeros are sent where its length does not fit
	Reserved         uint8
	Reserved2        uint16
	Results          []Result // in the order of the contexts of the request
	Auth             Auth
	Anomalies        []wire.Anomaly
}

// ParseBindAck parses a bind_ack or an alter_context_resp PDU. Of a list that is longer than the PDU, what is there
// is kept; a secondary address out of bounds leaves no results.
func ParseBindAck(msg []byte) (BindAck, error) {
	c, header, auth := openPDU("bind_ack", msg, PDUBindAck, PDUAlterContextResp)
	b := BindAck{Header: header, Auth: auth}
	b.MaxXmitFrag = c.U16("max_xmit_frag")
	b.MaxRecvFrag = c.U16("max_recv_frag")
	b.AssocGroup = c.U32("assoc_group_id")
	length := c.Len16("sec_addr")
	if err := c.Err(); err != nil {
		return BindAck{}, err
	}
	if b.SecondaryAddress = c.At("sec_addr", c.Offset(), length); len(b.SecondaryAddress) == length {
		c.Seek("sec_addr", c.Offset()+length)
		b.readResults(&c)
	}
	b.Anomalies = c.Anomalies()
	return b, nil
}

func (b *BindAck) readResults(c *wire.Cursor) {
	at := c.Offset()
	pad := padding(at)
	if c.Remaining() < pad+4 {
		c.Note("p_result_list", at, "%d bytes are left for it", c.Remaining())
		return
	}
	b.Pad = c.At("pad2", at, pad)
	c.Seek("p_result_list", at+pad)
	count := c.Len8("n_results")
	b.Reserved = c.U8("reserved")
	b.Reserved2 = c.U16("reserved2")
	for i := range count {
		if c.Remaining() < resultSize {
			c.Note("n_results", at+pad, "%d results, but %d are there", count, i)
			break
		}
		b.Results = append(b.Results, Result{
			Result:         ContextResult(c.U16("result")),
			Reason:         ProviderReason(c.U16("reason")),
			TransferSyntax: readSyntaxID(c, "transfer_syntax"),
		})
	}
	c.NoteTrailing(c.Offset())
}

// padding returns how many bytes bring an offset to a multiple of 4.
func padding(offset int) int { return -offset & 3 }

// AppendBinary appends the PDU.
func (b BindAck) AppendBinary(buf []byte) ([]byte, error) {
	a := wire.NewAppender("bind_ack", buf)
	t := PDUBindAck
	if b.Header.Type == PDUAlterContextResp {
		t = PDUAlterContextResp
	}
	b.Header.begin(&a, t)
	a.U16(b.MaxXmitFrag)
	a.U16(b.MaxRecvFrag)
	a.U32(b.AssocGroup)
	a.Len16("sec_addr", len(b.SecondaryAddress))
	a.Bytes(b.SecondaryAddress)
	if len(b.Pad) == padding(a.Offset()) {
		a.Bytes(b.Pad)
	}
	a.Pad(4)
	a.Len8("n_results", len(b.Results))
	a.U8(b.Reserved)
	a.U16(b.Reserved2)
	for _, r := range b.Results {
		a.U16(uint16(r.Result))
		a.U16(uint16(r.Reason))
		r.TransferSyntax.append(&a)
	}
	b.Header.end(&a, b.Auth)
	return a.Result()
}

// Address returns the secondary address without its NUL. It is a peer's text.
func (b BindAck) Address() string {
	address, _, _ := bytes.Cut(b.SecondaryAddress, []byte{0})
	return string(address)
}

// Err tells whether the i-th context of the request was accepted: nil, a *BindError, or ErrNoResult.
func (b BindAck) Err(i int) error {
	if i < 0 || i >= len(b.Results) {
		return ErrNoResult
	}
	if r := b.Results[i]; r.Result != ResultAcceptance {
		return &BindError{Type: b.Header.Type, Result: r.Result, Reason: r.Reason}
	}
	return nil
}
