package mongo

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// queryOf translates a condition into a query. Only forms on which MongoDB and FerretDB agree are
// used, except $elemMatch, which FerretDB 1 lacks; values are compared as values, and text becomes a
// pattern only character by character.
func queryOf(c filter.Condition) bson.D {
	switch c := c.(type) {
	case nil:
		return bson.D{}
	case filter.And:
		return joined("$and", c)
	case filter.Or:
		return joined("$or", c)
	case filter.Not:
		return bson.D{{Key: "$nor", Value: bson.A{queryOf(c.Of)}}}
	case filter.Element:
		return at(c.Path, bson.E{Key: "$elemMatch", Value: queryOf(c.Of)})
	case filter.Equal:
		return at(c.Path, bson.E{Key: "$eq", Value: c.Value})
	case filter.OneOf:
		return at(c.Path, bson.E{Key: "$in", Value: array(c.Values)})
	case filter.Numbers:
		return at(c.Path, bounds(c.From, "$gte", c.To, "$lte")...)
	case filter.Times:
		return at(c.Path, timeBounds(c)...)
	case filter.Known:
		return at(c.Path, bson.E{Key: "$nin", Value: bson.A{nil, ""}})
	case filter.KnownText:
		return at(c.Path, bson.E{Key: "$gt", Value: ""}) // compares text with text only
	case filter.Present:
		return at(c.Path, bson.E{Key: "$ne", Value: nil})
	case filter.NotEmpty:
		return at(c.Path, bson.E{Key: "$gt", Value: bson.D{}}) // a document that is not empty
	case filter.Text:
		return textQuery(c)
	default:
		panic(fmt.Sprintf("mongo: no query for a condition of type %T", c))
	}
}

// selectionQuery translates a selection into a query.
func selectionQuery(s filter.Selection) bson.D {
	bounds, _ := readOrder(s)
	return allOf(bounds, queryOf(s.Where))
}

// readOrder returns the index along which the documents of a selection are read in the order of
// their ids, and the bounds of the selection in it: its user store, or its ids.
func readOrder(s filter.Selection) (bounds, index bson.D) {
	if s.Store != "" {
		return allOf(at("user_store_id", bson.E{Key: "$eq", Value: s.Store}), idBounds(s.IDs)), bson.D{{Key: "user_store_id", Value: 1}, {Key: "_id", Value: 1}}
	}
	return idBounds(s.IDs), bson.D{{Key: "_id", Value: 1}}
}

func idBounds(r filter.IDRange) (query bson.D) {
	var operators bson.D
	if r.From != "" {
		operators = append(operators, bson.E{Key: "$gte", Value: r.From})
	}
	if r.Before != "" {
		operators = append(operators, bson.E{Key: "$lt", Value: r.Before})
	}
	if len(operators) == 0 {
		return nil
	}
	return at("_id", operators...)
}

// at returns the query that a value at path meets each of the operators.
func at(path string, operators ...bson.E) bson.D {
	return bson.D{{Key: path, Value: bson.D(operators)}}
}

func joined[C ~[]filter.Condition](operator string, conditions C) bson.D {
	queries := make(bson.A, len(conditions))
	for i, c := range conditions {
		queries[i] = queryOf(c)
	}
	return bson.D{{Key: operator, Value: queries}}
}

func array(values []string) bson.A {
	a := make(bson.A, len(values))
	for i, v := range values {
		a[i] = v
	}
	return a
}

func bounds(from any, lower string, to any, upper string) (operators bson.D) {
	if from != nil {
		operators = append(operators, bson.E{Key: lower, Value: from})
	}
	if to != nil {
		operators = append(operators, bson.E{Key: upper, Value: to})
	}
	return operators
}

func timeBounds(c filter.Times) bson.D {
	var from, before any
	if c.From != nil {
		from = *c.From
	}
	if c.Before != nil {
		before = *c.Before
	}
	return bounds(from, "$gte", before, "$lt")
}

// textQuery matches folded text, and text of documents that have no folded text. Is on a path with
// an index consists of equalities of values, which the index answers.
func textQuery(c filter.Text) bson.D {
	folded := users.FoldedPath(c.Path)
	if c.Operator == export.Is && users.IndexedText(c.Path) {
		asStored := bson.E{Key: "$eq", Value: c.Folded}
		if c.Folded != c.Text { // as a document of another writer may have it
			asStored = bson.E{Key: "$in", Value: bson.A{c.Folded, c.Text}}
		}
		return bson.D{{Key: "$or", Value: bson.A{at(c.Path, asStored), at(folded, bson.E{Key: "$eq", Value: c.Folded})}}}
	}
	byFolded := at(folded, bson.E{Key: "$eq", Value: c.Folded})
	if c.Operator != export.Is {
		byFolded = bson.D{{Key: folded, Value: anchoredRegex(c.Operator, literalPattern(c.Folded))}}
	}
	return bson.D{{Key: "$or", Value: bson.A{byFolded, bson.D{
		{Key: folded, Value: bson.D{{Key: "$exists", Value: false}}},
		{Key: c.Path, Value: anchoredRegex(c.Operator, ignoreCasePattern(c.Folded))},
	}}}}
}
