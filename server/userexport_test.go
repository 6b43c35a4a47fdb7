package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The import accepts the response of GET /v3/user-export, with and without pages, and the copy has
// the users of the original.
func TestUserExportIsImported(t *testing.T) {
	t.Parallel()
	dir := seeded(t, someUsers)
	const everything = "?attributes=true&appIds=all&grants=true"
	env := []string{"EGRESS_LOG_LEVEL=warn"}
	p := start(t, dir, env)
	owner := p.logIn()
	whole := func(c *client, tenant string) []byte {
		t.Helper()
		c.tenant = tenant
		status, body := c.raw(http.MethodGet, "/v3/user-export"+everything, nil)
		if status != http.StatusOK || !json.Valid(body) {
			t.Fatalf("GET /v3/user-export in %s answers %d, %d bytes", tenant, status, len(body))
		}
		return body
	}
	original := whole(owner, "meridian")
	var pages []byte
	count := 0
	for next := "/v3/user-export" + everything + "&rpp=25"; next != ""; {
		var page struct {
			Results [][]json.RawMessage `json:"results"`
			Links   struct {
				Next *struct{ URL string } `json:"next"`
			} `json:"links"`
		}
		status, body := owner.raw(http.MethodGet, next, nil)
		if err := json.Unmarshal(body, &page); err != nil || status != http.StatusOK {
			t.Fatalf("GET %s answers %d: %v", next, status, err)
		}
		pages = append(append(pages, body...), '\n')
		count += len(page.Results[0])
		next = ""
		if page.Links.Next != nil {
			var absolute bool
			if next, absolute = strings.CutPrefix(page.Links.Next.URL, p.url); !absolute {
				t.Fatalf("the link %s is not of %s", page.Links.Next.URL, p.url)
			}
		}
	}
	if count != someUsers {
		t.Errorf("the pages have %d users", count)
	}
	p.stop()

	for tenant, form := range map[string][]byte{"whole": original, "pages": pages} {
		path := filepath.Join(dir, tenant+".json")
		if err := os.WriteFile(path, form, 0o600); err != nil {
			t.Fatal(err)
		}
		if stdout, stderr, exit := runCommand(t, dir, nil, "import", path, "--create-tenant", "--tenant", tenant); exit != 0 {
			t.Fatalf("import of %s: status %d\n%s%s", tenant, exit, stdout, stderr)
		}
	}
	p = start(t, dir, env)
	owner = p.logIn()
	for _, tenant := range []string{"whole", "pages"} {
		if copied := whole(owner, tenant); string(copied) != string(original) {
			at := 0
			for at < min(len(copied), len(original)) && copied[at] == original[at] {
				at++
			}
			t.Errorf("%s: the copy differs from byte %d on: %.300s, and not %.300s", tenant, at, copied[max(0, at-100):], original[max(0, at-100):])
		}
	}
}
