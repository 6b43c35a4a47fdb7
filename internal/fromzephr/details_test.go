package fromzephr

import (
	"net/http"
	"strings"
	"testing"
)

// Users are read one by one after the export, also over an interruption, and only members that the
// export lacks are taken.
func TestUsersOneByOne(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	f := s.downloaded()
	s.body["/v3/users/u-3"] = `{"user_id":"u-3","identifiers":{"email_address":"new@example.com"},"foreign_keys":{"CRM":"other"},"tracking_id":"t3"}`
	s.body["/v3/users/u-1"] = ` {"user_id":"u-1","foreign_keys":{"CRM":"1"},"email_verified":true}`
	s.body["/v3/users/u-4"] = `{"user_id":"u-4","extended_profiles":{"app":[3]},"user_store_id":"eu"}` // u-2 was deleted since
	refused := "/v3/users/u-4"
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.RequestURI != refused {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	c, _ := s.client()
	wantStatus(t, Download(t.Context(), c, f, true, noProgress), http.StatusForbidden, refused)
	if len(f.of(Details)) != 1 {
		t.Fatalf("pages %+v", f.of(Details))
	}
	refused = ""
	if err := Download(t.Context(), c, f, true, noProgress); err != nil {
		t.Fatal(err)
	}
	if s.seen["/v3/users/u-3"] != 1 || s.seen["/v3/users/u-4"] != 2 || s.seen["/v3/schema/users"] != 1 {
		t.Errorf("requests %v", s.seen)
	}
	p, err := Prepare(t.Context(), f, newReport(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := linesOf(t, p.Path)
	for i, want := range []string{
		`"foreign_keys":{"CRM":"1"}`, `"user_id":"u-2"`, `"email_address":"cleo@example.com"`, `"extended_profiles":{"app":[1,2]}`,
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %s, want %s", i, lines[i], want)
		}
	}
	if !strings.Contains(lines[0], `"email_verified":true`) || !strings.Contains(lines[2], `"tracking_id":"t3"`) || !strings.Contains(lines[3], `"user_store_id":"eu"`) || p.Counts.ForeignKeys != 4 {
		t.Errorf("%+v\n%s", p.Counts, strings.Join(lines, "\n"))
	}
}
