package wire

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write web/src/types.ts anew")

// theirs are packages whose shapes go over the wire as they are.
var theirs = []string{"../service/explain.go"}

// TestTypeScript holds the types of the page to the shapes of this package. The page's
// compiler then finds every use of a field that is no more.
func TestTypeScript(t *testing.T) {
	const path = "../../web/src/types.ts"
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
	want := typescript(t, append(files, theirs...))
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not what the shapes say now: run go test ./internal/wire -run TypeScript -update", path)
	}
}

func typescript(t *testing.T, files []string) []byte {
	t.Helper()
	var out bytes.Buffer
	out.WriteString("// Code generated from the shapes in internal/wire by its test (-update). DO NOT EDIT.\n")
	positions := token.NewFileSet()
	for _, name := range files {
		file, err := parser.ParseFile(positions, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.TypeSpec)
				shape, ok := spec.Type.(*ast.StructType)
				if !ok || !spec.Name.IsExported() || len(shape.Fields.List) == 0 {
					continue
				}
				writeInterface(t, &out, spec.Name.Name, g.Doc, shape)
			}
		}
	}
	return out.Bytes()
}

func writeInterface(t *testing.T, out *bytes.Buffer, name string, doc *ast.CommentGroup, shape *ast.StructType) {
	t.Helper()
	var bases []string
	var body bytes.Buffer
	for _, field := range shape.Fields.List {
		if len(field.Names) == 0 {
			bases = append(bases, field.Type.(*ast.Ident).Name)
			continue
		}
		if field.Tag == nil {
			t.Fatalf("%s.%s has no name in JSON", name, field.Names[0].Name)
		}
		tag, _, _ := strings.Cut(strings.TrimPrefix(strings.Trim(field.Tag.Value, "`"), `json:"`), `"`)
		key, options, _ := strings.Cut(tag, ",")
		optional := ""
		if strings.Contains(options, "omitempty") {
			optional = "?"
		}
		comment(&body, "  ", field.Doc)
		fmt.Fprintf(&body, "  %s%s: %s;", key, optional, typeName(t, field.Type))
		if text := strings.TrimSpace(field.Comment.Text()); text != "" {
			fmt.Fprintf(&body, " // %s", strings.ReplaceAll(text, "\n", " "))
		}
		body.WriteByte('\n')
	}
	out.WriteByte('\n')
	comment(out, "", doc)
	fmt.Fprintf(out, "export interface %s ", name)
	if len(bases) > 0 {
		fmt.Fprintf(out, "extends %s ", strings.Join(bases, ", "))
	}
	fmt.Fprintf(out, "{\n%s}\n", body.Bytes())
}

func comment(out *bytes.Buffer, indent string, doc *ast.CommentGroup) {
	for line := range strings.Lines(doc.Text()) {
		fmt.Fprintf(out, "%s// %s\n", indent, strings.TrimSpace(line))
	}
}

func typeName(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch x := e.(type) {
	case *ast.StarExpr:
		return typeName(t, x.X) + " | null"
	case *ast.ArrayType:
		of := typeName(t, x.Elt)
		if strings.Contains(of, " ") {
			of = "(" + of + ")"
		}
		return of + "[]"
	case *ast.MapType:
		return "Record<" + typeName(t, x.Key) + ", " + typeName(t, x.Value) + ">"
	case *ast.SelectorExpr:
		switch x.Sel.Name {
		case "Time":
			return "string"
		case "RawMessage":
			return "unknown"
		}
	case *ast.Ident:
		switch x.Name {
		case "bool":
			return "boolean"
		case "string", "Step": // service.Step is a word in JSON
			return "string"
		case "int", "int32", "int64", "uint64", "float64":
			return "number"
		}
		return x.Name
	}
	t.Fatalf("no type of TypeScript for %T %v", e, e)
	return ""
}
