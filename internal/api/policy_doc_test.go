package api

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/auth"
)

// The access table in the documentation equals the policy. EGRESS_UPDATE=1 rewrites it.
func TestAccessIsDocumented(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "access.md")
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(was), "| Route |")
	if !ok {
		t.Fatal("docs/access.md has no table")
	}
	want := head + accessTable()
	if want == string(was) {
		return
	}
	if os.Getenv("EGRESS_UPDATE") == "" {
		t.Fatal("docs/access.md is not what the policy says: EGRESS_UPDATE=1 go test -run TestAccessIsDocumented ./internal/api")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func accessTable() string {
	var b strings.Builder
	b.WriteString("| Route | Nobody | Viewer | Exporter | Owner | Key pair | Confirmed |\n|---|:-:|:-:|:-:|:-:|:-:|:-:|\n")
	mark := func(yes bool) string {
		if yes {
			return "✓"
		}
		return "–"
	}
	for _, r := range Policy() {
		cells := []string{"`" + r.Method + " " + r.Path + "`", mark(r.Public)}
		for _, role := range []auth.Role{auth.Viewer, auth.Exporter, auth.Owner} {
			cells = append(cells, mark(r.Least == "" || role.Includes(r.Least)))
		}
		cells = append(cells, mark(!r.SessionOnly), mark(r.Confirmed))
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	return b.String()
}
