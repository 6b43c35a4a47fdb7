package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// methods returns n lines of a format with a number.
func methods(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"a/large.go":           "type Large struct{}\n" + methods(30, "func (l *Large) M%d() {}"),
		"a/rest.go":            methods(11, "func (l Large) N%d() {}"),
		"a/list.go":            "type List[T any] struct{}\n" + methods(41, "func (l *List[T]) M%d() {}"),
		"a/edge.go":            "type Edge struct{ *Large }\n" + methods(40, "func (e *Edge) M%d() {}"),
		"b/edge.go":            "type Edge struct{}\n" + methods(2, "func (e *Edge) N%d() {}"), // another type
		"b/ports.go":           "type Port interface {\n" + methods(13, "M%d()") + "}\ntype Small interface {\n" + methods(12, "M%d()") + "}\ntype Both interface { Port; Small; M() }",
		"b/known.go":           "type Known interface {\n" + methods(14, "M%d()") + "}",
		"b/large_test.go":      methods(50, "func (f *fake) M%d() {}"),
		"b/long_test.go":       methods(350, "// %d"),
		"b/short_test.go":      methods(349, "// %d"),
		"b/api.gen.go":         methods(50, "func (g *generated) M%d() {}"),
		"node_modules/x/x.go":  methods(50, "func (m *module) M%d() {}"),
		"b/testdata/broken.go": "this is not Go",
	} {
		if !strings.HasSuffix(name, "broken.go") {
			text = "package x\n" + text
		}
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	got, err := check(tree, map[string]string{"b.Known": "a reason", "b.Small": "a reason", "b.Gone": "a reason"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"b/long_test.go has 351 lines", "a.Large has 41", "a.List has 41", "The interface b.Port has 13", "The interface b.Gone has 0", "The interface b.Small has 12"}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got %q", got)
	}
}
