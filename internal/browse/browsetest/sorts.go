package browsetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// allSorts are all orders of a list.
func allSorts() (list []users.Sort) {
	for _, key := range users.SortKeys {
		list = append(list, users.Sort{Key: key}, users.Sort{Key: key, Descending: true})
	}
	return list
}

// randomMember returns a value of a member by which lists are sorted, so that many users have equal
// values, or nil for none. Other programs store some of them; the embedded engine has no lists of lists.
func randomMember(r *rand.Rand, isText, odd bool) any {
	others := []any{nil, "", bson.Null{}, int64(5), 7.5, true, bson.D{{Key: "x", Value: "a"}}, bson.Timestamp{T: 5}, "2026-01-02", randomTime(r)}
	lists := []any{bson.A{}, bson.A{"a"}, bson.A{randomTime(r)}, bson.A{randomTime(r), "b", nil}}
	switch n := r.IntN(10); {
	case n < 2:
		return others[r.IntN(3)]
	case n == 2 && odd:
		return others[r.IntN(len(others))]
	case n == 3 && odd:
		return lists[r.IntN(len(lists))]
	case isText:
		return []string{"ann", "Ann", "Bob", "bob@example.com", "\u00c9mile", "E\u0301mile", "stra\u00dfe", "\uffee", "\U0001f600", "a\x00b"}[r.IntN(10)]
	default:
		return randomTime(r)
	}
}

// sortedUsers returns random users with the values of all orders; with odd also of other types.
func sortedUsers(t *testing.T, r *rand.Rand, n int, odd bool) (docs []bson.D) {
	t.Helper()
	for i := range n {
		var identifiers bson.D
		d := bson.D{{Key: "_id", Value: fmt.Sprintf("u%03d", i)}, {Key: "user_store_id", Value: []string{"uk", "se"}[r.IntN(2)]}}
		for _, key := range users.SortKeys[1:] {
			value := randomMember(r, key.IsText(), odd)
			group, name, nested := strings.Cut(key.Path(), ".")
			switch {
			case value == nil:
			case nested:
				identifiers = append(identifiers, bson.E{Key: name, Value: value})
			default:
				d = append(d, bson.E{Key: group, Value: value})
			}
		}
		if r.IntN(8) > 0 {
			d = append(d, bson.E{Key: "identifiers", Value: identifiers})
		}
		d = append(d, bson.E{Key: "attributes", Value: bson.D{{Key: "first_name", Value: []string{"Ann", "Bob", "Eve"}[r.IntN(3)]}}})
		if folded := users.FoldedUser(marshal(t, d)); len(folded) > 0 {
			d = append(d, bson.E{Key: users.FoldedKey, Value: folded})
		}
		docs = append(docs, d)
	}
	return docs
}

// listsInOrder compares the pages of all orders with the oracle, forwards and backwards.
func listsInOrder(t *testing.T, ctx context.Context, s Store) {
	for _, odd := range []bool{false, true} {
		r := rand.New(rand.NewPCG(3, 4))
		docs := sortedUsers(t, r, 24, odd)
		write(t, s, Tenant, docs...)
		raws := make([]bson.Raw, len(docs))
		for i, d := range docs {
			raws[i] = marshal(t, d)
		}
		u := s.Console(sampleSchema)
		spring := "2026-01-02"
		for _, q := range []users.Query{
			{}, {StoreID: "uk"}, {Search: "n"}, {Filter: firstName("e")}, {StoreID: "se", Filter: firstName("b"), Search: "ann"},
			{Filter: &export.Rule{Field: filter.Registered, Operator: export.Between, From: export.String(spring)}},
			{Filter: &export.Rule{Field: filter.EmailAddress, Operator: export.Is, Value: export.String("ANN")}, StoreID: "uk"},
		} {
			selection := selectionOf(t, ctx, q)
			selected := slices.DeleteFunc(slices.Clone(raws), func(doc bson.Raw) bool { return !selection.Matches(doc) })
			for _, q.Sort = range allSorts() {
				want := documentIDs(inOrder(selected, q.Sort))
				for _, limit := range []int{2, 9, 50} {
					checkPages(t, ctx, u, q, limit, want)
				}
			}
		}
	}
}

// selectionOf compiles a query of the users with sampleSchema.
func selectionOf(t *testing.T, ctx context.Context, q users.Query) filter.Selection {
	t.Helper()
	search, err := filter.Search(q.Search, "search", sampleSchema)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filter.Compile(ctx, q.Filter, "filter", sampleSchema, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := filter.InStore(q.StoreID)
	s.Where = filter.AllOf(search, rules)
	return s
}

// checkPages reads all pages to the end, and back to the start.
func checkPages(t *testing.T, ctx context.Context, u *browse.Users, q users.Query, limit int, want []string) {
	t.Helper()
	var pages [][]string
	var got []string
	cursor := ""
	for {
		p, err := u.ListUsers(ctx, Tenant, q, cursor, limit)
		if err != nil {
			t.Fatalf("%s: %v", q.Sort, err)
		}
		if (p.Previous == "") != (len(pages) == 0) {
			t.Errorf("%s: page %d has previous %q", q.Sort, len(pages), p.Previous)
		}
		pages, got = append(pages, userIDs(p.Users)), append(got, userIDs(p.Users)...)
		if p.Next == "" || len(pages) > len(want)+1 {
			cursor = p.Previous
			break
		}
		cursor = p.Next
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v by pages of %d\ngot  %q\nwant %q", q, limit, got, want)
		return
	}
	for i := len(pages) - 2; i >= 0; i-- {
		p, err := u.ListUsers(ctx, Tenant, q, cursor, limit)
		if err != nil || !slices.Equal(userIDs(p.Users), pages[i]) || p.Next == "" || (p.Previous == "") != (i == 0) {
			t.Errorf("%+v, back on page %d of %d: %q, %+v, %v; want %q", q, i, limit, userIDs(p.Users), p, err, pages[i])
			return
		}
		cursor = p.Previous
	}
}

// listsWhileUsersChange changes users between the pages. Those who keep their values are listed once.
func listsWhileUsersChange(t *testing.T, ctx context.Context, s Store) {
	r := rand.New(rand.NewPCG(5, 6))
	docs := sortedUsers(t, r, 40, true)
	write(t, s, Tenant, docs...)
	u := s.Console(sampleSchema)
	for _, sort := range allSorts() {
		var got []string
		for cursor, page := "", 0; page == 0 || cursor != ""; page++ {
			p, err := u.ListUsers(ctx, Tenant, users.Query{Sort: sort}, cursor, 3)
			if err != nil || page > 100 {
				t.Fatalf("%s: page %d: %v", sort, page, err)
			}
			got, cursor = append(got, userIDs(p.Users)...), p.Next
			changed := sortedUsers(t, r, 40, true)[r.IntN(20):][:3]
			for i := range changed {
				changed[i][0].Value = fmt.Sprintf("%s-changed", changed[i][0].Value)
			}
			write(t, s, Tenant, changed...)
		}
		steady := slices.DeleteFunc(got, func(id string) bool { return strings.HasSuffix(id, "-changed") })
		if slices.Sort(steady); len(steady) != len(docs) || len(slices.Compact(steady)) != len(docs) {
			t.Errorf("%s: %q", sort, steady)
		}
	}
}

// listsLongValues sorts by values that are too long for a cursor.
func listsLongValues(t *testing.T, ctx context.Context, s Store) {
	long := strings.Repeat("x", 3000)
	var docs []bson.D
	for i, name := range []string{long + "b", "a", long + "a", long + "a", "z"} {
		docs = append(docs, bson.D{{Key: "_id", Value: fmt.Sprint("u", i)}, {Key: "identifiers", Value: bson.D{{Key: "username", Value: name}}}})
	}
	write(t, s, Tenant, docs...)
	u := s.Console(sampleSchema)
	q := users.Query{Sort: users.Sort{Key: users.SortByUsername}}
	checkPages(t, ctx, u, q, 1, []string{"u1", "u2", "u3", "u0", "u4"})
	p, err := u.ListUsers(ctx, Tenant, q, "", 2)
	if err != nil || len(p.Next) > 1000 {
		t.Fatalf("%d bytes, %v", len(p.Next), err)
	}
	if _, err := u.ListUsers(ctx, "weekly", q, p.Next, 2); errs.CodeOf(err) != errs.CodeInvalidRequest {
		t.Errorf("at a user who does not exist: %v", err)
	}
}

// refusesOtherCursors uses the cursors of each order for each other.
func refusesOtherCursors(t *testing.T, ctx context.Context, s Store) {
	WriteUsers(t, s, Tenant, "a", "b", "c")
	write(t, s, Tenant, bson.D{{Key: "_id", Value: "d"}, {Key: "registered", Value: time.UnixMilli(5)}, {Key: "identifiers", Value: bson.D{{Key: "username", Value: "d"}}}})
	u := s.Console(nil)
	for _, sort := range allSorts() {
		p, err := u.ListUsers(ctx, Tenant, users.Query{Sort: sort}, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range allSorts() {
			_, err := u.ListUsers(ctx, Tenant, users.Query{Sort: other}, p.Next, 1)
			if other == sort {
				if err != nil {
					t.Errorf("%s: %v", sort, err)
				}
			} else if e, ok := err.(*errs.Error); !ok || e.Code != errs.CodeInvalidRequest || e.Field != "cursor" { //nolint:errorlint // as the API gets it
				t.Errorf("%s with a cursor of %s: %v", other, sort, err)
			}
		}
	}
}
