package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// A fact is what a server takes or does not take, as the matrix shows it.
type fact struct {
	name string // beside its answer, where one server is shown
	head string // above its column, where several are; a line break breaks the line
	cell func(*fingerprint.Report) line
	has  func(*fingerprint.Report) bool // whether the level asks for it; nil is always
}

// A factGroup is what belongs together.
type factGroup struct {
	title string
	facts []fact
}

// chosenMark stands behind the answer for what the server chooses in whatever order algorithms are offered.
const chosenMark = "*"

func answerLine(a report.Answer) line { return answerCell(a)[0] }

// dialectFacts has the dialects, newest first.
func dialectFacts() factGroup {
	g := factGroup{title: "dialects"}
	for _, d := range slices.Backward(smb2Dialects()) {
		g.facts = append(g.facts, fact{name: d, head: d, cell: func(r *fingerprint.Report) line { return answerLine(r.Dialects[d]) }})
	}
	heads := map[string]string{
		ntlm012: "NT LM\n0.12", "LANMAN2.1": "LANMAN\n2.1", "LM1.2X002": "LM1.2\nX002", "LANMAN1.0": "LANMAN\n1.0",
		"PC NETWORK PROGRAM 1.0": "PC NET.\n1.0",
	}
	for _, d := range slices.Backward(smb1Dialects()) {
		g.facts = append(g.facts, fact{name: d, head: heads[d], cell: func(r *fingerprint.Report) line { return oldLine(r.Dialects[d]) }})
	}
	g.facts = append(g.facts, fact{
		name: "other SMB1", head: "other\nSMB1",
		cell: func(r *fingerprint.Report) line { return oldLine(anyOther(r)) },
		has:  func(r *fingerprint.Report) bool { return atFull(r) || len(others(r)) > 0 },
	})
	return g
}

// oldLine shows an answer for a dialect of SMB1, which is a risk where it is taken.
func oldLine(a report.Answer) line {
	if a == report.Yes {
		return risky("yes")
	}
	return answerLine(a)
}

// others returns the answers for the dialects of SMB1 that are in no other place.
func others(r *fingerprint.Report) map[string]report.Answer {
	if r.SMB1 == nil {
		return nil
	}
	return r.SMB1.OtherDialects
}

// anyOther tells whether any of them is taken: no only where each was refused.
func anyOther(r *fingerprint.Report) report.Answer {
	answer := report.Unknown
	if len(others(r)) > 0 {
		answer = report.No
	}
	for _, a := range others(r) {
		switch {
		case a == report.Yes:
			return a
		case !a.Known():
			answer = report.Unknown
		}
	}
	return answer
}

func cipherFacts() factGroup {
	g := factGroup{title: "ciphers"}
	heads := map[string]string{
		"AES-128-GCM": "AES-128\nGCM", "AES-128-CCM": "AES-128\nCCM", "AES-256-GCM": "AES-256\nGCM", "AES-256-CCM": "AES-256\nCCM",
	}
	for _, name := range []string{"AES-128-GCM", "AES-128-CCM", "AES-256-GCM", "AES-256-CCM"} {
		g.facts = append(g.facts, fact{name: name, head: heads[name], cell: func(r *fingerprint.Report) line {
			e := encryptionOf(r)
			return chosen(e.Ciphers[name].Answer, e.Preferred == name)
		}})
	}
	order := func(r *fingerprint.Report) line {
		e := encryptionOf(r)
		var answers []report.Answer
		for _, a := range e.Ciphers {
			answers = append(answers, a.Answer)
		}
		return orderLine(e.Selection, e.Supported, answers)
	}
	required := func(r *fingerprint.Report) line { return answerLine(encryptionOf(r).Required) }
	g.facts = append(g.facts,
		fact{name: "order", head: "order", cell: order, has: atFull},
		fact{name: "required", head: "required", cell: required, has: atFull})
	return g
}

func signingFacts() factGroup {
	g := factGroup{title: "signing"}
	heads := map[string]string{"AES-GMAC": "AES\nGMAC", "AES-CMAC": "AES\nCMAC", "HMAC-SHA256": "HMAC\nSHA256"}
	for _, name := range []string{"AES-GMAC", "AES-CMAC", "HMAC-SHA256"} {
		g.facts = append(g.facts, fact{name: name, head: heads[name], cell: func(r *fingerprint.Report) line {
			if r.Signing == nil {
				return answerLine(report.Unknown)
			}
			return answerLine(r.Signing.Algorithms[name].Answer)
		}})
	}
	return g
}

func compressionFacts() factGroup {
	g := factGroup{title: "compression"}
	heads := map[string]string{"LZ77+Huffman": "LZ77+\nHuffman", "Pattern_V1": "Pattern\n_V1"}
	for _, name := range []string{"LZNT1", "LZ77", "LZ77+Huffman", "Pattern_V1", "LZ4"} {
		head, ok := heads[name]
		if !ok {
			head = name
		}
		g.facts = append(g.facts, fact{name: name, head: head, cell: func(r *fingerprint.Report) line {
			c := compressionOf(r)
			return chosen(c.Algorithms[name], c.Preferred == name)
		}})
	}
	chained := func(r *fingerprint.Report) line { return answerLine(compressionOf(r).Chained) }
	order := func(r *fingerprint.Report) line {
		c := compressionOf(r)
		return orderLine(c.Selection, c.Supported, slices.Collect(maps.Values(c.Algorithms)))
	}
	g.facts = append(g.facts, fact{name: "chained", head: "chained", cell: chained},
		fact{name: "order", head: "order", cell: order, has: atFull})
	return g
}

func rdmaFacts() factGroup {
	g := factGroup{title: "RDMA transforms"}
	heads := map[string]string{"ENCRYPTION": "RDMA\nencr.", "SIGNING": "RDMA\nsign"}
	for _, name := range []string{"ENCRYPTION", "SIGNING"} {
		g.facts = append(g.facts, fact{name: name, head: heads[name], has: atFull, cell: func(r *fingerprint.Report) line {
			if r.RDMATransforms == nil {
				return answerLine(report.Unknown)
			}
			return answerLine(r.RDMATransforms.Algorithms[name])
		}})
	}
	return g
}

func posixFacts() factGroup {
	cell := func(r *fingerprint.Report) line { return answerLine(r.POSIXExtensions) }
	return factGroup{title: "extensions", facts: []fact{{name: "POSIX", head: "POSIX", cell: cell, has: atFull}}}
}

func atFull(r *fingerprint.Report) bool { return r.Level == report.LevelFull }

// encryptionOf returns what is known, which may be nothing.
func encryptionOf(r *fingerprint.Report) report.Encryption {
	if r.Encryption == nil {
		return report.Encryption{}
	}
	return *r.Encryption
}

func compressionOf(r *fingerprint.Report) report.Compression {
	if r.Compression == nil {
		return report.Compression{}
	}
	return *r.Compression
}

// chosen marks an answer where the server chooses what it is for.
func chosen(a report.Answer, mark bool) line {
	l := answerLine(a)
	if mark {
		l.text += chosenMark
	}
	return l
}

// orderLine tells whose order decides which of several algorithms is used, or that there are no two to choose from.
func orderLine(s report.Selection, supported report.Answer, answers []report.Answer) line {
	taken, open := 0, len(answers) == 0
	for _, a := range answers {
		if a == report.Yes {
			taken++
		}
		open = open || !a.Known()
	}
	switch {
	case s == report.SelectionServer:
		return line{text: "server"}
	case s == report.SelectionClient:
		return line{text: "client"}
	case s != "":
		return line{text: clean(string(s))}
	case supported == report.No, !open && taken < 2:
		return line{text: nothing}
	}
	return answerLine(report.Unknown)
}

// nothing stands where there is nothing to tell, which is known.
const nothing = "–"

// otherLines lists the other dialects of SMB1 by their answers: those that are taken, those that may be, and the rest.
func otherLines(r *fingerprint.Report) []rung {
	var lines []rung
	for _, a := range []report.Answer{report.Yes, report.Unknown, report.No} {
		var names []string
		for _, d := range slices.Sorted(maps.Keys(others(r))) {
			if same(others(r)[d], a) {
				names = append(names, clean(d))
			}
		}
		if len(names) > 0 {
			lines = append(lines, rung{strings.Join(names, ", "), a})
		}
	}
	return lines
}
