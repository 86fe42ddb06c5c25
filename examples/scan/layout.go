package main

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smbscope/smbscope/fingerprint"
)

// A column of the table.
type column struct {
	title string
	cell  func(*fingerprint.Report) cell
	right bool // numbers
	least int  // how narrow wrapping may make it; 0 is never narrower than its text
	words bool // wrapping may break no word
	late  bool // wrapped in a narrow layout only, and when all others are
	width int
}

const gap = "  " // between columns

func allColumns() []column {
	asked := append(answerColumns(),
		column{title: "NULL SESSION", cell: nullCell, least: 10, words: true, late: true},
		column{title: "GUEST", cell: guestCell})
	return append(append(asked, checkColumns()...),
		column{title: "NAME", cell: nameCell, least: 10},
		column{title: "DOMAIN", cell: domainCell, least: 10},
		column{title: "PRODUCT HINTS", cell: productCell, least: 14},
		column{title: "SKEW", cell: skewCell},
		column{title: "MS", cell: durationCell, right: true},
	)
}

func answerColumns() []column {
	return []column{
		{title: "TARGET", cell: targetCell, least: 18},
		{title: "OUTCOME", cell: outcomeCell},
		{title: "DIALECTS", cell: dialectCell, least: 8, words: true},
		{title: "SIGNING", cell: signingCell, least: 10, words: true, late: true},
		{title: "ENCRYPTS", cell: encryptionCell},
		{title: "SMB1", cell: smb1Cell},
	}
}

// A layout is where everything stands. In a narrow one, names and hints stand on a line below their row.
type layout struct {
	columns []column
	narrow  bool
}

// arrange finds a layout for a width; 0 is any.
func arrange(reports []*fingerprint.Report, width int) layout {
	wide := layout{columns: fill(allColumns(), reports)}
	if wide.shrink(width) {
		return wide
	}
	duration := column{title: "MS", cell: durationCell, right: true}
	narrow := layout{columns: fill(append(answerColumns(), duration), reports), narrow: true}
	narrow.shrink(width) // what does not fit even so is left to the terminal
	return narrow
}

// fill sets the widths that the text needs, and drops columns of optional text in which there is none.
func fill(columns []column, reports []*fingerprint.Report) []column {
	var used []column
	for _, c := range columns {
		empty := true
		c.width = titleWidth(c.title)
		for _, r := range reports {
			for _, l := range c.cell(r) {
				empty = false
				c.width = max(c.width, text.StringWidthWithoutEscSequences(l.text))
				for word := range strings.FieldsSeq(bind(l)) {
					if c.words {
						c.least = max(c.least, text.StringWidthWithoutEscSequences(word))
					}
				}
			}
		}
		if !empty {
			used = append(used, c)
		}
	}
	return used
}

func (l layout) total() int {
	n := 0
	for _, c := range l.columns {
		n += c.width + len(gap)
	}
	return n - len(gap)
}

// shrink makes the widest columns narrower until all fit, and tells whether they do.
func (l layout) shrink(width int) bool {
	for width > 0 && l.total() > width {
		widest := -1
		for i, c := range l.columns {
			if c.least == 0 || c.width <= c.least || c.late && !l.narrow {
				continue
			}
			if widest < 0 || l.columns[widest].late && !c.late || l.columns[widest].late == c.late && c.width > l.columns[widest].width {
				widest = i
			}
		}
		if widest < 0 {
			return false
		}
		l.columns[widest].width--
	}
	return true
}

// newTable returns a table without lines, of the given widths.
func (l layout) newTable() table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Box.PaddingLeft, style.Box.PaddingRight = "", gap
	style.Box.UnfinishedRow = ""
	style.Format.Header = text.FormatDefault
	style.Options = table.Options{}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	configs := make([]table.ColumnConfig, len(l.columns))
	for i, c := range l.columns {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMin: c.width, WidthMax: c.width, Align: text.AlignLeft}
		if c.right {
			configs[i].Align = text.AlignRight
		}
		configs[i].AlignHeader = configs[i].Align
	}
	t.SetColumnConfigs(configs)
	return t
}

// titleWidth is that of the longest line.
func titleWidth(title string) int {
	width := 0
	for l := range strings.SplitSeq(title, "\n") {
		width = max(width, text.StringWidthWithoutEscSequences(l))
	}
	return width
}

func (l layout) header(p paint) string {
	height := 0
	for _, c := range l.columns {
		height = max(height, strings.Count(c.title, "\n"))
	}
	t := l.newTable()
	row := make(table.Row, len(l.columns))
	for i, c := range l.columns {
		lines := strings.Split(c.title, "\n")
		for j, s := range lines {
			lines[j] = p.on(s, bold)
		}
		row[i] = strings.Repeat("\n", height+1-len(lines)) + strings.Join(lines, "\n") // the last line is next to the answers
	}
	t.AppendRow(row)
	return t.Render() + "\n" + p.on(strings.Repeat("─", l.total()), faint) + "\n"
}

func (l layout) row(r *fingerprint.Report, p paint) string {
	t := l.newTable()
	row := make(table.Row, len(l.columns))
	for i, c := range l.columns {
		row[i] = render(c.cell(r), c.width, p)
	}
	t.AppendRow(row)
	return t.Render() + "\n"
}

// render wraps before it paints, so that each line is painted by itself.
func render(c cell, width int, p paint) string {
	var lines []string
	for _, l := range c {
		for s := range strings.SplitSeq(text.WrapSoft(bind(l), width), "\n") {
			if l.shade == alarm {
				s = strings.ReplaceAll(s, bound, riskMark)
			}
			lines = append(lines, p.on(strings.TrimRight(s, " "), l.shade))
		}
	}
	return strings.Join(lines, "\n")
}

// bound stands for the mark of a risk while a line is wrapped: a mark alone on a line would belong to nothing. Lines of
// that shade have no text of a stranger in them.
const bound = "_!"

func bind(l line) string {
	if l.shade != alarm {
		return l.text
	}
	return strings.ReplaceAll(l.text, riskMark, bound)
}
