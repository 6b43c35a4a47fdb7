package frontend_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"regexp"
	"testing"

	"github.com/egress-io/egress/frontend"
)

// Runs with and without the build tag "dist".
func TestFilesHoldThePages(t *testing.T) {
	t.Parallel()

	files, built := frontend.Files()
	pages := []string{"index.html"}
	if built {
		pages = append(pages, "docs/api/index.html", "favicon.svg", "documents/list.json", "licences/inter.txt")
	}
	for _, name := range pages {
		if b, err := fs.ReadFile(files, name); err != nil || len(b) == 0 {
			t.Errorf("%s: %d bytes, error %v", name, len(b), err)
		}
	}
}

// The Content-Security-Policy of the pages allows one script inside them.
func TestBuiltPagesHoldTheScriptOfThePolicy(t *testing.T) {
	t.Parallel()

	files, built := frontend.Files()
	if !built {
		return // the placeholder has no script
	}
	body, err := fs.ReadFile(files, "documents/list.json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Start string }
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatal(err)
	}
	pages, err := fs.Glob(files, "documents/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatalf("documents: %v, error %v", pages, err)
	}
	inline := regexp.MustCompile(`(?s)<script(?: data-[^>]*)?>(.+?)</script>`)
	for _, name := range append(pages, "index.html", "login.html", "docs/api/index.html") {
		page, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		scripts := inline.FindAllSubmatch(page, -1)
		if len(scripts) != 1 {
			t.Errorf("%s: %d scripts inside", name, len(scripts))
			continue
		}
		sum := sha256.Sum256(scripts[0][1])
		if got := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); got != list.Start {
			t.Errorf("%s: the script has the hash %s, the policy %s", name, got, list.Start)
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
