package fromzephr

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// fakeTenant is a tenant in memory. It implements Tenant and CatalogWriter.
type fakeTenant struct {
	schema   users.Schema
	products []users.Product
	accounts map[string]users.Account
	users    []users.User
	perRead  int64 // 0: as asked
}

func (m *fakeTenant) Schema(context.Context) (users.Schema, error)      { return m.schema, nil }
func (m *fakeTenant) Products(context.Context) ([]users.Product, error) { return m.products, nil }
func (m *fakeTenant) CountAccounts(context.Context) (int64, error) {
	return int64(len(m.accounts)), nil
}

func (m *fakeTenant) Stores(context.Context) ([]users.Store, error) {
	return []users.Store{{ID: "default"}}, nil
}

func (m *fakeTenant) AccountsByID(_ context.Context, ids []string) (map[string]users.Account, error) {
	found := map[string]users.Account{}
	for _, id := range ids {
		if a, ok := m.accounts[id]; ok {
			found[id] = a
		}
	}
	return found, nil
}

func (m *fakeTenant) Users(_ context.Context, after string, limit int64) ([]users.User, error) {
	from, found := slices.BinarySearchFunc(m.users, after, func(u users.User, id string) int { return strings.Compare(u.ID, id) })
	if found {
		from++
	}
	if m.perRead > 0 {
		limit = m.perRead
	}
	return slices.Clone(m.users[from:min(len(m.users), from+int(limit))]), nil
}

// catalog writes into a fakeTenant.
type catalog struct{ *fakeTenant }

func (c catalog) Schema(context.Context, string) (users.Schema, error) { return c.schema, nil }

func (c catalog) PutSchema(_ context.Context, _ string, fields users.Schema) error {
	for _, f := range fields {
		c.schema = slices.DeleteFunc(c.schema, func(old users.Field) bool { return old.Slug == f.Slug })
		c.fakeTenant.schema = append(c.schema, f)
	}
	return c.fakeTenant.schema.Validate()
}

func (c catalog) AddProducts(_ context.Context, _ string, list []users.Product) (int, error) {
	c.fakeTenant.products = append(c.products, list...)
	return len(list), nil
}

func (c catalog) AddAccounts(_ context.Context, _ string, list []users.Account) (int, error) {
	for _, a := range list {
		c.accounts[a.ID] = a
	}
	return len(list), nil
}

func at(text string) *time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return &t
}

// copied returns the tenant that a faultless copy of the recorded responses gives.
func copied(t *testing.T, f *Folder) *fakeTenant {
	t.Helper()
	m := &fakeTenant{accounts: map[string]users.Account{}}
	if err := ImportCatalog(t.Context(), f, catalog{m}, "t", newReport(t)); err != nil {
		t.Fatal(err)
	}
	m.users = []users.User{
		{
			ID: "u-1", StoreID: "default", Identifiers: users.Identifiers{EmailAddress: "ada@example.com"}, AccountIDs: []string{"acc-1"},
			Attributes: map[string]any{"first_name": "Ada", "born": *at("1990-12-31T00:00:00Z"), "score": 41.5, "newsletter": true},
		},
		{
			ID: "u-2", StoreID: "default", Identifiers: users.Identifiers{EmailAddress: "bo@example.com", Username: "bo"}, AccountIDs: []string{"acc-1"},
			Attributes: map[string]any{"surname": "Bo"}, ForeignKeys: map[string]string{"CRM": "67", "ERP": "008"},
			Grants: []users.Grant{{
				ID: "g-2", ExpiryState: "active", EntitlementType: "bundle", EntitlementID: "daily-bundle", ProductID: "daily",
				Start: at("2024-02-01T00:00:00Z"), End: at("2025-02-01T23:59:59Z"), Created: at("2024-02-01T00:00:00Z"),
			}},
		},
		{
			ID: "u-3", StoreID: "default", Identifiers: users.Identifiers{EmailAddress: "cleo@example.com"}, EmailVerified: true, AccountIDs: []string{"acc-2"},
			Registered: at("2021-02-24T15:43:28Z"), LastLogin: at("2024-05-01T08:00:00.25Z"),
			Additional:  map[string]json.RawMessage{"registration_tenant": []byte(`"press"`), "registration_state": []byte(`{"newsletter-form":true}`)},
			Attributes:  map[string]any{"first_name": "Cleo", "surname": "Voss", "plan": "digital"},
			ForeignKeys: map[string]string{"CRM": "12345"}, ExtendedProfiles: map[string]json.RawMessage{"quiz.v1": []byte(`{"score":1.50,"tag":"<b>"}`)},
			Grants: []users.Grant{{
				ID: "g-1", AccountID: "acc-2", ExpiryState: "pending", EntitlementType: "bundle", EntitlementID: "weekend-bundle", ProductID: "weekend",
				Start: at("2022-06-01T00:00:00Z"), End: at("2022-12-31T23:59:59Z"), Created: at("2022-05-31T23:59:59Z"),
			}},
		},
		{
			ID: "u-4", StoreID: "default", Identifiers: users.Identifiers{Username: "dee"}, Attributes: map[string]any{},
			ExtendedProfiles: map[string]json.RawMessage{"app": []byte(`[1,2]`)},
		},
	}
	return m
}

// verified returns the differences between the recorded responses and a tenant.
func verified(t *testing.T, f *Folder, m *fakeTenant, renamed Renamed) (*Prepared, Counts, []string) {
	t.Helper()
	r := newReport(t)
	p, err := Prepare(t.Context(), f, r)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Verify(t.Context(), f, p, m, renamed, "default", r, noProgress)
	if err != nil {
		t.Fatal(err)
	}
	return p, found, texts(r)
}

func TestFaultlessCopy(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	for _, perRead := range []int64{0, 1, 3} {
		m := copied(t, f)
		m.perRead = perRead
		p, found, differences := verified(t, f, m, nil)
		if want := (Counts{7, 2, 2, 1, 4, 2, 3, 2, 3}); len(differences) > 0 || found != want || p.Counts != want {
			t.Errorf("%v, found %+v, of the pages %+v", differences, found, p.Counts)
		}
	}
}

// Every change of the tenant is a line of the report that names it.
func TestEveryDifferenceIsReported(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	third := func(m *fakeTenant) *users.User { return &m.users[2] }
	for want, change := range map[string]func(m *fakeTenant){
		"user u-2 missing": func(m *fakeTenant) { m.users = slices.Delete(m.users, 1, 2) },
		"user u-1 missing": func(m *fakeTenant) { m.users = m.users[1:] },
		"user u-4 missing": func(m *fakeTenant) { m.users = m.users[:3] },
		"user a extra":     func(m *fakeTenant) { m.users = slices.Insert(m.users, 0, users.User{ID: "a"}) },
		"user u-2a extra":  func(m *fakeTenant) { m.users = slices.Insert(m.users, 2, users.User{ID: "u-2a"}) },
		"user z extra":     func(m *fakeTenant) { m.users = append(m.users, users.User{ID: "z"}) },

		"user u-3 differs user_store_id":                  func(m *fakeTenant) { third(m).StoreID = "other" },
		"user u-3 differs identifiers.email_address":      func(m *fakeTenant) { third(m).Identifiers.EmailAddress = "Cleo@example.com" },
		"user u-3 differs identifiers.username":           func(m *fakeTenant) { third(m).Identifiers.Username = "cleo" },
		"user u-3 differs email_verified":                 func(m *fakeTenant) { third(m).EmailVerified = false },
		"user u-3 differs registered":                     func(m *fakeTenant) { third(m).Registered = nil },
		"user u-3 differs last_login":                     func(m *fakeTenant) { third(m).LastLogin = at("2024-05-01T08:00:00Z") },
		"user u-3 differs updated":                        func(m *fakeTenant) { third(m).Updated = at("2024-05-01T08:00:00Z") },
		"user u-3 differs tracking_id":                    func(m *fakeTenant) { third(m).TrackingID = "x" },
		"user u-3 differs account_ids":                    func(m *fakeTenant) { third(m).AccountIDs = []string{"acc-1"} },
		"user u-3 differs attributes.plan":                func(m *fakeTenant) { third(m).Attributes["plan"] = "Digital" },
		"user u-3 differs attributes.first_name":          func(m *fakeTenant) { delete(third(m).Attributes, "first_name") },
		"user u-3 differs attributes.born":                func(m *fakeTenant) { third(m).Attributes["born"] = *at("1990-12-31T00:00:00Z") },
		"user u-1 differs attributes.born":                func(m *fakeTenant) { m.users[0].Attributes["born"] = *at("1990-12-30T00:00:00Z") },
		"user u-1 differs attributes.score":               func(m *fakeTenant) { m.users[0].Attributes["score"] = int64(41) },
		"user u-1 differs attributes.newsletter":          func(m *fakeTenant) { m.users[0].Attributes["newsletter"] = false },
		"user u-3 differs foreign_keys.CRM":               func(m *fakeTenant) { third(m).ForeignKeys["CRM"] = "012345" },
		"user u-3 differs foreign_keys.ERP":               func(m *fakeTenant) { third(m).ForeignKeys["ERP"] = "1" },
		"user u-3 differs extended_profiles.quiz.v1":      func(m *fakeTenant) { third(m).ExtendedProfiles["quiz.v1"] = []byte(`{"score":1.5,"tag":"<b>"}`) },
		"user u-3 differs registration_state":             func(m *fakeTenant) { delete(third(m).Additional, "registration_state") },
		"user u-4 differs extended_profiles.app":          func(m *fakeTenant) { m.users[3].ExtendedProfiles = nil },
		"user u-3 differs attributes.plan,email_verified": func(m *fakeTenant) { third(m).EmailVerified = false; delete(third(m).Attributes, "plan") },

		"field surname missing": func(m *fakeTenant) { m.users[1].Attributes, m.users[2].Attributes = nil, nil; dropField(m, "surname") },
		"field mine extra": func(m *fakeTenant) {
			m.schema = append(m.schema, users.Field{Slug: "mine", Label: "Mine", Type: users.Text})
		},
		"field plan differs select-options": func(m *fakeTenant) { m.schema[2].Options = m.schema[2].Options[:1] },
		"field first_name differs required": func(m *fakeTenant) {
			m.schema[0].Document = strings.Replace(m.schema[0].Document, `"required":false`, `"required":true`, 1)
		},
		"field born differs label":    func(m *fakeTenant) { m.schema[3].Label = "b" },
		"product daily missing":       func(m *fakeTenant) { m.products = m.products[:1] },
		"product daily differs label": func(m *fakeTenant) { m.products[1].Label = "x" },
		"account acc-2 missing":       func(m *fakeTenant) { delete(m.accounts, "acc-2") },
		"account acc-1 differs name": func(m *fakeTenant) {
			a := m.accounts["acc-1"]
			a.Name = "x"
			m.accounts["acc-1"] = a
		},
		"account acc-1 differs number_of_seats": func(m *fakeTenant) {
			a := m.accounts["acc-1"]
			a.Members = users.Members(strings.Replace(string(a.Members), `"number_of_seats":7`, `"number_of_seats":8`, 1))
			m.accounts["acc-1"] = a
		},
	} {
		m := copied(t, f)
		change(m)
		_, _, got := verified(t, f, m, nil)
		if strings.HasPrefix(want, "field surname") { // users lack the attribute, too
			got = slices.DeleteFunc(got, func(d string) bool { return strings.HasPrefix(d, "user ") })
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%v, want %s", got, want)
		}
	}
	for what, change := range map[string]func(g *users.Grant){
		"id": func(g *users.Grant) { g.ID = "x" }, "account": func(g *users.Grant) { g.AccountID = "" }, "state": func(g *users.Grant) { g.ExpiryState = "active" },
		"type": func(g *users.Grant) { g.EntitlementType = "" }, "entitlement": func(g *users.Grant) { g.EntitlementID = "x" }, "product": func(g *users.Grant) { g.ProductID = "x" },
		"start": func(g *users.Grant) { g.Start = nil }, "end": func(g *users.Grant) { g.End = at("2022-12-31T23:59:58Z") }, "created": func(g *users.Grant) { g.Created = nil },
	} {
		m := copied(t, f)
		change(&m.users[2].Grants[0])
		if _, _, got := verified(t, f, m, nil); !slices.Equal(got, []string{"user u-3 differs grants"}) {
			t.Errorf("the %s of a grant: %v", what, got)
		}
	}
}

func dropField(m *fakeTenant, slug string) {
	m.schema = slices.DeleteFunc(m.schema, func(f users.Field) bool { return f.Slug == slug })
}

// Names that an import replaced are compared under their new names.
func TestRenamedNames(t *testing.T) {
	t.Parallel()
	c := comparison{
		schema:  users.Schema{{Slug: "first_name", Label: "first name", Type: users.Text}},
		renamed: Renamed{"attributes": {"first name": "first_name"}, "foreign_keys": {"my crm": "my_crm_1"}, "extended_profiles": {"a b": "a_b_2"}},
	}
	item, err := parseItem([]byte(`{"user":{"user_id":"u","attributes":{"first name":"A","none":null},"foreign_keys":{"my crm":"1","empty":""},"extended_profiles":{"a b":{"x":1}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	u := &users.User{
		ID: "u", Attributes: map[string]any{"first_name": "A"}, ForeignKeys: map[string]string{"my_crm_1": "1"},
		ExtendedProfiles: map[string]json.RawMessage{"a_b_2": []byte(`{"x":1}`)},
	}
	if paths := c.user(item, u); len(paths) > 0 {
		t.Errorf("differs in %v", paths)
	}
	c.renamed = nil
	if paths := c.user(item, u); len(paths) != 6 {
		t.Errorf("without the new names: %v", paths)
	}
}

// What Egress has no place for is counted, and what it refuses is in the report.
func TestCatalogReportsWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	s := recorded(t)
	s.body["/v3/schema/users"] = `[{"slug":"a b","label":"A"},{"slug":"x","input-type":"hologram"},{"slug":"y"},{"slug":"y"},7,
		{"slug":"o","label":"O","input-type":"select","select-options":"{\"a\":1}"},{"slug":"p","label":"P","input-type":"radio","select-options":[{"value":"1","label":"One"},{"value":"1"}]}]`
	s.body["/v3/products"] = `{"results":[{"label":"nameless"},{"id":"only","price":3,"description":null}]}`
	f := s.downloaded()
	m, r := &fakeTenant{accounts: map[string]users.Account{}}, newReport(t)
	if err := ImportCatalog(t.Context(), f, catalog{m}, "t", r); err != nil {
		t.Fatal(err)
	}
	want := []string{"field a b refused", "field x refused", "field y refused", "field  refused", "product products-000001.json refused"}
	if got := texts(r); !slices.Equal(got, want) {
		t.Errorf("report %q, want %q", got, want)
	}
	if got := fmt.Sprint(slices.Sorted(maps.Keys(r.NotKept))); !strings.Contains(got, "schema.select-options") || strings.Contains(got, "description") {
		t.Errorf("not kept: %s", got)
	}
	if p, _ := m.schema.Field("p"); len(p.Options) != 1 || p.Options[0].Label != "One" {
		t.Errorf("options %+v", p.Options)
	}
	if len(m.products) != 1 || m.products[0].Label != "only" {
		t.Fatalf("products %+v", m.products)
	}
	kept, err := json.Marshal(m.products[0])
	if err != nil || strings.Contains(string(kept), "price") == (r.NotKept["products.price"] == 1) { // kept, or counted
		t.Errorf("product %s, not kept %v, %v", kept, r.NotKept, err)
	}
}

// A field that has another type in the tenant keeps it: an earlier import may have widened it.
func TestFieldsWithAnotherTypeStay(t *testing.T) {
	t.Parallel()
	f := recorded(t).downloaded()
	m := &fakeTenant{accounts: map[string]users.Account{}, schema: users.Schema{{Slug: "score", Label: "Old", Type: users.Text, Order: 4}, {Slug: "plan", Label: "Old", Type: users.Text, Order: 9}}}
	if err := ImportCatalog(t.Context(), f, catalog{m}, "t", newReport(t)); err != nil {
		t.Fatal(err)
	}
	score, _ := m.schema.Field("score")
	plan, _ := m.schema.Field("plan")
	first, _ := m.schema.Field("first_name")
	if score.Type != users.Text || plan.Type != users.Select || plan.Order != 9 || first.Order != 10 {
		t.Errorf("score %+v, plan %+v, first_name %+v", score, plan, first)
	}
}
