package frontend_test

import (
	"io/fs"
	"testing"

	"github.com/egress-io/egress/frontend"
)

// Runs with and without the build tag "dist".
func TestFilesHoldThePages(t *testing.T) {
	t.Parallel()

	files, built := frontend.Files()
	pages := []string{"index.html"}
	if built {
		pages = append(pages, "docs/api/index.html", "favicon.svg", "start.js", "licences/inter.txt")
	}
	for _, name := range pages {
		if b, err := fs.ReadFile(files, name); err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, error %v", name, len(b), err)
		}
	}
}

func TestBuiltPagesAreCompressed(t *testing.T) {
	t.Parallel()

	files, built := frontend.Files()
	if !built {
		return // the placeholder is served as it is
	}
	scripts, err := fs.Glob(files, "assets/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("scripts: %v, error %v", scripts, err)
	}
	for _, script := range scripts {
		plain, err := fs.Stat(files, script)
		if err != nil {
			t.Fatal(err)
		}
		if plain.Size() <= 1024 {
			continue
		}
		for _, form := range []string{".br", ".gz"} {
			small, err := fs.Stat(files, script+form)
			if err != nil {
				t.Errorf("%s: %v", script+form, err)
			} else if small.Size() >= plain.Size() {
				t.Errorf("%s is not smaller than the file: %d of %d bytes", script+form, small.Size(), plain.Size())
			}
		}
	}
}
