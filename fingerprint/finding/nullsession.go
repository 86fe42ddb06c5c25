package finding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
)

var nullSessionRules = []rule{
	{
		Rule: Rule{
			ID: "null-session", Severities: []report.Severity{report.SeverityLow, report.SeverityMedium},
			Title:      "Anonymous session accepted",
			Raised:     "A session setup without an account succeeded; medium where IPC$ could be connected in it too.",
			References: []string{docSMBConf, attackNetworkShares, attackAccounts, cisPipes},
		},
		remedy: remedyAnonymous, find: findNullSession,
	},
	{
		Rule: Rule{
			ID: "guest-mapping", Severities: only(report.SeverityMedium), Title: "Unknown users are let in as guests",
			Raised:     "A session setup with an account that was invented for the question succeeded.",
			References: []string{docSMBConf, attackDefaultGuest, cisGuest},
		},
		remedy: remedyGuest, find: findGuest,
	},
	{
		Rule: Rule{
			ID: "share-readable-anonymously", Severities: only(report.SeverityMedium), Title: "Shares that anybody " +
				"may read",
			Raised: "An anonymous session may read the root of a share that is not IPC$, print$ or a printer.",
			References: []string{
				docSMBConf, attackNetworkShares, attackShareData, cisShares, cisEveryone,
			},
		},
		remedy: remedyShares,
		find: func(r *report.Report) (hit, bool) {
			return findShares(r, "read", "Whoever reaches the server can copy what lies there, as far as the "+
				"files' own rights let him.",
				func(s report.Share) bool { return s.Read == report.Yes && !strings.EqualFold(s.Name, "print$") })
		},
	},
	{
		Rule: Rule{
			ID: "share-writable-anonymously", Severities: only(report.SeverityHigh), Title: "Shares that anybody " +
				"may write to",
			Raised: "An anonymous session may make files in the root of a share that is not IPC$ or a printer. " +
				"Nothing was written.",
			References: []string{docSMBConf, attackTaint, attackShares, cisShares, cisEveryone},
		},
		remedy: remedyShares,
		find: func(r *report.Report) (hit, bool) {
			return findShares(r, "write", "Whoever reaches the server can put files there: programs and shortcuts "+
				"for others to open, or anything that fills the disk. Nothing was written to learn this.",
				func(s report.Share) bool { return s.Write == report.Yes })
		},
	},
	{
		Rule: Rule{
			ID: "users-leaked", Severities: only(report.SeverityMedium), Title: "User accounts are listed to anybody",
			Raised:     "An anonymous session was told names of accounts.",
			References: []string{docSMBConf, attackAccounts, attackSpraying, cisAnySAM},
		},
		remedy: remedyAnonymous, find: findUsers,
	},
	{
		Rule: Rule{
			ID: "password-policy-leaked", Severities: []report.Severity{report.SeverityLow, report.SeverityMedium},
			Title: "The password policy is told to anybody",
			Raised: "An anonymous session was told rules for passwords or lockout; medium where accounts are never " +
				"locked.",
			References: []string{docSMBConf, attackPolicy, attackSpraying, cisAnySAM, cisLockout},
		},
		remedy: remedyPolicyLeak, find: findPolicy,
	},
}

func findNullSession(r *report.Report) (hit, bool) {
	n := r.NullSession
	if n == nil || n.Session != report.Yes {
		return hit{}, false
	}
	h := hit{severity: report.SeverityLow, evidence: []string{pointer("null_session", "session")}}
	next := "What such a session is told differs from server to server."
	switch n.IPC {
	case report.Yes:
		h.severity, h.evidence = report.SeverityMedium, append(h.evidence, pointer("null_session", "ipc"))
		next = "IPC$ could be connected too, behind which are the services that list shares and accounts."
	case report.No:
		h.evidence = append(h.evidence, pointer("null_session", "ipc"))
		next = "IPC$ was refused, so that the session has little to ask."
	}
	h.detail = sentences("The server accepts a session without an account"+dialectsOf(n.Attempts, report.IdentityAnonymous)+".", next)
	return h, true
}

func findGuest(r *report.Report) (hit, bool) {
	n := r.NullSession
	if n == nil || n.UnknownUserMapsToGuest != report.Yes {
		return hit{}, false
	}
	return hit{
		evidence: []string{pointer("null_session", "unknown_user_maps_to_guest")},
		detail: "The server let in an account that was invented for the " +
			"question" + dialectsOf(n.Attempts, report.IdentityUnknownUser) +
			". So it does with everybody who mistypes his name: he is a guest, whose sessions are neither signed " +
			"nor encrypted, and may do what guests may do.",
	}, true
}

// dialectsOf tells in which dialects attempts succeeded.
func dialectsOf(attempts []report.SessionAttempt, as report.SessionIdentity) string {
	var list []string
	for _, a := range attempts {
		if a.Identity != as || a.Result != report.ResultSupported || a.Dialect == "" {
			continue
		}
		if d := quote(a.Dialect); !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	return when(len(list) > 0, ", asked in "+enumerate(list))
}

// findShares lists the disk shares for which a right was seen. print$ holds the drivers of printers, which clients fetch
// before they know who they are; it is no finding that they may be read.
func findShares(r *report.Report, right, meaning string, granted func(report.Share) bool) (hit, bool) {
	if r.NullSession == nil {
		return hit{}, false
	}
	var h hit
	var names []string
	for i, s := range r.NullSession.Shares {
		if isPipeShare(s) || strings.Contains(s.Type, "PRINTQ") || !granted(s) {
			continue
		}
		h.evidence = append(h.evidence, pointer("null_session", "shares", i, right))
		name := quote(s.Name)
		if s.AccessBasis == report.BasisShareACL {
			name += " (by the share's rights alone; those of its folder were not seen)"
		}
		names = append(names, name)
	}
	h.detail = sentences("A session without an account may "+right+" in "+enumerate(names)+".", meaning)
	return h, len(names) > 0
}

// isPipeShare knows IPC$ by its name also where a server calls it a disk, as impacket 0.10 does.
func isPipeShare(s report.Share) bool {
	return strings.EqualFold(s.Name, "IPC$") || strings.Contains(s.Type, "IPC")
}

func findUsers(r *report.Report) (hit, bool) {
	n := r.NullSession
	if n == nil || len(n.Users) == 0 {
		return hit{}, false
	}
	names := make([]string, len(n.Users))
	for i, u := range n.Users {
		names[i] = quote(u.Name)
	}
	return hit{
		evidence: []string{pointer("null_session", "users")},
		detail: fmt.Sprintf("A session without an account was told %d %s: %s. With names in hand passwords can be "+
			"tried, a few against each.",
			len(n.Users), plural(len(n.Users), "account", "accounts"), enumerate(names)),
	}, true
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func findPolicy(r *report.Report) (hit, bool) {
	if r.NullSession == nil || r.NullSession.PasswordPolicy == nil {
		return hit{}, false
	}
	p := r.NullSession.PasswordPolicy
	h := hit{severity: report.SeverityLow}
	var rules []string
	told := func(name, text string) {
		h.evidence = append(h.evidence, pointer("null_session", "password_policy", name))
		rules = append(rules, text)
	}
	if p.MinLength != nil {
		told("min_length", fmt.Sprintf("a password has at least %d characters", *p.MinLength))
	}
	if p.History != nil {
		told("history", fmt.Sprintf("%d old passwords are remembered", *p.History))
	}
	if p.Threshold != nil && *p.Threshold == 0 {
		h.severity = report.SeverityMedium
		told("threshold", "accounts are never locked, so that guessing has no end")
	} else if p.Threshold != nil {
		told("threshold", fmt.Sprintf("an account is locked after %d failed logons, so that guessing may go on up "+
			"to there", *p.Threshold))
	}
	h.detail = "A session without an account was told the rules for passwords: " + enumerate(rules) + "."
	return h, len(rules) > 0
}
