package finding

import (
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// Servers are told apart by their GUID: clients with several connections take two servers of one GUID for one.
var guidRules = []rule{
	{
		Rule: Rule{
			ID: "guid-zero", Severities: only(report.SeverityInfo), Title: "The server's GUID is zero",
			Raised:     "The GUID of the answers is 00000000-0000-0000-0000-000000000000.",
			References: []string{"[MS-SMB2] 2.2.4"},
		},
		remedy: remedyGUID,
		find: func(r *report.Report) (hit, bool) {
			return hit{
				evidence: []string{pointer("server_guid")},
				detail: "The GUID is " + zeroGUID + ", as ksmbd and the old ntvfs server of Samba 4 send it. It " +
					"does not tell this server from others.",
			}, r.ServerGUID == zeroGUID
		},
	},
	{
		Rule: Rule{
			ID: "guid-known-constant", Severities: only(report.SeverityLow), Title: "The server's GUID is a " +
				"constant of a tool",
			Raised: "The GUID is one that impacket or Dionaea has in its source.",
			References: []string{
				"[MS-SMB2] 2.2.4", "https://github.com/fortra/impacket", "https://github.com/DinoTools/dionaea",
			},
		},
		remedy: remedyGUID, find: findConstantGUID,
	},
}

const zeroGUID = "00000000-0000-0000-0000-000000000000"

// constantGUIDs are written as Windows prints GUIDs.
var constantGUIDs = []struct{ guid, whose string }{
	{"41414141-4141-4141-4141-414141414141", "impacket's smbserver"}, // impacket/smbserver.py: 'A' * 16
	{"3865ff0b-7e54-426c-a43e-12d211971644", "the honeypot Dionaea"}, // dionaea/smb/include/smbfields.py
}

func findConstantGUID(r *report.Report) (hit, bool) {
	for _, c := range constantGUIDs {
		if strings.EqualFold(r.ServerGUID, c.guid) {
			return hit{
				evidence: []string{pointer("server_guid")},
				detail: "The GUID " + c.guid + " is a constant in the source of " + c.whose + ". A server of an " +
					"operating system has its own: this is that program, or one that was made from it.",
			}, true
		}
	}
	return hit{}, false
}
