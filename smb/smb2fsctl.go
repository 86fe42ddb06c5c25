package smb

import (
	"fmt"
)

// An FSCTL is the code of a file system or device control, [MS-SMB2] 2.2.31.
type FSCTL uint32

// The codes of [MS-SMB2] 2.2.31.
const (
	FSCTLDFSGetReferrals           FSCTL = 0x00060194
	FSCTLDFSGetReferralsEx         FSCTL = 0x000601B0
	FSCTLSetReparsePoint           FSCTL = 0x000900A4
	FSCTLFileLevelTrim             FSCTL = 0x00098208
	FSCTLPipeWait                  FSCTL = 0x00110018
	FSCTLPipePeek                  FSCTL = 0x0011400C
	FSCTLPipeTransceive            FSCTL = 0x0011C017
	FSCTLSrvRequestResumeKey       FSCTL = 0x00140078
	FSCTLLMRRequestResiliency      FSCTL = 0x001401D4
	FSCTLQueryNetworkInterfaceInfo FSCTL = 0x001401FC
	FSCTLValidateNegotiateInfo     FSCTL = 0x00140204
	FSCTLSrvEnumerateSnapshots     FSCTL = 0x00144064
	FSCTLSrvCopychunk              FSCTL = 0x001440F2
	FSCTLSrvReadHash               FSCTL = 0x001441BB
	FSCTLSrvCopychunkWrite         FSCTL = 0x001480F2
)

// String prints the specification's token.
func (f FSCTL) String() string {
	switch f {
	case FSCTLDFSGetReferrals:
		return "FSCTL_DFS_GET_REFERRALS"
	case FSCTLDFSGetReferralsEx:
		return "FSCTL_DFS_GET_REFERRALS_EX"
	case FSCTLSetReparsePoint:
		return "FSCTL_SET_REPARSE_POINT"
	case FSCTLFileLevelTrim:
		return "FSCTL_FILE_LEVEL_TRIM"
	case FSCTLPipeWait:
		return "FSCTL_PIPE_WAIT"
	case FSCTLPipePeek:
		return "FSCTL_PIPE_PEEK"
	case FSCTLPipeTransceive:
		return "FSCTL_PIPE_TRANSCEIVE"
	case FSCTLSrvRequestResumeKey:
		return "FSCTL_SRV_REQUEST_RESUME_KEY"
	case FSCTLLMRRequestResiliency:
		return "FSCTL_LMR_REQUEST_RESILIENCY"
	case FSCTLQueryNetworkInterfaceInfo:
		return "FSCTL_QUERY_NETWORK_INTERFACE_INFO"
	case FSCTLValidateNegotiateInfo:
		return "FSCTL_VALIDATE_NEGOTIATE_INFO"
	case FSCTLSrvEnumerateSnapshots:
		return "FSCTL_SRV_ENUMERATE_SNAPSHOTS"
	case FSCTLSrvCopychunk:
		return "FSCTL_SRV_COPYCHUNK"
	case FSCTLSrvReadHash:
		return "FSCTL_SRV_READ_HASH"
	case FSCTLSrvCopychunkWrite:
		return "FSCTL_SRV_COPYCHUNK_WRITE"
	}
	return fmt.Sprintf("FSCTL(0x%08X)", uint32(f))
}
