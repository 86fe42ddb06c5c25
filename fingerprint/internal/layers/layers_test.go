package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/smbscope/smbscope"
	root   = "../../.." // the module's folder
)

// TestLayers holds the whole module against the table. It reads the files itself: the go command sees them in the
// test's inputs then, and runs the test again when one has changed.
func TestLayers(t *testing.T) {
	tree := os.DirFS(root)
	mod, err := fs.ReadFile(tree, "go.mod")
	require.NoError(t, err)
	require.Contains(t, string(mod), "module "+module+"\n")

	problems, seen, err := check(tree)
	require.NoError(t, err)
	require.Subset(t, seen, []string{"smb/wire", "smb", "negotiate", "fingerprint/internal/exchange", "fingerprint", "testdata"},
		"the walk has missed packages")
	for _, p := range problems {
		t.Error(p)
	}
}

// TestTableIsOrdered: a package imports only what stands above it.
func TestTableIsOrdered(t *testing.T) {
	var above []string
	for _, l := range table {
		require.NotContains(t, above, l.pkg, "two rows")
		require.Subset(t, above, l.imports, l.pkg)
		above = append(above, l.pkg)
	}
	require.Subset(t, above, codec)
	for _, l := range table {
		if !strings.HasPrefix(l.pkg, "testdata") {
			require.NotContains(t, l.imports, "testdata", l.pkg)
			require.NotContains(t, l.imports, "testdata/truth", l.pkg)
		}
	}
}

// check returns what is wrong in a tree of files, and the packages that it saw.
func check(tree fs.FS) (problems, packages []string, err error) {
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if foreign(tree, name) {
				return fs.SkipDir
			}
			return nil
		case path.Ext(name) != ".go":
			return nil
		}
		if pkg := path.Dir(name); !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		problems = append(problems, checkFile(name, file)...)
		return nil
	})
	for _, pkg := range packages {
		if !slices.ContainsFunc(table, func(l layer) bool { return l.pkg == pkg }) {
			problems = append(problems, fmt.Sprintf("package %s has no row in the table of layers", pkg))
		}
	}
	return problems, packages, err
}

// foreign tells whether a folder is no part of the module: hidden ones, those with a go.mod of their own, and the
// examples, which may import everything.
func foreign(tree fs.FS, name string) bool {
	if name == "." {
		return false
	}
	if base := path.Base(name); name == "examples" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := fs.Stat(tree, path.Join(name, "go.mod"))
	return err == nil
}

func checkFile(name string, file *ast.File) []string {
	row := layer{pkg: path.Dir(name), std: sockets}
	if i := slices.IndexFunc(table, func(l layer) bool { return l.pkg == row.pkg }); i >= 0 {
		row = table[i]
	}
	isTest := strings.HasSuffix(name, "_test.go")
	var problems []string
	note := func(format string, args ...any) { problems = append(problems, name+": "+fmt.Sprintf(format, args...)) }
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			note("import %s: %v", spec.Path.Value, err)
			continue
		}
		if spec.Name != nil && spec.Name.Name == "." {
			note("a dot import of %s hides where names come from", imported)
		}
		if why := row.refuses(imported, isTest); why != "" {
			note("import of %s: %s", imported, why)
		}
	}
	if !isTest {
		smells(row, file, note)
	}
	return problems
}

// refuses says why a file of the layer may not import a package; it is empty where it may.
func (l layer) refuses(imported string, isTest bool) string {
	local, isLocal := strings.CutPrefix(imported, module+"/")
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case matches(livetestOnly, imported):
		if !isTest || l.pkg != livetest {
			return "only the tests of " + livetest + " import it"
		}
	case isLocal && (local == "examples" || strings.HasPrefix(local, "examples/")):
		return "the module imports no example"
	case isTest:
		// A test may import whatever makes no cycle, and the compiler finds those.
	case isLocal:
		if !slices.Contains(l.imports, local) {
			return "the table of layers has no such import of " + l.pkg
		}
	case strings.Contains(first, "."):
		if !matches(l.external, imported) {
			return "the table of layers has no such module for " + l.pkg
		}
	case matches(l.std.forbidden(), imported):
		return "no such package of the standard library in " + l.pkg
	}
	return ""
}

// matches tells whether one of the patterns is the path, or, with "/..." at its end, a folder above it or the path.
func matches(patterns []string, imported string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		folder, deep := strings.CutSuffix(p, "/...")
		return imported == folder || deep && strings.HasPrefix(imported, folder+"/")
	})
}

// smells notes what library code does not do.
func smells(l layer, file *ast.File, note func(string, ...any)) {
	imports := map[string]string{} // path by name in the file
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = imported
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				note("func init: nothing happens on import")
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "panic" || f.Name == "recover") {
				note("%s: parsers and scanners are total, and hide no defect", f.Name)
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok || imports[x.Name] == "" {
				return true
			}
			name := imports[x.Name] + "." + n.Sel.Name
			if why, ok := shunned[name]; ok && !(l.program && name == "os.Exit") {
				note("%s: %s", name, strings.TrimSpace("not in library code. "+why))
			}
			if slices.Contains(clocks, name) && l.std != sockets {
				note("%s: %s has no clock", name, l.pkg)
			}
		}
		return true
	})
}
