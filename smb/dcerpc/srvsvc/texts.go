package srvsvc

import "github.com/smbscope/smbscope/smb/dcerpc/ndr"

// readText reads the referent of a pointer to a string, where the pointer has one.
func readText(r *ndr.Reader, field string, referent bool) ndr.Text {
	if !referent {
		return nil
	}
	return r.String(field)
}

// writeText appends the referent of the pointer that stands for t.
func writeText(w *ndr.Writer, field string, t ndr.Text) {
	if t != nil {
		w.String(field, t)
	}
}

// readServerName reads the SRVSVC_HANDLE that all calls begin with ([MS-SRVS] 2.2.1.1).
func readServerName(r *ndr.Reader) ndr.Text {
	return readText(r, "ServerName", r.Pointer("ServerName"))
}

func writeServerName(w *ndr.Writer, name ndr.Text) {
	w.Pointer(name != nil)
	writeText(w, "ServerName", name)
}
