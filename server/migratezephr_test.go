package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// migrateFrom runs `egress migrate-zephr` into a new tenant.
func migrateFrom(t *testing.T, dir, url string, k keyPair, env []string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	env = append([]string{"EGRESS_ZEPHR_SECRET_KEY=" + k.SecretKey}, env...)
	stdout, stderr, exit = runCommand(t, dir, env, append([]string{"migrate-zephr", url, "--access-key", k.AccessKey, "--tenant", "guests", "--create-tenant"}, args...)...)
	if strings.Contains(stdout+stderr, k.SecretKey) {
		t.Errorf("the secret key is printed:\n%s%s", stdout, stderr)
	}
	scanLog(t, stderr)
	return stdout, stderr, exit
}

// An Egress acts as Zephr: the copy of its tenant has the same export, byte for byte, and nothing of
// the download is left.
func TestMigrateFromEgress(t *testing.T) {
	t.Parallel()
	zephrDir, dir := seeded(t, hundredsUsers), t.TempDir()
	original := start(t, zephrDir, []string{"EGRESS_LOG_LEVEL=warn"})
	owner := original.logIn()
	owner.tenant = "meridian"
	k := owner.issue("migration")
	if status, body := owner.raw(http.MethodPut, "/v3/users/"+firstUser(t, owner)+"/profile/quiz.v1", map[string]any{"n": "<&>", "ä": []int{}}); status != http.StatusOK {
		t.Fatalf("PUT profile answers %d: %s", status, body)
	}
	if status, body := owner.raw(http.MethodPut, "/v3/schema/users/tier", map[string]any{
		"label": "Tier", "input-type": "number", "required": false, "range-start": 1.50, "range-end": 9, "select-options": "null", "visibility": "PUBLIC",
	}); status != http.StatusCreated {
		t.Fatalf("PUT field answers %d: %s", status, body)
	}
	targets := []string{"/v3/user-export?attributes=true&appIds=all&grants=true", "/v3/schema/users", "/v3/accounts?rpp=500"}
	want := map[string]string{}
	for _, target := range targets {
		_, body := owner.raw(http.MethodGet, target, nil)
		want[target] = string(body)
	}

	stdout, stderr, exit := migrateFrom(t, dir, original.url, k, nil, "--page-size", "70")
	if exit != 0 || !strings.Contains(stdout, "Nothing differs.") {
		t.Fatalf("status %d\n%s%s", exit, stdout, stderr)
	}
	left, err := filepath.Glob(filepath.Join(dir, "data", "migrate-zephr", "guests", "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, stderr, exit := runCommand(t, dir, nil, "audit", "verify"); exit != 0 {
		t.Errorf("audit verify: status %d\n%s", exit, stderr)
	}
	// A second migration changes nothing.
	if stdout, _, exit := migrateFrom(t, dir, original.url, k, nil); exit != 0 || !strings.Contains(stdout, "Nothing differs.") {
		t.Errorf("again: status %d\n%s", exit, stdout)
	}
	copied := start(t, dir, []string{"EGRESS_LOG_LEVEL=warn"}).logIn()
	copied.tenant = "guests"
	for _, target := range targets {
		_, body := copied.raw(http.MethodGet, target, nil)
		got, want, at := string(body), want[target], 0
		got = strings.ReplaceAll(got, `"tenant_id":"guests"`, `"tenant_id":"meridian"`)
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		if got != want {
			t.Errorf("GET %s: the copy differs from byte %d on: %.300s, and not %.300s", target, at, got[max(0, at-100):], want[max(0, at-100):])
		}
	}
	if _, stderr, exit := migrateFrom(t, dir, original.url, k, nil); exit != 2 || !strings.Contains(stderr, "Egress is running") {
		t.Errorf("while it runs: status %d\n%s", exit, stderr)
	}
}

func firstUser(t *testing.T, c *client) string {
	t.Helper()
	var page struct {
		Results [][]struct {
			User struct {
				ID string `json:"user_id"`
			} `json:"user"`
		} `json:"results"`
	}
	if status := c.call(http.MethodGet, "/v3/user-export?attributes=true&rpp=1", nil, &page); status != http.StatusOK || len(page.Results) == 0 || len(page.Results[0]) == 0 {
		t.Fatalf("GET /v3/user-export answers %d", status)
	}
	return page.Results[0][0].User.ID
}

// recordedZephr answers with the responses of the documents.
type recordedZephr struct {
	*httptest.Server

	mu       sync.Mutex
	bodies   map[string]string
	requests []string
	before   func(r *http.Request) // called before a response
}

func newRecordedZephr(t *testing.T) *recordedZephr {
	t.Helper()
	z := &recordedZephr{bodies: map[string]string{}}
	for target, name := range map[string]string{
		"/v3/schema/users": "schema", "/v3/products": "products", "/v3/accounts?page=1&rpp=2": "accounts-1", "/v3/accounts?page=2&rpp=2": "accounts-2",
		"/v3/accounts/acc-1/users": "account-users-acc-1",
		"/v3/user-export?appIds=all&attributes=true&grants=true&page=1&rpp=2": "users-1",
		"/v3/user-export?appIds=all&attributes=true&grants=true&page=2&rpp=2": "users-2",
	} {
		b, err := os.ReadFile(filepath.Join("..", "internal", "fromzephr", "testdata", "documented", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		z.bodies[target] = string(b)
	}
	z.Server = httptest.NewServer(z)
	t.Cleanup(z.Close)
	return z
}

func (z *recordedZephr) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	z.requests = append(z.requests, r.RequestURI)
	body, known := z.bodies[r.RequestURI]
	before := z.before
	z.mu.Unlock()
	if before != nil {
		before(r)
	}
	if !known {
		w.WriteHeader(http.StatusNotFound)
	}
	_, _ = w.Write([]byte(body))
}

// change changes the server between requests.
func (z *recordedZephr) change(f func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	f()
}

func (z *recordedZephr) count() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return len(z.requests)
}

var recordedPair = keyPair{"AKRECORDED", "a recorded secret"}

// The responses of Zephr's documents are copied, in both stores; what Egress has no place for is
// named.
func TestMigrateRecordedResponses(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{
		"sqlite":  nil,
		"mongodb": {"EGRESS_USERS_MONGODB_URI=" + embeddedtest.Shared(t, embeddedtest.MongoDB).MongoDBURI(), "EGRESS_MONGODB_DATABASE=" + embeddedtest.Database(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z, dir := newRecordedZephr(t), t.TempDir()
			stdout, stderr, exit := migrateFrom(t, dir, z.URL, recordedPair, env, "--page-size", "2")
			if exit != 0 || z.count() != 8 {
				t.Fatalf("status %d, %d requests\n%s%s", exit, z.count(), stdout, stderr)
			}
			for _, says := range []string{
				"Nothing differs.", "1 value of a password field was not stored", "  users.later_member (1 time)",
			} {
				if !strings.Contains(stdout, says) {
					t.Errorf("it does not say %q:\n%s", says, stdout)
				}
			}
			c := start(t, dir, env).logIn()
			c.tenant = "guests"
			var users map[string]any
			for id, want := range map[string]string{
				"u-1": `{"born":"1990-12-31","first_name":"Ada","newsletter":true,"score":41.5}`,
				"u-2": `{"surname":"Bo"}`,
				"u-3": `{"first_name":"Cleo","plan":"digital","surname":"Voss"}`,
			} {
				c.call(http.MethodGet, "/v3/users/"+id, nil, &users)
				got, err := json.Marshal(users["attributes"])
				if err != nil || strings.ReplaceAll(string(got), "T00:00:00.000Z", "") != want {
					t.Errorf("%s has the attributes %s, want %s", id, got, want)
				}
			}
			c.call(http.MethodGet, "/v3/users/u-3", nil, &users)
			if keys := fmt.Sprint(users["foreign_keys"]); !strings.Contains(keys, ":") {
				t.Errorf("foreign keys %s", keys)
			}
			for target, members := range map[string][]string{
				"/v3/accounts/acc-1":   {`"name":"Library of Ulm"`, `"number_of_seats":7`, `"email_address":"desk@library.example"`, `"tenant_id":"press"`},
				"/v3/products/weekend": {`"label":"Weekend edition"`, `"description":"Saturday and Sunday"`, `"id":"weekend-bundle"`, `"price":5`, `"sharingLimit":0`},
			} {
				_, body := c.raw(http.MethodGet, target, nil)
				for _, member := range members {
					if !strings.Contains(string(body), member) {
						t.Errorf("%s lacks %s: %s", target, member, body)
					}
				}
			}
			if status, body := c.raw(http.MethodGet, "/v3/users/u-3/profile/quiz.v1", nil); status != http.StatusOK || string(body) != `{"score":1.50,"tag":"<b>"}` {
				t.Errorf("GET profile answers %d: %s", status, body)
			}
		})
	}
}

// A value that does not fit its field ends the command with status 1 and a report, which only its
// owner may read. The pages are kept, and the next run does not download them again.
func TestMigrationThatDiffers(t *testing.T) {
	t.Parallel()
	z, dir := newRecordedZephr(t), t.TempDir()
	const second = "/v3/user-export?appIds=all&attributes=true&grants=true&page=2&rpp=2"
	z.change(func() {
		z.bodies[second] = strings.Replace(z.bodies[second], `"surname": "Bo"`, `"surname": "Bo", "score": "many", "nickname": "B"`, 1)
		z.bodies["/v3/schema/users"] = strings.Replace(z.bodies["/v3/schema/users"], `"input-type": "date"`, `"input-type": "hologram"`, 1)
	})
	for run := 1; run <= 2; run++ {
		stdout, stderr, exit := migrateFrom(t, dir, z.URL, recordedPair, nil, "--page-size", "2", "--dir", "pages")
		if exit != 1 || z.count() != 8 {
			t.Fatalf("run %d: status %d, %d requests\n%s%s", run, exit, z.count(), stdout, stderr)
		}
		for _, says := range []string{
			"1 field was not copied, or not completely:\n  born: input-type: \"hologram\" is not an input type", "1 field differs:\n  score: input-type", "users have the attribute nickname without a usable field in Zephr's schema: the tenant has a field of the type text for it.",
			"pages/report.ndjson",
		} {
			if !strings.Contains(stdout, says) {
				t.Errorf("run %d does not say %q:\n%s", run, says, stdout)
			}
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "pages"))
	if err != nil || len(entries) < 10 {
		t.Errorf("%d files are kept: %v", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if stdout, stderr, exit := migrateFrom(t, dir, z.URL, recordedPair, nil, "--page-size", "2", "--dir", "pages", "--restart"); exit != 1 || z.count() != 16 {
		t.Errorf("restart: status %d, %d requests\n%s%s", exit, z.count(), stdout, stderr)
	}
}

// Every error of the arguments is found before a request, and every error of Zephr is said.
func TestMigrationThatCannotRun(t *testing.T) {
	t.Parallel()
	z, dir := newRecordedZephr(t), t.TempDir()
	want := func(requests int, says string, env []string, args ...string) {
		t.Helper()
		before := z.count()
		stdout, stderr, exit := runCommand(t, dir, env, append([]string{"migrate-zephr"}, args...)...)
		if exit != 2 || !strings.Contains(stderr, says) || z.count() != before+requests {
			t.Errorf("%q: status %d, %d requests, want %d and %q\n%s%s", args, exit, z.count()-before, requests, says, stdout, stderr)
		}
	}
	secret := []string{"EGRESS_ZEPHR_SECRET_KEY=" + recordedPair.SecretKey}
	guests := []string{z.URL, "--access-key", "A", "--tenant", "guests"}
	with := func(args ...string) []string { return append(slices.Clone(guests), args...) }
	want(0, "--access-key", secret, z.URL, "--tenant", "guests")
	want(0, "EGRESS_ZEPHR_SECRET_KEY", nil, guests...)
	want(0, "--create-tenant creates it", secret, guests...)
	want(0, "lower-case letters", secret, z.URL, "--access-key", "A", "--tenant", "../x")
	want(0, "--page-size", secret, with("--page-size", "0")...)
	want(0, "--allow-http", secret, "http://zephr.example", "--access-key", "A", "--tenant", "guests")
	want(0, "--secret-file", secret, with("--secret-file", "none")...)
	const nobody = "http://127.0.0.1:1" // no server answers there, and the retries take minutes
	stopped := command(dir, secret, "migrate-zephr", nobody, "--access-key", "A", "--tenant", "guests", "--create-tenant")
	out := &buffer{}
	stopped.Stderr = out
	if err := stopped.Start(); err != nil {
		t.Fatal(err)
	}
	defer end(stopped)
	until(t, "the command to say that it retries", time.Minute, func() bool {
		return strings.Contains(out.String(), "GET /v3/schema/users from 127.0.0.1:1: ") && strings.Contains(out.String(), "Retrying in 1s.")
	})
	end(stopped) // it locks the data directory
	z.change(func() { z.bodies["/v3/schema/users"] = "<html>" })
	want(1, "check the URL", secret, with("--create-tenant")...)
	z.change(func() { delete(z.bodies, "/v3/schema/users") })
	want(1, "status 404", secret, with("--create-tenant")...)
	if tenants, err := filepath.Glob(filepath.Join(dir, "data", "sqlite", "tenants", "*")); err != nil || len(tenants) > 0 {
		t.Errorf("a migration that cannot run made a tenant: %v, %v", tenants, err)
	}
}
