package smb

import (
	"github.com/smbscope/smbscope/smb/dtyp"
	"github.com/smbscope/smbscope/smb/wire"
)

// smb2MaximalAccessName names the create context that asks for, and brings, the maximal access ([MS-SMB2] 2.2.13.2.5).
const smb2MaximalAccessName = "MxAc"

// SMB2QueryMaximalAccess returns the create contexts of a request that asks which access the user has to what is opened,
// SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST without a time stamp, [MS-SMB2] 2.2.13.2.5. It asks for none of it.
func SMB2QueryMaximalAccess() []byte {
	a := wire.NewAppender("SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST", nil)
	a.U32(0) // Next
	a.U16(smb2CreateContextSize)
	a.U16(uint16(len(smb2MaximalAccessName)))
	a.Zero(8) // Reserved, DataOffset, DataLength
	a.Text(smb2MaximalAccessName)
	a.Pad(8)
	list, _ := a.Result() // nothing in it can be too long
	return list
}

// MaximalAccess looks for an SMB2_CREATE_QUERY_MAXIMAL_ACCESS_RESPONSE among the create contexts of the response
// ([MS-SMB2] 2.2.14.2.5), and tells whether it is there and the server could work the access out.
func (r SMB2CreateResponse) MaximalAccess() (AccessMask, bool) {
	for context, err := range SMB2CreateContexts(r.CreateContexts) {
		if err != nil || string(context.Name) != smb2MaximalAccessName {
			continue
		}
		c := wire.NewCursor("SMB2_CREATE_QUERY_MAXIMAL_ACCESS_RESPONSE", context.Data)
		status, access := dtyp.NTStatus(c.U32("QueryStatus")), AccessMask(c.U32("MaximalAccess"))
		return access, c.Err() == nil && status == dtyp.StatusSuccess
	}
	return 0, false
}
