package nullsession

import (
	"fmt"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/dcerpc/srvsvc"
	"github.com/smbscope/smbscope/smb/dcerpc/wkssvc"
	"github.com/smbscope/smbscope/smb/dtyp"
)

const pageSize = 64 << 10 // bytes of a list that are asked for at once

// server asks the server service what the server is, and which shares it has.
func (g *reading) server() {
	p := g.pipe(srvsvc.PipeName)
	if p == nil {
		return
	}
	g.serverInfo(p)
	g.shares(p)
	p.close()
}

// serverInfo asks for level 102, and for level 101, which Windows gives to more users, where that is refused.
func (g *reading) serverInfo(p *pipe) {
	const call = "NetrServerGetInfo"
	info := g.info()
	for _, level := range []uint32{srvsvc.LevelSettings, srvsvc.LevelServer} {
		name := fmt.Sprintf("%s %d", call, level)
		stub, err := p.ask(call, srvsvc.OpServerGetInfo, srvsvc.ServerGetInfoRequest{ServerName: g.serverName(), Level: level})
		var r srvsvc.ServerGetInfoResponse
		if err == nil {
			r, err = srvsvc.ParseServerGetInfoResponse(stub)
		}
		info.Status = told(r.Result, err)
		g.note(p.name, name, info.Status)
		if err != nil {
			return
		}
		if r.Result == dtyp.Win32Success && r.InfoStruct != nil {
			fill(info, level, *r.InfoStruct)
			return
		}
	}
}

// info returns the part of the report for what the server is.
func (g *reading) info() *report.ServerInfo {
	if g.null.ServerInfo == nil {
		g.null.ServerInfo = &report.ServerInfo{}
	}
	return g.null.ServerInfo
}

func fill(info *report.ServerInfo, level uint32, from srvsvc.ServerInfo) {
	info.Name, info.Comment = from.Name.String(), from.Comment.String()
	info.PlatformID = &from.PlatformID
	info.Version = fmt.Sprintf("%d.%d", from.Major(), from.VersionMinor)
	info.Type = from.Type.Tokens()
	if level == srvsvc.LevelSettings {
		info.Users, info.UserPath = &from.Users, from.UserPath.String()
	}
}

// told is the status of a call: its own where it came to an end.
func told(result interface{ String() string }, err error) string {
	if err != nil {
		return word(err)
	}
	return result.String()
}

// workstation asks the workstation service for the names of computer and domain.
func (g *reading) workstation() {
	p := g.pipe(wkssvc.PipeName)
	if p == nil {
		return
	}
	defer p.close()
	const call = "NetrWkstaGetInfo"
	stub, err := p.ask(call, wkssvc.OpWkstaGetInfo, wkssvc.WkstaGetInfoRequest{ServerName: g.serverName(), Level: wkssvc.LevelWksta})
	var r wkssvc.WkstaGetInfoResponse
	if err == nil {
		r, err = wkssvc.ParseWkstaGetInfoResponse(stub)
	}
	status := told(r.Result, err)
	g.note(p.name, call+" 100", status)
	if err != nil || r.Result != dtyp.Win32Success || r.WkstaInfo == nil {
		return
	}
	info := g.info()
	if info.Status == "" {
		info.Status = status
	}
	info.Computer, info.LANGroup = r.WkstaInfo.ComputerName.String(), r.WkstaInfo.LANGroup.String()
	if info.Version == "" {
		info.PlatformID = &r.WkstaInfo.PlatformID
		info.Version = fmt.Sprintf("%d.%d", r.WkstaInfo.VerMajor, r.WkstaInfo.VerMinor)
	}
}
