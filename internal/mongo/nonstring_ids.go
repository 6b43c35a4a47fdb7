package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/pipeline"
)

// NonStringIDType implements pipeline.Documents. BSON sorts ids by type (type bracketing): if the
// first and the last id are strings, all are. That takes two index look-ups for any number of
// documents. FerretDB would sort all documents for it, so it is skipped there: only
// Egress writes to that engine, and it writes strings.
func (d documents) NonStringIDType(ctx context.Context, tenant string) (string, error) {
	if d.db.singleWriter {
		return "", nil
	}
	var types []string
	for _, direction := range []int{1, -1} {
		id, err := d.findID(ctx, tenant, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: direction}}))
		if errors.Is(err, driver.ErrNoDocuments) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("check the ids of %s: %w", d.noun, err)
		}
		if !pipeline.IsString(id.Type) {
			types = append(types, pipeline.BSONTypeName(id))
		}
	}
	if len(types) == 0 {
		return "", nil
	}
	others, err := d.findIDTypes(ctx, tenant)
	if err != nil {
		return "", fmt.Errorf("check the ids of %s: %w", d.noun, err)
	}
	types = append(types, others...)
	slices.Sort(types)
	return strings.Join(slices.Compact(types), ", "), nil
}

// typeBrackets names the $type aliases that all engines know; each covers one range of the index.
// All further types of MongoDB except Symbol sort before or after these.
var typeBrackets = map[bson.Type]string{
	bson.TypeNull: "null", bson.TypeDouble: "number", bson.TypeInt32: "number", bson.TypeInt64: "number", bson.TypeDecimal128: "number",
	bson.TypeEmbeddedDocument: "object", bson.TypeBinary: "binData", bson.TypeObjectID: "objectId", bson.TypeBoolean: "bool",
	bson.TypeDateTime: "date", bson.TypeTimestamp: "timestamp",
}

// findIDTypes names the types of ids that are not strings. It finds the first id of each range of
// the index.
func (d documents) findIDTypes(ctx context.Context, tenant string) (found []string, err error) {
	remaining := map[string]bool{}
	for _, name := range typeBrackets {
		remaining[name] = true
	}
	for len(remaining) > 0 {
		names := bson.A{}
		for name := range remaining {
			names = append(names, name)
		}
		id, err := d.findID(ctx, tenant, bson.D{{Key: "_id", Value: bson.D{{Key: "$type", Value: names}}}}, options.FindOne().SetHint(bson.D{{Key: "_id", Value: 1}}))
		if errors.Is(err, driver.ErrNoDocuments) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, pipeline.BSONTypeName(id))
		name, known := typeBrackets[id.Type]
		if !known {
			return found, nil
		}
		delete(remaining, name)
	}
	return found, nil
}

func (d documents) findID(ctx context.Context, tenant string, match bson.D, o *options.FindOneOptionsBuilder) (bson.RawValue, error) {
	raw, err := d.collection(tenant).FindOne(ctx, match, o.SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	if err != nil {
		return bson.RawValue{}, err
	}
	return raw.Lookup("_id"), nil
}
