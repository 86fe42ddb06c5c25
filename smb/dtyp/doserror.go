package dtyp

import "fmt"

// A DOSError is the status of an SMB1 response of a server that does not answer with NTSTATUS: an error class and a
// code, as described in [MS-CIFS] 2.2.2.4.
type DOSError struct {
	Class uint8
	Code  uint16
}

// The error classes of [MS-CIFS] 2.2.2.4.
const (
	DOSClassSuccess  = 0x00
	DOSClassDOS      = 0x01
	DOSClassServer   = 0x02
	DOSClassHardware = 0x03
	DOSClassCommand  = 0xFF
)

// String prints the class and the code by name where [MS-CIFS] 2.2.2.4 has one that scans meet: "ERRSRV/ERRerror".
func (e DOSError) String() string {
	class := fmt.Sprintf("class 0x%02x", e.Class)
	code := fmt.Sprintf("0x%04x", e.Code)
	switch e.Class {
	case DOSClassSuccess:
		class = "SUCCESS"
	case DOSClassDOS:
		class, code = "ERRDOS", dosCode(e.Code, code)
	case DOSClassServer:
		class, code = "ERRSRV", serverCode(e.Code, code)
	case DOSClassHardware:
		class = "ERRHRD"
	case DOSClassCommand:
		class = "ERRCMD"
	}
	return class + "/" + code
}

func dosCode(code uint16, other string) string {
	switch code {
	case 1:
		return "ERRbadfunc"
	case 2:
		return "ERRbadfile"
	case 5:
		return "ERRnoaccess"
	case 8:
		return "ERRnomem"
	case 50:
		return "ERRunsup"
	case 87:
		return "ERRinvalidparam"
	}
	return other
}

func serverCode(code uint16, other string) string {
	switch code {
	case 1:
		return "ERRerror"
	case 2:
		return "ERRbadpw"
	case 4:
		return "ERRaccess"
	case 5:
		return "ERRinvtid"
	case 6:
		return "ERRinvnetname"
	case 7:
		return "ERRinvdevice"
	case 64:
		return "ERRsmbcmd"
	case 91:
		return "ERRbaduid"
	case 0xFFFF:
		return "ERRnosupport"
	}
	return other
}
