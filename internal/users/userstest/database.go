// Package userstest tests the adapters that write tenants' users and read the data that users refer
// to.
package userstest

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/seed"
)

// Database is an empty database under test.
type Database struct {
	Writer    Writer
	Directory Directory
	// Count returns the number of a tenant's users that a selection selects.
	Count func(ctx context.Context, tenant string, s filter.Selection) (int64, error)
	// Put inserts or replaces documents of a tenant's collection as another program does: unchecked.
	Put func(t *testing.T, tenant, collection string, docs ...bson.Raw)
	// Documents returns the documents of a tenant's collection.
	Documents func(t *testing.T, tenant, collection string) []bson.Raw
}

// Writer writes tenants' users and the data that they refer to.
type Writer interface {
	seed.Writer
	userChanges
	folding

	PutUsers(ctx context.Context, tenant string, list ...users.User) (created int, err error)
	DeleteField(ctx context.Context, tenant, slug string) (bool, error)
}

type userChanges interface {
	CreateUser(ctx context.Context, tenant string, u users.User) error
	DeleteUser(ctx context.Context, tenant, id string) error
	SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error
	SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error
	SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error
	ChangeUser(ctx context.Context, tenant, id string, values map[string]any, at time.Time) error
	RemoveForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error
	ChangeProfile(ctx context.Context, tenant, id, appID string, change func(json.RawMessage) (json.RawMessage, error), at time.Time) error
	PutGrant(ctx context.Context, tenant, id string, g users.Grant, at time.Time) error
	DeleteGrant(ctx context.Context, tenant, id, grantID string, at time.Time) error
	AddUserAccount(ctx context.Context, tenant, id, account string, at time.Time) (added bool, err error)
	RemoveUserAccount(ctx context.Context, tenant, id, account string, at time.Time) error
}

type folding interface {
	Scan(ctx context.Context, tenant string, progress func(scanned int64)) (users.ScanResult, error)
	FoldTenant(ctx context.Context, tenant string) (changed int64, err error)
	PrepareFolding(ctx context.Context, tenant string) error
	RunFolding(ctx context.Context, tenants func(context.Context) ([]string, error), logger *slog.Logger)
}

// Directory reads a tenant's data other than users.
type Directory interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	Registry(ctx context.Context, tenant string) (users.Registry, error)
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
	Products(ctx context.Context, tenant string) ([]users.Product, error)
	AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	Accounts(ctx context.Context, tenant, after string, limit int) ([]users.Account, error)
	AccountsByID(ctx context.Context, tenant string, ids []string) (map[string]users.Account, error)
}

const tenant = "daily-news"

// TestWriter tests a writer and the directory that reads what it writes. Each test opens a database.
func TestWriter(t *testing.T, open func(t *testing.T) Database) {
	for name, test := range map[string]func(*testing.T, Database){
		"users are inserted and replaced":                          usersAreInsertedAndReplaced,
		"users of another program are stored unchanged":            usersAreStoredUnchanged,
		"PutUsers registers names":                                 putUsersRegistersNames,
		"a user whose id, address or name exists is rejected":      existingUsersAreRejected,
		"addresses and names are compared folded":                  identifiersAreComparedFolded,
		"attributes are merged and replaced":                       attributesAreMergedAndReplaced,
		"keys and profiles are set and registered":                 keysAndProfilesAreSet,
		"concurrent changes of a user are kept":                    concurrentChangesAreKept,
		"members of a user are changed together":                   membersAreChangedTogether,
		"an identifier of another user is no change":               takenIdentifiersAreNotSet,
		"a foreign key is removed if it matches":                   foreignKeyIsRemovedIfItMatches,
		"a profile is changed from what is stored":                 profileIsChanged,
		"grants are added, replaced and removed":                   grantsAreChanged,
		"accounts of a user are added and removed":                 accountsOfAUserAreChanged,
		"concurrent changes of one member are kept":                concurrentChangesOfAMemberAreKept,
		"changes of a missing user return CodeNotFound":            changesOfMissingUsers,
		"an import reads back equal":                               importReadsBackEqual,
		"a failed import can be repeated":                          failedImportCanBeRepeated,
		"seeding twice changes nothing":                            seedingTwiceChangesNothing,
		"a widened field has text":                                 widenedFieldHasText,
		"values of any type are converted":                         valuesOfAnyTypeAreConverted,
		"a scan rebuilds the registry":                             scanRebuildsRegistry,
		"changes of attributes keep folded text":                   changesKeepFoldedText,
		"attributes are replaced by the same value under a key":    attributesAreReplacedBySameValue,
		"attributes of other types are replaced":                   attributesOfOtherTypesAreReplaced,
		"added accounts have folded names":                         addedAccountsHaveFoldedNames,
		"a scan folds the text of other programs":                  scanFoldsText,
		"RunFolding folds the text of tenants that are not marked": runFoldingFoldsOnce,
		"PrepareFolding marks tenants without users":               prepareFoldingMarksEmptyTenants,
		"RunFolding ends with its context":                         runFoldingEndsWithContext,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// TestDirectory tests a directory, and the writer of its data. Each test opens a database.
func TestDirectory(t *testing.T, open func(t *testing.T) Database) {
	for name, test := range map[string]func(*testing.T, Database){
		"stores, products and fields are sorted": listsAreSorted,
		"the schema is changed by field":         schemaIsChangedByField,
		"account names are kept":                 accountNamesAreKept,
		"stores and products keep their titles":  titlesAreKept,
		"members of products and accounts stay":  catalogMembersAreKept,
		"the first store is known":               firstStoreIsKnown,
		"the registry is written concurrently":   registryIsWrittenConcurrently,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func logger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// raw encodes documents.
func raw(t *testing.T, docs ...bson.D) []bson.Raw {
	t.Helper()
	list := make([]bson.Raw, len(docs))
	for i, d := range docs {
		doc, err := bson.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = doc
	}
	return list
}

func encodeUsers(t *testing.T, list ...users.User) []bson.Raw {
	t.Helper()
	docs := make([]bson.Raw, len(list))
	for i, u := range list {
		doc, err := users.Encode(u)
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = doc
	}
	return docs
}

// storedUsers returns a tenant's users by id.
func storedUsers(t *testing.T, db Database, tenant string) map[string]users.User {
	t.Helper()
	found := map[string]users.User{}
	for _, doc := range db.Documents(t, tenant, "users") {
		u, err := users.Decode(doc)
		if err != nil {
			t.Fatal(err)
		}
		found[u.ID] = u
	}
	return found
}

// document returns the document of a user.
func document(t *testing.T, db Database, id string) bson.Raw {
	t.Helper()
	for _, doc := range db.Documents(t, tenant, "users") {
		if doc.Lookup("_id").StringValue() == id {
			return doc
		}
	}
	t.Fatalf("there is no user %s", id)
	return nil
}
