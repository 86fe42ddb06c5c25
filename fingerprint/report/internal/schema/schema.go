// Package schema makes a JSON Schema (draft 2020-12) from Go types and from the comments in their source, so that
// neither can say anything else than the schema.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// A Source is what a schema is made from.
type Source struct {
	ID      string       // $id of the schema
	Root    reflect.Type // the struct that the schema describes
	Version int          // the only value of the root's property schema_version
	Dir     string       // folder of the source of Root's package
}

// Generate returns the schema, indented and with a newline at its end. Types, fields and constants need a comment, and
// fields a name in JSON; what has none is an error.
func Generate(s Source) ([]byte, error) {
	docs, err := readComments(s.Dir)
	if err != nil {
		return nil, err
	}
	g := generator{comments: docs, pkg: s.Root.PkgPath(), defs: map[string]object{}}
	root, err := g.structure(s.Root)
	if err != nil {
		return nil, err
	}
	root.pin("schema_version", s.Version)
	all := object{{"$schema", dialect}, {"$id", s.ID}, {"title", s.Root.Name()}}
	all = append(all, root...)
	all = append(all, member{"$defs", g.definitions()})

	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(all); err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	return out.Bytes(), nil
}

type generator struct {
	comments comments
	pkg      string
	defs     map[string]object // nil while a definition is being made
}

func (g *generator) definitions() object {
	var names []string
	for name := range g.defs {
		names = append(names, name)
	}
	slices.Sort(names)
	var all object
	for _, name := range names {
		all = append(all, member{name, g.defs[name]})
	}
	return all
}

// value describes a value of type t.
func (g *generator) value(t reflect.Type) (object, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		// A time in another zone is the same instant, but readers that compare text would not see that.
		return object{{"type", "string"}, {"format", "date-time"}, {"pattern", "Z$"}}, nil
	case t.PkgPath() == g.pkg:
		return g.reference(t)
	}
	switch t.Kind() {
	case reflect.String:
		return object{{"type", "string"}}, nil
	case reflect.Bool:
		return object{{"type", "boolean"}}, nil
	case reflect.Float64:
		return object{{"type", "number"}}, nil
	case reflect.Int, reflect.Int64:
		return object{{"type", "integer"}}, nil
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return object{{"type", "integer"}, {"minimum", -(int64(1) << (t.Bits() - 1))}, {"maximum", int64(1)<<(t.Bits()-1) - 1}}, nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return object{{"type", "integer"}, {"minimum", 0}, {"maximum", int64(1)<<t.Bits() - 1}}, nil
	case reflect.Pointer:
		return g.value(t.Elem())
	case reflect.Slice:
		elem, err := g.value(t.Elem())
		return object{{"type", "array"}, {"items", elem}}, err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			break
		}
		elem, err := g.value(t.Elem())
		return object{{"type", "object"}, {"additionalProperties", elem}}, err
	}
	return nil, fmt.Errorf("no JSON schema for type %v", t)
}

// reference describes a named type of the package in $defs and points there.
func (g *generator) reference(t reflect.Type) (object, error) {
	ref := object{{"$ref", "#/$defs/" + t.Name()}}
	if _, ok := g.defs[t.Name()]; ok {
		return ref, nil
	}
	g.defs[t.Name()] = nil
	def, err := g.definition(t)
	g.defs[t.Name()] = def
	return ref, err
}

func (g *generator) definition(t reflect.Type) (object, error) {
	if t.Kind() == reflect.Struct {
		return g.structure(t)
	}
	listed, ok := reflect.Zero(t).Interface().(interface{ Enum() []string })
	if !ok || t.Kind() != reflect.String {
		return nil, fmt.Errorf("type %v is no struct and has no values in Enum", t)
	}
	text, err := g.comments.enum(t.Name(), listed.Enum())
	return object{{"description", text}, {"type", "string"}, {"enum", listed.Enum()}}, err
}

// structure describes the object that a struct is in JSON. Further properties stay allowed: readers ignore what they
// do not know.
func (g *generator) structure(t reflect.Type) (object, error) {
	text, err := g.comments.typ(t.Name())
	if err != nil {
		return nil, err
	}
	var properties object
	required := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "" || name == "-" {
			return nil, fmt.Errorf("field %s.%s has no name in JSON", t.Name(), f.Name)
		}
		if options == "" {
			required = append(required, name)
		}
		about, err := g.comments.field(t.Name(), f.Name)
		if err != nil {
			return nil, err
		}
		value, err := g.value(f.Type)
		if err != nil {
			return nil, fmt.Errorf("field %s.%s: %w", t.Name(), f.Name, err)
		}
		properties = append(properties, member{name, append(object{{"description", about}}, value...)})
	}
	return object{{"description", text}, {"type", "object"}, {"required", required}, {"properties", properties}}, nil
}

// An object is a JSON object whose members keep their order: that of the source, which is the order in a report.
type object []member

type member struct {
	name  string
	value any
}

// pin allows a property one value only.
func (o object) pin(property string, value any) {
	for i := range o {
		if o[i].name != "properties" {
			continue
		}
		for _, p := range o[i].value.(object) {
			if p.name == property {
				list := p.value.(object)
				list[len(list)-1] = member{"const", value} // its type follows from the value
			}
		}
	}
}

func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}
