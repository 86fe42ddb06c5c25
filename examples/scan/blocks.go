package main

import (
	"strings"

	"github.com/smbscope/smbscope/fingerprint"
	"github.com/smbscope/smbscope/fingerprint/report"
)

// A matrixBlock is a matrix of servers and what they take.
type matrixBlock struct {
	title  string
	groups []factGroup
}

func blocks() []matrixBlock {
	return []matrixBlock{
		{"dialects", []factGroup{dialectFacts()}},
		{"encryption and signing", []factGroup{cipherFacts(), signingFacts()}},
		{"compression, RDMA transforms, POSIX extensions", []factGroup{compressionFacts(), rdmaFacts(), posixFacts()}},
	}
}

// inMatrix returns the servers that were asked for everything.
func inMatrix(rows []*fingerprint.Report) []*fingerprint.Report {
	var list []*fingerprint.Report
	for _, r := range rows {
		if r.Outcome == report.OutcomeSMB && atFull(r) {
			list = append(list, r)
		}
	}
	return list
}

// matrix prints what all servers take side by side: a line for each, and a block for each kind of thing. In a narrow
// terminal a line of answers stands below its server.
func (v view) matrix(out *strings.Builder, rows []*fingerprint.Report) {
	for _, b := range blocks() {
		columns := []column{{title: "TARGET", cell: targetCell, least: 18}}
		for _, g := range b.groups {
			for _, f := range g.facts {
				columns = append(columns, column{title: f.head, cell: func(r *fingerprint.Report) cell { return cell{f.cell(r)} }})
			}
		}
		out.WriteString(v.paint.on(b.title, bold) + "\n")
		l := layout{columns: fill(columns, rows)}
		narrow := !l.shrink(v.width)
		indent := ""
		if narrow {
			l.columns, indent = l.columns[1:], "  "
		}
		out.WriteString(indented(l.header(v.paint), indent))
		for _, r := range rows {
			if narrow {
				out.WriteString(v.paint.on(targetCell(r)[0].text, bold) + "\n")
			}
			out.WriteString(indented(l.row(r, v.paint), indent))
		}
		out.WriteString("\n")
	}
}

func indented(lines, indent string) string {
	var out strings.Builder
	for l := range strings.Lines(lines) {
		out.WriteString(indent + l)
	}
	return out.String()
}
