package api

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// References in docs/security.md: a Go test (`auth.TestLogin`), a browser test (`account.spec.ts`:
// "a passkey logs in") and a requirement.
var (
	citedTest    = regexp.MustCompile("`((?:[a-z0-9]+\\.)?(?:Test|Fuzz)[A-Za-z0-9_]+)`")
	citedSpec    = regexp.MustCompile("`([a-z-]+\\.(?:spec|test)\\.tsx?)`(?:: \"([^\"]+)\")?")
	declaredTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)
	requirement  = regexp.MustCompile(`^\| (\d+\.\d+\.\d+[^|]*) \|`)
)

// Every test that docs/security.md names exists in the named package, and every requirement has a
// state.
func TestSecurityDocumentIsTrue(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	goTests, specs := testsOf(t, root)
	cited := citedTest.FindAllStringSubmatch(string(text), -1)
	if len(cited) == 0 {
		t.Error("docs/security.md names no test")
	}
	for _, c := range cited {
		if !goTests[c[1]] {
			t.Errorf("%s does not exist", c[1])
		}
	}
	for _, c := range citedSpec.FindAllStringSubmatch(string(text), -1) {
		if body, ok := specs[c[1]]; !ok || !strings.Contains(body, "'"+c[2]) {
			t.Errorf("%s has no test %q", c[1], c[2])
		}
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		row := requirement.FindStringSubmatch(line)
		if row == nil {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		state := strings.TrimSpace(cells[len(cells)-1])
		if len(cells) != 4 || !slices.Contains([]string{"met", "partly", "gap", "n/a"}, state) {
			t.Errorf("%s has %d cells and the state %q", row[1], len(cells), state)
		}
	}
	if rows == 0 {
		t.Error("docs/security.md has no requirement")
	}
}

// testsOf returns the Go tests of the repository, as package.Name, and the text of the front end's
// test files by file name.
func testsOf(t *testing.T, root string) (goTests map[string]bool, specs map[string]string) {
	t.Helper()
	goTests, specs = map[string]bool{}, map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "node_modules" || name != ".." && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		isGo := strings.HasSuffix(name, "_test.go")
		if !isGo && !citedSpec.MatchString("`"+name+"`") {
			return nil
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !isGo {
			specs[name] += string(body)
			return nil
		}
		for _, m := range declaredTest.FindAllSubmatch(body, -1) {
			goTests[filepath.Base(filepath.Dir(path))+"."+string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return goTests, specs
}
