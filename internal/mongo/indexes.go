package mongo

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Names of the collections of the control database.
const (
	tenantsCollection     = "tenants"
	adminsCollection      = "admins"
	sessionsCollection    = "sessions"
	jobsCollection        = "jobs"
	claimsCollection      = "claims"
	turnsCollection       = "turns" // one document per tenant that has exported; read by id or in full
	outboxCollection      = "outbox"
	invitationsCollection = "invitations"
	resetsCollection      = "password_resets"
	keyPairsCollection    = "key_pairs"
	auditCollection       = "audit"
	auditHeadsCollection  = "audit_heads" // ids are "chain:<tenant>"

	savedFiltersCollection = "saved_filters"
	preferencesCollection  = "preferences" // read by id

	factorsCollection      = "factors"
	challengesCollection   = "factor_challenges"
	factorClaimsCollection = "factor_claims"
)

// Names of the collections of a tenant's database.
const (
	usersCollection    = "users"
	storesCollection   = "stores"
	productsCollection = "products"
	accountsCollection = "accounts"
	schemaCollection   = "schema"
	registryCollection = "registry"
	upgradesCollection = "upgrades"     // one-time upgrades of the other collections; read by id
	eventsCollection   = "state_events" // needs no index but that on _id, which begins with the time
)

// controlIndexes returns the indexes of the control database, by collection. All engines must
// support them, so there are no TTL, partial, wildcard or collated indexes; the janitor deletes
// what expires. Of the tenants' databases, only createForeignKeyIndex creates another kind.
func controlIndexes() map[string][]driver.IndexModel {
	return map[string][]driver.IndexModel{
		adminsCollection: {
			index("email"),
		},
		sessionsCollection: {
			index("expires"),
			index("admin_id"),
		},
		jobsCollection: {
			// The field live holds a requester's slot. The write that ends the job removes the
			// field.
			unique(sparse(index("live"))),
			unique(sparse(index("idem"))),
			// Jobs of a tenant, and of a requester, newest first. The further fields are what lists compare.
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: -1}, {Key: "status", Value: 1}, {Key: "email", Value: 1}, {Key: "search", Value: 1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "requester_id", Value: 1}, {Key: "_id", Value: -1}}),
			// Expired files, and the janitor's work.
			compound(bson.D{{Key: "status", Value: 1}, {Key: "expires", Value: 1}}),
			compound(bson.D{{Key: "dirty", Value: 1}, {Key: "completed", Value: 1}}),
			sparse(index("mail_due")),
		},
		invitationsCollection: {
			unique(sparse(index("key"))), // one invitation per tenant and address
			index("token_hash"),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: -1}}),
		},
		resetsCollection: {
			index("admin_id"),
			index("expires"),
		},
		challengesCollection: {
			index("account"),
			index("expires"),
		},
		factorClaimsCollection: {
			index("expires"),
		},
		keyPairsCollection: {
			unique(sparse(index("slot"))), // the field slot holds one of an admin's slots while the key pair is active
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "admin_id", Value: 1}}),
			index("admin_id"),
		},
		auditCollection: {
			unique(sparse(index("once"))),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: -1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "kind", Value: 1}, {Key: "_id", Value: -1}}),
			// Inserting a record claims its position in the chain. Records older than the chain
			// have none.
			unique(sparse(index("place"))),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "seq", Value: 1}}),
		},
		savedFiltersCollection: {
			unique(sparse(index("key"))), // a tenant and a folded name
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "_id", Value: 1}}),
		},
		outboxCollection: {
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "key", Value: -1}}),
			compound(bson.D{{Key: "tenant", Value: 1}, {Key: "user_id", Value: 1}, {Key: "key", Value: -1}}),
		},
	}
}

// tenantIndexes returns the indexes of a tenant's database, by collection.
func tenantIndexes() map[string][]driver.IndexModel {
	return map[string][]driver.IndexModel{
		usersCollection: {
			index("identifiers.email_address"),
			index("identifiers.username"),
			compound(bson.D{{Key: "user_store_id", Value: 1}, {Key: "_id", Value: 1}}), // for exports of one user store
			index("account_ids"),
		},
		accountsCollection: {
			index("name"),
		},
	}
}

// lateIndexes returns the indexes of a tenant's database that older versions did not have: those on
// folded text, those on the accounts and the ends of grants, and those in the orders of lists. Most are
// sparse, because few users have folded text or grants of an account, and they serve values only, no
// missing ones.
func lateIndexes() map[string][]driver.IndexModel {
	return map[string][]driver.IndexModel{
		usersCollection: append(sortIndexes(),
			sparse(index(users.FoldedPath("account_ids"))),
			sparse(index(filter.GrantAccountIDs)),
			sparse(index(filter.GrantEnds)), // of subscriptions that ended lately, or are about to
		),
		accountsCollection: {
			sparse(index(users.FoldedPath("name"))),
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

// EnsureControlIndexes creates the missing indexes of the control database. It may run at every
// start.
func (db *DB) EnsureControlIndexes(ctx context.Context) error {
	if err := dropUniqueEmailIndex(ctx, db.Control().Collection(adminsCollection)); err != nil {
		return err
	}
	return createIndexes(ctx, db.Control(), controlIndexes())
}

// EnsureTenantIndexes creates the missing indexes of a tenant's database.
func (db *DB) EnsureTenantIndexes(ctx context.Context, tenant string) error {
	return createIndexes(ctx, db.Tenant(tenant), tenantIndexes())
}

// createLateIndexes creates the missing indexes of a tenant's database that older versions did not
// have. It runs after the server has started, because it takes a while for millions of users.
func (db *DB) createLateIndexes(ctx context.Context, tenant string) error {
	if err := createIndexes(ctx, db.Tenant(tenant), lateIndexes()); err != nil {
		return err
	}
	if err := db.dropReplacedIndexes(ctx, tenant); err != nil {
		return err
	}
	return db.createForeignKeyIndex(ctx, tenant)
}

func createIndexes(ctx context.Context, db *driver.Database, indexes map[string][]driver.IndexModel) error {
	for _, collection := range slices.Sorted(maps.Keys(indexes)) {
		// One at a time: FerretDB 1.24 drops the connection if two indexes of one command exist.
		for _, m := range indexes[collection] {
			if _, err := db.Collection(collection).Indexes().CreateOne(ctx, m); err != nil {
				return fmt.Errorf("create an index of %s: %w", collection, err)
			}
		}
	}
	return nil
}
