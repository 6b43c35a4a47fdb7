package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

const sampleSize = 3000

func TestUsersAreDeterministic(t *testing.T) {
	t.Parallel()
	for _, tenant := range Tenants() {
		few := slices.Collect(Users(tenant, 50))
		for i, u := range slices.Collect(Users(tenant, 100))[:50] {
			a, err := users.Encode(u)
			if err != nil {
				t.Fatal(err)
			}
			b, err := users.Encode(few[i])
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a, b) {
				t.Fatalf("user %d of %s differs", i, tenant.ID)
			}
		}
	}
	// The ids are pinned: after a change of the generator, seeding an existing database again would
	// add users.
	var first []string
	for _, tenant := range Tenants() {
		for u := range Users(tenant, 1) {
			first = append(first, fmt.Sprintf("%s %s", tenant.ID, u.ID))
		}
	}
	want := []string{"meridian 01KR7DK38RGKR3FMJTNAKYE63W", "northgate 01M6ZZW14GQW9B32J801SXEHG3"}
	if !slices.Equal(first, want) {
		t.Errorf("the first users are %v, want %v", first, want)
	}
}

func TestUsersAreRealistic(t *testing.T) {
	t.Parallel()
	for _, tenant := range Tenants() {
		t.Run(tenant.ID, func(t *testing.T) {
			t.Parallel()
			if err := tenant.Schema.Validate(); err != nil {
				t.Fatal(err)
			}
			if len(tenant.Schema) != 14 || len(tenant.Stores) != 3 {
				t.Fatalf("%d fields, %d stores", len(tenant.Schema), len(tenant.Stores))
			}
			ids, emails, seen := map[string]bool{}, map[string]bool{}, map[string]int{}
			for u := range Users(tenant, sampleSize) {
				if ids[u.ID] || emails[u.Identifiers.EmailAddress] {
					t.Fatalf("user %s appears twice", u.ID)
				}
				ids[u.ID], emails[u.Identifiers.EmailAddress] = true, true
				checkUser(t, tenant, u, seen)
			}
			for _, what := range []string{
				"leading zero", "no value", "formula", "quoted", "pending", "active", "expired", "no grants", "4 grants",
				"Greek", "Cyrillic", "Arabic", "Hebrew", "Han", "Hangul", "Hiragana", "emoji", "no last login", "account",
			} {
				if seen[what] == 0 {
					t.Errorf("none of %d users has: %s", sampleSize, what)
				}
			}
		})
	}
}

func checkUser(t *testing.T, tenant Tenant, u users.User, seen map[string]int) {
	t.Helper()
	if len(u.ID) != 26 || !users.ValidID(u.ID) {
		t.Errorf("id %q", u.ID)
	}
	email := u.Identifiers.EmailAddress
	_, domain, _ := strings.Cut(email, "@")
	if !slices.Contains([]string{"example.com", "example.org", "example.net"}, domain) || strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) {
		t.Errorf("e-mail address %q", email)
	}
	if !slices.ContainsFunc(tenant.Stores, func(s users.Store) bool { return s.ID == u.StoreID }) {
		t.Errorf("store %q", u.StoreID)
	}
	for _, at := range []*time.Time{u.Registered, u.LastLogin, u.Updated} {
		if at == nil {
			seen["no last login"]++
		} else if at.Before(*u.Registered) || at.After(Epoch) {
			t.Errorf("%s: %v is not between registration and now", u.ID, at)
		}
	}
	for slug, v := range u.Attributes {
		f, ok := tenant.Schema.Field(slug)
		if !ok {
			t.Fatalf("attribute %s is not in the schema", slug)
		}
		back, err := users.Coerce(f, export.String(users.Format(f.Type, v)))
		if err != nil || back != v {
			t.Errorf("%s %#v came back as %#v (%v)", slug, v, back, err)
		}
	}
	if len(u.Attributes) < len(tenant.Schema) {
		seen["no value"]++
	}
	countTraits(u, seen)
	for app, profile := range u.ExtendedProfiles {
		var compact bytes.Buffer
		if err := json.Compact(&compact, profile); err != nil || compact.String() != string(profile) {
			t.Errorf("profile %s is not compact JSON: %s", app, profile)
		}
	}
	for _, g := range u.Grants {
		if g.ExpiryState != g.StateAt(Epoch) || g.Created.Before(*u.Registered) || g.Start.Before(*g.Created) {
			t.Errorf("grant %+v", g)
		}
		if !slices.ContainsFunc(tenant.Products, func(p users.Product) bool { return p.ID == g.ProductID }) {
			t.Errorf("product %q", g.ProductID)
		}
		if g.AccountID != "" && !slices.Contains(u.AccountIDs, g.AccountID) {
			t.Errorf("account %q is not among %v", g.AccountID, u.AccountIDs)
		}
		seen[g.ExpiryState]++
	}
}

func countTraits(u users.User, seen map[string]int) {
	company, _ := u.Attributes["company"].(string)
	phone, _ := u.Attributes["phone"].(string)
	name, _ := u.Attributes["first_name"].(string)
	for what, found := range map[string]bool{
		"leading zero": strings.HasPrefix(phone, "0"), "formula": strings.HasPrefix(company, "="), "quoted": strings.Contains(company, `"`),
		"no grants": len(u.Grants) == 0, "4 grants": len(u.Grants) == 4, "account": len(u.AccountIDs) > 0,
		"emoji": strings.ContainsFunc(name, func(r rune) bool { return r > 0x1f000 && r < 0x20000 }),
	} {
		if found {
			seen[what]++
		}
	}
	for _, script := range []string{"Greek", "Cyrillic", "Arabic", "Hebrew", "Han", "Hangul", "Hiragana"} {
		if strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Scripts[script], r) }) {
			seen[script]++
		}
	}
}

// recordedUsers keeps the users that Run writes.
type recordedUsers struct {
	Writer

	docs []bson.Raw
}

func (*recordedUsers) PutSchema(context.Context, string, users.Schema) error { return nil }

func (*recordedUsers) AddStores(context.Context, string, []users.Store) (int, error) { return 0, nil }

func (*recordedUsers) AddProducts(context.Context, string, []users.Product) (int, error) {
	return 0, nil
}

func (*recordedUsers) AddRegistry(context.Context, string, users.Registry) error { return nil }

func (*recordedUsers) AddAccounts(context.Context, string, []users.Account) (int, error) {
	return 0, nil
}

func (*recordedUsers) WriteStateEvents(context.Context, string, []bson.Raw) (int, error) {
	return 0, nil
}

func (r *recordedUsers) WriteUsers(_ context.Context, _ string, docs []bson.Raw) (int, error) {
	r.docs = append(r.docs, docs...)
	return len(docs), nil
}

// No stored subscription is active after its end: the demo data answers who has lapsed.
func TestRunStoresStatesOfItsTime(t *testing.T) {
	t.Parallel()
	now := Epoch.AddDate(0, 2, 0)
	w := &recordedUsers{}
	if err := Run(t.Context(), w, Tenants()[:1], 300, now, nil); err != nil {
		t.Fatal(err)
	}
	states := map[string]int{}
	for _, doc := range w.docs {
		u, err := users.Decode(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range u.Grants {
			if g.ExpiryState != g.StateAt(now) {
				t.Errorf("%s is %s, ends %v", g.ID, g.ExpiryState, g.End)
			}
			states[g.ExpiryState]++
		}
	}
	if states[users.GrantActive] == 0 || states[users.GrantExpired] == 0 {
		t.Errorf("states %v", states)
	}
}

// The screens show the registrations of the last days, whenever the data was made. The ids do not change.
func TestRunRegistersUsersOnEachOfTheLastDays(t *testing.T) {
	t.Parallel()
	const n = 2500
	now := Epoch.AddDate(1, 0, 0).Add(5 * time.Hour)
	w := &recordedUsers{}
	if err := Run(t.Context(), w, Tenants()[:1], n, now, nil); err != nil {
		t.Fatal(err)
	}
	var days [30]int // by the number of days before now
	ids := map[string]bool{}
	for _, doc := range w.docs {
		u, err := users.Decode(doc)
		if err != nil {
			t.Fatal(err)
		}
		ids[u.ID] = true
		for _, at := range []*time.Time{u.LastLogin, u.Updated} {
			if at != nil && (at.Before(*u.Registered) || at.After(now)) {
				t.Errorf("%s: %v is not between registration and now", u.ID, at)
			}
		}
		for _, g := range u.Grants {
			if g.Created.Before(*u.Registered) || g.Start.Before(*g.Created) || g.ExpiryState != g.StateAt(now) {
				t.Errorf("grant %+v of a user who registered at %v", g, u.Registered)
			}
		}
		if day := int(now.Sub(*u.Registered) / (24 * time.Hour)); day < len(days) {
			days[day]++
		}
	}
	for u := range Users(Tenants()[0], n) {
		if !ids[u.ID] {
			t.Errorf("user %s is missing", u.ID)
		}
	}
	if most := slices.Max(days[:]); slices.Min(days[:]) == 0 || most > n/20 {
		t.Errorf("registrations of the last days: %v", days)
	}
}
