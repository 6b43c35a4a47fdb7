package sqlite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// userRow is the row of a user in table users, and the user's rows in foreign_keys and
// account_users.
//
// While no row is odd, look-ups in them find the users that filter.Condition.Matches selects: store,
// foreign_keys and account_users those of Equal and OneOf, the times those of Times, email and
// username those of Text with the operator Is.
type userRow struct {
	id                             string
	store, email, username         any // text, or nil
	registered, lastLogin, updated any // milliseconds since 1970, or nil
	odd                            bool
	doc                            bson.Raw
	foreignKeys                    []foreignKey
	accounts                       []string
}

type foreignKey struct{ system, key string }

// newUserRow derives the row of a stored user. It returns errs.CodeNonStringID if the user's id is
// not a string.
func newUserRow(doc bson.Raw) (userRow, error) {
	r := userRow{doc: doc}
	m, err := userMembersOf(doc)
	if err != nil {
		return r, err
	}
	id, ok := pipeline.StringValue(rawValue(m.id))
	if !ok {
		return r, pipeline.NonStringIDError("users", pipeline.BSONTypeName(rawValue(m.id)))
	}
	r.id, r.odd = id, m.id.Type != bsoncore.TypeString // MongoDB compares a symbol as text, filters do not
	r.store = r.text(m.store)
	r.registered, r.lastLogin, r.updated = r.time(m.registered), r.time(m.lastLogin), r.time(m.updated)
	identifiers, folded := r.document(m.identifiers), r.document(m.folded)
	foldedIdentifiers := r.document(member(folded, "identifiers"))
	r.email = r.folded(member(identifiers, "email_address"), member(foldedIdentifiers, "email_address"))
	r.username = r.folded(member(identifiers, "username"), member(foldedIdentifiers, "username"))
	if err := r.addForeignKeys(r.document(m.foreignKeys)); err != nil {
		return r, err
	}
	r.addAccounts(m.accounts)
	return r, nil
}

// userMembers are the members of a stored user that have columns. A missing member has type 0.
type userMembers struct {
	id, store, identifiers, registered, lastLogin, updated, foreignKeys, accounts, folded bsoncore.Value
}

// userMembersOf reads the document once. Of a repeated key the first counts, as in filters.
func userMembersOf(doc bson.Raw) (m userMembers, err error) {
	elements, err := bsoncore.Document(doc).Elements()
	if err != nil {
		return m, fmt.Errorf("read a user: %w", err)
	}
	for _, e := range elements {
		var to *bsoncore.Value
		switch string(e.KeyBytes()) {
		case "_id":
			to = &m.id
		case "user_store_id":
			to = &m.store
		case "identifiers":
			to = &m.identifiers
		case "registered":
			to = &m.registered
		case "last_login":
			to = &m.lastLogin
		case "updated":
			to = &m.updated
		case "foreign_keys":
			to = &m.foreignKeys
		case "account_ids":
			to = &m.accounts
		case users.FoldedKey:
			to = &m.folded
		default:
			continue
		}
		if to.Type == 0 {
			*to = e.Value()
		}
	}
	return m, nil
}

// text returns the text of a value, nil if it is missing or null, and else nil for an odd row.
func (r *userRow) text(v bsoncore.Value) any {
	if s, ok := v.StringValueOK(); ok {
		return s
	}
	r.odd = r.odd || !isMissing(v)
	return nil
}

// time returns the milliseconds of a date like text.
func (r *userRow) time(v bsoncore.Value) any {
	if t, ok := v.DateTimeOK(); ok {
		return t
	}
	r.odd = r.odd || !isMissing(v)
	return nil
}

// document returns a document like text.
func (r *userRow) document(v bsoncore.Value) bsoncore.Document {
	if d, ok := v.DocumentOK(); ok {
		return d
	}
	r.odd = r.odd || !isMissing(v)
	return nil
}

// folded returns the folded form of text, nil if that is empty. Stored is the folded text in the
// document.
func (r *userRow) folded(v, stored bsoncore.Value) any {
	text, _ := r.text(v).(string)
	folded := users.Fold(text)
	r.odd = r.odd || !foldingAgrees(text, folded, stored)
	return orNull(folded)
}

// foldingAgrees reports whether filter.Text finds text by its folded form: in the folded text that
// the document stores, or, if it stores none, by the cases of its characters.
func foldingAgrees(text, folded string, stored bsoncore.Value) bool {
	if stored.Type == 0 {
		return strings.Map(users.FoldRune, text) == folded
	}
	s, ok := stored.StringValueOK()
	return ok && s == folded
}

func (r *userRow) addForeignKeys(doc bsoncore.Document) error {
	if doc == nil {
		return nil
	}
	elements, err := doc.Elements()
	if err != nil {
		return fmt.Errorf("read the foreign keys of a user: %w", err)
	}
	for i, e := range elements {
		if repeats(elements[:i], e) {
			continue
		}
		if key, ok := r.text(e.Value()).(string); ok {
			r.foreignKeys = append(r.foreignKeys, foreignKey{e.Key(), key})
		}
	}
	return nil
}

// repeats reports whether an element has the key of an earlier one.
func repeats(earlier []bsoncore.Element, e bsoncore.Element) bool {
	return slices.ContainsFunc(earlier, func(first bsoncore.Element) bool { return bytes.Equal(first.KeyBytes(), e.KeyBytes()) })
}

func (r *userRow) addAccounts(v bsoncore.Value) {
	accounts, usual := list(v)
	r.odd = r.odd || !usual
	for _, account := range accounts {
		if text, ok := account.StringValueOK(); ok {
			r.accounts = append(r.accounts, text)
		} else {
			r.odd = true
		}
	}
}

// list returns the elements of an array, none if it is missing or null, and whether it is one of
// these.
func list(v bsoncore.Value) (values []bsoncore.Value, usual bool) {
	array, ok := v.ArrayOK()
	if !ok {
		return nil, isMissing(v)
	}
	values, err := array.Values()
	return values, err == nil
}

// member returns a member of a document, of type 0 if it is missing.
func member(doc bsoncore.Document, key string) bsoncore.Value {
	if doc == nil {
		return bsoncore.Value{}
	}
	return doc.Lookup(key)
}

func isMissing(v bsoncore.Value) bool {
	return v.Type == 0 || v.Type == bsoncore.TypeNull || v.Type == bsoncore.TypeUndefined
}

func rawValue(v bsoncore.Value) bson.RawValue {
	return bson.RawValue{Type: bson.Type(v.Type), Value: v.Data}
}
