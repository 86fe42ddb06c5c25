package fingerprint

import (
	"context"
	"fmt"
	"strings"

	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
)

// DetectDialects asks which dialects the server takes, as LevelStandard does, and nothing else: no NTLM message is sent.
// The report has Dialects, PreferredDialect, Negotiated and the Evidence of the dialects, beside what every report has;
// the rest is absent. It costs six connections where nothing has to be asked twice. The Scanner's Level has no effect.
// Errors are as those of Scan.
func (s *Scanner) DetectDialects(ctx context.Context, target string) (*Report, error) {
	return s.detect(ctx, target, func(r *run) error { return r.dialects(scope{}) }, func(all, part *Report) {
		part.Dialects, part.PreferredDialect, part.Negotiated = all.Dialects, all.PreferredDialect, all.Negotiated
	}, "/dialects/")
}

// DetectSMB1 asks whether the server takes SMB1, and what it says of itself there before any authentication. The report
// has SMB1, the Dialects of SMB1 and their Evidence. It costs one connection where the server answers; where it drops
// the question, which servers without SMB1 do and busy ones as well, three more tell the two apart. With NoSMB1 set it
// is an ErrConfig error. The Scanner's Level has no effect. Errors are as those of Scan.
func (s *Scanner) DetectSMB1(ctx context.Context, target string) (*Report, error) {
	if s.NoSMB1 {
		err := fmt.Errorf("%w: NoSMB1 leaves nothing to detect", ErrConfig)
		return failed(target, LevelStandard, err), err
	}
	return s.detect(ctx, target, (*run).smb1, func(all, part *Report) {
		part.SMB1, part.Dialects = all.SMB1, map[string]report.Answer{}
		for dialect, answer := range all.Dialects {
			if !isSMB2(dialect) {
				part.Dialects[dialect] = answer
			}
		}
	}, "/smb1/", "/dialects/")
}

// DetectSigning asks what the server says of signing, in its best SMB2 dialect and in SMB1. The report has Signing and
// its Evidence. It costs two connections where nothing has to be asked twice, and one with NoSMB1. The Scanner's Level
// has no effect. Errors are as those of Scan.
func (s *Scanner) DetectSigning(ctx context.Context, target string) (*Report, error) {
	plan := func(r *run) error {
		defer r.collect()
		_, err := r.firstWave(false)
		return err
	}
	return s.detect(ctx, target, plan, func(all, part *Report) { part.Signing = all.Signing }, "/signing/")
}

// detect scans by a plan and leaves in the report what every report has, what take copies, and the evidence under some
// paths.
func (s *Scanner) detect(ctx context.Context, target string, plan func(*run) error, take func(all, part *Report), paths ...string) (*Report, error) {
	if _, err := s.level(); err != nil {
		return failed(target, LevelStandard, err), err
	}
	asks := *s
	asks.NullSession, asks.Checks = false, false
	all, err := asks.scan(ctx, target, LevelStandard, plan)
	part := &Report{
		SchemaVersion: all.SchemaVersion, Target: all.Target, Transports: all.Transports, Level: all.Level,
		ObservedAt: all.ObservedAt, DurationMS: all.DurationMS, Outcome: all.Outcome, Reason: all.Reason,
		FirstBytes: all.FirstBytes, ProtocolGuess: all.ProtocolGuess, Cost: all.Cost, Anomalies: all.Anomalies, Probes: all.Probes,
	}
	if all.Outcome != report.OutcomeSMB {
		return part, err
	}
	take(all, part)
	part.Evidence = map[string][]report.Evidence{}
	for path, evidence := range all.Evidence {
		for _, prefix := range paths {
			if dialect, ok := strings.CutPrefix(path, "/dialects/"); ok && part.Dialects[dialect] == "" {
				continue
			}
			if strings.HasPrefix(path, prefix) {
				part.Evidence[path] = evidence
			}
		}
	}
	return part, err
}

// isSMB2 tells the names of SMB2 dialects, which are numbers, from those of SMB1.
func isSMB2(dialect string) bool { return dialect[0] >= '0' && dialect[0] <= '9' }

// smb1 is the plan of DetectSMB1. A question that was dropped is asked again between two that the server takes: only
// then has it refused SMB1 rather than been too busy.
func (r *run) smb1() error {
	defer r.collect()
	first, err := r.first(func() *talk { return &talk{offer: negotiate.SMB1Only(), challenge: true} }, r.hold)
	if err != nil {
		return err
	}
	r.collect()
	if first.reaction != lost || !first.stands {
		return nil
	}
	before := &talk{offer: negotiate.All()}
	if err := r.alone(before); err != nil || before.reaction != taken {
		return err
	}
	r.pause()
	second := &talk{offer: negotiate.SMB1Only(), challenge: true}
	second.offer.ID += verdict.Again
	if err := r.alone(second); err != nil || second.reaction != lost {
		return err
	}
	control := &talk{offer: negotiate.Single(before.dialect)}
	control.offer.ID = verdict.Control
	return r.alone(control)
}
