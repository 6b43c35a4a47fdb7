package mongo

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// FindSorted implements browse.Source. It merges a few finds, each of which reads along an index of
// sortIndexes. MongoDB chooses the index, because a query may select few users.
func (u *Users) FindSorted(ctx context.Context, tenant string, s filter.Selection, w browse.SortedWindow) ([]bson.Raw, error) {
	key := w.Sort.Key
	read := func(streams []stream) func(p browse.Part) ([]bson.Raw, error) {
		return func(p browse.Part) (found []bson.Raw, err error) {
			for _, one := range streams {
				o := findOptions{sort: one.order(p), limit: p.Limit}
				raws, err := u.findAllWithTimeLimit(ctx, tenant, allOf(one.query(p), selectionQuery(s)), o)
				if err != nil {
					return nil, readError(ctx, u.noun, err)
				}
				found = append(found, raws...)
			}
			return u.merge(found, key, p), nil
		}
	}
	return w.Read(read(valuedStreams(key)), read(missingStreams(key)))
}

// merge sorts what the finds of a part have found, and cuts it to the limit.
func (u *Users) merge(found []bson.Raw, key users.SortKey, p browse.Part) []bson.Raw {
	at := func(doc bson.Raw) browse.Position {
		id, _ := doc.Lookup("_id").StringValueOK()
		return browse.Position{Value: u.SortValue(key, doc), ID: id}
	}
	slices.SortFunc(found, func(a, b bson.Raw) int {
		if p.Descending {
			a, b = b, a
		}
		return at(a).Compare(at(b))
	})
	return found[:min(p.Limit, int64(len(found)))]
}

// SortValue implements browse.Source. The order of text is that of the folded text that the document
// stores, or of the text if it stores none: the two differ only until RunFolding has folded a text
// that another program wrote.
func (u *Users) SortValue(key users.SortKey, doc bson.Raw) any {
	v := doc.Lookup(strings.Split(key.Path(), ".")...)
	if !key.IsText() {
		if at, ok := v.DateTimeOK(); ok {
			return at
		}
		return nil
	}
	if folded := doc.Lookup(strings.Split(users.FoldedPath(key.Path()), ".")...); folded.Type != 0 {
		v = folded
	}
	if text, ok := v.StringValueOK(); ok && text != "" {
		return text
	}
	return nil
}

// stream is one of the finds whose results a list merges.
type stream struct {
	match bson.D // the users that it finds
	path  string // of their values; "" if they have none
	floor any    // a bound below all values
}

// order returns the order of a find.
func (s stream) order(p browse.Part) bson.D {
	direction := 1
	if p.Descending {
		direction = -1
	}
	byID := bson.E{Key: "_id", Value: direction}
	if s.path == "" {
		return bson.D{byID}
	}
	return bson.D{{Key: s.path, Value: direction}, byID}
}

// query returns the query for the users of a part. Documents whose ids are not strings are in no list.
func (s stream) query(p browse.Part) bson.D {
	beyond, upTo := "$gt", "$gte"
	if p.Descending {
		beyond, upTo = "$lt", "$lte"
	}
	ids := at("_id", bson.E{Key: "$gte", Value: ""})
	if s.path == "" {
		if p.After != nil {
			ids = at("_id", bson.E{Key: "$gte", Value: ""}, bson.E{Key: beyond, Value: p.After.ID})
		}
		return allOf(s.match, ids)
	}
	if p.After == nil {
		return allOf(s.match, ids, s.known())
	}
	value := p.After.Value
	if ms, ok := value.(int64); ok {
		value = bson.DateTime(ms)
	}
	return allOf(s.match, ids, s.known(), at(s.path, bson.E{Key: upTo, Value: value}), bson.D{{Key: "$or", Value: bson.A{
		at(s.path, bson.E{Key: beyond, Value: value}), at("_id", bson.E{Key: beyond, Value: p.After.ID}),
	}}})
}

// known matches the users with a value at the path. Comparisons are of one type.
func (s stream) known() bson.D { return at(s.path, s.aboveFloor()) }

func (s stream) aboveFloor() bson.E {
	if s.floor == "" {
		return bson.E{Key: "$gt", Value: s.floor}
	}
	return bson.E{Key: "$gte", Value: s.floor}
}

// unknown matches the users who have something at the path, but no value.
func (s stream) unknown() bson.D {
	return at(s.path, bson.E{Key: "$not", Value: bson.D{s.aboveFloor()}}, bson.E{Key: "$ne", Value: nil})
}

// valuedStreams are the finds of the users who have the value. A comparison is true for a list with
// a matching element, so lists are excluded.
func valuedStreams(key users.SortKey) []stream {
	path := key.Path()
	if !key.IsText() {
		return []stream{{noList(key), path, bson.DateTime(math.MinInt64)}}
	}
	folded := users.FoldedPath(path) // only where it differs from the text
	return []stream{{noList(key), folded, ""}, {allOf(at(folded, bson.E{Key: "$eq", Value: nil}), noList(key)), path, ""}}
}

// missingStreams are the finds of the users without the value: those who have nothing, and the few who
// have another type or a list.
func missingStreams(key users.SortKey) []stream {
	nothing, others := noList(key), bson.A{at(listPath(key), bson.E{Key: "$exists", Value: true})}
	for _, s := range valuedStreams(key) {
		nothing = append(nothing, at(s.path, bson.E{Key: "$eq", Value: nil})...)
		others = append(others, allOf(s.unknown(), s.match))
	}
	return []stream{{match: nothing}, {match: bson.D{{Key: "$or", Value: others}}}}
}

// listPath is the path of the first element of a list in place of the value, which few users have.
func listPath(key users.SortKey) string { return key.Path() + ".0" }

func noList(key users.SortKey) bson.D {
	return at(listPath(key), bson.E{Key: "$exists", Value: false})
}

// sortIndexes returns the indexes of users in the orders of lists.
func sortIndexes() (models []driver.IndexModel) {
	for _, key := range users.SortKeys {
		if key == users.SortByID {
			continue
		}
		path, fields := key.Path(), bson.D{}
		if key.IsText() {
			folded := bson.E{Key: users.FoldedPath(path), Value: 1}
			models, fields = append(models, compound(bson.D{folded, {Key: "_id", Value: 1}})), bson.D{folded}
		}
		models = append(models, compound(append(fields, bson.E{Key: path, Value: 1}, bson.E{Key: "_id", Value: 1})), sparse(index(listPath(key))))
	}
	return models
}

// replacedIndexes are the names of indexes of older versions that sortIndexes replace.
var replacedIndexes = []string{
	"registered_1", "last_login_1", "updated_1", "folded.identifiers.email_address_1", "folded.identifiers.username_1",
}

// dropReplacedIndexes drops the indexes of a tenant's users that sortIndexes replace.
func (db *DB) dropReplacedIndexes(ctx context.Context, tenant string) error {
	indexes := db.Tenant(tenant).Collection(usersCollection).Indexes()
	specs, err := indexes.ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list the indexes of %s: %w", usersCollection, err)
	}
	for _, spec := range specs {
		if slices.Contains(replacedIndexes, spec.Name) {
			if err := indexes.DropOne(ctx, spec.Name); err != nil {
				return fmt.Errorf("drop an index of %s: %w", usersCollection, err)
			}
		}
	}
	return nil
}
