package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

func encode(t testing.TB, doc bson.D) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatalf("encode a document: %v", err)
	}
	return raw
}

func writeTenant(t testing.TB, db *DB, write func(c *conn) error) {
	t.Helper()
	if err := db.writeTenant(t.Context(), "meridian", write); err != nil {
		t.Fatalf("write: %v", err)
	}
}

const decomposed, composed = "Ame\u0301lie", "am\u00e9lie"

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// shapes are members of users, and whether a user with them is odd.
var shapes = []struct {
	members bson.D
	odd     bool
}{
	{bson.D{}, false},
	{bson.D{{Key: "user_store_id", Value: "uk"}}, false},
	{bson.D{{Key: "user_store_id", Value: nil}}, false},
	{bson.D{{Key: "user_store_id", Value: bson.Undefined{}}}, false},
	{bson.D{{Key: "user_store_id", Value: ""}}, false},
	{bson.D{{Key: "user_store_id", Value: bson.A{"us", "uk"}}}, true},
	{bson.D{{Key: "user_store_id", Value: 5}}, true},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "amélie"}, {Key: "username", Value: "amy"}}}}, false},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "Amy"}, {Key: "username", Value: nil}}}}, false},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: ""}, {Key: "username", Value: composed}}}}, false},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "AMÉLIE"}}}}, false},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: decomposed}}}}, true}, // not folded
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: decomposed}}},
		{Key: "folded", Value: bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: composed}}}}}}, false},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "Bea"}}}, // wrong folded text
		{Key: "folded", Value: bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "amy"}}}}}}, true},
	{bson.D{{Key: "folded", Value: bson.D{{Key: "identifiers", Value: bson.D{{Key: "username", Value: "amy"}}}}}}, true},
	{bson.D{{Key: "folded", Value: bson.D{{Key: "identifiers", Value: bson.A{bson.D{{Key: "username", Value: "amy"}}}}}}}, true},
	{bson.D{{Key: "folded", Value: bson.A{bson.D{{Key: "identifiers", Value: bson.D{{Key: "username", Value: "amy"}}}}}}}, true},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: bson.A{"Amy"}}}}}, true},
	{bson.D{{Key: "identifiers", Value: bson.D{{Key: "username", Value: 7}}}}, true},
	{bson.D{{Key: "identifiers", Value: bson.A{bson.D{{Key: "username", Value: "amy"}}}}}, true},
	{bson.D{{Key: "identifiers", Value: nil}}, false},
	{bson.D{{Key: "registered", Value: noon}, {Key: "last_login", Value: noon}, {Key: "updated", Value: noon}}, false},
	{bson.D{{Key: "registered", Value: time.UnixMilli(-5)}, {Key: "last_login", Value: nil}}, false},
	{bson.D{{Key: "registered", Value: bson.A{noon}}}, true},
	{bson.D{{Key: "last_login", Value: "2026-01-02"}}, true},
	{bson.D{{Key: "updated", Value: bson.Timestamp{T: 5}}}, true},
	{bson.D{{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "7"}, {Key: "news", Value: nil}, {Key: "other", Value: ""}}}}, false},
	{bson.D{{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: bson.A{"6", "7"}}}}}, true},
	{bson.D{{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: 7}}}}, true},
	{bson.D{{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: bson.D{{Key: "id", Value: "7"}}}}}}, true},
	{bson.D{{Key: "foreign_keys", Value: bson.A{bson.D{{Key: "crm", Value: "7"}}}}}, true},
	{bson.D{{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "7"}, {Key: "crm", Value: "7"}, {Key: "crm", Value: "8"}}}}, false},
	{bson.D{{Key: "account_ids", Value: bson.A{}}}, false},
	{bson.D{{Key: "account_ids", Value: bson.A{"a1", "A1", "a1"}}}, false},
	{bson.D{{Key: "account_ids", Value: bson.A{"", "A1"}}, {Key: "folded", Value: bson.D{{Key: "account_ids", Value: bson.A{"", "a1"}}}}}, false},
	{bson.D{{Key: "account_ids", Value: bson.A{"b2"}}, {Key: "folded", Value: bson.D{{Key: "account_ids", Value: bson.A{"a1"}}}}}, false},
	{bson.D{{Key: "account_ids", Value: bson.A{"a1", 5}}}, true},
	{bson.D{{Key: "account_ids", Value: bson.A{bson.A{"a1"}}}}, true},
	{bson.D{{Key: "account_ids", Value: "a1"}}, true},
	{bson.D{{Key: "account_ids", Value: nil}}, false},
}

// lookUp is a condition and the query for the seq of the users that an index finds for it.
type lookUp struct {
	condition filter.Condition
	query     string
	args      []any
}

func lookUps() (list []lookUp) {
	for _, value := range []string{"uk", "us", ""} {
		list = append(list, lookUp{filter.Equal{Path: "user_store_id", Value: value}, "SELECT seq FROM users WHERE store = ?", []any{value}})
	}
	for _, text := range []string{"amy", "AMY", "bea", "Amélie", decomposed} {
		folded := users.Fold(text)
		list = append(list,
			lookUp{filter.NewText(filter.EmailAddress, export.Is, text), "SELECT seq FROM users WHERE email = ?", []any{folded}},
			lookUp{filter.NewText(filter.Username, export.Is, text), "SELECT seq FROM users WHERE username = ?", []any{folded}})
	}
	second := noon.Add(time.Second)
	list = append(list,
		lookUp{filter.Times{Path: "registered", Before: &noon}, "SELECT seq FROM users WHERE registered < ?", []any{noon}},
		lookUp{filter.Times{Path: "last_login", From: &noon}, "SELECT seq FROM users WHERE last_login >= ?", []any{noon}},
		lookUp{filter.Times{Path: "updated", From: &noon, Before: &second}, "SELECT seq FROM users WHERE updated >= ? AND updated < ?", []any{noon, second}})
	for _, system := range []string{"crm", "news", "other"} {
		for _, key := range []string{"7", "8", ""} {
			list = append(list, lookUp{filter.Equal{Path: "foreign_keys." + system, Value: key},
				"SELECT user FROM foreign_keys WHERE system = ? AND key = ?", []any{system, key}})
		}
	}
	for _, account := range []string{"a1", "A1", "b2", ""} {
		list = append(list, lookUp{filter.OneOf{Path: "account_ids", Values: []string{account}},
			"SELECT user FROM account_users WHERE account = ?", []any{account}})
	}
	return list
}

func TestIndexesAgreeWithFilters(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	for i, shape := range shapes {
		doc := encode(t, append(bson.D{{Key: "_id", Value: fmt.Sprint(i)}}, shape.members...))
		r, err := newUserRow(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if r.odd != shape.odd {
			t.Errorf("%s: odd is %t", doc, r.odd)
		}
		writeTenant(t, db, func(c *conn) error { return insertUser(c, doc) })
		for _, l := range lookUps() {
			var seq, found int64
			writeTenant(t, db, func(c *conn) (err error) {
				if seq, err = c.integer("SELECT seq FROM users WHERE id = ?", fmt.Sprint(i)); err != nil {
					return err
				}
				return c.query(l.query, func(r *row) error {
					if r.ColumnInt64(0) == seq {
						found++
					}
					return nil
				}, l.args...)
			})
			matches := l.condition.Matches(doc)
			if !shape.odd && matches != (found == 1) {
				t.Errorf("%s: %#v: the index finds %d, Matches returns %t", doc, l.condition, found, matches)
			}
		}
	}
}

func TestUserIDIsString(t *testing.T) {
	t.Parallel()
	for _, doc := range []bson.D{{}, {{Key: "_id", Value: nil}}, {{Key: "_id", Value: 7}}, {{Key: "_id", Value: bson.NewObjectID()}}} {
		_, err := newUserRow(encode(t, doc))
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Code != errs.CodeNonStringID {
			t.Errorf("%v: the error is %v", doc, err)
		}
	}
	r, err := newUserRow(encode(t, bson.D{{Key: "_id", Value: bson.Symbol("u1")}}))
	if err != nil || r.id != "u1" || !r.odd {
		t.Errorf("a symbol: %+v, %v", r, err)
	}
	if _, err := newUserRow(encode(t, bson.D{{Key: "_id", Value: "u1"}})[:9]); err == nil {
		t.Error("a cut document is accepted")
	}
}

func TestPutUser(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	state := func() (s string) {
		writeTenant(t, db, func(c *conn) (err error) {
			s, err = c.text(`SELECT json_array(
				(SELECT json_group_array(json_array(seq, id, store, email) ORDER BY seq) FROM users),
				(SELECT json_group_array(json_array(system, key, user)) FROM foreign_keys),
				(SELECT json_group_array(json_array(account, user)) FROM account_users))`)
			return err
		})
		return s
	}
	put := func(wantNew bool, doc bson.D) {
		t.Helper()
		writeTenant(t, db, func(c *conn) error {
			created, err := putUser(c, encode(t, doc))
			if created != wantNew {
				t.Errorf("%v: created is %t", doc, created)
			}
			return err
		})
	}
	u1 := bson.D{{Key: "_id", Value: "u1"}, {Key: "user_store_id", Value: "uk"}, {Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "7"}}}, {Key: "account_ids", Value: bson.A{"A1"}}}
	put(true, u1)
	put(true, bson.D{{Key: "_id", Value: "u2"}, {Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: "8"}}}, {Key: "account_ids", Value: bson.A{"a1"}}})
	put(false, bson.D{{Key: "_id", Value: "u1"}, {Key: "identifiers", Value: bson.D{{Key: "email_address", Value: "Amy"}}}, {Key: "account_ids", Value: bson.A{"b2"}}})
	if got, want := state(), `["[[1,\"u1\",null,\"amy\"],[2,\"u2\",null,null]]","[[\"crm\",\"8\",2]]","[[\"b2\",1],[\"a1\",2]]"]`; got != want {
		t.Errorf("after a replacement\ngot  %s\nwant %s", got, want)
	}
	if err := db.writeTenant(t.Context(), "meridian", func(c *conn) error { return insertUser(c, encode(t, u1)) }); !errors.Is(err, errDuplicate) {
		t.Errorf("a second insert returns %v", err)
	}
	writeTenant(t, db, func(c *conn) error {
		for _, want := range []bool{true, false} {
			if deleted, err := deleteUser(c, "u1"); deleted != want || err != nil {
				t.Errorf("delete returns %t, %v", deleted, err)
			}
		}
		return nil
	})
	if got, want := state(), `["[[2,\"u2\",null,null]]","[[\"crm\",\"8\",2]]","[[\"a1\",2]]"]`; got != want {
		t.Errorf("after a deletion\ngot  %s\nwant %s", got, want)
	}
}

// One write of many users, in any order, new and old ones, gives what writing each of them gives.
func TestPutUsersEqualsPutUser(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var batches [3][]bson.Raw
	for i := range batches {
		for _, n := range random.Perm(40)[:25] {
			doc := bson.D{
				{Key: "_id", Value: fmt.Sprintf("u%d", n)}, {Key: "user_store_id", Value: "uk"},
				{Key: "foreign_keys", Value: bson.D{{Key: "crm", Value: fmt.Sprint(random.IntN(9))}, {Key: "billing", Value: fmt.Sprint(random.IntN(9))}}},
				{Key: "account_ids", Value: bson.A{fmt.Sprint(random.IntN(9)), fmt.Sprint(random.IntN(9))}},
			}
			batches[i] = append(batches[i], encode(t, doc))
		}
	}
	write := func(put func(c *conn, docs []bson.Raw) (int, error)) (created []int, state string) {
		db := open(t, t.TempDir())
		for _, docs := range batches {
			writeTenant(t, db, func(c *conn) error {
				n, err := put(c, docs)
				created = append(created, n)
				return err
			})
		}
		writeTenant(t, db, func(c *conn) (err error) {
			state, err = c.text(`SELECT json_array(
				(SELECT json_group_array(json_array(id, store, hex(doc)) ORDER BY id) FROM users),
				(SELECT json_group_array(json_array(system, key, id) ORDER BY system, key, id) FROM foreign_keys JOIN users ON seq = user),
				(SELECT json_group_array(json_array(account, id) ORDER BY account, id) FROM account_users JOIN users ON seq = user))`)
			return err
		})
		return created, state
	}
	got, state := write(putUsers)
	want, wantState := write(func(c *conn, docs []bson.Raw) (n int, err error) {
		for _, doc := range docs {
			isNew, err := putUser(c, doc)
			if err != nil {
				return 0, err
			}
			if isNew {
				n++
			}
		}
		return n, nil
	})
	if !slices.Equal(got, want) || state != wantState {
		t.Errorf("created %v, want %v\ngot  %s\nwant %s", got, want, state, wantState)
	}
}
