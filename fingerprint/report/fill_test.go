package report_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/smbscope/smbscope/fingerprint/report"
)

// full returns a report in which every field of every part has a value of its own.
func full() *report.Report {
	r := new(report.Report)
	filler{values: true}.fill(reflect.ValueOf(r).Elem(), new(int))
	return r
}

// hollow returns a report in which every part exists and says nothing.
func hollow() *report.Report {
	r := new(report.Report)
	filler{}.fill(reflect.ValueOf(r).Elem(), new(int))
	return r
}

// A filler gives a value its parts and, where values is set, makes every leaf differ from zero and from the others.
type filler struct{ values bool }

func (f filler) fill(v reflect.Value, n *int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if *n++; f.values {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 24, 10, 0, *n, *n, time.UTC)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), n)
		f.fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"AES-128-CCM", "3.1.1", "/dialects/3.1.1"} {
			elem := reflect.New(v.Type().Elem()).Elem()
			f.fill(elem, n)
			v.SetMapIndex(reflect.ValueOf(key), elem)
		}
	default:
		if *n++; f.values {
			leaf(v, *n)
		}
	}
}

func leaf(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.String:
		if listed, ok := v.Interface().(interface{ Enum() []string }); ok {
			values := listed.Enum()
			v.SetString(values[n%len(values)])
			return
		}
		v.SetString(fmt.Sprintf("<\"text\" & ünïcode %d>", n))
	case reflect.Int, reflect.Int16, reflect.Int64:
		v.SetInt(int64(-n))
	case reflect.Uint8:
		v.SetUint(uint64(n%255 + 1))
	case reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(n))
	case reflect.Float64:
		v.SetFloat(float64(n) + 0.1)
	default:
		panic(fmt.Sprintf("fill does not know %v", v.Type()))
	}
}

// fields calls visit for each field of each struct behind v, with its path. Values in maps cannot be changed in place
// and are left out.
func fields(v reflect.Value, path string, visit func(path string, field reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			name := path + "." + v.Type().Field(i).Name
			visit(name, v.Field(i))
			fields(v.Field(i), name, visit)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		fields(v.Elem(), path, visit)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			fields(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}
