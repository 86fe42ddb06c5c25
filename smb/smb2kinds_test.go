package smb

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/smbscope/smbscope/smb/wire"
)

// le32 and le64 are a number in hex as it is on the wire.
func le32[T ~uint32](v T) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, uint32(v)))
}

func le64[T ~uint64](v T) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

// What a kind's read function returns.
type (
	notes  = []wire.Anomaly
	fields = map[string]string
)

// smb2Kinds are the messages of a tree, a file and a pipe, by command and direction.
func smb2Kinds() map[string]smb2Kind {
	text := hex.EncodeToString
	return map[string]smb2Kind{
		"LOGOFF request": kindOf(ParseSMB2LogoffRequest, func(m SMB2LogoffRequest) (notes, fields) {
			return m.Anomalies, nil
		}),
		"LOGOFF response": kindOf(ParseSMB2LogoffResponse, func(m SMB2LogoffResponse) (notes, fields) {
			return m.Anomalies, nil
		}),
		"TREE_CONNECT request": kindOf(ParseSMB2TreeConnectRequest, func(m SMB2TreeConnectRequest) (notes, fields) {
			return m.Anomalies, fields{"smb2.tree": text(m.Path)}
		}),
		"TREE_CONNECT response": kindOf(ParseSMB2TreeConnectResponse, func(m SMB2TreeConnectResponse) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.share_type": text([]byte{byte(m.ShareType)}), "smb2.share_caps": le32(m.Capabilities),
				"smb2.share.caching": le32(m.ShareFlags), "smb.access_mask": le32(m.MaximalAccess),
			}
		}),
		"TREE_DISCONNECT request": kindOf(ParseSMB2TreeDisconnectRequest, func(m SMB2TreeDisconnectRequest) (notes, fields) {
			return m.Anomalies, nil
		}),
		"TREE_DISCONNECT response": kindOf(ParseSMB2TreeDisconnectResponse, func(m SMB2TreeDisconnectResponse) (notes, fields) {
			return m.Anomalies, nil
		}),
		"CREATE request": kindOf(ParseSMB2CreateRequest, func(m SMB2CreateRequest) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.create.oplock": text([]byte{byte(m.RequestedOplockLevel)}), "smb2.impersonation.level": le32(m.ImpersonationLevel),
				"smb.access_mask": le32(m.DesiredAccess), "smb2.file_attribute": le32(m.FileAttributes),
				"smb.share_access": le32(m.ShareAccess), "smb2.create.disposition": le32(m.CreateDisposition),
				"smb.create_options": le32(m.CreateOptions), "smb2.filename": text(m.Name),
			}
		}, [3]int{108, 110, 2}, [3]int{112, 116, 4}),
		"CREATE response": kindOf(ParseSMB2CreateResponse, func(m SMB2CreateResponse) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.create.action": le32(m.CreateAction), "smb2.create.time": le64(m.Info.CreationTime),
				"smb2.last_access.time": le64(m.Info.LastAccessTime), "smb2.last_write.time": le64(m.Info.LastWriteTime),
				"smb2.last_change.time": le64(m.Info.ChangeTime), "smb2.allocation_size": le64(m.Info.AllocationSize),
				"smb2.eof": le64(m.Info.EndOfFile), "smb2.file_attribute": le32(m.Info.FileAttributes),
				"smb2.fid": m.FileID.String(), "smb2.create.extrainfo": text(m.CreateContexts),
			}
		}, [3]int{144, 148, 4}),
		"CLOSE request": kindOf(ParseSMB2CloseRequest, func(m SMB2CloseRequest) (notes, fields) {
			return m.Anomalies, fields{"smb2.fid": m.FileID.String()}
		}),
		"CLOSE response": kindOf(ParseSMB2CloseResponse, func(m SMB2CloseResponse) (notes, fields) {
			return m.Anomalies, fields{"smb2.create.time": le64(m.Info.CreationTime), "smb2.eof": le64(m.Info.EndOfFile)}
		}),
		"READ request": kindOf(ParseSMB2ReadRequest, func(m SMB2ReadRequest) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.fid": m.FileID.String(), "smb2.read_length": le32(m.Length), "smb2.file_offset": le64(m.FileOffset),
				"smb2.min_count": le32(m.MinimumCount), "smb2.remaining_bytes": le32(m.RemainingBytes),
			}
		}, [3]int{108, 110, 2}),
		"READ response": kindOf(ParseSMB2ReadResponse, func(m SMB2ReadResponse) (notes, fields) {
			return m.Anomalies, fields{"smb2.read_remaining": le32(m.DataRemaining), "smb2.read.blob": text(m.Data)}
		}),
		"WRITE request": kindOf(ParseSMB2WriteRequest, func(m SMB2WriteRequest) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.fid": m.FileID.String(), "smb2.write_length": le32(uint32(len(m.Data))), "smb2.file_offset": le64(m.FileOffset),
				"smb2.channel": le32(m.Channel), "smb2.write.flags": le32(m.Flags),
			}
		}, [3]int{104, 106, 2}),
		"WRITE response": kindOf(ParseSMB2WriteResponse, func(m SMB2WriteResponse) (notes, fields) {
			return m.Anomalies, fields{"smb2.write.count": le32(m.Count), "smb2.write.remaining": le32(m.Remaining)}
		}),
		"IOCTL request": kindOf(ParseSMB2IoctlRequest, func(m SMB2IoctlRequest) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.ioctl.function": le32(m.CtlCode), "smb2.fid": m.FileID.String(), "smb2.ioctl.in": text(m.Input),
				"smb2.ioctl.out": text(m.Output), "smb2.max_ioctl_in_size": le32(m.MaxInputResponse),
				"smb2.max_ioctl_out_size": le32(m.MaxOutputResponse),
			}
		}, [3]int{88, 92, 4}, [3]int{100, 104, 4}),
		"IOCTL response": kindOf(ParseSMB2IoctlResponse, func(m SMB2IoctlResponse) (notes, fields) {
			return m.Anomalies, fields{
				"smb2.ioctl.function": le32(m.CtlCode), "smb2.fid": m.FileID.String(), "smb2.ioctl.in": text(m.Input),
				"smb2.ioctl.out": text(m.Output),
			}
		}, [3]int{88, 92, 4}, [3]int{96, 100, 4}),
	}
}
