package api

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func routable(method, path string) bool {
	return slices.ContainsFunc(patterns()[method], func(p *regexp.Regexp) bool { return p.MatchString(path) })
}

// readings returns all other requests with the same bytes: every method that digits follow, every
// prefix of a path before it, every prefix of a query, every suffix of the timestamp.
func readings(r signedRequest) (others []signedRequest) {
	text := r.text()
	for at := range text {
		for _, method := range signedMethods {
			rest, found := strings.CutPrefix(text[at:], method)
			if !found || !timestampAndNonce.MatchString(rest) {
				continue
			}
			digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
			for path := range at {
				if text[path] != '/' {
					continue
				}
				for query := path + 1; query <= at; query++ {
					if !routable(method, text[path:query]) {
						continue
					}
					for n := 1; n <= min(digits, 15) && n < len(rest); n++ {
						o := signedRequest{method, text[path:query], text[query:at], text[:path], rest[:n], rest[n:], r.hash}
						if o != r {
							others = append(others, o)
						}
					}
				}
			}
		}
	}
	return others
}

// A request that was intercepted is valid for itself only: its bytes cannot move between body,
// path, query, method, timestamp and nonce. The attacker may also have chosen its data and know
// when it is sent.
func TestShiftedBytesAreRefused(t *testing.T) {
	t.Parallel()
	f := setupForgeries(t)
	now := strconv.FormatInt(f.now.UnixMilli(), 10)
	type held struct{ method, target, body string }
	requests := []held{
		{"DELETE", "/v3/users/u12", ""}, {"GET", "/v3/users/u12", ""}, {"GET", "/v3/users/search", ""}, {"GET", "/v3/users/v4", ""}, {"GET", "/v3/users/ws", ""},
		{"GET", "/v3/users/foreign_key.crm", ""}, {"GET", "/v3/users/?search=a", ""}, {"GET", "/v3/users?search=a&rpp=1", ""}, {"GET", "/v3/users/u1/profile/quiz", ""},
		{"GET", "/v3/user-export?rpp=10&page=1", ""}, {"GET", "/v3/user-export/?attributes&grants", ""}, {"GET", "/v4/user-export?attributes=true&attr=country.equals.GB", ""},
		{"GET", "/v4/users?limit=1", ""}, {"GET", "/v4/audit-log.csv?kind=x", ""}, {"GET", "/v4/user-export-jobs/x/manifest?kind=users", ""},
		// Data that contains a method and a time.
		{"GET", "/v3/users/u1DELETE" + now, ""}, {"GET", "/v3/users?search=PUT" + now, ""}, {"GET", "/v4/users/u1GET" + now, ""},
		{"GET", "/v3/users/?search=u1GET" + now + "x", ""},
		{"PUT", "/v3/users/u1/foreign-key/update/crm", "/v3/users/u9DELETE" + now}, {"PUT", "/v3/users/u1/foreign-key/update/crm", "/v3/user-exportGET" + now},
		{"PUT", "/v3/users/u1/foreign-key/update/crm", "key/v3/users/u9"},
		{"PATCH", "/v3/users/u1/attributes", `{"first-name":"/v3/users/u9/foreign-key/update/crmPUT` + now + `"}`},
		{"PUT", "/v3/users/v4/foreign-key/update/settings", "/v4/settings"},
		{"PUT", "/v3/users/u1/attributes", `{"a":"/v3/users/u9/attributes"}`}, {"PUT", "/v3/users/v3/profile/settings", `{"score":1}`},
	}
	for _, r := range Policy() { // every kind of route
		body := ""
		if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
			body = `{"a":"/` + r.Path + `"}`
		}
		if !r.Public && !r.SessionOnly {
			requests = append(requests, held{r.Method, regexp.MustCompile(`:[A-Za-z_]+`).ReplaceAllString(r.Path, "u12"), body})
		}
	}
	moved := 0
	for i, h := range requests {
		r := f.sign(h.method, h.target, h.body, "n-"+strconv.Itoa(i))
		for _, other := range readings(r) {
			f.refuses(fmt.Sprintf("%s %s, signed with body %q", h.method, h.target, h.body), other)
			moved++
		}
		if t.Failed() {
			continue
		}
		spent := len(f.ring.spent)
		if f.send(r); len(f.ring.spent) == spent {
			t.Errorf("%s %s %s itself is refused", h.method, h.target, h.body)
		}
	}
	t.Logf("%d requests, %d readings of their bytes that have a route", len(requests), moved)
	if moved < 100 {
		t.Error("too few readings to prove anything")
	}
}
