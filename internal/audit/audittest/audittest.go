// Package audittest tests stores of the audit log.
package audittest

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
)

// Log is an audit log whose chains can be verified.
type Log interface {
	audit.Log
	// Tenants returns the tenants that have audit records or a chain, sorted. "" stands for records
	// without a tenant.
	Tenants(ctx context.Context) ([]string, error)
	// Verify checks the chain of a tenant, and that the chain contains the anchor unless that is
	// nil.
	Verify(ctx context.Context, tenant string, expect *audit.Anchor) (audit.Report, error)
}

// Collection is a collection of stored documents.
type Collection string

// The collections of the audit log.
const (
	Records Collection = "audit"
	Heads   Collection = "audit_heads"
)

// Database is a database with an empty audit log. Its methods, except for Log, change documents as
// somebody does who can write to the database but lacks the key. They end the test if they fail or
// change nothing.
type Database interface {
	// Log returns the audit log of a new process.
	Log(key *audit.ChainKey) Log
	// Read returns a document, nil if it does not exist.
	Read(t *testing.T, c Collection, id string) bson.D
	// Insert adds a document.
	Insert(t *testing.T, c Collection, doc any)
	// Set changes fields of a document.
	Set(t *testing.T, c Collection, id string, fields bson.D)
	// Remove deletes a document.
	Remove(t *testing.T, c Collection, id string)
}

// Key returns the key of the test's chains.
func Key(t testing.TB) *audit.ChainKey {
	t.Helper()
	key, err := audit.NewChainKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// NewRecord returns a record for a chain.
func NewRecord(tenant, id string) audit.Record {
	return audit.Record{
		ID: id, Tenant: tenant, Kind: audit.UserViewed, Time: time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC), AdminID: "01A",
		Email: "ada@example.com", Words: "Country is GB",
	}
}

func ids(list []audit.Record) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(r.ID + " ")
	}
	return b.String()
}
