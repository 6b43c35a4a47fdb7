// Package browsetest contains the conformance suites of browse.Source, and a source in memory for
// other tests.
package browsetest

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Tenant is the tenant of the tests. If a store has to be prepared for a tenant, open prepares it for
// this one.
const Tenant = "daily-news"

// Store is a store of users.
type Store struct {
	Source browse.Source
	Events pipeline.Documents
	Writer Writer
}

// Writer writes the users of the tests; a part of importer.Writer.
type Writer interface {
	WriteUsers(ctx context.Context, tenant string, docs []bson.Raw) (created int, err error)
	AddProducts(ctx context.Context, tenant string, products []users.Product) (added int, err error)
	AddAccounts(ctx context.Context, tenant string, accounts []users.Account) (added int, err error)
}

// Open returns an empty store, and closes it when t ends.
type Open func(t *testing.T) Store

// Directory serves a tenant's schema from memory.
type Directory users.Schema

// Schema implements browse.SchemaReader.
func (d Directory) Schema(context.Context, string) (users.Schema, error) { return users.Schema(d), nil }

// Console returns the users of the store as the console and the API read them.
func (s Store) Console(schema users.Schema) *browse.Users {
	return browse.New(browse.Options{Source: s.Source, Events: s.Events, Schemas: Directory(schema)})
}
