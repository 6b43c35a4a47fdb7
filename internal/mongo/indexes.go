package mongo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Names of the collections of the control database.
const (
	tenantsCollection     = "tenants"
	adminsCollection      = "admins"
	sessionsCollection    = "sessions"
	jobsCollection        = "jobs"
	claimsCollection      = "claims"
	outboxCollection      = "outbox"
	invitationsCollection = "invitations"
	keyPairsCollection    = "key_pairs"
	auditCollection       = "audit"
)

// Names of the collections of a tenant's database.
const (
	usersCollection    = "users"
	storesCollection   = "stores"
	productsCollection = "products"
	accountsCollection = "accounts"
	schemaCollection   = "schema"
	registryCollection = "registry"
	eventsCollection   = "state_events" // its ids begin with the time, so the index on them is the only one
)

// controlIndexes are those of the control database, by collection. Every engine has to agree on them, so there is no
// TTL, partial, wildcard or collated index: what is to end is ended by the janitor.
func controlIndexes() map[string][]driver.IndexModel {
	return map[string][]driver.IndexModel{
		adminsCollection: {
			unique(index("email")),
		},
		sessionsCollection: {
			index("expires"),
			index("admin_id"),
		},
		jobsCollection: {
			// A live job holds its requester's slot by having the field; ending it removes the field in the same write.
			unique(sparse(index("live"))),
			unique(sparse(index("idem"))),
			// A tenant's jobs and a requester's, newest first.
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: -1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "requester_id", Value: 1}, {Key: "_id", Value: -1}}),
			// Places in the queue, files past their time, and what the janitor has to do.
			compound(bson.D{{Key: "status", Value: 1}, {Key: "_id", Value: 1}}),
			compound(bson.D{{Key: "status", Value: 1}, {Key: "expires", Value: 1}}),
			compound(bson.D{{Key: "dirty", Value: 1}, {Key: "completed", Value: 1}}),
			sparse(index("mail_due")),
		},
		invitationsCollection: {
			index("admin_id"),
		},
		keyPairsCollection: {
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "admin_id", Value: 1}}),
		},
		auditCollection: {
			unique(sparse(index("once"))),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: -1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "kind", Value: 1}, {Key: "_id", Value: -1}}),
		},
		outboxCollection: {
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "key", Value: -1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "user_id", Value: 1}, {Key: "key", Value: -1}}),
		},
	}
}

// tenantIndexes are those of a tenant's database, by collection.
func tenantIndexes() map[string][]driver.IndexModel {
	return map[string][]driver.IndexModel{
		usersCollection: {
			index("identifiers.email_address"),
			index("identifiers.username"),
			compound(bson.D{{Key: "user_store_id", Value: 1}, {Key: "_id", Value: 1}}), // an export of one user store
			index("registered"),
			index("last_login"),
			index("updated"),
			index("account_ids"),
		},
		accountsCollection: {
			index("name"),
		},
	}
}

func index(field string) driver.IndexModel {
	return compound(bson.D{{Key: field, Value: 1}})
}

func compound(keys bson.D) driver.IndexModel {
	return driver.IndexModel{Keys: keys, Options: options.Index()}
}

func unique(m driver.IndexModel) driver.IndexModel {
	m.Options.SetUnique(true)
	return m
}

func sparse(m driver.IndexModel) driver.IndexModel {
	m.Options.SetSparse(true)
	return m
}

// EnsureControlIndexes makes the control database's indexes that are not there yet. It may be called at every start.
func (db *DB) EnsureControlIndexes(ctx context.Context) error {
	return ensure(ctx, db.Control(), controlIndexes())
}

// EnsureTenantIndexes makes the indexes of a tenant's database that are not there yet.
func (db *DB) EnsureTenantIndexes(ctx context.Context, tenant string) error {
	return ensure(ctx, db.Tenant(tenant), tenantIndexes())
}

func ensure(ctx context.Context, db *driver.Database, indexes map[string][]driver.IndexModel) error {
	for _, collection := range slices.Sorted(maps.Keys(indexes)) {
		// One by one: FerretDB 1.24 drops the connection when two of a command's indexes exist already.
		for _, m := range indexes[collection] {
			if _, err := db.Collection(collection).Indexes().CreateOne(ctx, m); err != nil {
				return fmt.Errorf("make an index of %s: %w", collection, err)
			}
		}
	}
	return nil
}
