package srvsvc

import (
	"github.com/smbscope/smbscope/smb/dcerpc/ndr"
	"github.com/smbscope/smbscope/smb/wire"
)

// LevelShares is the level of SHARE_INFO_1: name, type and remark. It needs no special rights on Windows, as level 2
// and the levels from 502 on do (documentation of NetShareEnum).
const LevelShares = 1

// hasContainer tells whether SHARE_ENUM_UNION ([MS-SRVS] 2.2.3.5) has an arm for a level. For any other one nothing
// stands in its place.
func hasContainer(level uint32) bool {
	switch level {
	case 0, LevelShares, 2, 501, 502, 503:
		return true
	}
	return false
}

// readShareEnumStruct reads a SHARE_ENUM_STRUCT ([MS-SRVS] 2.2.4.38), of which all containers have the same
// beginning. The union's own level decides over its arm ([C706] 14.3.8). Entries of another level than 1 are an
// ErrFormat failure.
func readShareEnumStruct(r *ndr.Reader, stub []byte) (level uint32, noContainer bool, shares Shares) {
	outer := r.U32("Level")
	at := r.Offset()
	level = r.U32("ShareInfo")
	if !r.Failed() && outer != level {
		r.Note("ShareInfo", at, "level %d in a structure of level %d", level, outer)
	}
	if !hasContainer(level) {
		return level, false, Shares{}
	}
	if !r.Pointer("ShareInfo") {
		return level, true, Shares{}
	}
	at = r.Offset()
	entries := r.Len32("EntriesRead")
	switch buffer := r.Pointer("Buffer"); {
	case r.Failed():
	case !buffer && entries != 0:
		r.Note("EntriesRead", at, "%d entries, and a null pointer to them", entries)
	case !buffer:
	case level != LevelShares:
		r.Fail("Buffer", wire.ErrFormat)
	default:
		shares = readShares(r, stub, entries)
	}
	return level, false, shares
}

func writeShareEnumStruct(w *ndr.Writer, level uint32, noContainer bool, shares Shares) {
	w.U32(level)
	w.U32(level)
	if !shares.IsNull() && (noContainer || level != LevelShares) {
		w.Fail("Buffer", wire.ErrFormat)
	}
	if !hasContainer(level) {
		return
	}
	w.Pointer(!noContainer)
	if noContainer {
		return
	}
	w.Len32("EntriesRead", shares.Count())
	w.Pointer(!shares.IsNull())
	if !shares.IsNull() {
		writeShares(w, shares)
	}
}

// readResume reads a unique pointer to a resume handle.
func readResume(r *ndr.Reader) *uint32 {
	if !r.Pointer("ResumeHandle") {
		return nil
	}
	handle := r.U32("ResumeHandle")
	return &handle
}

func writeResume(w *ndr.Writer, handle *uint32) {
	w.Pointer(handle != nil)
	if handle != nil {
		w.U32(*handle)
	}
}
