package nullsession

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/internal/session"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

// shares lists the shares page by page, and asks for each what may be done with it.
func (g *reading) shares(p *pipe) {
	const call = "NetrShareEnum"
	resume, count := new(uint32), 0
	for {
		stub, err := p.ask(call, srvsvc.OpShareEnum, srvsvc.ShareEnumRequest{
			ServerName: g.serverName(), Level: srvsvc.LevelShares, PreferedMaximumLength: pageSize, ResumeHandle: resume,
		})
		var r srvsvc.ShareEnumResponse
		if err == nil {
			r, err = srvsvc.ParseShareEnumResponse(stub)
		}
		g.null.SharesStatus = told(r.Result, err)
		if err == nil {
			for s := range r.All() {
				if count == g.options.maxEntries() {
					g.partial(cutOff)
					break
				}
				g.share(s, count)
				count++
			}
		}
		if !g.goesOn(r, err, resume, count) {
			break
		}
		resume = r.ResumeHandle
	}
	g.counted(p.name, call+" 1", g.null.SharesStatus, count)
}

// goesOn tells whether there is another page of shares: a server that says so without one that it gave, or without a place
// to go on from, would never come to an end.
func (g *reading) goesOn(r srvsvc.ShareEnumResponse, err error, from *uint32, count int) bool {
	more := r.Result == dtyp.Win32MoreData || r.Result == dtyp.Win32BufTooSmall
	if more && count >= g.options.maxEntries() {
		g.partial(cutOff)
	}
	return err == nil && more && r.Count() > 0 && r.ResumeHandle != nil && *r.ResumeHandle != *from &&
		count < g.options.maxEntries() && g.ctx.Err() == nil
}

func (g *reading) share(from srvsvc.Share, i int) {
	s := report.Share{
		Name: from.Netname.String(), Type: from.Type.String(), Comment: from.Remark.String(),
		Read: report.Unknown, Write: report.Unknown,
	}
	var seen access
	disk := from.Type.Kind() == srvsvc.ShareDiskTree && !strings.EqualFold(s.Name, ipcShare) // impacket calls IPC$ a disk
	switch {
	case !disk || g.options.NoShareAccess:
	case g.accessed == g.options.maxShareAccess():
		g.partial("what may be done with a share was asked for as many as its bound allows")
	default:
		g.accessed++
		seen = g.access(&s)
	}
	if g.options.Share != nil {
		g.options.Share(s)
		return
	}
	g.null.Shares = append(g.null.Shares, s)
	if seen.probe != "" {
		path := fmt.Sprintf("/null_session/shares/%d/", i)
		g.claim(path+"read", s.Read, seen.probe, s.Status, seen.text)
		g.claim(path+"write", s.Write, seen.probe, s.Status, seen.text)
	}
}

// A control is a share with a name that nobody has: a server that lets it be connected says nothing with others.
type control struct {
	asked, granted bool
}

const (
	controlPrefix = "smbscope-"
	controlProbe  = prefix + "control-share"
	shareProbe    = prefix + "share"
	rootProbe     = prefix + "root"
)

// accepts tells whether the server connects any name. It is asked once.
func (g *reading) accepts() bool {
	if g.control.asked {
		return g.control.granted
	}
	g.control.asked = true
	var random [6]byte
	if _, err := io.ReadFull(g.settings.Rand, random[:]); err != nil {
		g.control.granted = true // without a control nothing is proven
		return true
	}
	name := fmt.Sprintf("%s%x", controlPrefix, random)
	t, err := g.session.Connect(g.ctx, controlProbe, name)
	g.note("", "TREE_CONNECT of a name that nobody has", word(err))
	if g.control.granted = opened(err) != report.No; err == nil {
		_ = g.session.Disconnect(g.ctx, controlProbe+"-close", t)
	}
	return g.control.granted
}

// An access tells what the answers about a share rest on.
type access struct {
	probe, text string
}

// access finds out what may be done with a share: by the rights that its tree connect grants, and then by opening its root
// for its attributes and asking which rights there are to it. Nothing is written, and nothing asks for a right to.
func (g *reading) access(s *report.Share) access {
	if !g.session.Ready() || g.ctx.Err() != nil {
		return access{}
	}
	if g.accepts() {
		s.Status = "not tested: the server connects a name that nobody has, or does not say"
		return access{controlProbe, s.Status}
	}
	t, err := g.session.Connect(g.ctx, shareProbe, s.Name)
	s.Status = word(err)
	if err != nil {
		if denied(err) {
			s.Read, s.Write, s.AccessBasis = report.No, report.No, report.BasisShareACL
		}
		return access{shareProbe, "the tree connect"}
	}
	defer func() {
		if g.session.Ready() {
			_ = g.session.Disconnect(g.ctx, shareProbe+"-close", t)
		}
	}()
	seen := access{shareProbe, "the rights that the tree connect grants"}
	if t.HasAccess {
		s.MaximalAccess, s.AccessBasis = t.Access.DirectoryTokens(), report.BasisShareACL
		if t.Access&readRights == 0 {
			s.Read = report.No
		}
		if t.Access&writeRights == 0 {
			s.Write = report.No
		}
	}
	if t.Kind != smb.SMB2ShareDisk {
		return seen // whatever the list said: the root of a printer is not opened
	}
	f, err := g.session.OpenRoot(g.ctx, rootProbe, t)
	s.Status = word(err)
	if err != nil {
		if denied(err) {
			s.Read, s.AccessBasis = report.No, report.BasisRootOpen
			return access{rootProbe, "the open of the share's root"}
		}
		return seen
	}
	seen = g.judge(s, t, f)
	_ = g.session.Close(g.ctx, rootProbe+"-close", f)
	return seen
}

const (
	readRights  = smb.AccessReadData
	writeRights = smb.AccessWriteData
)

// judge tells what may be done with a share whose root was opened.
func (g *reading) judge(s *report.Share, t session.Tree, f session.File) access {
	switch {
	case f.HasAccess:
		s.AccessBasis = report.BasisRootACL
		s.Read = allowed(s.Read, f.Access&readRights != 0)
		s.Write = allowed(s.Write, f.Access&writeRights != 0)
		return access{rootProbe, "the rights to the share's root"}
	case t.HasAccess:
		s.AccessBasis = report.BasisRootOpen
		s.Read = allowed(s.Read, true)
		return access{rootProbe, "the open of the share's root, and the rights that the tree connect grants"}
	}
	s.AccessBasis = report.BasisRootOpen
	return access{rootProbe, "the open of the share's root, which tells its attributes alone"}
}

// allowed combines what the share's list said with what its root does: a refusal of either is a refusal.
func allowed(before report.Answer, granted bool) report.Answer {
	if before == report.No {
		return report.No
	}
	return report.AnswerOf(granted)
}

// denied tells whether the server refuses because of who asks.
func denied(err error) bool {
	var status *session.StatusError
	if !errors.As(err, &status) {
		return false
	}
	return status.Status == dtyp.StatusAccessDenied || status.Token == "ERRDOS/ERRnoaccess" || status.Token == "ERRSRV/ERRaccess"
}
