package verdict

import (
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/nbns"
	"github.com/smbscope/smbscope/smb/wire"
)

// netBIOS reads the first answer of the server's name service.
func (v *verdict) netBIOS() {
	for _, d := range v.dialogues {
		if d.Transport != dialogue.NetBIOSNameService {
			continue
		}
		for _, f := range d.Frames {
			if f.Sent {
				continue
			}
			status, err := nbns.ParseStatus(f.Data)
			for _, a := range status.Anomalies {
				v.report.Anomalies = append(v.report.Anomalies, report.Anomaly{Where: "node-status: " + a.Where(), What: wire.EscapeText(a.What)})
			}
			if err == nil {
				v.report.NetBIOS = netBIOSOf(status)
				return
			}
		}
	}
}

func netBIOSOf(s nbns.Status) *report.NetBIOS {
	n := &report.NetBIOS{}
	for _, e := range s.Names {
		n.Names = append(n.Names, report.NetBIOSName{
			Name: e.Name.Text(), Suffix: fmt.Sprintf("%02x", e.Name[15]), Flags: e.Flags.Tokens(),
		})
	}
	if s.Unit != [6]byte{} {
		n.MAC = strings.ReplaceAll(fmt.Sprintf("% x", s.Unit), " ", ":")
	}
	return n
}
