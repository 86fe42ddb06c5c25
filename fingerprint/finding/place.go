package finding

import "github.com/smbscope/smbscope/fingerprint/report"

// A place is where a report answers for one way to the server: at its top for the way that speaks for the server, under
// /transports for others, which may be set up in another manner. Port 139 often has SMB1 where 445 has none.
type place struct {
	path     []any // tokens before those of the answer
	over     string
	dialects map[string]report.Answer
	smb1     *report.SMB1
	signing  *report.Signing
}

func places(r *report.Report) []place {
	list := []place{{dialects: r.Dialects, smb1: r.SMB1, signing: r.Signing}}
	for i, t := range r.Transports {
		if t.SMB1 != nil || t.Signing != nil {
			over := " over " + quote(t.Transport)
			if t.Address != "" {
				over += " at " + quote(t.Address)
			}
			list = append(list, place{
				path: []any{"transports", i}, over: over, dialects: t.Dialects, smb1: t.SMB1, signing: t.Signing,
			})
		}
	}
	return list
}

func (p place) pointer(tokens ...any) string {
	return pointer(append(p.path[:len(p.path):len(p.path)], tokens...)...)
}

// taken lists those of the dialects that were taken, and their paths.
func (p place) taken(dialects []string) (names, paths []string) {
	for _, d := range dialects {
		if p.dialects[d] == report.Yes {
			names, paths = append(names, d), append(paths, p.pointer("dialects", d))
		}
	}
	return names, paths
}

// The dialects of each protocol, as the report's keys have them.
var (
	smb1Dialects = []string{"PC NETWORK PROGRAM 1.0", "LANMAN1.0", "LM1.2X002", "LANMAN2.1", "NT LM 0.12"}
	smb3Dialects = []string{"3.0", "3.0.2", "3.1.1"}
)
