package finding

import (
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb/wire"
)

var tellRules = []rule{
	{
		Rule: Rule{
			ID: "honeypot-tell", Severities: []report.Severity{report.SeverityInfo, report.SeverityLow},
			Title: "Signs of a honeypot or a proxy",
			Raised: "The identity has contradictions, things that cannot be true of one server; low where it is " +
				"more likely than not a known honeypot.",
			References: []string{"https://github.com/DinoTools/dionaea"},
		},
		remedy: remedyIdentity, find: findHoneypot,
	},
	{
		Rule: Rule{
			ID: "attack-tool", Severities: only(report.SeverityMedium), Title: "The server looks like a tool of " +
				"attackers",
			Raised: "The identity is more likely than not impacket's smbserver or ntlmrelayx, or Responder.",
			References: []string{
				"https://github.com/fortra/impacket", "https://github.com/lgandx/Responder", attackRelay, attackForcedAuth,
			},
		},
		remedy: remedyTool, find: findTool,
	},
}

// A tool is a server that is more often a trap than a server.
type tool struct {
	product  string // as package identity names it
	honeypot bool
}

var tools = []tool{
	{product: "Impacket smbserver"},
	{product: "Impacket ntlmrelayx"},
	{product: "Responder"},
	{product: "Dionaea", honeypot: true},
}

// toolOf tells which tool the server is more likely than not.
func toolOf(r *report.Report) (tool, bool) {
	if r.Identity == nil || r.Identity.Confidence <= 0.5 {
		return tool{}, false
	}
	for _, t := range tools {
		if strings.EqualFold(r.Identity.Product, t.product) {
			return t, true
		}
	}
	return tool{}, false
}

func findHoneypot(r *report.Report) (hit, bool) {
	if r.Identity == nil {
		return hit{}, false
	}
	h := hit{severity: report.SeverityInfo}
	if t, ok := toolOf(r); ok && t.honeypot {
		h.severity, h.evidence = report.SeverityLow, append(h.evidence, pointer("identity", "product"))
		h.detail = "The server answers as the honeypot " + t.product + " does."
	}
	for i, c := range r.Identity.Contradictions {
		if c == "" {
			continue
		}
		if len(h.evidence) >= maxList {
			break
		}
		h.evidence = append(h.evidence, pointer("identity", "contradictions", i))
		h.detail = sentences(h.detail, strings.TrimSuffix(wire.EscapeText(c), ".")+".")
	}
	h.detail = sentences(h.detail, "What else is said of this server may be made up, or be true of another one "+
		"behind it.")
	return h, len(h.evidence) > 0
}

func findTool(r *report.Report) (hit, bool) {
	t, ok := toolOf(r)
	return hit{
		evidence: []string{pointer("identity", "product"), pointer("identity", "confidence")},
		detail: "The server answers as " + t.product + " does, which is used to collect or to relay the logons of " +
			"others, or to hand out files to hosts that were broken into. People who test networks use it too, " +
			"and people who need a share for an hour.",
	}, ok && !t.honeypot
}
