package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// object is a JSON object of the description.
type object = map[string]any

// shapes are the Go types of JSON answers, read from their source with their comments.
type shapes struct {
	t       *testing.T
	structs map[string]*ast.StructType
	docs    map[string]string
	used    object // schemas of those that were asked for
}

func readShapes(t *testing.T) *shapes {
	t.Helper()
	s := &shapes{t: t, structs: map[string]*ast.StructType{}, docs: map[string]string{}, used: object{}}
	files, err := filepath.Glob("../wire/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, "../service/explain.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, one := range g.Specs {
				spec := one.(*ast.TypeSpec)
				if shape, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() {
					s.structs[spec.Name.Name], s.docs[spec.Name.Name] = shape, prose(g.Doc)
				}
			}
		}
	}
	if len(s.structs) < 50 {
		t.Fatalf("only %d shapes were found: the test looks in the wrong place", len(s.structs))
	}
	return s
}

// prose is a comment in one line.
func prose(groups ...*ast.CommentGroup) string {
	var words []string
	for _, g := range groups {
		words = append(words, strings.Fields(g.Text())...)
	}
	return strings.Join(words, " ")
}

// reference names a shape, and takes it into the description.
func (s *shapes) reference(name string) object {
	s.t.Helper()
	if _, done := s.used[name]; !done {
		shape := s.structs[name]
		if shape == nil {
			s.t.Fatalf("there is no shape %s in internal/wire", name)
		}
		schema := object{"type": "object", "description": s.docs[name]}
		s.used[name] = schema // before its fields: they may be of this shape too
		properties, required := object{}, []any{}
		s.fields(name, shape, properties, &required)
		schema["properties"] = properties
		if len(required) > 0 {
			schema["required"] = required
		}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// fields adds those of a shape, and those that it takes over from others.
func (s *shapes) fields(name string, shape *ast.StructType, properties object, required *[]any) {
	s.t.Helper()
	for _, f := range shape.Fields.List {
		if len(f.Names) == 0 {
			base := f.Type.(*ast.Ident).Name
			if f.Tag == nil {
				s.fields(base, s.structs[base], properties, required)
				continue
			}
		}
		if f.Tag == nil {
			s.t.Fatalf("a field of %s has no name in JSON", name)
		}
		tag, _, _ := strings.Cut(strings.TrimPrefix(strings.Trim(f.Tag.Value, "`"), `json:"`), `"`)
		key, options, _ := strings.Cut(tag, ",")
		schema := s.schema(f.Type)
		if text := prose(f.Doc, f.Comment); text != "" {
			schema["description"] = text
		}
		properties[key] = schema
		if !strings.Contains(options, "omitempty") {
			*required = append(*required, key)
		}
	}
}

func (s *shapes) schema(e ast.Expr) object {
	s.t.Helper()
	switch x := e.(type) {
	case *ast.StarExpr:
		schema := s.schema(x.X)
		if kind, ok := schema["type"].(string); ok {
			schema["type"] = []any{kind, "null"}
			return schema
		}
		return object{"anyOf": []any{schema, object{"type": "null"}}}
	case *ast.ArrayType:
		return object{"type": "array", "items": s.schema(x.Elt)}
	case *ast.MapType:
		return object{"type": "object", "additionalProperties": s.schema(x.Value)}
	case *ast.SelectorExpr:
		switch x.Sel.Name {
		case "Time":
			return object{"type": "string", "format": "date-time"}
		case "RawMessage":
			return object{} // any JSON
		}
	case *ast.Ident:
		switch x.Name {
		case "bool":
			return object{"type": "boolean"}
		case "string", "Step": // service.Step is a word in JSON
			return object{"type": "string"}
		case "int", "int32", "int64":
			return object{"type": "integer"}
		case "uint64":
			return object{"type": "integer", "minimum": 0}
		case "float64":
			return object{"type": "number"}
		}
		return s.reference(x.Name)
	}
	s.t.Fatalf("no schema for the type %T %v", e, e)
	return nil
}

// codes are those of errors, with the status and meaning that stand beside them.
func codes(t *testing.T) (words []any, meanings string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, one := range g.Specs {
			v := one.(*ast.ValueSpec)
			if !strings.HasPrefix(v.Names[0].Name, "Code") {
				continue
			}
			word := strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`)
			words = append(words, word)
			lines = append(lines, word+" ("+prose(v.Comment)+")")
		}
	}
	if len(words) < 20 {
		t.Fatalf("only %d codes were found in error.go", len(words))
	}
	return words, strings.Join(lines, "; ")
}
