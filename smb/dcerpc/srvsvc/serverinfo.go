package srvsvc

import "github.com/smbscope/smbscope/smb/dcerpc/ndr"

// A ServerInfo is a SERVER_INFO_100, 101 or 102 as described in [MS-SRVS] 2.2.4.40 to 2.2.4.42; each has what the one
// before it has and more. What the level leaves out is zero. Texts alias the stub, and are nil where the server sent
// a null pointer.
type ServerInfo struct {
	PlatformID uint32 // 500 is Windows NT and its heirs, and Samba ([MS-SRVS] 2.2.2.6)
	Name       ndr.Text

	// From level 101 on.
	VersionMajor uint32 // as sent; Major has the version alone
	VersionMinor uint32
	Type         ServerType
	Comment      ndr.Text

	// From level 102 on.
	Users    uint32 // 0xFFFFFFFF is no limit
	Disc     int32  // minutes until an idle session is disconnected; -1 is never
	Hidden   uint32 // 1 where the server does not announce itself
	Announce uint32 // seconds between two announcements
	AnnDelta uint32 // milliseconds by which these may vary
	Licenses uint32
	UserPath ndr.Text
}

// The levels that have a ServerInfo.
const (
	LevelPlatform = 100
	LevelServer   = 101
	LevelSettings = 102
)

// Major returns the major version without the bits beside it, which are the server's own (MAJOR_VERSION_MASK,
// [MS-SRVS] 2.2.4.41).
func (i ServerInfo) Major() uint32 { return i.VersionMajor & 0x0F }

func readServerInfo(r *ndr.Reader, level uint32) *ServerInfo {
	var i ServerInfo
	i.PlatformID = r.U32("platform_id")
	name := r.Pointer("name")
	comment, path := false, false
	if level >= LevelServer {
		i.VersionMajor = r.U32("version_major")
		i.VersionMinor = r.U32("version_minor")
		i.Type = ServerType(r.U32("type"))
		comment = r.Pointer("comment")
	}
	if level >= LevelSettings {
		i.Users = r.U32("users")
		i.Disc = int32(r.U32("disc"))
		i.Hidden = r.U32("hidden")
		i.Announce = r.U32("announce")
		i.AnnDelta = r.U32("anndelta")
		i.Licenses = r.U32("licenses")
		path = r.Pointer("userpath")
	}
	i.Name = readText(r, "name", name)
	i.Comment = readText(r, "comment", comment)
	i.UserPath = readText(r, "userpath", path)
	return &i
}

func (i ServerInfo) write(w *ndr.Writer, level uint32) {
	w.U32(i.PlatformID)
	w.Pointer(i.Name != nil)
	if level >= LevelServer {
		w.U32(i.VersionMajor)
		w.U32(i.VersionMinor)
		w.U32(uint32(i.Type))
		w.Pointer(i.Comment != nil)
	}
	if level >= LevelSettings {
		w.U32(i.Users)
		w.U32(uint32(i.Disc))
		w.U32(i.Hidden)
		w.U32(i.Announce)
		w.U32(i.AnnDelta)
		w.U32(i.Licenses)
		w.Pointer(i.UserPath != nil)
	}
	writeText(w, "name", i.Name)
	if level >= LevelServer {
		writeText(w, "comment", i.Comment)
	}
	if level >= LevelSettings {
		writeText(w, "userpath", i.UserPath)
	}
}
