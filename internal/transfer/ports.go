package transfer

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// MarkerCollection is the collection of a target's control database that says how far a copy is. A
// store does not list it in Collections: it belongs to the store, not to what is copied.
const MarkerCollection = "transfers"

// Reader reads the documents of a store. The tenant "" is the control database.
type Reader interface {
	// Collections returns the names of the collections of a tenant that the store knows. It may
	// include collections without documents.
	Collections(tenant string) []string
	// Count returns the exact number of documents of a collection, 0 if it does not exist.
	Count(ctx context.Context, tenant, collection string) (int64, error)
	// Each calls f for the documents whose id is greater than after, by ascending id in the order of
	// bytes; after "" is all documents. The document is valid until f returns. Each returns the
	// error of f, and an error for an id that is not a string.
	Each(ctx context.Context, tenant, collection, after string, f func(id string, doc bson.Raw) error) error
}

// Source is a store to copy from.
type Source interface {
	Reader
	// Tenants returns the ids of the tenants in the control database.
	Tenants(ctx context.Context) ([]string, error)
}

// Target is a store to copy to.
type Target interface {
	Reader
	// Put adds documents, or replaces those with the same ids. If it fails, it may have stored some of
	// them. It accepts MarkerCollection too.
	Put(ctx context.Context, tenant, collection string, docs []bson.Raw) error
}
