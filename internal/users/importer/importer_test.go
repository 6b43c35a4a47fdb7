package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &t
}

// golden are the two users that every file of testdata holds.
func golden() map[string]users.User {
	return map[string]users.User{
		"u1": {
			ID: "u1", StoreID: "default", Identifiers: users.Identifiers{EmailAddress: "sian@example.com"}, EmailVerified: true,
			TrackingID: "t1", Registered: at("2021-02-24T15:43:28Z"),
			Attributes: map[string]any{
				"first_name": "Siân", "phone": "02920180144", "birth_date": *at("1984-04-03T00:00:00Z"), "age": int64(42),
				"newsletter": true, "seen": *at("2026-01-02T03:04:05Z"),
			},
			ForeignKeys: map[string]string{"crm": "0035e", "legacy": "418822"},
			ExtendedProfiles: map[string]json.RawMessage{
				"newsletter.v2": json.RawMessage(`{"topics":["rugby","a, b"],"n":1.0,"big":12345678901234567890}`),
			},
			AccountIDs: []string{"a1"},
			Grants: []users.Grant{{
				ID: "g1", UserID: "u1", AccountID: "a1", ExpiryState: "expired", EntitlementType: "bundle", EntitlementID: "e1",
				ProductID: "p1", Start: at("2022-06-01T00:00:00Z"), End: at("2022-12-31T23:59:59Z"), Created: at("2022-05-31T23:59:59Z"),
			}},
		},
		"u2": {
			ID: "u2", StoreID: "asia", Identifiers: users.Identifiers{Username: "二"}, Registered: at("2021-02-24T15:43:28Z"),
			Attributes:  map[string]any{"first_name": `{"x": [`, "age": 42.5},
			ForeignKeys: map[string]string{}, ExtendedProfiles: map[string]json.RawMessage{}, AccountIDs: []string{}, Grants: []users.Grant{},
		},
	}
}

func TestEveryFormGivesTheSameUsers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"array.json", "pages.json", "lines.ndjson", "bare.json", "array.json.gz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name)
			if strings.HasSuffix(name, ".gz") {
				path = zipped(t, strings.TrimSuffix(path, ".gz"))
			}
			src, err := File(path)
			if err != nil {
				t.Fatal(err)
			}
			m := newMemory()
			rep, err := Run(testContext(t), m, "t", src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m.users, golden()) {
				t.Errorf("users %+v\nwant %+v", m.users, golden())
			}
			wantFields := users.Schema{
				{Slug: "first_name", Label: "First name", Type: users.Text},
				{Slug: "phone", Label: "Phone", Type: users.Text, Order: 1},
				{Slug: "birth_date", Label: "Birth date", Type: users.Date, Order: 2},
				{Slug: "age", Label: "Age", Type: users.Number, Order: 3},
				{Slug: "newsletter", Label: "Newsletter", Type: users.Checkbox, Order: 4},
				{Slug: "seen", Label: "Seen", Type: users.DateTime, Order: 5},
			}
			if !reflect.DeepEqual(rep.Fields, wantFields) {
				t.Errorf("fields %+v", rep.Fields)
			}
			want := Report{Read: 2, Created: 2, Stores: 2, Products: 1, Accounts: 1, Fields: wantFields, Ignored: map[string]int64{"registration_tenant": 1}}
			if !reflect.DeepEqual(rep, want) {
				t.Errorf("report %+v, want %+v", rep, want)
			}
		})
	}
}

func zipped(t *testing.T, path string) string {
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

func TestACutOffArchiveWritesNothing(t *testing.T) {
	t.Parallel()
	path := zipped(t, filepath.Join("testdata", "lines.ndjson"))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 5, len(whole) / 2, len(whole) - 1} {
		m := newMemory()
		src := Bytes(whole[:size])
		src.Gzip = true
		if _, err := Run(testContext(t), m, "t", src, Options{}); export.CodeOf(err) != export.CodeInvalid || len(m.users) > 0 {
			t.Errorf("%d bytes of %d: error %v, %d users", size, len(whole), err, len(m.users))
		}
	}
}

// What a report shows comes from the file: it must neither fill the memory nor speak to the terminal.
func TestIgnoredNamesAreBoundedAndHarmless(t *testing.T) {
	t.Parallel()
	rep, _ := load(t, newMemory(), `{"user_id":"a","\u001b[2Jx":1,"`+strings.Repeat("ü", 10_000)+`":1}`, Options{})
	want := map[string]int64{"\uFFFD[2Jx": 1, strings.Repeat("ü", 50) + "…": 1}
	if !reflect.DeepEqual(rep.Ignored, want) {
		t.Errorf("ignored %+v", rep.Ignored)
	}
}

func TestTheLastRecordOfAUserWins(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 2*batchDocs + 500 { // across batches, and inside one
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":%d}}`+"\n", i%700, i)
	}
	m := newMemory()
	rep, _ := load(t, m, b.String(), Options{})
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

func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":"%s"}}`+"\n", i, strings.Repeat("x", 3<<20))
	}
	m := newMemory()
	load(t, m, b.String(), Options{})
	if want := []int{3, 3, 3, 1}; !slices.Equal(m.batches, want) {
		t.Errorf("batches %v, want %v", m.batches, want)
	}
}

func TestTitlesThatTheFileBringsAreUsed(t *testing.T) {
	t.Parallel()
	m := newMemory()
	load(t, m, `[{"user":{"user_id":"a","user_store_id":"s","account_ids":["x","x"]},"grants":[{"grantId":"g","product_id":"p","account_id":"y"}]},
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

func TestTheSchemaIsExtendedOnRequest(t *testing.T) {
	t.Parallel()
	known := users.Field{Slug: "code", Label: "Code", Type: users.Text, Order: 4}
	m := newMemory(known)
	rep, _ := load(t, m, `{"user_id":"a","attributes":{"code":7,"n":7,"mixed":1,"never":null,"day":"2026-01-31","micro":"2026-01-31T00:00:00.000001Z","long":12345678901234567890}}
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

func TestAFailingWriterEndsTheImport(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.fail = errors.New("disk full")
	text := strings.Repeat(`{"user_id":"a"}`+"\n", 5) + manyUsers(5*batchDocs)
	if _, err := Run(testContext(t), m, "t", Bytes([]byte(text)), Options{}); !errors.Is(err, m.fail) {
		t.Errorf("error %v", err)
	}
}

func TestACancelledImportStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	_, err := Run(ctx, newMemory(), "t", Bytes([]byte(manyUsers(5*batchDocs))), Options{Progress: func(p Progress) {
		if p.Writing {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestProgressCountsBothReadings(t *testing.T) {
	t.Parallel()
	text := manyUsers(2500)
	var last [2]Progress
	_, err := Run(testContext(t), newMemory(), "t", Bytes([]byte(text)), Options{Progress: func(p Progress) {
		i := 0
		if p.Writing {
			i = 1
		}
		if p.Records < last[i].Records || p.BytesRead < last[i].BytesRead {
			t.Errorf("progress goes back: %+v after %+v", p, last[i])
		}
		last[i] = p
	}})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(text))
	want := [2]Progress{{false, size, size, 2500}, {true, size, size, 2500}}
	if last != want {
		t.Errorf("progress %+v, want %+v", last, want)
	}
}

func manyUsers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"user_id":"u%d"}`+"\n", i)
	}
	return b.String()
}
