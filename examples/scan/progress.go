package main

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// fewTargets are not worth a progress bar.
const fewTargets = 4

// A progress shows on a terminal how many targets are done, how many of them are SMB servers, how fast it goes and how
// long it may still take. The zero value shows nothing.
type progress struct {
	bar *progressbar.ProgressBar
	smb uint64
}

func (p *program) progress(o options, targets uint64) *progress {
	_, terminal := p.size(p.stderr)
	if !terminal || targets <= fewTargets || p.getenv("TERM") == "dumb" {
		return &progress{}
	}
	if _, mixed := p.size(p.stdout); mixed && o.json {
		return &progress{} // lines come while the bar stands
	}
	bar := progressbar.NewOptions64(int64(targets),
		progressbar.OptionSetWriter(p.stderr),
		progressbar.OptionSetWidth(16), // less where the line would be wider than the terminal
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("targets"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription(found(0)),
		progressbar.OptionSetRenderBlankState(true),
	)
	return &progress{bar: bar}
}

func found(servers uint64) string { return count(servers, "SMB server") }

func (p *progress) step(r *fingerprint.Report) {
	if p.bar == nil {
		return
	}
	if r.Outcome == report.OutcomeSMB {
		p.smb++
		p.bar.Describe(found(p.smb))
	}
	_ = p.bar.Add(1) // only the terminal can fail
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
