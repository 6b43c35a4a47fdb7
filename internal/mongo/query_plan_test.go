package mongo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// indexKeys are the fields of an index, in its order. A field "path.$**" is each field below path.
type indexKeys []string

func (k indexKeys) String() string { return strings.Join(k, ",") }

// serves reports whether the index can be searched by a value at path.
func (k indexKeys) serves(path string) bool {
	parent, wildcard := strings.CutSuffix(k[0], "$**")
	return k[0] == path || wildcard && strings.HasPrefix(path, parent)
}

// declaredIndexes returns the indexes that the server creates on a collection of a tenant.
func declaredIndexes(collection string) []indexKeys {
	all := []indexKeys{{"_id"}}
	models := append(slices.Clone(tenantIndexes()[collection]), lateIndexes()[collection]...)
	if collection == usersCollection {
		models = append(models, foreignKeyIndex())
	}
	for _, m := range models {
		all = append(all, keysOf(m))
	}
	return all
}

func keysOf(m driver.IndexModel) (keys indexKeys) {
	fields, _ := m.Keys.(bson.D)
	for _, f := range fields {
		keys = append(keys, f.Key)
	}
	return keys
}

// queryPlan is a model of MongoDB's planner. It says through which index a find or a $match reads
// few documents, "" if it reads all of them:
//
//   - "= path": values of an index's first field; "< path": a range of times. Alternatives of an $or
//     are joined by " | "; one without an index makes the whole $or read all documents.
//   - "page of keys": a page in the order of an index, without a condition on another field.
//   - "keys of keys": only keys of an index, and no documents.
//
// Where several indexes serve, MongoDB tries them; the model prefers any to that of a user store. A
// hint leaves one index.
func queryPlan(command bson.Raw) string {
	indexes := declaredIndexes(command.Lookup(firstKey(command)).StringValue())
	hint, hinted := command.Lookup("hint").DocumentOK()
	if hinted {
		keys := fieldsOf(hint)
		indexes = slices.DeleteFunc(indexes, func(k indexKeys) bool { return !slices.Equal(k, keys) })
	}
	filter := documentOf(command.Lookup("filter"))
	stages := documentsOf(command.Lookup("pipeline"))
	if len(stages) > 0 {
		filter = documentOf(stages[0].Lookup("$match"))
	}
	conditions := conjuncts(filter)
	found := ""
	for _, c := range conditions {
		if plan := c.plan(indexes); plan != "" && (found == "" || found == "= user_store_id") {
			found = plan
		}
	}
	if strings.HasPrefix(found, "= ") && found != "= user_store_id" {
		return found
	}
	limit, _ := command.Lookup("limit").AsInt64OK()
	sort := firstKey(documentOf(command.Lookup("sort")))
	for _, k := range indexes {
		ordered := k.after(conditions)
		switch {
		case !k.covers(conditions):
		case len(stages) > 0 && (len(ordered) < len(k) || hinted && len(conditions) == 0):
			return "keys of " + k.String()
		case limit != 0 && sort == ordered[0]:
			return "page of " + k.String()
		}
	}
	return found
}

// after returns the fields after the leading ones that conditions bound to one value, at least one.
func (k indexKeys) after(conditions []condition) indexKeys {
	for len(k) > 1 && slices.ContainsFunc(conditions, func(c condition) bool { return c.path == k[0] && c.equality() }) {
		k = k[1:]
	}
	return k
}

// covers reports whether the keys of the index decide all conditions.
func (k indexKeys) covers(conditions []condition) bool {
	return !slices.ContainsFunc(conditions, func(c condition) bool { return !slices.Contains(k, c.path) || !c.comparison() })
}

// condition is one part of a query: operators on a path, or the alternatives of an $or.
type condition struct {
	path         string
	operators    bson.Raw
	alternatives []bson.Raw
}

// conjuncts returns the conditions that a document must all meet.
func conjuncts(filter bson.Raw) (all []condition) {
	elements, _ := filter.Elements()
	for _, e := range elements {
		switch e.Key() {
		case "$and":
			for _, member := range documentsOf(e.Value()) {
				all = append(all, conjuncts(member)...)
			}
		case "$or":
			all = append(all, condition{alternatives: documentsOf(e.Value())})
		case "$nor":
			all = append(all, condition{})
		default:
			operators, ok := e.Value().DocumentOK()
			if !ok {
				operators, _ = bson.Marshal(bson.D{{Key: "$eq", Value: e.Value()}})
			}
			if element, ok := operators.Lookup("$elemMatch").DocumentOK(); ok {
				for _, c := range conjuncts(element) {
					if c.path != "" {
						c.path = e.Key() + "." + c.path
					}
					all = append(all, c)
				}
				continue
			}
			all = append(all, condition{path: e.Key(), operators: operators})
		}
	}
	return all
}

// plan returns the plan of the condition alone.
func (c condition) plan(indexes []indexKeys) string {
	if c.alternatives != nil {
		return anyPlan(c.alternatives, indexes)
	}
	if !slices.ContainsFunc(indexes, func(k indexKeys) bool { return k.serves(c.path) }) {
		return ""
	}
	switch {
	case c.equality():
		return "= " + c.path
	case c.timeRange():
		return "< " + c.path
	default:
		return ""
	}
}

func anyPlan(alternatives []bson.Raw, indexes []indexKeys) string {
	var plans []string
	for _, a := range alternatives {
		found := ""
		for _, c := range conjuncts(a) {
			if found == "" {
				found = c.plan(indexes)
			}
		}
		if found == "" {
			return ""
		}
		plans = append(plans, found)
	}
	return strings.Join(plans, " | ")
}

// equality reports whether the condition names the values, none of which is null: a document without
// the field is in no sparse index and in no wildcard index.
func (c condition) equality() bool {
	elements, _ := c.operators.Elements()
	for _, e := range elements {
		values := []bson.RawValue{e.Value()}
		if list, ok := e.Value().ArrayOK(); ok && e.Key() == "$in" {
			values, _ = list.Values()
		} else if e.Key() != "$eq" {
			continue
		}
		if !slices.ContainsFunc(values, func(v bson.RawValue) bool { return v.Type == bson.TypeNull || v.Type == bson.TypeRegex }) {
			return true
		}
	}
	return false
}

// timeRange reports whether the condition bounds a time.
func (c condition) timeRange() bool {
	elements, _ := c.operators.Elements()
	return slices.ContainsFunc(elements, func(e bson.RawElement) bool {
		return slices.Contains([]string{"$gt", "$gte", "$lt", "$lte"}, e.Key()) && e.Value().Type == bson.TypeDateTime
	})
}

// comparison reports whether the keys of an index decide the condition.
func (c condition) comparison() bool {
	elements, _ := c.operators.Elements()
	for _, e := range elements {
		if !slices.Contains([]string{"$eq", "$in", "$gt", "$gte", "$lt", "$lte"}, e.Key()) || e.Value().Type == bson.TypeNull {
			return false
		}
	}
	return len(elements) > 0
}

func firstKey(doc bson.Raw) string {
	if fields := fieldsOf(doc); len(fields) > 0 {
		return fields[0]
	}
	return ""
}

func fieldsOf(doc bson.Raw) (keys indexKeys) {
	elements, _ := doc.Elements()
	for _, e := range elements {
		keys = append(keys, e.Key())
	}
	return keys
}

func documentOf(v bson.RawValue) bson.Raw {
	doc, _ := v.DocumentOK()
	return doc
}

func documentsOf(v bson.RawValue) (list []bson.Raw) {
	array, _ := v.ArrayOK()
	values, _ := array.Values()
	for _, v := range values {
		list = append(list, documentOf(v))
	}
	return list
}

// The model finds an index only where MongoDB can use one.
func TestQueryPlan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	find := func(filter bson.D, more ...bson.E) bson.D {
		return append(bson.D{{Key: "find", Value: usersCollection}, {Key: "filter", Value: filter}}, more...)
	}
	field := func(path, operator string, value any) bson.D { return at(path, bson.E{Key: operator, Value: value}) }
	byID, limit := bson.E{Key: "sort", Value: bson.D{{Key: "_id", Value: 1}}}, bson.E{Key: "limit", Value: int64(5)}
	for _, test := range []struct {
		command bson.D
		want    string
	}{
		{find(bson.D{{Key: "_id", Value: "u1"}}), "= _id"},
		{find(field("foreign_keys.crm", "$eq", "7")), "= foreign_keys.crm"},
		{find(field("foreign_keys", "$eq", "7")), ""},
		{find(field("foreign_keys.crm", "$eq", nil)), ""},
		{find(field("identifiers.username", "$in", bson.A{"a", nil})), ""},
		{find(field("identifiers.username", "$ne", "a")), ""},
		{find(field("identifiers.username", "$exists", true)), ""},
		{find(field("identifiers.username", "$eq", bson.Regex{Pattern: "a"})), ""},
		{find(bson.D{{Key: "$nor", Value: bson.A{field("identifiers.username", "$eq", "a")}}}), ""},
		{find(bson.D{{Key: "$or", Value: bson.A{field("identifiers.username", "$eq", "a"), field("attributes.a", "$eq", "a")}}}), ""},
		{find(field("attributes.country", "$eq", "GB")), ""},
		{find(field("registered", "$gte", now)), "< registered"},
		{find(field("grants", "$elemMatch", field("account_id", "$eq", "acc-1"))), "= grants.account_id"},
		{find(field("grants", "$elemMatch", field("expiry_state", "$eq", "active"))), ""},
		{find(field("grants", "$elemMatch", bson.D{{Key: "$nor", Value: bson.A{field("account_id", "$eq", "acc-1")}}})), ""},
		{find(field("_id", "$gte", "")), ""},
		{find(field("_id", "$gt", "u1"), byID), ""}, // no page
		{find(field("_id", "$gt", "u1"), byID, limit), "page of _id"},
		{find(allOf(field("_id", "$gt", "u1"), field("attributes.country", "$eq", "GB")), byID, limit), ""},
		{find(field("user_store_id", "$eq", "uk"), byID, limit), "page of user_store_id,_id"},
		{find(field("user_store_id", "$eq", "uk"), limit), "= user_store_id"},
		{find(field("identifiers.username", "$eq", "a"), bson.E{Key: "hint", Value: bson.D{{Key: "_id", Value: 1}}}), ""},
	} {
		raw, err := bson.Marshal(test.command)
		if err != nil {
			t.Fatal(err)
		}
		if got := queryPlan(raw); got != test.want {
			t.Errorf("%v: %q, want %q", fmt.Sprint(test.command), got, test.want)
		}
	}
}
