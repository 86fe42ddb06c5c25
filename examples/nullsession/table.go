package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	gap = "  " // between columns
	// maxRows are shown of a list without -v: a thousand users would bury the rest.
	maxRows = 100
	// narrowest is how narrow wrapping may make a column.
	narrowest = 8
)

// A grid is a table of cells, which are safe to print.
type grid struct {
	titles []string
	right  []bool // numbers
	rows   [][]string
	total  int // rows that there would be
	most   int // rows that it takes; 0 is any
}

func (v view) newGrid(titles ...string) *grid {
	g := &grid{titles: titles, right: make([]bool, len(titles)), most: maxRows}
	if v.verbose {
		g.most = 0
	}
	return g
}

func (g *grid) add(cells ...string) {
	g.total++
	if g.most == 0 || len(g.rows) < g.most {
		g.rows = append(g.rows, cells)
	}
}

// grid prints a table, without the columns in which nothing stands.
func (v view) grid(out *strings.Builder, g *grid) {
	if len(g.rows) == 0 {
		return
	}
	widths := g.widths()
	v.shrink(widths)
	t := table.NewWriter()
	style := table.StyleLight
	style.Box.PaddingLeft, style.Box.PaddingRight = "", gap
	style.Box.UnfinishedRow = ""
	style.Options = table.Options{}
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	var configs []table.ColumnConfig
	for i, width := range widths {
		if width == 0 {
			continue
		}
		c := table.ColumnConfig{Number: len(configs) + 1, WidthMin: width, WidthMax: width, Align: text.AlignLeft}
		if g.right[i] {
			c.Align = text.AlignRight
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	for n, cells := range append([][]string{g.titles}, g.rows...) {
		var row table.Row
		for i, c := range cells {
			if widths[i] > 0 {
				row = append(row, v.cell(c, widths[i], n == 0))
			}
		}
		t.AppendRow(row)
	}
	for l := range strings.SplitSeq(t.Render(), "\n") {
		out.WriteString(strings.TrimRight(indent+indent+l, " ") + "\n")
	}
	if left := g.total - len(g.rows); left > 0 {
		out.WriteString(fmt.Sprintf("%s… and %d more; -v shows all, -json has them\n", indent+indent, left))
	}
}

// cell wraps before it paints, so that each line is painted by itself.
func (v view) cell(s string, width int, title bool) string {
	lines := strings.Split(text.WrapSoft(s, width), "\n")
	for i, l := range lines {
		l = strings.TrimRight(l, " ")
		switch {
		case title:
			l = v.on(l, bold)
		case l == openYes: // what a server chooses is longer, or escaped
			l = v.on(l, alarm)
		}
		lines[i] = l
	}
	return strings.Join(lines, "\n")
}

// widths are those that the text needs; 0 for a column of nothing.
func (g *grid) widths() []int {
	widths := make([]int, len(g.titles))
	for _, row := range g.rows {
		for i, c := range row {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(c))
		}
	}
	for i, title := range g.titles {
		if widths[i] > 0 {
			widths[i] = max(widths[i], len(title))
		}
	}
	return widths
}

// shrink makes the widest columns narrower until all fit, or none can be. What does not fit even so is left to the
// terminal.
func (v view) shrink(widths []int) {
	for v.width > 0 {
		total, widest := len(indent+indent)-len(gap), 0
		for i, w := range widths {
			if w > 0 {
				total += w + len(gap)
			}
			if w > widths[widest] {
				widest = i
			}
		}
		if total <= v.width || widths[widest] <= narrowest {
			return
		}
		widths[widest]--
	}
}
