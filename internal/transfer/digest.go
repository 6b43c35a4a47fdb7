package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// digest is the SHA-256 over the documents of a collection in the order of their ids. BSON begins
// with its length, so no two lists of documents have the same bytes.
type digest struct {
	hash  hash.Hash
	count int64
	last  string // the id of the last document
}

func newDigest() *digest { return &digest{hash: sha256.New()} }

// add appends a document. Its id must be greater than the last one: a copy could neither be resumed
// nor compared in another order.
func (d *digest) add(id string, doc bson.Raw) error {
	if d.count > 0 && id <= d.last {
		return fmt.Errorf("the store returned document %q after %q", id, d.last)
	}
	d.hash.Write(doc) // returns no error
	d.count, d.last = d.count+1, id
	return nil
}

func (d *digest) equal(other *digest) bool {
	return d.count == other.count && string(d.hash.Sum(nil)) == string(other.hash.Sum(nil))
}

// errEnough ends a read before the last document.
var errEnough = errors.New("enough documents were read")

// digestOf returns the digest of the first documents of a collection, at most limit of them; limit
// -1 is all.
func digestOf(ctx context.Context, from Reader, tenant, collection string, limit int64) (*digest, error) {
	d := newDigest()
	err := from.Each(ctx, tenant, collection, "", func(id string, doc bson.Raw) error {
		if d.count == limit {
			return errEnough
		}
		return d.add(id, doc)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return d, err
}
