package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/smbscope/smbscope/fingerprint/dialogue"
	"github.com/smbscope/smbscope/fingerprint/report"
	"github.com/smbscope/smbscope/smb"
)

const (
	closed = dialogue.EndClosed
	reset  = dialogue.EndReset
	done   = dialogue.EndDone
)

// A loss is a no only when it came twice, the second time alone, and something was taken afterwards.
func TestLosses(t *testing.T) {
	serverF := noSMB2() // no SMB2: the answers of Samba with max protocol NT1
	serverF["NT LM 0.12"] = yes
	lone := map[string]report.Answer{"NT LM 0.12": yes}
	tests := map[string]struct {
		talks []*dialogue.Dialogue
		want  map[string]report.Answer
	}{
		"closed twice": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, closed, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, serverF},
		"reset, then closed": {[]*dialogue.Dialogue{
			conn(1, reset, all(t)), conn(2, closed, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, serverF},
		"closed once": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
		"closed, then silence": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, dialogue.EndTimeout, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
		"silence twice": {[]*dialogue.Dialogue{
			conn(1, dialogue.EndTimeout, all(t)), conn(2, dialogue.EndTimeout, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
		"taken before, not afterwards": {[]*dialogue.Dialogue{
			conn(1, done, smb1(t), nt(t, 4, nil)), conn(2, closed, all(t)), conn(3, closed, conservative(t)),
		}, lone},
		"refused afterwards": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, closed, conservative(t)), conn(3, done, smb1(t), none(t)),
		}, noSMB1()},
		"what was lost is taken the third time": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, closed, conservative(t)), conn(3, done, all(t), takes(t, smb.DialectSMB311)),
		}, map[string]report.Answer{"3.1.1": yes}},
		"one of the list is taken": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, closed, conservative(t)),
			conn(3, done, single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210)),
		}, map[string]report.Answer{"2.1": yes}},
		"both on one connection": {[]*dialogue.Dialogue{
			conn(1, closed, all(t), conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
		"behind an answer": {[]*dialogue.Dialogue{
			conn(1, closed, smb1(t), none(t), all(t)), conn(2, closed, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, map[string]report.Answer{
			"NT LM 0.12": yes, "PC NETWORK PROGRAM 1.0": no, "LANMAN1.0": no, "LM1.2X002": no, "LANMAN2.1": no,
		}},
		"it began to answer": {[]*dialogue.Dialogue{
			conn(1, closed, all(t), raw([]byte{0, 0, 1, 0, 0xFE, 'S', 'M', 'B'})), conn(2, closed, conservative(t)),
			conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
		"canceled": {[]*dialogue.Dialogue{
			conn(1, closed, all(t)), conn(2, dialogue.EndCanceled, conservative(t)), conn(3, done, smb1(t), nt(t, 4, nil)),
		}, lone},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { says(t, of(t, tt.talks...), tt.want) })
	}
}

// Busy servers reset what they would take, so that the second loss must come while no other connection is open.
func TestLossesSideBySide(t *testing.T) {
	talks := func() []*dialogue.Dialogue {
		return []*dialogue.Dialogue{
			conn(1, closed, single(t, smb.DialectSMB311)), conn(2, closed, single(t, smb.DialectSMB311)),
			conn(3, done, single(t, smb.DialectSMB210), takes(t, smb.DialectSMB210)),
		}
	}
	says(t, of(t, talks()...), map[string]report.Answer{"3.1.1": no, "2.1": yes})

	side := talks()
	side[0].Ended = side[1].Ended // still open when the second was made
	says(t, of(t, side...), map[string]report.Answer{"2.1": yes})

	early := talks()
	for i := range early[2].Frames {
		early[2].Frames[i].At = early[0].Started // taken before the losses, whatever the order of the plan
	}
	says(t, of(t, early...), map[string]report.Answer{"2.1": yes})
}

// The states of a question that was not answered.
func TestResults(t *testing.T) {
	results := map[dialogue.End]report.Result{
		dialogue.EndDone: report.ResultNotTested, dialogue.EndForeign: report.ResultMalformed, dialogue.EndClosed: report.ResultClosed,
		dialogue.EndReset: report.ResultReset, dialogue.EndTimeout: report.ResultTimeout, dialogue.EndRefused: report.ResultNotTested,
		dialogue.EndUnreachable: report.ResultNotTested, dialogue.EndUnresolved: report.ResultNotTested,
		dialogue.EndCanceled: report.ResultNotTested, dialogue.EndLimit: report.ResultMalformed, dialogue.EndError: report.ResultNotTested,
	}
	for end, result := range results {
		r := of(t, conn(1, end, all(t)), conn(2, done, smb1(t), nt(t, 4, nil)))
		says(t, r, map[string]report.Answer{"NT LM 0.12": yes})
		require.Equal(t, result, r.Probes[0].Result, end)
		require.Equal(t, []report.Evidence{{Probe: "all-offer", Result: result}}, r.Evidence["/dialects/3.1.1"])
	}
}
