package userstest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
	"github.com/egress-io/egress/internal/users/seed"
)

const importFile = `[
{"user":{"user_id":"u1","identifiers":{"email_address":"a@example.com"},"registered":"2021-02-24T15:43:28Z","attributes":{"name":"=1+1\n\"x\"","long":12345678901234567890,"n":1e3,"f":0.1,"day":"1850-01-02","ok":false},"foreign_keys":{"crm":"007"},"extended_profiles":{"app.v2":{"n":1.0,"s":"\ud800\u0000","deep":[[[]]],"$x.y":{}}}},"seq-no":1,"grants":{"results":[{"grantId":"g1","product_id":"p","account_id":"acc","startTime":"2022-06-01 00:00:00"}]}},
{"user":{"user_id":"u2","user_store_id":"asia","attributes":{"name":"二"}},"seq-no":2}
]`

func importReadsBackEqual(t *testing.T, db Database) {
	ctx, d := t.Context(), db.Directory
	run := func(file string) importer.Report {
		t.Helper()
		rep, err := importer.Run(ctx, db.Writer, tenant, importer.Bytes([]byte(file)), importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	if rep := run(importFile); rep.Created != 2 || rep.Refused != 0 || rep.Stores != 2 || rep.Products != 1 || rep.Accounts != 1 {
		t.Errorf("report %+v", rep)
	}
	first := storedUsers(t, db, tenant)
	u := first["u1"]
	if got, want := string(u.ExtendedProfiles["app.v2"]), `{"n":1.0,"s":"\ud800\u0000","deep":[[[]]],"$x.y":{}}`; got != want {
		t.Errorf("profile %s, want %s", got, want)
	}
	schema, err := d.Schema(ctx, tenant)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"name": "=1+1\n\"x\"", "long": "12345678901234567890", "n": "1000", "f": "0.1", "day": "1850-01-02", "ok": "false"}
	got := map[string]string{}
	for _, f := range schema {
		got[f.Slug] = users.Format(f.Type, u.Attributes[f.Slug])
	}
	if !reflect.DeepEqual(got, want) || u.ForeignKeys["crm"] != "007" || len(u.Grants) != 1 || u.Grants[0].Start.Year() != 2022 {
		t.Errorf("user %+v", u)
	}

	if rep := run(importFile); rep.Created != 0 || rep.Updated != 2 || rep.Stores+rep.Products+rep.Accounts+len(rep.Fields) != 0 {
		t.Errorf("the second time: %+v", rep)
	}
	if again := storedUsers(t, db, tenant); !reflect.DeepEqual(again, first) {
		t.Errorf("importing again changed users: %+v", again)
	}

	rep := run(`{"user_id":"u2","attributes":{"name":"zwei"},"foreign_keys":{"erp":"1"}}` + "\n" + `{"user_id":"u3"}`)
	if rep.Created != 1 || rep.Updated != 1 {
		t.Errorf("the second file: %+v", rep)
	}
	after := storedUsers(t, db, tenant)
	if !reflect.DeepEqual(after["u1"], first["u1"]) || after["u2"].Attributes["name"] != "zwei" || after["u2"].StoreID != "default" || len(after) != 3 {
		t.Errorf("users %+v", after)
	}
	registry, err := d.Registry(ctx, tenant)
	if want := (users.Registry{ForeignSystems: []string{"crm", "erp"}, AppIDs: []string{"app.v2"}}); err != nil || !reflect.DeepEqual(registry, want) {
		t.Errorf("registry %v, error %v", registry, err)
	}
}

func failedImportCanBeRepeated(t *testing.T, db Database) {
	var b strings.Builder
	for i := range 150 {
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":%d}}`+"\n", i, i)
	}
	half := b.String()[:b.Len()/2]
	if _, err := importer.Run(t.Context(), db.Writer, tenant, importer.Bytes([]byte("["+strings.ReplaceAll(half, "\n", ",\n"))), importer.Options{}); err == nil {
		t.Error("a file that was cut off was imported")
	}
	if n := len(storedUsers(t, db, tenant)); n != 0 {
		t.Errorf("%d users of it are there", n)
	}
	if rep, err := importer.Run(t.Context(), db.Writer, tenant, importer.Bytes([]byte(b.String())), importer.Options{}); err != nil || rep.Created != 150 {
		t.Errorf("report %+v, error %v", rep, err)
	}
}

func seedingTwiceChangesNothing(t *testing.T, db Database) {
	const few = 40
	progress := map[string]int{}
	for range 2 {
		if err := seed.Run(t.Context(), db.Writer, seed.Tenants(), few, seed.Epoch, func(tenant seed.Tenant, n int) { progress[tenant.ID] = n }); err != nil {
			t.Fatal(err)
		}
	}
	for _, tenant := range seed.Tenants() {
		got := storedUsers(t, db, tenant.ID)
		if len(got) != few || progress[tenant.ID] != few {
			t.Errorf("%s has %d users, progress said %d", tenant.ID, len(got), progress[tenant.ID])
		}
		for u := range seed.Users(tenant, few) {
			if !reflect.DeepEqual(got[u.ID], u) {
				t.Errorf("%s: stored %+v\nwant %+v", tenant.ID, got[u.ID], u)
				break
			}
		}
		var want []string
		for e := range seed.StateEvents(tenant, few) {
			want = append(want, e.StoredID())
		}
		slices.Sort(want)
		var ids []string
		for _, doc := range db.Documents(t, tenant.ID, "state_events") {
			ids = append(ids, doc.Lookup("_id").StringValue())
		}
		slices.Sort(ids)
		if !slices.Equal(ids, want) || len(ids) < 2*few {
			t.Errorf("%s has the events %q, want %q", tenant.ID, ids, want)
		}
		stores, err := db.Directory.Stores(t.Context(), tenant.ID)
		if err != nil || len(stores) != 3 {
			t.Errorf("stores %v, error %v", stores, err)
		}
	}
}
