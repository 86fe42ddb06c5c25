package smbtest

import (
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// A fieldRow is a field of a message at a fixed place, counted from the first byte of the header.
type fieldRow struct {
	name      string
	at, width int
}

// fieldRows are the fields of a kind of message. To add a message: 1. a row in the tables below; 2. a request that makes a
// genuine server send it, in zoo_talks.go. A test holds the tables against the names and places that the parsers of the
// codec give in their errors.
type fieldRows struct {
	name   string
	fields []fieldRow
}

// header2Fields are those of every SMB2 header, [MS-SMB2] 2.2.1.2.
var header2Fields = []fieldRow{{"StructureSize (header)", 4, 2}, {"CreditRequest/CreditResponse", 14, 2}, {"NextCommand", 20, 4}}

// fields2 are those of SMB2 responses, [MS-SMB2] 2.2.
var fields2 = map[smb.SMB2Command]fieldRows{
	smb.SMB2Negotiate: {"SMB2 NEGOTIATE Response", []fieldRow{
		{"StructureSize", 64, 2}, {"NegotiateContextCount/Reserved", 70, 2},
		{"MaxTransactSize", 92, 4}, {"MaxReadSize", 96, 4}, {"MaxWriteSize", 100, 4},
		{"SecurityBufferOffset", 120, 2}, {"SecurityBufferLength", 122, 2}, {"NegotiateContextOffset/Reserved2", 124, 4},
	}},
	smb.SMB2SessionSetup: {"SMB2 SESSION_SETUP Response", []fieldRow{
		{"StructureSize", 64, 2}, {"SecurityBufferOffset", 68, 2}, {"SecurityBufferLength", 70, 2},
	}},
	smb.SMB2TreeConnect:    {"SMB2 TREE_CONNECT Response", []fieldRow{{"StructureSize", 64, 2}}},
	smb.SMB2TreeDisconnect: {"SMB2 TREE_DISCONNECT Response", []fieldRow{{"StructureSize", 64, 2}}},
	smb.SMB2Create: {"SMB2 CREATE Response", []fieldRow{
		{"StructureSize", 64, 2}, {"AllocationSize", 104, 8}, {"EndofFile", 112, 8},
		{"CreateContextsOffset", 144, 4}, {"CreateContextsLength", 148, 4},
	}},
	smb.SMB2Close: {"SMB2 CLOSE Response", []fieldRow{{"StructureSize", 64, 2}, {"AllocationSize", 104, 8}, {"EndofFile", 112, 8}}},
	smb.SMB2Read: {"SMB2 READ Response", []fieldRow{
		{"StructureSize", 64, 2}, {"DataOffset", 66, 1}, {"DataLength", 68, 4}, {"DataRemaining", 72, 4},
	}},
	smb.SMB2Ioctl: {"SMB2 IOCTL Response", []fieldRow{
		{"StructureSize", 64, 2}, {"InputOffset", 88, 4}, {"InputCount", 92, 4}, {"OutputOffset", 96, 4}, {"OutputCount", 100, 4},
	}},
}

// errorFields2 are those of an error response, [MS-SMB2] 2.2.2.
var errorFields2 = fieldRows{"SMB2 ERROR Response", []fieldRow{{"StructureSize", 64, 2}, {"ErrorContextCount", 66, 1}, {"ByteCount", 68, 4}}}

// fields1 are the words of SMB1 responses, [MS-CIFS] 2.2.4 and [MS-SMB] 2.2.4, by command and number of words; for 0 words
// any number. WordCount and ByteCount are in all of them.
var fields1 = map[smb.SMB1Command]map[int]fieldRows{
	smb.SMB1Negotiate: {
		negotiate.AnswerWordsCore: {"SMB_COM_NEGOTIATE response (core)", nil},
		negotiate.AnswerWordsLANMAN: {"SMB_COM_NEGOTIATE response (LANMAN)", []fieldRow{
			{"MaxBufferSize", 37, 2}, {"MaxMpxCount", 39, 2}, {"EncryptionKeyLength", 55, 2},
		}},
		negotiate.AnswerWordsNT: {"SMB_COM_NEGOTIATE response", []fieldRow{
			{"MaxMpxCount", 36, 2}, {"MaxBufferSize", 40, 4}, {"MaxRawSize", 44, 4}, {"ChallengeLength", 66, 1},
		}},
	},
	smb.SMB1SessionSetupAndX: {
		smb.SetupAnswerWords:         {"SMB_COM_SESSION_SETUP_ANDX response (without extended security)", []fieldRow{{"AndXOffset", 35, 2}}},
		smb.SetupAnswerWordsExtended: {"SMB_COM_SESSION_SETUP_ANDX response", []fieldRow{{"AndXOffset", 35, 2}, {"SecurityBlobLength", 39, 2}}},
	},
	smb.SMB1TreeConnectAndX: {0: {"SMB_COM_TREE_CONNECT_ANDX response", []fieldRow{{"AndXOffset", 35, 2}}}},
	smb.SMB1NTCreateAndX: {0: {"SMB_COM_NT_CREATE_ANDX response", []fieldRow{
		{"AndXOffset", 35, 2}, {"AllocationSize", 80, 8}, {"EndOfFile", 88, 8},
	}}},
	smb.SMB1Transaction: {0: {"SMB_COM_TRANSACTION response", []fieldRow{
		{"TotalParameterCount", 33, 2}, {"TotalDataCount", 35, 2}, {"ParameterCount", 39, 2}, {"ParameterOffset", 41, 2},
		{"ParameterDisplacement", 43, 2}, {"DataCount", 45, 2}, {"DataOffset", 47, 2}, {"DataDisplacement", 49, 2},
		{"SetupCount", 51, 1},
	}}},
	smb.SMB1ReadAndX: {0: {"SMB_COM_READ_ANDX response", []fieldRow{
		{"AndXOffset", 35, 2}, {"Available", 37, 2}, {"DataLength", 43, 2}, {"DataOffset", 45, 2}, {"DataLengthHigh", 47, 2},
	}}},
	smb.SMB1Close:          {0: {"SMB_COM_CLOSE response", nil}},
	smb.SMB1TreeDisconnect: {0: {"SMB_COM_TREE_DISCONNECT response", nil}},
}

// base is where messages begin in a packet.
const base = smb.FrameHeaderSize

// fieldsOf lists the fields of a packet in the order of their places, the outer ones first.
func fieldsOf(packet []byte) []wireField {
	w := &fieldWalk{packet: packet}
	if len(packet) <= base || packet[0] != byte(smb.FrameMessage) {
		return nil
	}
	m := packet[base:]
	if h, err := smb.ParseSMB2Header(m); err == nil {
		w.message2(h)
	} else if h, err := smb.ParseSMB1Header(m); err == nil {
		w.message1(h)
	}
	return w.list
}

// frame is the length of a packet, which is named after the message in it.
func (w *fieldWalk) frame(message string) { w.addBig(message+"/Length of the frame", 1, 3) }

func (w *fieldWalk) rows(message string, rows []fieldRow) {
	for _, f := range rows {
		w.add(message+"/"+f.name, base+f.at, f.width)
	}
}

func (w *fieldWalk) message2(h smb.SMB2Header) {
	rows := fields2[h.Command]
	switch h.Status {
	case dtyp.StatusSuccess, dtyp.StatusMoreProcessingRequired, dtyp.StatusBufferOverflow:
	default:
		rows = errorFields2
	}
	if rows.name == "" {
		return
	}
	w.frame(rows.name)
	w.rows(rows.name, header2Fields)
	w.rows(rows.name, rows.fields)
	switch name := rows.name; {
	case name == errorFields2.name:
	case h.Command == smb.SMB2Negotiate:
		w.token(name, base+w.number(base+120, 2), w.number(base+122, 2))
		if w.number(base+68, 2) == int(smb.DialectSMB311) {
			w.negotiateContexts(base+w.number(base+124, 4), w.number(base+70, 2))
		}
	case h.Command == smb.SMB2SessionSetup:
		w.token(name, base+w.number(base+68, 2), w.number(base+70, 2))
	case h.Command == smb.SMB2Create:
		w.createContext(base+w.number(base+144, 4), w.number(base+148, 4))
	case h.Command == smb.SMB2Read:
		w.pdu(base+w.number(base+66, 1), w.number(base+68, 4))
	case h.Command == smb.SMB2Ioctl:
		w.pdu(base+w.number(base+96, 4), w.number(base+100, 4))
	}
}

func (w *fieldWalk) message1(h smb.SMB1Header) {
	const wordsAt = base + smb.SMB1HeaderSize
	words := w.number(wordsAt, 1)
	forms := fields1[h.Command]
	rows, ok := forms[words]
	if !ok {
		rows = forms[0]
	}
	if words == 0 && h.Status != dtyp.StatusSuccess {
		rows = fieldRows{name: "SMB1 error response"}
	}
	if rows.name == "" {
		return
	}
	name, bytesAt := rows.name, wordsAt+1+2*words
	r, err := negotiate.ParseSMB1Response(w.packet[base:])
	extended := err == nil && r.ExtendedSecurity()
	if h.Command == smb.SMB1Negotiate && words == negotiate.AnswerWordsNT && !extended {
		name += " (without extended security)"
	}
	w.frame(name)
	w.add(name+"/WordCount", wordsAt, 1)
	w.rows(name, rows.fields)
	w.add(name+"/ByteCount", bytesAt, 2)
	dataAt, size := bytesAt+2, w.number(bytesAt, 2)
	switch {
	case extended:
		const guid = 16
		w.token(name, dataAt+guid, size-guid)
	case h.Command == smb.SMB1SessionSetupAndX && words == smb.SetupAnswerWordsExtended:
		w.token(name, dataAt, w.number(base+39, 2))
	case h.Command == smb.SMB1Transaction:
		w.pdu(base+w.number(base+47, 2), w.number(base+45, 2))
	case h.Command == smb.SMB1ReadAndX:
		w.pdu(base+w.number(base+45, 2), w.number(base+43, 2))
	}
}
