package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// sourcePath is a file or a folder of the repository that a document names in backticks.
var sourcePath = regexp.MustCompile("`((?:internal|server|frontend)/[A-Za-z0-9_./-]*)`")

// Every file and folder that docs/architecture.md names exists.
func TestFilesOfTheArchitectureDocument(t *testing.T) {
	t.Parallel()
	names := sourcePath.FindAllStringSubmatch(document(t, "docs/architecture.md"), -1)
	if len(names) < 50 {
		t.Errorf("only %d names are found", len(names))
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(name[1]))); err != nil {
			t.Errorf("docs/architecture.md names %s: %v", name[1], err)
		}
	}
}
