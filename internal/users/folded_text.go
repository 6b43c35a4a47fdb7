package users

import (
	"fmt"
	"iter"
	"maps"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// FoldedKey is the key of the folded text in the document of a user or an account. Egress derives
// folded text from the rest of the document, and never shows or exports it.
const FoldedKey = "folded"

// FoldedPath returns the path at which a document stores the folded form of the text at the given
// path.
func FoldedPath(path string) string { return FoldedKey + "." + path }

// IndexedText reports whether the text at a path of users or accounts has an index. A filter
// compares indexed text as a value, and other text with a pattern.
func IndexedText(path string) bool {
	switch path {
	case "identifiers.email_address", "identifiers.username", "account_ids", "name":
		return true
	default:
		return false
	}
}

// HasFoldedText reports whether a user's document stores folded text for the member at a path.
func HasFoldedText(path string) bool {
	return path == "account_ids" || strings.HasPrefix(path, "identifiers.") || strings.HasPrefix(path, AttributePath(""))
}

// FoldedText returns the value to store at FoldedPath(path) for a value at path: a string, a bson.A
// for a list of strings, or nil if nothing must be stored. Indexed text needs its folded form if
// the two differ. Other text needs it only if folding each character alone does not give the folded
// form, as with decomposed text; filters compare all other text directly, with a pattern of both
// cases of each character.
func FoldedText(path string, value any) any {
	switch v := value.(type) {
	case string:
		if isASCII(v) && !IndexedText(path) {
			return nil // the common case: nothing to compose
		}
		if f, differs := foldText(path, v); differs {
			return f
		}
	case []string:
		list := make(bson.A, len(v))
		anyDiffers := false
		for i, s := range v {
			f, differs := foldText(path, s)
			list[i], anyDiffers = f, anyDiffers || differs
		}
		if anyDiffers {
			return list
		}
	}
	return nil
}

func foldText(path, s string) (folded string, differs bool) {
	folded = Fold(s)
	if IndexedText(path) {
		return folded, folded != s
	}
	return folded, folded != foldCase(s)
}

// FoldedUser returns the value of FoldedKey for a stored user, or an empty document if the user
// needs none. It accepts documents that other programs wrote.
func FoldedUser(doc bson.Raw) bson.D {
	return foldedMember(func(yield func(string, any) bool) {
		for _, group := range []string{"identifiers", "attributes"} {
			members, _ := doc.Lookup(group).DocumentOK()
			elements, _ := members.Elements()
			for _, e := range elements {
				// A filter cannot name other keys, and they may contain dots or operators.
				if ValidSlug(e.Key()) && !yield(group+"."+e.Key(), texts(e.Value())) {
					return
				}
			}
		}
		yield("account_ids", texts(doc.Lookup("account_ids")))
	})
}

// FoldedAccount is like FoldedUser, for accounts.
func FoldedAccount(doc bson.Raw) bson.D {
	return foldedMember(func(yield func(string, any) bool) { yield("name", texts(doc.Lookup("name"))) })
}

// folded is like FoldedUser, for a user that is not stored and whose attributes are already a
// document.
func (u User) folded(attributes bson.D) bson.D {
	return foldedMember(func(yield func(string, any) bool) {
		if !yield("identifiers.email_address", u.Identifiers.EmailAddress) || !yield("identifiers.username", u.Identifiers.Username) {
			return
		}
		for _, a := range attributes {
			if s, isText := a.Value.(string); isText && isASCII(s) {
				continue // FoldedText returns nil; its path would take longer to build
			}
			if !yield(AttributePath(a.Key), a.Value) {
				return
			}
		}
		yield("account_ids", u.AccountIDs)
	})
}

// foldedMember returns the folded text of the values as a document. Values of a group must be
// adjacent.
func foldedMember(values iter.Seq2[string, any]) (member bson.D) {
	for path, value := range values {
		text := FoldedText(path, value)
		if text == nil {
			continue
		}
		group, key, nested := strings.Cut(path, ".")
		if !nested {
			member = append(member, bson.E{Key: group, Value: text})
			continue
		}
		if n := len(member); n == 0 || member[n-1].Key != group {
			member = append(member, bson.E{Key: group, Value: bson.D{}})
		}
		last := &member[len(member)-1]
		if d, ok := last.Value.(bson.D); ok {
			last.Value = append(d, bson.E{Key: key, Value: text})
		}
	}
	return member
}

// texts returns a string as a string, an array as the strings in it, and anything else as nil.
func texts(v bson.RawValue) any {
	if s, ok := v.StringValueOK(); ok {
		return s
	}
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	values, _ := array.Values()
	list := []string{}
	for _, v := range values {
		if s, ok := v.StringValueOK(); ok {
			list = append(list, s)
		}
	}
	return list
}

// RefoldUpdate returns the update that sets FoldedKey of a stored document to member, or nil if it
// is correct. If the document has an incorrect value, the update only removes it, and the next call
// returns the update that sets it: FerretDB 1.24 skips an update whose values are the same under
// other keys.
func RefoldUpdate(doc bson.Raw, member bson.D) (bson.D, error) {
	raw, err := bson.Marshal(append(bson.D{}, member...))
	if err != nil {
		return nil, fmt.Errorf("encode folded text: %w", err)
	}
	want, stored := map[string]string{}, map[string]string{}
	flatten(want, FoldedKey, bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw})
	flatten(stored, FoldedKey, doc.Lookup(FoldedKey))
	switch {
	case maps.Equal(want, stored):
		return nil, nil
	case !doc.Lookup(FoldedKey).IsZero():
		return bson.D{{Key: "$unset", Value: bson.D{{Key: FoldedKey, Value: ""}}}}, nil
	default:
		return bson.D{{Key: "$set", Value: bson.D{{Key: FoldedKey, Value: member}}}}, nil
	}
}

// flatten adds the values in v that are not documents to values, by path. It ignores the order of
// keys.
func flatten(values map[string]string, path string, v bson.RawValue) {
	if v.IsZero() {
		return
	}
	d, ok := v.DocumentOK()
	if !ok {
		values[path] = string(rune(v.Type)) + string(v.Value)
		return
	}
	elements, _ := d.Elements()
	for _, e := range elements {
		flatten(values, path+"."+e.Key(), e.Value())
	}
}
