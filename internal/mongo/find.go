package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
)

// findOptions are the options of a find.
type findOptions struct {
	sort       bson.D
	hint       bson.D
	projection bson.D
	skip       int64
	limit      int64 // 0: all
}

// findWithTimeLimit runs a find that the server ends at the deadline of ctx. The driver sends that
// limit (maxTimeMS) with counts and FindOne, but not with a find, whose cursor may outlive ctx; so
// this sends the find command itself. MongoDB also ends a read whose client has closed the
// connection, which the driver does when ctx ends; FerretDB knows only the limit. Without a
// deadline it uses the driver's find.
func (d documents) findWithTimeLimit(ctx context.Context, tenant string, match bson.D, f findOptions) (*driver.Cursor, error) {
	batch := int64(readBatch)
	if f.limit > 0 {
		batch = min(f.limit, batch)
	}
	if _, bounded := ctx.Deadline(); !bounded {
		return d.collection(tenant).Find(ctx, match, f.driverOptions().SetBatchSize(int32(batch)))
	}
	command := append(bson.D{{Key: "find", Value: d.name}, {Key: "filter", Value: match}}, f.commandFields()...)
	command = append(command, bson.E{Key: "batchSize", Value: batch},
		bson.E{Key: "readConcern", Value: bson.D{{Key: "level", Value: readconcern.Majority().Level}}})
	find := func() (*driver.Cursor, error) {
		return d.db.TenantReads(tenant).RunCommandCursor(ctx, command, options.RunCmd().SetReadPreference(d.db.tenantReadPref))
	}
	cursor, err := find()
	if err != nil && ctx.Err() == nil && isCursorLost(err) && !driver.IsTimeout(err) {
		cursor, err = find() // the driver retries its own finds, but not commands
	}
	if err != nil {
		return nil, err
	}
	cursor.SetBatchSize(int32(batch))
	return cursor, nil
}

// driverOptions converts the options for the driver's Find.
func (f findOptions) driverOptions() *options.FindOptionsBuilder {
	o := options.Find().SetSkip(f.skip).SetLimit(f.limit)
	if len(f.sort) > 0 {
		o.SetSort(f.sort)
	}
	if len(f.hint) > 0 {
		o.SetHint(f.hint)
	}
	if len(f.projection) > 0 {
		o.SetProjection(f.projection)
	}
	return o
}

// commandFields converts the options to fields of the find command.
func (f findOptions) commandFields() (command bson.D) {
	for _, e := range []struct {
		key   string
		value bson.D
	}{{"sort", f.sort}, {"hint", f.hint}, {"projection", f.projection}} {
		if len(e.value) > 0 {
			command = append(command, bson.E{Key: e.key, Value: e.value})
		}
	}
	if f.skip > 0 {
		command = append(command, bson.E{Key: "skip", Value: f.skip})
	}
	if f.limit > 0 {
		command = append(command, bson.E{Key: "limit", Value: f.limit})
	}
	return command
}

// findAllWithTimeLimit returns all documents that findWithTimeLimit finds.
func (d documents) findAllWithTimeLimit(ctx context.Context, tenant string, match bson.D, f findOptions) (raws []bson.Raw, err error) {
	cursor, err := d.findWithTimeLimit(ctx, tenant, match, f)
	if err != nil {
		return nil, err
	}
	err = cursor.All(ctx, &raws)
	return raws, err
}

// findAll reads a whole collection, ordered by id. It is for collections that stay small.
func findAll[T any](ctx context.Context, c *driver.Collection) ([]T, error) {
	return findMany[T](ctx, c, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
}

func findMany[T any](ctx context.Context, c *driver.Collection, filter bson.D, o ...options.Lister[options.FindOptions]) ([]T, error) {
	cursor, err := c.Find(ctx, filter, o...)
	if err != nil {
		return nil, err
	}
	list := []T{}
	if err := cursor.All(ctx, &list); err != nil {
		return nil, err
	}
	return list, nil
}
