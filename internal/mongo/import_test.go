package mongo

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
	"github.com/egress-io/egress/internal/users/seed"
)

const importFile = `[
{"user":{"user_id":"u1","identifiers":{"email_address":"a@example.com"},"registered":"2021-02-24T15:43:28Z","attributes":{"name":"=1+1\n\"x\"","long":12345678901234567890,"n":1e3,"f":0.1,"day":"1850-01-02","ok":false},"foreign_keys":{"crm":"007"},"extended_profiles":{"app.v2":{"n":1.0,"s":"\ud800\u0000","deep":[[[]]],"$x.y":{}}}},"seq-no":1,"grants":{"results":[{"grantId":"g1","product_id":"p","account_id":"acc","startTime":"2022-06-01 00:00:00"}]}},
{"user":{"user_id":"u2","user_store_id":"asia","attributes":{"name":"二"}},"seq-no":2}
]`

func TestImportReadsBackEqual(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w, d := NewUserWriter(db), NewDirectory(db)
	run := func(file string) importer.Report {
		t.Helper()
		rep, err := importer.Run(ctx, w, testTenant, importer.Bytes([]byte(file)), importer.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	if rep := run(importFile); rep.Created != 2 || rep.Refused != 0 || rep.Stores != 2 || rep.Products != 1 || rep.Accounts != 1 {
		t.Errorf("report %+v", rep)
	}
	first := storedUsers(t, db, testTenant)
	u := first["u1"]
	if got, want := string(u.ExtendedProfiles["app.v2"]), `{"n":1.0,"s":"\ud800\u0000","deep":[[[]]],"$x.y":{}}`; got != want {
		t.Errorf("profile %s, want %s", got, want)
	}
	schema, err := d.Schema(ctx, testTenant)
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
	if again := storedUsers(t, db, testTenant); !reflect.DeepEqual(again, first) {
		t.Errorf("importing again changed users: %+v", again)
	}

	rep := run(`{"user_id":"u2","attributes":{"name":"zwei"},"foreign_keys":{"erp":"1"}}` + "\n" + `{"user_id":"u3"}`)
	if rep.Created != 1 || rep.Updated != 1 {
		t.Errorf("the second file: %+v", rep)
	}
	after := storedUsers(t, db, testTenant)
	if !reflect.DeepEqual(after["u1"], first["u1"]) || after["u2"].Attributes["name"] != "zwei" || after["u2"].StoreID != "default" || len(after) != 3 {
		t.Errorf("users %+v", after)
	}
	registry, err := d.Registry(ctx, testTenant)
	if want := (users.Registry{ForeignSystems: []string{"crm", "erp"}, AppIDs: []string{"app.v2"}}); err != nil || !reflect.DeepEqual(registry, want) {
		t.Errorf("registry %v, error %v", registry, err)
	}
}

func TestFailedImportCanBeRepeated(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	var b strings.Builder
	for i := range 150 {
		fmt.Fprintf(&b, `{"user_id":"u%d","attributes":{"n":%d}}`+"\n", i, i)
	}
	half := b.String()[:b.Len()/2]
	w := NewUserWriter(db)
	if _, err := importer.Run(ctx, w, testTenant, importer.Bytes([]byte("["+strings.ReplaceAll(half, "\n", ",\n"))), importer.Options{}); err == nil {
		t.Error("a file that was cut off was imported")
	}
	if n := len(storedUsers(t, db, testTenant)); n != 0 {
		t.Errorf("%d users of it are there", n)
	}
	if rep, err := importer.Run(ctx, w, testTenant, importer.Bytes([]byte(b.String())), importer.Options{}); err != nil || rep.Created != 150 {
		t.Errorf("report %+v, error %v", rep, err)
	}
}

func TestSeedTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	w := NewUserWriter(db)
	const few = 40
	progress := map[string]int{}
	for range 2 {
		if err := seed.Run(ctx, w, seed.Tenants(), few, func(tenant seed.Tenant, n int) { progress[tenant.ID] = n }); err != nil {
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
		if ids, err := allEventIDs(ctx, db, tenant.ID); err != nil || !slices.Equal(ids, want) || len(ids) < 2*few {
			t.Errorf("%s has the events %q, want %q: %v", tenant.ID, ids, want, err)
		}
		stores, err := NewDirectory(db).Stores(ctx, tenant.ID)
		if err != nil || len(stores) != 3 {
			t.Errorf("stores %v, error %v", stores, err)
		}
	}
}

// allEventIDs reads the stored ids of a tenant's state events.
func allEventIDs(ctx context.Context, db *DB, tenant string) ([]string, error) {
	c, err := NewEvents(db).Read(ctx, tenant, filter.Selection{}, nil, pipeline.IDRange{})
	if err != nil {
		return nil, err
	}
	ids, err := readAllIDs(ctx, c)
	return ids, errors.Join(err, c.Close())
}
