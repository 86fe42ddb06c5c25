package smb

import (
	"fmt"

	"github.com/smbscope/smbscope/smb/wire"
)

// ShareAccess tells what others may do with a file while it is open, [MS-SMB2] 2.2.13 and [MS-CIFS] 2.2.4.64.1.
type ShareAccess uint32

// The bits of [MS-SMB2] 2.2.13.
const (
	ShareRead   ShareAccess = 0x00000001
	ShareWrite  ShareAccess = 0x00000002
	ShareDelete ShareAccess = 0x00000004
)

var shareAccessNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "FILE_SHARE_READ"},
	{Bit: 0x00000002, Token: "FILE_SHARE_WRITE"},
	{Bit: 0x00000004, Token: "FILE_SHARE_DELETE"},
}

// String prints the bits as "A|B|0x40".
func (s ShareAccess) String() string { return wire.FlagString(uint64(s), shareAccessNames) }

// A CreateDisposition tells what to do where the file exists, or does not, [MS-SMB2] 2.2.13 and [MS-CIFS] 2.2.4.64.1.
type CreateDisposition uint32

// The values of [MS-SMB2] 2.2.13.
const (
	DispositionSupersede   CreateDisposition = 0x00000000
	DispositionOpen        CreateDisposition = 0x00000001
	DispositionCreate      CreateDisposition = 0x00000002
	DispositionOpenIf      CreateDisposition = 0x00000003
	DispositionOverwrite   CreateDisposition = 0x00000004
	DispositionOverwriteIf CreateDisposition = 0x00000005
)

var createDispositions = [...]string{
	"FILE_SUPERSEDE", "FILE_OPEN", "FILE_CREATE", "FILE_OPEN_IF", "FILE_OVERWRITE", "FILE_OVERWRITE_IF",
}

// String prints the specification's token.
func (d CreateDisposition) String() string {
	if uint64(d) < uint64(len(createDispositions)) {
		return createDispositions[d]
	}
	return fmt.Sprintf("CreateDisposition(0x%08X)", uint32(d))
}

// A CreateAction tells what the server has done at an open, [MS-SMB2] 2.2.14 and [MS-CIFS] 2.2.4.64.2.
type CreateAction uint32

// The values of [MS-SMB2] 2.2.14.
const (
	ActionSuperseded  CreateAction = 0x00000000
	ActionOpened      CreateAction = 0x00000001
	ActionCreated     CreateAction = 0x00000002
	ActionOverwritten CreateAction = 0x00000003
)

var createActions = [...]string{"FILE_SUPERSEDED", "FILE_OPENED", "FILE_CREATED", "FILE_OVERWRITTEN"}

// String prints the specification's token.
func (a CreateAction) String() string {
	if uint64(a) < uint64(len(createActions)) {
		return createActions[a]
	}
	return fmt.Sprintf("CreateAction(0x%08X)", uint32(a))
}

// CreateOptions tell how a file is to be opened, [MS-SMB2] 2.2.13 and [MS-CIFS] 2.2.4.64.1.
type CreateOptions uint32

// The bits of [MS-SMB2] 2.2.13.
const (
	OptionDirectoryFile           CreateOptions = 0x00000001
	OptionWriteThrough            CreateOptions = 0x00000002
	OptionSequentialOnly          CreateOptions = 0x00000004
	OptionNoIntermediateBuffering CreateOptions = 0x00000008
	OptionSynchronousIOAlert      CreateOptions = 0x00000010
	OptionSynchronousIONonalert   CreateOptions = 0x00000020
	OptionNonDirectoryFile        CreateOptions = 0x00000040
	OptionCompleteIfOplocked      CreateOptions = 0x00000100
	OptionNoEAKnowledge           CreateOptions = 0x00000200
	OptionOpenRemoteInstance      CreateOptions = 0x00000400
	OptionRandomAccess            CreateOptions = 0x00000800
	OptionDeleteOnClose           CreateOptions = 0x00001000
	OptionOpenByFileID            CreateOptions = 0x00002000
	OptionOpenForBackupIntent     CreateOptions = 0x00004000
	OptionNoCompression           CreateOptions = 0x00008000
	OptionOpenRequiringOplock     CreateOptions = 0x00010000
	OptionDisallowExclusive       CreateOptions = 0x00020000
	OptionReserveOpfilter         CreateOptions = 0x00100000
	OptionOpenReparsePoint        CreateOptions = 0x00200000
	OptionOpenNoRecall            CreateOptions = 0x00400000
	OptionOpenForFreeSpaceQuery   CreateOptions = 0x00800000
)

var createOptionNames = []wire.FlagName{
	{Bit: 0x00000001, Token: "FILE_DIRECTORY_FILE"},
	{Bit: 0x00000002, Token: "FILE_WRITE_THROUGH"},
	{Bit: 0x00000004, Token: "FILE_SEQUENTIAL_ONLY"},
	{Bit: 0x00000008, Token: "FILE_NO_INTERMEDIATE_BUFFERING"},
	{Bit: 0x00000010, Token: "FILE_SYNCHRONOUS_IO_ALERT"},
	{Bit: 0x00000020, Token: "FILE_SYNCHRONOUS_IO_NONALERT"},
	{Bit: 0x00000040, Token: "FILE_NON_DIRECTORY_FILE"},
	{Bit: 0x00000100, Token: "FILE_COMPLETE_IF_OPLOCKED"},
	{Bit: 0x00000200, Token: "FILE_NO_EA_KNOWLEDGE"},
	{Bit: 0x00000400, Token: "FILE_OPEN_REMOTE_INSTANCE"},
	{Bit: 0x00000800, Token: "FILE_RANDOM_ACCESS"},
	{Bit: 0x00001000, Token: "FILE_DELETE_ON_CLOSE"},
	{Bit: 0x00002000, Token: "FILE_OPEN_BY_FILE_ID"},
	{Bit: 0x00004000, Token: "FILE_OPEN_FOR_BACKUP_INTENT"},
	{Bit: 0x00008000, Token: "FILE_NO_COMPRESSION"},
	{Bit: 0x00010000, Token: "FILE_OPEN_REQUIRING_OPLOCK"},
	{Bit: 0x00020000, Token: "FILE_DISALLOW_EXCLUSIVE"},
	{Bit: 0x00100000, Token: "FILE_RESERVE_OPFILTER"},
	{Bit: 0x00200000, Token: "FILE_OPEN_REPARSE_POINT"},
	{Bit: 0x00400000, Token: "FILE_OPEN_NO_RECALL"},
	{Bit: 0x00800000, Token: "FILE_OPEN_FOR_FREE_SPACE_QUERY"},
}

// String prints the bits as "A|B|0x40".
func (o CreateOptions) String() string { return wire.FlagString(uint64(o), createOptionNames) }

// An ImpersonationLevel tells how far the server may act as the client, [MS-SMB2] 2.2.13 and [MS-CIFS] 2.2.4.64.1.
type ImpersonationLevel uint32

// The values of [MS-SMB2] 2.2.13.
const (
	ImpersonationAnonymous      ImpersonationLevel = 0x00000000
	ImpersonationIdentification ImpersonationLevel = 0x00000001
	ImpersonationImpersonation  ImpersonationLevel = 0x00000002
	ImpersonationDelegate       ImpersonationLevel = 0x00000003
)

var impersonationLevels = [...]string{"Anonymous", "Identification", "Impersonation", "Delegate"}

// String prints the specification's word.
func (l ImpersonationLevel) String() string {
	if uint64(l) < uint64(len(impersonationLevels)) {
		return impersonationLevels[l]
	}
	return fmt.Sprintf("ImpersonationLevel(0x%08X)", uint32(l))
}
