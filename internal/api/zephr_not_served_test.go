package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
)

// exampleOf returns an address of a route.
func exampleOf(path string) string { return pathParameters.ReplaceAllString(path, "x") }

// No endpoint of the list is also a route of Egress.
func TestNotServedIsNotServed(t *testing.T) {
	t.Parallel()
	h := newNotServedHandler(nil, notServed)
	for key := range policy {
		method, path, _ := strings.Cut(key, " ")
		if r := h.find(method, exampleOf(path)); r != nil {
			t.Errorf("Egress serves %s: remove %q from zephr_not_served_list.go, then run this package's tests with EGRESS_UPDATE=1", key, method+" "+r.path)
		}
	}

	listed := map[string]bool{}
	for _, subject := range notServed {
		if subject.name == "" || !strings.HasSuffix(subject.reason, ".") || len(subject.routes) == 0 {
			t.Errorf("%q is incomplete", subject.name)
		}
		for _, route := range subject.routes {
			address := pathParameters.ReplaceAllString(route, ":")
			if listed[address] {
				t.Errorf("%s is listed twice", route)
			}
			listed[address] = true
			// The list comes before the routes, so these addresses are lost to a route with a
			// parameter: a user with this id is not found there.
			method, path, _ := strings.Cut(route, " ")
			for key := range policy {
				served, pattern, _ := strings.Cut(key, " ")
				segments, example := strings.Split(pattern, "/"), strings.Split(exampleOf(path), "/")
				if served != method || len(segments) != len(example) || pathParameters.ReplaceAllString(key, ":") == address {
					continue
				}
				if matchSegments(segments, example) && route != "GET /v4/users/segments" {
					t.Errorf("%s in zephr_not_served_list.go hides addresses of %s", route, key)
				}
			}
		}
	}
}

// Every endpoint of the list is a 501 for every caller, with any query, and a 401 without one.
func TestNotServed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, subject := range notServed {
		for _, route := range subject.routes {
			method, path, _ := strings.Cut(route, " ")
			target := exampleOf(path)
			refused := func(a response) {
				t.Helper()
				a.expect(501, errs.CodeNotServedHere, "")
				if a.json("detail") != subject.reason || a.json("title") != "Not served by Egress" {
					t.Errorf("%s: %s", route, a.body)
				}
			}
			b.call("", method, target, "").expect(401, errs.CodeUnauthenticated, "")
			b.call("", method, target, "", "Authorization", signedBy("unknown")).expect(401, errs.CodeUnauthenticated, "")
			for _, token := range []string{"owner", "exporter", "viewer", "nobody"} {
				refused(b.call(token, method, target, ""))
			}
			refused(b.call("owner", method, target+"/?rpp=10&x", "", tenantHeader, "vega"))
			refused(b.call("", method, target+"?rpp=10&anything=%20a&flag", "", "Authorization", signedBy("viewer")))
			refused(b.call("", method, target+"/", "", "Authorization", signedBy("viewer")))
			if method == "GET" {
				if a := b.call("viewer", "HEAD", target, ""); a.StatusCode != http.StatusNotImplemented {
					t.Errorf("HEAD %s: %d", target, a.StatusCode)
				}
			}
		}
	}
	for _, request := range []string{"GET /v4/companies", "PATCH /v3/bundles/x/", "HEAD /v3/sessions", "DELETE /v4/email-templates?all"} { // methods that Zephr does not document
		method, target, _ := strings.Cut(request, " ")
		if a := b.call("viewer", method, target, ""); a.StatusCode != http.StatusNotImplemented {
			t.Errorf("%s: %d, want 501", request, a.StatusCode)
		}
	}
	b.call("viewer", "PATCH", "/v3/accounts/x", "").expect(405, errs.CodeUnsupported, "") // Egress serves other methods of it
	b.call("viewer", "PUT", "/v4/users/segments", "").expect(405, errs.CodeUnsupported, "")
	b.call("viewer", "GET", "/v3/bundles/x/y", "").expect(404, errs.CodeNotFound, "")
	b.call("owner", "PUT", "/v3/static/x", strings.Repeat("x", smallBody+1)).expect(501, errs.CodeNotServedHere, "")
	b.call("owner", "GET", "/v3/admin/sessions/s3cret-token", "").expect(501, errs.CodeNotServedHere, "")
	if log := b.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "s3cret-token") || !strings.Contains(log, "route=/v3/admin/sessions/:session_id") {
		t.Error("the log has errors, or a session token, or no route")
	}
}

// Real signatures over the address with its query, as Zephr's clients send them.
func TestNotServedWithSignature(t *testing.T) {
	t.Parallel()
	f := setupForgeries(t)
	for i, c := range []struct{ method, target, body string }{
		{"GET", "/v3/bundles?rpp=10&page=2", ""},
		{"GET", "/v3/users/u1/sessions/?active=true", ""},
		{"POST", "/v3/sessions", `{"identifiers":{"email_address":"amelia@example.com"}}`},
		{"POST", "/v4/admin/graphql", `[{"query":"{sites{id}}","variables":{}}]`},
		{"DELETE", "/v3/products/p1", ""},
	} {
		f.send(f.sign(c.method, c.target, c.body, fmt.Sprint("n-", i))).expect(501, errs.CodeNotServedHere, "")
		if len(f.ring.spent) != i+1 {
			t.Errorf("%s %s was not authenticated", c.method, c.target)
		}
	}
	forged := f.sign("GET", "/v3/bundles", "", "n")
	forged.query = "rpp=10"
	f.send(forged).expect(401, errs.CodeUnauthenticated, "")
}

// The list changes no other address, and no other method of an address that Egress serves.
func TestAddressesNextToNotServed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, target := range []string{
		"/v3/nothing", "/v5/bundles", "/v4/bundles", "/v3/bundles/x/y", "/v3/bundles//", "/v3/bundles//x", "/v3/Bundles", "/v3/users//sessions", "/zephr/features",
		"/blaize/register", "/v4/users/x/unknown",
	} {
		for _, token := range []string{"", "owner"} {
			b.call(token, "GET", target, "").expect(404, errs.CodeNotFound, "")
		}
	}
	a := b.call("owner", "PATCH", "/v3/accounts", "")
	a.expect(405, errs.CodeUnsupported, "")
	if allow := a.Header.Get("Allow"); strings.Contains(allow, "POST") {
		t.Errorf("Allow %q", allow)
	}
	b.call("owner", "PUT", "/v3/bundles", "", "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
}
