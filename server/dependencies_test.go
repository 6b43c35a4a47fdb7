package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The program contains no FerretDB: only tests run it. Package ferretdb reads its files without it.
func TestProgramWithoutFerretDB(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, list)
	}
	for path := range strings.Lines(string(list)) {
		if strings.Contains(path, "github.com/FerretDB/") {
			t.Errorf("the program imports %s", path)
		}
	}
	if !strings.Contains(string(list), "github.com/egress-io/egress/internal/mongo\n") {
		t.Errorf("the list is incomplete:\n%s", list)
	}
}
