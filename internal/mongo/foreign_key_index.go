package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// foreignKeyIndex returns the wildcard index that serves look-ups by the foreign key of any system.
func foreignKeyIndex() driver.IndexModel { return index("foreign_keys.$**") }

// unsupportedIndexCodes are the server errors of an index that the server cannot have
// (mongo/src/mongo/base/error_codes.yml; 303 is Amazon DocumentDB's).
var unsupportedIndexCodes = []int{
	67,  // CannotCreateIndex
	115, // CommandNotSupported
	238, // NotImplemented
	303,
}

// errFerretDB is why an index on foreign keys is not created on FerretDB 1, which takes the path of
// the index for the name of a field: every later insert fails.
var errFerretDB = errors.New("FerretDB 1 has no wildcard indexes")

// createForeignKeyIndex creates the index on foreign keys where the server supports it. Without the
// index, a look-up by a foreign key reads all users, and the log says so.
func (db *DB) createForeignKeyIndex(ctx context.Context, tenant string) error {
	info, err := db.Tenant(tenant).RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Raw()
	if err != nil {
		return fmt.Errorf("read the version of the database server: %w", err)
	}
	if info.Lookup("ferretdbVersion").Type != 0 {
		err = errFerretDB
	} else {
		_, err = db.Tenant(tenant).Collection(usersCollection).Indexes().CreateOne(ctx, foreignKeyIndex())
	}
	if isUnsupportedIndex(err) {
		db.logger.WarnContext(ctx, "the database server has no index on foreign keys: look-ups by them read all users; MongoDB 6 or later has it",
			"tenant", tenant, "error", err)
		return nil
	}
	return wrapError(err, "create the index on foreign keys")
}

func isUnsupportedIndex(err error) bool {
	server, ok := errors.AsType[driver.ServerError](err)
	return errors.Is(err, errFerretDB) || ok && slices.ContainsFunc(unsupportedIndexCodes, server.HasErrorCode)
}
