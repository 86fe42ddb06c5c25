package ndr

import "github.com/smbscope/smbscope/smb/wire"

// UnknownArm passes over the arm of a union whose level the caller cannot read, where only the result of four bytes
// follows. Such an arm is a null pointer, or nothing: Samba leaves out the arms of levels that it does not know (4.17.12,
// level 103 of NetrServerGetInfo). An arm with content is an ErrFormat failure.
func (r *Reader) UnknownArm(field string) {
	if r.Remaining() >= 8 && r.Pointer(field) {
		r.Fail(field, wire.ErrFormat)
	}
}
