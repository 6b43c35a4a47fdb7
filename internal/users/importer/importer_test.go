package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

func mustTime(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &t
}

// wantUsers returns the two users that every file of testdata contains.
func wantUsers() map[string]users.User {
	return map[string]users.User{
		"u1": {
			ID: "u1", StoreID: "default", Identifiers: users.Identifiers{EmailAddress: "sian@example.com"}, EmailVerified: true,
			TrackingID: "t1", Registered: mustTime("2021-02-24T15:43:28Z"),
			Attributes: map[string]any{
				"first_name": "Siân", "phone": "02920180144", "birth_date": *mustTime("1984-04-03T00:00:00Z"), "age": int64(42),
				"newsletter": true, "seen": *mustTime("2026-01-02T03:04:05Z"),
			},
			ForeignKeys: map[string]string{"crm": "0035e", "legacy": "418822"},
			ExtendedProfiles: map[string]json.RawMessage{
				"newsletter.v2": json.RawMessage(`{"topics":["rugby","a, b"],"n":1.0,"big":12345678901234567890}`),
			},
			AccountIDs: []string{"a1"},
			Grants: []users.Grant{{
				ID: "g1", UserID: "u1", AccountID: "a1", ExpiryState: "expired", EntitlementType: "bundle", EntitlementID: "e1",
				ProductID: "p1", Start: mustTime("2022-06-01T00:00:00Z"), End: mustTime("2022-12-31T23:59:59Z"), Created: mustTime("2022-05-31T23:59:59Z"),
			}},
			Additional: map[string]json.RawMessage{"registration_tenant": json.RawMessage(`"meridian|demo"`)},
		},
		"u2": {
			ID: "u2", StoreID: "asia", Identifiers: users.Identifiers{Username: "二"}, Registered: mustTime("2021-02-24T15:43:28Z"),
			Attributes:  map[string]any{"first_name": `{"x": [`, "age": 42.5},
			ForeignKeys: map[string]string{}, ExtendedProfiles: map[string]json.RawMessage{}, AccountIDs: []string{}, Grants: []users.Grant{},
		},
	}
}

func TestAllFileFormatsGiveTheSameUsers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"array.json", "pages.json", "lines.ndjson", "bare.json", "array.json.gz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name)
			if strings.HasSuffix(name, ".gz") {
				path = gzipFile(t, strings.TrimSuffix(path, ".gz"))
			}
			src, err := File(path)
			if err != nil {
				t.Fatal(err)
			}
			m := newMemoryWriter()
			rep, err := Run(testContext(t), m, "t", src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m.users, wantUsers()) {
				t.Errorf("users %+v\nwant %+v", m.users, wantUsers())
			}
			wantFields := users.Schema{
				{Slug: "first_name", Label: "First name", Type: users.Text},
				{Slug: "phone", Label: "Phone", Type: users.Text, Order: 1},
				{Slug: "birth_date", Label: "Birth date", Type: users.Date, Order: 2},
				{Slug: "age", Label: "Age", Type: users.Number, Order: 3},
				{Slug: "newsletter", Label: "Newsletter", Type: users.Checkbox, Order: 4},
				{Slug: "seen", Label: "Seen", Type: users.DateTime, Order: 5},
			}
			for i := range wantFields {
				wantFields[i].Inferred = true
			}
			if !reflect.DeepEqual(rep.Fields, wantFields) {
				t.Errorf("fields %+v", rep.Fields)
			}
			want := Report{Read: 2, Created: 2, Stores: 2, Products: 1, Accounts: 1, Fields: wantFields, Ignored: map[string]int64{}}
			if !reflect.DeepEqual(rep, want) {
				t.Errorf("report %+v, want %+v", rep, want)
			}
		})
	}
}

func gzipFile(t *testing.T, path string) string {
	t.Helper()
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "users.json.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTruncatedGzipWritesNothing(t *testing.T) {
	t.Parallel()
	path := gzipFile(t, filepath.Join("testdata", "lines.ndjson"))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 5, len(content) / 2, len(content) - 1} {
		m := newMemoryWriter()
		src := Bytes(content[:size])
		src.Gzip = true
		if _, err := Run(testContext(t), m, "t", src, Options{}); errs.CodeOf(err) != errs.CodeInvalidRequest || len(m.users) > 0 {
			t.Errorf("%d bytes of %d: error %v, %d users", size, len(content), err, len(m.users))
		}
	}
}

// Names in a report come from the file. They must not fill the memory or contain terminal escape
// sequences.
func TestIgnoredNamesAreBoundedAndSanitized(t *testing.T) {
	t.Parallel()
	rep, _ := mustImport(t, newMemoryWriter(), `{"user_id":"a","\u001b[2Jx":1,"`+strings.Repeat("ü", 10_000)+`":1}`, Options{})
	want := map[string]int64{"\uFFFD[2Jx": 1, strings.Repeat("ü", 50) + "…": 1}
	if !reflect.DeepEqual(rep.Ignored, want) {
		t.Errorf("ignored %+v", rep.Ignored)
	}
}

func TestLastRecordOfUserWins(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 2*batchDocs + 500 { // repeats ids within a batch and across batches
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":%d}}`+"\n", i%700, i)
	}
	m := newMemoryWriter()
	rep, _ := mustImport(t, m, b.String(), Options{})
	if rep.Created != 700 || rep.Updated != 1800 || len(m.users) != 700 {
		t.Errorf("report %+v, %d users", rep, len(m.users))
	}
	for i := range 700 {
		last := int64(i + 700*((2499-i)/700))
		if got := m.users[fmt.Sprintf("u%d", i)].Attributes["n"]; got != last {
			t.Fatalf("u%d has %v, want %d", i, got, last)
		}
	}
}

func TestTitlesInFileAreUsed(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	mustImport(t, m, `[{"user":{"user_id":"a","user_store_id":"s","account_ids":["x","x"]},"grants":[{"grantId":"g","product_id":"p","account_id":"y"}]},
		{"user":{"user_id":"b"},"stores":[{"id":"s","title":"Store"}],"products":[{"id":"p","label":"Product"}],"accounts":[{"account_id":"y","name":"Y Ltd"}]}]`,
		Options{DefaultStore: "main"})
	want := map[string]string{"store s": "Store", "store main": "main", "product p": "Product", "account x": "x", "account y": "Y Ltd"}
	if !reflect.DeepEqual(m.titles, want) {
		t.Errorf("titles %v, want %v", m.titles, want)
	}
	if got := m.users["a"].AccountIDs; !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("account ids %v", got)
	}
}

func TestExtendSchemaAddsFields(t *testing.T) {
	t.Parallel()
	known := users.Field{Slug: "code", Label: "Code", Type: users.Text, Order: 4}
	m := newMemoryWriter(known)
	rep, _ := mustImport(t, m, `{"user_id":"a","attributes":{"code":7,"n":7,"mixed":1,"never":null,"day":"2026-01-31","micro":"2026-01-31T00:00:00.000001Z","long":12345678901234567890}}
		{"user_id":"b","attributes":{"mixed":"1","day":"2026-02-01","n":0.5}}`, Options{ExtendSchema: true})
	types := map[string]users.InputType{}
	for i, f := range rep.Fields {
		types[f.Slug] = f.Type
		if f.Order != 5+i {
			t.Errorf("%s has order %d", f.Slug, f.Order)
		}
	}
	want := map[string]users.InputType{
		"n": users.Number, "mixed": users.Text, "never": users.Text, "day": users.Date, "micro": users.Text, "long": users.Text,
	}
	if !reflect.DeepEqual(types, want) || rep.Created != 2 {
		t.Errorf("types %v, report %+v", types, rep)
	}
	if got := m.users["a"].Attributes; got["code"] != "7" || got["long"] != "12345678901234567890" || got["mixed"] != "1" {
		t.Errorf("attributes %v", got)
	}
}

func TestImportIgnoresConstraints(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter(
		users.Field{Slug: "plan", Label: "Plan", Type: users.Text, Constraints: users.Constraints{Required: true, Expression: "^a"}},
		users.Field{Slug: "age", Label: "Age", Type: users.Number, Constraints: users.Constraints{Start: "18"}},
	)
	rep, _ := mustImport(t, m, `{"user_id":"a"} {"user_id":"b","attributes":{"plan":"b","age":17}}`, Options{})
	if rep.Created != 2 || rep.Refused != 0 || m.users["b"].Attributes["plan"] != "b" {
		t.Errorf("report %+v, attributes %v", rep, m.users["b"].Attributes)
	}
}

func TestRunReturnsWriterError(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	m.fail = errors.New("disk full")
	text := strings.Repeat(`{"user_id":"a"}`+"\n", 5) + userLines(5*batchDocs)
	if _, err := Run(testContext(t), m, "t", Bytes([]byte(text)), Options{}); !errors.Is(err, m.fail) {
		t.Errorf("error %v", err)
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	_, err := Run(ctx, newMemoryWriter(), "t", Bytes([]byte(userLines(5*batchDocs))), Options{Progress: func(p Progress) {
		if p.Writing {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestProgressCountsBothPasses(t *testing.T) {
	t.Parallel()
	text := userLines(2500)
	var last [2]Progress
	_, err := Run(testContext(t), newMemoryWriter(), "t", Bytes([]byte(text)), Options{Progress: func(p Progress) {
		i := 0
		if p.Writing {
			i = 1
		}
		if p.Records < last[i].Records || p.BytesRead < last[i].BytesRead {
			t.Errorf("progress decreased from %+v to %+v", last[i], p)
		}
		last[i] = p
	}})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(text))
	want := [2]Progress{{1, 2, false, size, size, 2500}, {2, 2, true, size, size, 2500}}
	if last != want {
		t.Errorf("progress %+v, want %+v", last, want)
	}
}

func userLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"user_id":"u%d"}`+"\n", i)
	}
	return b.String()
}

// Members of Zephr's users that Egress has no field for are kept as given, if they are not too large.
func TestAdditionalMembersAreKept(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	large := strings.Repeat("x", users.MaxAdditionalBytes)
	rep, refusals := mustImport(t, m, `{"user":{"user_id":"a","registration_state":{"b": 1.0, "a": [ ]},"session_limit":null,"unknown":1},"created_at":"2020"}
{"user_id":"b","registration_state":"`+large+`","accountMembershipCode":"AMC"}`, Options{})
	if rep.Created != 2 || rep.SkippedValues != 1 || len(refusals) != 1 || refusals[0].Field != "registration_state" || !maps.Equal(rep.Ignored, map[string]int64{"unknown": 1}) {
		t.Errorf("report %+v, refused %+v", rep, refusals)
	}
	for id, want := range map[string]map[string]json.RawMessage{
		"a": {"registration_state": json.RawMessage(`{"b":1.0,"a":[]}`), "created_at": json.RawMessage(`"2020"`)}, "b": {"accountMembershipCode": json.RawMessage(`"AMC"`)},
	} {
		if got := m.users[id].Additional; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
