package embeddedtest

import (
	"context"
	"errors"
	"os"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// MongoDBVariable is the environment variable with the URI of a MongoDB on which tests run.
const MongoDBVariable = "EGRESS_TEST_MONGODB_URI"

// MongoDBServer returns the URI of the MongoDB that the environment names, or "".
func MongoDBServer() string { return os.Getenv(MongoDBVariable) }

// dropDatabases drops a control database and the databases of its tenants.
func dropDatabases(ctx context.Context, uri, name string) (err error) {
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Disconnect(ctx)) }()
	names, err := client.ListDatabaseNames(ctx, bson.D{{Key: "name", Value: bson.Regex{Pattern: "^" + regexp.QuoteMeta(name)}}})
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := client.Database(n).Drop(ctx); err != nil {
			return err
		}
	}
	return nil
}
