package sqlite

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// randomUser returns a user with values of few kinds, so that conditions often match. An odd user
// has members of types that Egress does not store.
func randomUser(t *testing.T, r *rand.Rand, n int, odd bool) bson.Raw {
	t.Helper()
	pick := func(values ...any) any { return values[r.IntN(len(values))] }
	d := bson.D{
		{Key: "_id", Value: fmt.Sprintf("u%04d", n)},
		{Key: "user_store_id", Value: pick("main", "press")},
		{Key: "identifiers", Value: bson.D{
			{Key: "email_address", Value: fmt.Sprintf("%sda%d@example.com", pick("a", "A", "\u00c4"), r.IntN(20))},
			{Key: "username", Value: pick("ada", "ADA", "bob", "")},
		}},
		{Key: "attributes", Value: bson.D{{Key: "age", Value: pick(int32(7), int64(8), 9.5, "9", nil)}}},
		{Key: "registered", Value: firstDay.AddDate(0, 0, r.IntN(300))},
	}
	if r.IntN(2) == 0 {
		d = append(d, bson.E{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: pick("1", "2", "3")}}},
			bson.E{Key: "account_ids", Value: bson.A{pick("acme", "ACME"), pick("globex", "initech")}},
			bson.E{Key: "last_login", Value: firstDay.AddDate(0, 0, r.IntN(300))})
	}
	grant := bson.D{{Key: "account_id", Value: pick("acme", "initech", bson.A{"acme", "other"}, 7)}}
	if shape := r.IntN(4); shape < 3 {
		d = append(d, bson.E{Key: "grants", Value: []any{bson.A{grant}, bson.A{bson.D{}, "text", grant}, grant}[shape]})
	}
	if odd {
		d[1].Value = pick("main", bson.A{"main", "press"}, 7)
		d[2].Value = pick(d[2].Value, bson.A{d[2].Value, bson.D{{Key: "username", Value: "bob"}}}, "text")
		d[4].Value = pick(bson.A{firstDay, firstDay.AddDate(1, 0, 0)}, "2026", nil)
	}
	raw, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if folded := users.FoldedUser(raw); len(folded) > 0 {
		if raw, err = bson.Marshal(append(d, bson.E{Key: users.FoldedKey, Value: folded})); err != nil {
			t.Fatal(err)
		}
	}
	return raw
}

// randomSelections returns selections of every condition that has an SQL form, of one that has none,
// and of their combinations.
func randomSelections(r *rand.Rand, n int) (list []filter.Selection) {
	day := func() *time.Time { d := firstDay.AddDate(0, 0, r.IntN(320)-10); return &d }
	one := func() filter.Condition {
		switch r.IntN(16) {
		case 0:
			return filter.Equal{Path: "_id", Value: fmt.Sprintf("u%04d", r.IntN(100))}
		case 1:
			return filter.Equal{Path: "foreign_keys.crm", Value: fmt.Sprint(r.IntN(4))}
		case 2:
			return filter.NewText(filter.EmailAddress, export.Is, fmt.Sprintf("ADA%d@example.com", r.IntN(20)))
		case 3:
			return filter.NewText(filter.Username, []export.Operator{export.Is, export.Contains}[r.IntN(2)], "aDa")
		case 4:
			return filter.OneOf{Path: accountIDs, Values: []string{"acme", "initech"}[:r.IntN(3)]}
		case 5:
			return filter.NewText(accountIDs, export.Is, "Globex")
		case 10:
			return filter.OneOf{Path: filter.GrantAccountIDs, Values: []string{"acme", "initech"}[:r.IntN(3)]}
		case 11:
			return filter.Element{Path: "grants", Of: filter.OneOf{Path: "account_id", Values: []string{"acme", "initech"}[:r.IntN(3)]}}
		case 12:
			return filter.Element{Path: "grants", Of: filter.AllOf(filter.Equal{Path: "account_id", Value: "acme"}, filter.Not{Of: filter.Known{Path: "endTime"}})}
		case 13:
			return filter.Not{Of: filter.Element{Path: "grants", Of: filter.Not{Of: filter.OneOf{Path: "account_id", Values: []string{"initech"}}}}}
		case 14:
			return filter.OneOf{Path: "_id", Values: []string{fmt.Sprintf("u%04d", r.IntN(100)), "u0007", "none"}[:r.IntN(4)]}
		case 15:
			return filter.AnyOf(filter.NewText(filter.Username, export.Is, "ADA"), filter.NewText(filter.Username, export.Is, []string{"bob", "a\x00b"}[r.IntN(2)]))
		case 6:
			return filter.Times{Path: filter.Registered, From: day(), Before: day()}
		case 7:
			return filter.Times{Path: "last_login", From: day()}
		case 8:
			return filter.Not{Of: filter.Times{Path: filter.Registered, Before: day()}}
		default:
			return filter.Numbers{Path: "attributes.age", From: int64(8)}
		}
	}
	list = append(list, filter.Selection{}, filter.InStore("main"), filter.Selection{IDs: filter.IDRange{From: "u0030", Before: "u0070"}})
	for range n {
		s := filter.Selection{Store: []string{"", "main", "press", "none"}[r.IntN(4)]}
		conditions := []filter.Condition{one()}
		for r.IntN(2) == 0 {
			conditions = append(conditions, one())
		}
		s.Where = filter.AllOf(conditions...)
		if r.IntN(4) == 0 {
			s.Where = filter.AnyOf(conditions...)
		}
		list = append(list, s)
	}
	return list
}

// storeUsers opens a database with users of a tenant.
func storeUsers(t *testing.T, docs []bson.Raw) *Users {
	t.Helper()
	db := open(t, t.TempDir())
	err := db.writeTenant(t.Context(), "acme", func(c *conn) error {
		for _, i := range rand.New(rand.NewPCG(1, 1)).Perm(len(docs)) {
			if err := insertUser(c, docs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return NewUsers(db)
}

// TestSelectionsAgreeWithMatches compares every way to read a selection with filter's own answer.
func TestSelectionsAgreeWithMatches(t *testing.T) {
	for _, odd := range []bool{false, true} {
		t.Run(fmt.Sprintf("odd %t", odd), func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			docs := make([]bson.Raw, 100)
			for n := range docs {
				docs[n] = randomUser(t, r, n, odd && n%10 == 0)
			}
			u := storeUsers(t, docs)
			some := 0
			for _, s := range randomSelections(r, 100) {
				var want []bson.Raw
				for _, doc := range docs {
					if s.Matches(doc) {
						want = append(want, doc)
					}
				}
				if len(want) > 0 {
					some++
				}
				compareReads(t, u, s, want)
			}
			if some < 40 {
				t.Errorf("only %d selections select anybody", some)
			}
		})
	}
}

func compareReads(t *testing.T, u *Users, s filter.Selection, want []bson.Raw) {
	t.Helper()
	if n, err := u.Count(t.Context(), "acme", s); err != nil || n != int64(len(want)) {
		t.Errorf("%+v: counts %d, %v; want %d", s, n, err, len(want))
	}
	if got := readAll(t, u, s, pipeline.IDRange{}); !equalDocs(got, want) {
		t.Errorf("%+v: reads %d users, want %d", s, len(got), len(want))
	}
	after, before := "u0020", "u0080"
	within := slices.DeleteFunc(slices.Clone(want), func(d bson.Raw) bool {
		id := d.Lookup("_id").StringValue()
		return id <= after || id >= before
	})
	slices.Reverse(within)
	within = within[min(2, len(within)):]
	within = within[:min(5, len(within))]
	for _, sequential := range []bool{false, true} {
		got, err := u.Find(t.Context(), "acme", s, browse.Window{After: &after, Before: &before, Backwards: true, Skip: 2, Limit: 5, Sequential: sequential})
		if err != nil || !equalDocs(got, within) {
			t.Errorf("%+v: finds %d users, %v; want %d", s, len(got), err, len(within))
		}
	}
	// Segments cover the selection without gap and overlap.
	var joined []bson.Raw
	for from := ""; ; {
		end, err := u.SegmentEnd(t.Context(), "acme", s, from, 15)
		if err != nil {
			t.Fatal(err)
		}
		joined = append(joined, readAll(t, u, s, pipeline.IDRange{After: from, Until: end})...)
		if from = end; end == "" {
			break
		}
	}
	if !equalDocs(joined, want) {
		t.Errorf("%+v: segments hold %d users, want %d", s, len(joined), len(want))
	}
}

func readAll(t *testing.T, u *Users, s filter.Selection, span pipeline.IDRange) (docs []bson.Raw) {
	t.Helper()
	c, err := u.Read(t.Context(), "acme", s, nil, span)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	for {
		doc, err := c.Next(t.Context())
		if err == io.EOF { //nolint:errorlint // the contract of Cursor
			return docs
		}
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, slices.Clone(doc))
	}
}

func equalDocs(a, b []bson.Raw) bool {
	return slices.EqualFunc(a, b, func(x, y bson.Raw) bool { return string(x) == string(y) })
}

// TestLookupsScanNothing wants an index for every question that one can answer.
func TestLookupsScanNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	docs := make([]bson.Raw, 50)
	for n := range docs {
		docs[n] = randomUser(t, r, n, false)
	}
	u := storeUsers(t, docs)
	week := firstDay.AddDate(0, 0, 290)
	for name, test := range map[string]struct {
		selection filter.Selection
		index     string
	}{
		"id":             {filter.Selection{Where: filter.Equal{Path: "_id", Value: "u0001"}}, "(id=?)"},
		"e-mail":         {filter.Selection{Where: filter.NewText(filter.EmailAddress, export.Is, "Ada1@example.com")}, "users_email (email=?)"},
		"e-mail, store":  {filter.Selection{Store: "main", Where: filter.NewText(filter.EmailAddress, export.Is, "ada")}, "users_email (email=?)"},
		"user name":      {filter.Selection{Where: filter.NewText(filter.Username, export.Is, "ada")}, "users_username (username=?)"},
		"foreign key":    {filter.Selection{Where: filter.Equal{Path: "foreign_keys.crm", Value: "1"}}, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		"two keys":       {filter.Selection{Where: filter.AllOf(foreignKeyIs("crm", "1"), foreignKeyIs("erp", "2"))}, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		"e-mail, key":    {filter.Selection{Where: filter.AllOf(filter.NewText(filter.EmailAddress, export.Is, "ada"), foreignKeyIs("crm", "1"))}, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		"e-mail, name":   {filter.Selection{Where: filter.AllOf(filter.NewText(filter.EmailAddress, export.Is, "ada"), filter.NewText(filter.Username, export.Is, "ada"))}, "users_username (username=?)"},
		"account":        {filter.Selection{Where: filter.OneOf{Path: accountIDs, Values: []string{"acme"}}}, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		"last week":      {filter.Selection{Where: filter.Times{Path: filter.Registered, From: &week}}, "users_registered (registered>?)"},
		"a day, store":   {filter.Selection{Store: "main", Where: filter.Times{Path: filter.Registered, From: &week, Before: &week}}, "users_registered (registered>? AND registered<?)"},
		"week, store":    {filter.Selection{Store: "main", Where: filter.Times{Path: filter.Registered, From: &week}}, "users_registered (registered>?)"},
		"logged in":      {filter.Selection{Where: filter.Times{Path: "last_login", From: &week}}, "users_last_login (last_login>?)"},
		"updated":        {filter.Selection{Where: filter.Times{Path: "updated", From: &week}}, "users_updated (updated>?)"},
		"store":          {filter.InStore("main"), "users_store (store=?)"},
		"store, ordered": {filter.Selection{Store: "main", Where: filter.Numbers{Path: "attributes.age", From: int64(1)}}, "users_store (store=?)"},
	} {
		err := u.read(t.Context(), "acme", func(l *lease) error {
			p, err := u.plan(l, test.selection)
			if err != nil {
				return err
			}
			statements := []string{p.ordered("doc", "")}
			if p.exact() {
				statements = append(statements, p.count())
			}
			for _, statement := range statements {
				if all := queryPlan(t, l, statement, p.args...); !strings.Contains(all, test.index) || strings.Contains(all, "SCAN users") {
					t.Errorf("%s: %s\n%s", name, statement, all)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	err := u.read(t.Context(), "acme", func(l *lease) error {
		if all := queryPlan(t, l, userByID, "u0001"); !strings.Contains(all, "(id=?)") || strings.Contains(all, "SCAN") {
			t.Errorf("%s\n%s", userByID, all)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func foreignKeyIs(system, key string) filter.Condition {
	return filter.Equal{Path: "foreign_keys." + system, Value: key}
}

// queryPlan returns the steps in which SQLite executes a statement.
func queryPlan(t *testing.T, l *lease, statement string, args ...any) string {
	t.Helper()
	var steps []string
	err := l.query("EXPLAIN QUERY PLAN "+statement, func(r *row) error { steps = append(steps, r.ColumnText(3)); return nil }, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
