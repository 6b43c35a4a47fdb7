package sqlite

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// withMember returns a document with a member set to a value. A new member is the last one.
func withMember(d bson.D, key string, value any) bson.D {
	if i := memberIndex(d, key); i >= 0 {
		d[i].Value = value
		return d
	}
	return append(d, bson.E{Key: key, Value: value})
}

// withoutMember returns a document without a member.
func withoutMember(d bson.D, key string) bson.D {
	return slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == key })
}

// nested returns a member that is a document, an empty document if it is missing or null, and an
// error if it is something else.
func nested(d bson.D, key string) (bson.D, error) {
	i := memberIndex(d, key)
	if i < 0 || d[i].Value == nil {
		return bson.D{}, nil
	}
	member, ok := d[i].Value.(bson.D)
	if !ok {
		return nil, fmt.Errorf("the member %s of the stored document is not a document", key)
	}
	return member, nil
}

func memberIndex(d bson.D, key string) int {
	return slices.IndexFunc(d, func(e bson.E) bool { return e.Key == key })
}

// encodeFolded encodes a document with its folded text, which member derives from the rest of the
// document, as the last member.
func encodeFolded(d bson.D, member func(bson.Raw) bson.D) (bson.Raw, error) {
	d = withoutMember(d, users.FoldedKey)
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode a document: %w", err)
	}
	folded := member(raw)
	if len(folded) == 0 {
		return raw, nil
	}
	if raw, err = bson.Marshal(append(d, bson.E{Key: users.FoldedKey, Value: folded})); err != nil {
		return nil, fmt.Errorf("encode a document: %w", err)
	}
	return raw, nil
}

// decodeDocument decodes a document with its members in their order.
func decodeDocument(raw bson.Raw) (d bson.D, err error) {
	if err := bson.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("decode a document: %w", err)
	}
	return d, nil
}
