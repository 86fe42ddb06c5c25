// Package epm reads and writes the stub of the one call of the endpoint mapper that a null session asks: which interfaces
// are registered, and where (ept_lookup), as described in [C706] appendix O and [MS-RPCE] 2.2.1.2.
//
// Bytes in a value alias the stub that it was parsed from.
package epm

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// The interface and its named pipe, [C706] appendix O and [MS-RPCE] 2.1.1.2.
const (
	PipeName = "epmapper"
	UUID     = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
	Major    = 3
	Minor    = 0
)

// OpLookup is the number of ept_lookup.
const OpLookup uint16 = 2

const (
	// MaxEntries is how many entries one answer may be asked for, [MS-RPCE] 2.2.1.2.4.
	MaxEntries = 500
	// StatusNotRegistered is the result where there are no more entries.
	StatusNotRegistered uint32 = 0x16C9A0D6
)

// A LookupRequest is the input of ept_lookup as described in [MS-RPCE] 2.2.1.2.4, for all entries: its inquiry type is
// RPC_C_EP_ALL_ELTS, which has neither object nor interface.
type LookupRequest struct {
	VersionOption uint32     // ignored
	EntryHandle   ndr.Handle // null begins
	MaxEntries    uint32
	Anomalies     []wire.Anomaly
}

const allElements = 0

// ParseLookupRequest parses the stub of a request. Another inquiry type, and an object or an interface, are an ErrFormat
// error.
func ParseLookupRequest(stub []byte) (LookupRequest, error) {
	r := ndr.NewReader("ept_lookup request", stub)
	if inquiry := r.U32("inquiry_type"); inquiry != allElements || r.Pointer("object") || r.Pointer("Ifid") {
		r.Fail("inquiry_type", wire.ErrFormat)
	}
	x := LookupRequest{VersionOption: r.U32("vers_option"), EntryHandle: r.Handle("entry_handle"), MaxEntries: r.U32("max_ents")}
	if err := r.Err(); err != nil {
		return LookupRequest{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// AppendBinary appends the stub.
func (x LookupRequest) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("ept_lookup request", b)
	w.U32(allElements)
	w.Pointer(false)
	w.Pointer(false)
	w.U32(x.VersionOption)
	w.Handle(x.EntryHandle)
	w.U32(x.MaxEntries)
	return w.Result()
}

// A LookupResponse is the output of ept_lookup.
type LookupResponse struct {
	EntryHandle ndr.Handle // null at the end
	MaxCount    uint32     // of the array; how many were asked for
	Entries     []Entry
	Status      uint32 // 0, or StatusNotRegistered where there are no more
	Anomalies   []wire.Anomaly
}

// An Entry is an ept_entry_t: where an interface is registered.
type Entry struct {
	Object     dtyp.GUID
	Tower      []byte // its octets, for ParseTower; nil is a null pointer
	Annotation []byte // without its terminator: the owner's words
}

// ParseLookupResponse parses the stub of a response.
func ParseLookupResponse(stub []byte) (LookupResponse, error) {
	r := ndr.NewReader("ept_lookup response", stub)
	x := LookupResponse{EntryHandle: r.Handle("entry_handle")}
	said := r.Len32("num_ents")
	x.MaxCount = r.U32("entries")
	offset, count := r.Len32("entries"), r.Len32("entries")
	if !r.Failed() && (offset != 0 || count != said) {
		r.Note("num_ents", 20, "%d, of an array that has %d from %d on", said, count, offset)
	}
	var towers []bool
	for i := 0; i < count && !r.Failed(); i++ {
		var e Entry
		r.Align(4)
		r.Copy("object", e.Object[:])
		towers = append(towers, r.Pointer("tower"))
		e.Annotation = readAnnotation(&r)
		x.Entries = append(x.Entries, e)
	}
	for i, referent := range towers {
		if referent {
			x.Entries[i].Tower = readTower(&r)
		}
	}
	x.Status = r.U32("status")
	if err := r.Err(); err != nil {
		return LookupResponse{}, err
	}
	r.End()
	x.Anomalies = r.Anomalies()
	return x, nil
}

// readAnnotation reads a varying string of bytes.
func readAnnotation(r *ndr.Reader) []byte {
	at := r.Offset()
	offset, count := r.Len32("annotation"), r.Len32("annotation")
	text := r.Bytes("annotation", count)
	if r.Failed() {
		return nil
	}
	if offset != 0 {
		r.Note("annotation", at, "offset %d", offset)
	}
	if n := len(text); n > 0 && text[n-1] == 0 {
		return text[: n-1 : n-1]
	}
	r.Note("annotation", at, "no terminator")
	return text
}

func readTower(r *ndr.Reader) []byte {
	at := r.Offset()
	most, length := r.Len32("tower_length"), r.Len32("tower_length")
	octets := r.Bytes("tower_octet_string", length)
	if r.Failed() {
		return nil
	}
	if most != length {
		r.Note("tower_length", at, "maximum count %d, length %d", most, length)
	}
	if octets == nil {
		return []byte{}
	}
	return octets
}

// AppendBinary appends the stub.
func (x LookupResponse) AppendBinary(b []byte) ([]byte, error) {
	w := ndr.NewWriter("ept_lookup response", b)
	w.Handle(x.EntryHandle)
	w.Len32("num_ents", len(x.Entries))
	w.U32(x.MaxCount)
	w.U32(0)
	w.Len32("entries", len(x.Entries))
	for _, e := range x.Entries {
		w.Pad(4)
		w.Bytes(e.Object[:])
		w.Pointer(e.Tower != nil)
		w.U32(0)
		w.Len32("annotation", len(e.Annotation)+1)
		w.Bytes(e.Annotation)
		w.U8(0)
	}
	for _, e := range x.Entries {
		if e.Tower != nil {
			w.Len32("tower_length", len(e.Tower))
			w.Len32("tower_length", len(e.Tower))
			w.Bytes(e.Tower)
		}
	}
	w.U32(x.Status)
	return w.Result()
}
