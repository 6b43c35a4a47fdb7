package importer

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/users"
)

// mustImportCase imports a file from testdata/cases.
func mustImportCase(t *testing.T, m *memoryWriter, name string) (Report, []Refusal) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "cases", name))
	if err != nil {
		t.Fatal(err)
	}
	return mustImport(t, m, string(text), Options{})
}

// Case 09: the times of other databases.
func TestTimesOfOtherDatabases(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	if rep, refusals := mustImportCase(t, m, "09-input.ndjson"); rep.Created != 7 || len(refusals) > 0 {
		t.Errorf("report %+v, refused %+v", rep, refusals)
	}
	for id, want := range map[string]string{
		"postgres": "2026-01-31T09:30:00Z", "postgres_ms": "2026-01-31T09:30:00.123Z", "blank": "2026-01-31T09:30:00Z",
		"lower": "2026-01-31T09:30:00Z", "basic_offset": "2026-01-31T08:30:00Z", "leap": "2017-01-01T00:00:00Z",
	} {
		if got := m.users[id].LastLogin; got == nil || !got.Equal(*mustTime(want)) {
			t.Errorf("%s: %v, want %s", id, got, want)
		}
	}
	if u, ok := m.users["mysql_zero"]; !ok || u.LastLogin != nil {
		t.Errorf("a zero date: %+v", u)
	}
}

// Case 12: the values of a later file do not fit the type that was inferred from an earlier one.
func TestFieldsAreWidened(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	mustImportCase(t, m, "12-first.ndjson")
	if rep, refusals := mustImportCase(t, m, "12-second.ndjson"); rep.Created != 2 || len(refusals) > 0 {
		t.Errorf("report %+v, refused %+v", rep, refusals)
	}
	got := map[string]any{}
	for id, u := range m.users {
		got[id] = u.Attributes["zip"]
	}
	if want := map[string]any{"u1": "10115", "u2": "02138", "u3": "SW1A 1AA"}; !maps.Equal(got, want) {
		t.Errorf("zip %v, want %v", got, want)
	}
	if f, _ := m.schema.Field("zip"); f.Type != users.Text {
		t.Errorf("zip is %s", f.Type)
	}
}

// Case 13: one invalid value skipped the whole user.
func TestInvalidValueDoesNotSkipUser(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	if rep, refusals := mustImportCase(t, m, "13-input.ndjson"); rep.Created != 5 || len(refusals) > 0 {
		t.Errorf("report %+v, refused %+v", rep, refusals)
	}
	for id, want := range map[string]map[string]any{
		"list": {"newsletters": `["daily","weekly"]`}, "blank": {"first_name": "A"}, "accent": {"prenom": "A"},
	} {
		if got := m.users[id].Attributes; !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	if g := m.users["cancelled"].Grants; len(g) != 1 || g[0].ExpiryState != "cancelled" {
		t.Errorf("grants %+v", g)
	}
	if u := m.users["ejson"]; u.Registered == nil || !u.Registered.Equal(*mustTime("2026-01-01T00:00:00Z")) {
		t.Errorf("extended JSON: %+v", u)
	}
	labels := slices.Sorted(func(yield func(string) bool) {
		for _, f := range m.schema {
			if !yield(f.Slug + "=" + f.Label) {
				return
			}
		}
	})
	if got, want := strings.Join(labels, " "), "first_name=first name newsletters=Newsletters prenom=prénom"; got != want {
		t.Errorf("fields %s, want %s", got, want)
	}
}

// The import distinguishes seconds and milliseconds in users, grants and attributes of date types.
func TestImportDetectsUnixTimeUnit(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter(users.Field{Slug: "seen", Label: "Seen", Type: users.DateTime})
	mustImport(t, m, `{"user_id":"a","last_login":1700000000,"registered":"1700000000123","attributes":{"seen":1700000000123456},
		"grants":[{"grantId":"g","startTime":1700000000123456789,"endTime":1700000000.5}]}`, Options{})
	u := m.users["a"]
	if u.LastLogin == nil || u.Registered == nil || len(u.Grants) != 1 || u.Grants[0].Start == nil || u.Grants[0].End == nil {
		t.Fatalf("user %+v", u)
	}
	got := []string{}
	for _, v := range []any{*u.LastLogin, *u.Registered, u.Attributes["seen"], *u.Grants[0].Start, *u.Grants[0].End} {
		got = append(got, users.Format(users.DateTime, v))
	}
	want := []string{"2023-11-14T22:13:20.000Z", "2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.500Z"}
	if !slices.Equal(got, want) {
		t.Errorf("times %v, want %v", got, want)
	}
}
