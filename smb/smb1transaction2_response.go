package smb

const transaction2Response = "SMB_COM_TRANSACTION2 response"

// An SMB1Transaction2Response is an SMB_COM_TRANSACTION2 response as described in [MS-CIFS] 2.2.4.46.2, or the interim
// response that only asks for the secondary requests. It has the fields of an SMB1TransactionResponse, and its rules. All
// slices alias the message.
type SMB1Transaction2Response SMB1TransactionResponse

// ParseSMB1Transaction2Response parses a transaction2 response; one that reports a failure without any parameters is an
// ErrErrorResponse error, and a WordCount below 10 that is not zero a wire.ErrFormat error. The words above 10 are Setup,
// whatever SetupCount says.
func ParseSMB1Transaction2Response(msg []byte) (SMB1Transaction2Response, error) {
	r, err := readSMB1TransactionResponse(transaction2Response, SMB1Transaction2, msg)
	return SMB1Transaction2Response(r), err
}

// AppendBinary appends the message. A Setup of half words is a wire.ErrFormat error.
func (r SMB1Transaction2Response) AppendBinary(b []byte) ([]byte, error) {
	return SMB1TransactionResponse(r).append(transaction2Response, b)
}
