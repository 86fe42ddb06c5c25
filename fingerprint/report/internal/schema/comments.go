package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// comments holds what the source says of its types, fields and constants.
type comments struct {
	types  map[string]string
	fields map[string]string // by "Type.Field"
	values map[string]string // by "Type=value"
}

func readComments(dir string) (comments, error) {
	c := comments{map[string]string{}, map[string]string{}, map[string]string{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return c, fmt.Errorf("the source of the schema: %w", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return c, fmt.Errorf("the source of the schema: %w", err)
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok {
				c.declaration(d)
			}
		}
	}
	return c, nil
}

func (c comments) declaration(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			c.types[s.Name.Name] = text(d.Doc, s.Doc)
			if list, ok := s.Type.(*ast.StructType); ok {
				c.structure(s.Name.Name, list)
			}
		case *ast.ValueSpec:
			c.constant(s)
		}
	}
}

func (c comments) structure(name string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			c.fields[name+"."+n.Name] = text(f.Doc, f.Comment)
		}
	}
}

func (c comments) constant(s *ast.ValueSpec) {
	typ, ok := s.Type.(*ast.Ident)
	if !ok || len(s.Values) != 1 {
		return
	}
	literal, ok := s.Values[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return
	}
	if value, err := strconv.Unquote(literal.Value); err == nil {
		c.values[typ.Name+"="+value] = text(s.Doc, s.Comment)
	}
}

func (c comments) typ(name string) (string, error) { return c.must(c.types, name, "type") }

func (c comments) field(typ, name string) (string, error) {
	return c.must(c.fields, typ+"."+name, "field")
}

// enum describes a type and each of its values.
func (c comments) enum(name string, values []string) (string, error) {
	all, err := c.typ(name)
	for _, v := range values {
		about, e := c.must(c.values, name+"="+v, "constant")
		if e != nil {
			err = e
		}
		all += fmt.Sprintf(" %s: %s.", v, strings.TrimSuffix(about, "."))
	}
	return all, err
}

func (c comments) must(all map[string]string, key, what string) (string, error) {
	s := all[key]
	if s == "" {
		return "", fmt.Errorf("%s %s has no comment to describe it", what, key)
	}
	return s, nil
}

// text joins comments into one line.
func text(groups ...*ast.CommentGroup) string {
	var words []string
	for _, g := range groups {
		words = append(words, strings.Fields(g.Text())...)
	}
	return strings.Join(words, " ")
}
