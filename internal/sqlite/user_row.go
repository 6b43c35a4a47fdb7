package sqlite

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// userRow is the row of a user in table users, and the user's rows in foreign_keys and
// account_users.
//
// While no row is odd, the columns and filter.Condition.Matches agree: store, registered, last_login
// and updated compare as Equal and Times do, email and username as Text with the operator Is does.
// foreign_keys and account_users find at least the users that Equal, OneOf and Text match; check
// those with Matches.
type userRow struct {
	id                             string
	store, email, username         any // text, or nil
	registered, lastLogin, updated any // milliseconds since 1970, or nil
	odd                            bool
	foreignKeys                    []foreignKey
	accounts                       []string // folded (users.Fold)
}

type foreignKey struct{ system, key string }

// newUserRow derives the row of a stored user. It returns errs.CodeNonStringID if the user's id is
// not a string.
func newUserRow(doc bson.Raw) (userRow, error) {
	var r userRow
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
	r.addAccounts(m.accounts, member(folded, "account_ids"))
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
	for _, e := range elements {
		if key, ok := r.text(e.Value()).(string); ok {
			r.foreignKeys = append(r.foreignKeys, foreignKey{e.Key(), key})
		}
	}
	return nil
}

// addAccounts adds the account ids of a user. Stored are the folded account ids in the document.
func (r *userRow) addAccounts(v, stored bsoncore.Value) {
	accounts, usual := list(v)
	foldedAccounts, usualFolded := list(stored)
	r.odd = r.odd || !usual || !usualFolded || stored.Type != 0 && len(accounts) != len(foldedAccounts)
	for i, account := range accounts {
		text, ok := account.StringValueOK()
		if !ok {
			r.odd = true
			continue
		}
		var storedAccount bsoncore.Value
		if i < len(foldedAccounts) {
			storedAccount = foldedAccounts[i]
		}
		folded := users.Fold(text)
		r.odd = r.odd || !foldingAgrees(text, folded, storedAccount)
		r.accounts = append(r.accounts, folded)
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
