package api

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/operations.md names every route that counts against the limit of heavy reads, and no other.
func TestHeavyReadsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	var row string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| reads that may scan all users") {
			row, _, _ = strings.Cut(strings.TrimPrefix(line, "|"), "|")
		}
	}
	documented := strings.Count(row, "`") / 2
	for key, access := range policy {
		if access.heavy == nil {
			continue
		}
		documented--
		if !strings.Contains(row, "`"+key+"`") {
			t.Errorf("docs/operations.md does not list the heavy read %s", key)
		}
	}
	if documented != 0 {
		t.Errorf("docs/operations.md names %d routes that are not heavy reads", documented)
	}
}

// Every test that a document names exists.
func TestTestsThatDocumentsNameExist(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	goTests, specs := testsOf(t, root)
	declared := map[string]bool{}
	for name := range goTests {
		_, test, _ := strings.Cut(name, ".")
		declared[test] = true
	}
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	decisions, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	paths = append(append(paths, decisions...), filepath.Join(root, "README.md"))
	named := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cited := range citedTest.FindAllStringSubmatch(string(text), -1) {
			named++
			if qualified := strings.Contains(cited[1], "."); !goTests[cited[1]] && (qualified || !declared[cited[1]]) {
				t.Errorf("%s names %s, which does not exist", path, cited[1])
			}
		}
		for _, cited := range citedSpec.FindAllStringSubmatch(string(text), -1) {
			if _, ok := specs[cited[1]]; !ok {
				t.Errorf("%s names %s, which does not exist", path, cited[1])
			}
		}
	}
	if named < 50 {
		t.Errorf("%d tests are named", named)
	}
}

var citedFile = regexp.MustCompile("`((?:internal|frontend|server|scripts|bench)/[a-z0-9_/.-]+\\.(?:go|tsx?|sh|yaml|json))`")

// Every file that a document names in full exists.
func TestFilesThatDocumentsNameExist(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	var paths []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/decisions/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	named := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, cited := range citedFile.FindAllStringSubmatch(string(text), -1) {
			named++
			if _, err := os.Stat(filepath.Join(root, cited[1])); err != nil {
				t.Errorf("%s names %s, which does not exist", path, cited[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("%d files are named", named)
	}
}
