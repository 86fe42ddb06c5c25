package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// policy prints the rules for passwords in words.
func (v view) policy(out *strings.Builder, p *report.PasswordPolicy) {
	if p == nil {
		return
	}
	title := "password policy"
	if p.Domain != "" {
		title += " of " + clean(p.Domain)
	}
	v.heading(out, title+ended(p.Status))
	var f facts
	if p.MinLength != nil {
		f.add("length", lengthWords(*p.MinLength))
	}
	if p.History != nil {
		f.add("history", historyWords(*p.History))
	}
	if p.Properties != nil {
		f.add("complexity", complexityWords(p.Properties))
	}
	if p.MaxAge != nil {
		f.add("must change", "after "+spanWords(*p.MaxAge))
		if *p.MaxAge == report.Never {
			f[len(f)-1].text = "never"
		}
	}
	if p.MinAge != nil {
		f.add("may change", mayChange(*p.MinAge))
	}
	lockout := lockoutWords(p)
	v.marks.unknown = v.marks.unknown || strings.HasPrefix(lockout, unknown)
	f.add("lockout", lockout)
	f.add("properties", tokens(slices.DeleteFunc(slices.Clone(p.Properties), func(s string) bool { return s == complexToken }), "DOMAIN_"))
	v.facts(out, f)
}

func lengthWords(n int) string {
	if n == 0 {
		return "none: a password may be empty"
	}
	return "at least " + count(n, "character")
}

func historyWords(n int) string {
	switch n {
	case 0:
		return "none: an old password may be used again at once"
	case 1:
		return "the last password may not be used again"
	}
	return fmt.Sprintf("the last %d passwords may not be used again", n)
}

const complexToken = "DOMAIN_PASSWORD_COMPLEX"

func complexityWords(properties []string) string {
	if slices.Contains(properties, complexToken) {
		return "required"
	}
	return "not required"
}

func mayChange(seconds int64) string {
	switch seconds {
	case 0:
		return "at once"
	case report.Never:
		return "never"
	}
	return "after " + spanWords(seconds)
}

func lockoutWords(p *report.PasswordPolicy) string {
	switch {
	case p.LockStatus != "" && !succeeded(p.LockStatus):
		return unknown + ended(p.LockStatus)
	case p.Threshold == nil:
		return ""
	case *p.Threshold == 0:
		return "never, however many logons fail"
	}
	s := "after " + count(*p.Threshold, "failed logon")
	if p.Window != nil {
		s += " within " + spanWords(*p.Window)
	}
	switch {
	case p.Lockout == nil:
	case *p.Lockout == report.Never:
		s += ", until somebody unlocks the account"
	default:
		s += ", for " + spanWords(*p.Lockout)
	}
	return s
}

// spanWords tells seconds in words.
func spanWords(seconds int64) string {
	switch {
	case seconds == report.Never:
		return "a time without end"
	case seconds < 0:
		return fmt.Sprintf("%d seconds", seconds) // only a broken server says so
	case seconds == 0:
		return "no time"
	}
	var parts []string
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"day", 24 * 60 * 60}, {"hour", 60 * 60}, {"minute", 60}, {"second", 1}} {
		if n := seconds / unit.seconds; n > 0 {
			parts = append(parts, count(int(n), unit.name))
		}
		seconds %= unit.seconds
	}
	return strings.Join(parts, " ")
}
