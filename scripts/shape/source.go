package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// source is what check knows of the tree. Types are named folder.Name: internal/jobs.Store.
type source struct {
	lines      map[string]int // of each file, tests included
	receivers  map[string]int // declared methods
	interfaces map[string]int // declared methods, without those of embedded interfaces
}

// read reads the Go files of a tree, without generated ones. It looks for types in files without tests.
func read(tree fs.FS) (*source, error) {
	s := &source{lines: map[string]int{}, receivers: map[string]int{}, interfaces: map[string]int{}}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, ".gen.go"):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		s.lines[name] = bytes.Count(text, []byte("\n"))
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s.add(path.Dir(name), file)
		return nil
	})
	return s, err
}

func (s *source) add(folder string, file *ast.File) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				s.receivers[folder+"."+receiverName(d.Recv.List[0].Type)]++
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					s.addType(folder, t)
				}
			}
		}
	}
}

func (s *source) addType(folder string, t *ast.TypeSpec) {
	declared, ok := t.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	n := 0
	for _, f := range declared.Methods.List {
		n += len(f.Names) // an embedded interface has none
	}
	s.interfaces[folder+"."+t.Name.Name] = n
}

// receiverName returns the name of a receiver's type, without pointer and type parameters.
func receiverName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiverName(t.X)
	case *ast.IndexExpr:
		return receiverName(t.X)
	case *ast.IndexListExpr:
		return receiverName(t.X)
	case *ast.Ident:
		return t.Name
	default:
		return ""
	}
}
