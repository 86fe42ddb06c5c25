package fingerprint

import (
	"slices"

	"github.com/smbscope/smbscope/fingerprint/verdict"
	"github.com/smbscope/smbscope/negotiate"
	"github.com/smbscope/smbscope/smb"
)

// full is the plan of LevelFull: that of LevelStandard, and in its second wave each algorithm of 3.1.1 alone, all of them
// in reverse order, and what of SMB1 an answer with NT LM 0.12 leaves open. What those answers lead to is asked in
// further waves, as soon as there is a place for a connection.
//
// Questions are derived from the answers so far and asked once each, so that an answer that came late, in a repeat, leads
// on as well.
func (r *run) full() error { return r.dialects(scope{names: true, upgrade: true, everything: true}) }

// details asks what the repeats have brought to light, and whether the server asks for encryption where no dialect below
// 3.0 could tell.
func (r *run) details(best smb.Dialect) error {
	if r.isLeftAlone() {
		return nil
	}
	for !r.over() {
		wave := append(r.algorithmQuestions(), r.oldQuestions()...)
		if len(wave) == 0 {
			break
		}
		if err := r.prepare(wave...); err != nil {
			return err
		}
		r.sideBySide(r.scanner.Sequential, wave)
		r.settle()
	}
	if r.over() || !r.asksForEncryption(best) {
		return nil
	}
	return r.alone(unencrypted(best))
}

// isLeftAlone tells whether the server has dropped what it took before.
func (r *run) isLeftAlone() bool {
	return slices.ContainsFunc(r.talks, func(t *talk) bool { return t.offer.ID == verdict.Control && t.reaction != taken })
}

func unencrypted(best smb.Dialect) *talk {
	return &talk{offer: negotiate.Unencrypted(best), challenge: true, detail: true}
}

// withoutEncryption makes the question for the highest dialect below 3.0 go on to a session setup: a server that requires
// encryption fails it ([MS-SMB2] 3.3.5.5).
func (r *run) withoutEncryption(wave []*talk, best smb.Dialect) {
	for _, t := range slices.Backward(wave) {
		if best >= smb.DialectSMB300 && len(t.offer.SMB2) == 1 && t.offer.SMB2[0] < smb.DialectSMB300 {
			t.challenge, t.early = true, true
			return
		}
	}
}

// asksForEncryption tells whether a session setup from a client that cannot encrypt is still to be asked for: the server
// takes a dialect and encrypts it, and none without encryption was taken.
func (r *run) asksForEncryption(best smb.Dialect) bool {
	able, unable := false, false
	for _, t := range r.talks {
		if t.challenge && t.takes() && t.smb2 != nil {
			able = able || t.encrypts()
			unable = unable || t.dialect < smb.DialectSMB300
		}
	}
	return able && !unable && !r.scanner.NoNTLM && !r.asked(negotiate.Unencrypted(best).ID)
}

// takes tells whether the offer of a talk was answered, and taken.
func (t *talk) takes() bool { return t.isOver(t.answered) && t.reaction == taken }

// encrypts tells whether an answer has settled on encryption.
func (t *talk) encrypts() bool {
	if t.dialect < smb.DialectSMB311 {
		return t.dialect >= smb.DialectSMB300 && t.smb2.Capabilities&smb.CapEncryption != 0
	}
	ctx, _ := t.smb2.Context(negotiate.ContextEncryption)
	e, _ := negotiate.ParseEncryption(ctx.Data) // what cannot be read settles on nothing
	return len(without(e.Ciphers, []negotiate.Cipher{negotiate.CipherNone})) > 0
}

// asked tells whether a question was asked, or is about to be.
func (r *run) asked(id string) bool { return r.latest(id) != nil }

// latest returns the last talk that asks a question: its repeat, where there is one.
func (r *run) latest(id string) *talk {
	for _, t := range slices.Backward(r.talks) {
		if t.offer.ID == id || t.offer.ID == id+verdict.Again {
			return t
		}
	}
	return nil
}
