package browsetest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// FindSorted implements browse.Source. It sorts all users.
func (m *Memory) FindSorted(ctx context.Context, tenant string, s filter.Selection, w browse.SortedWindow) ([]bson.Raw, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	docs := inOrder(m.selected(tenant, s), w.Sort)
	if w.After != nil {
		docs = slices.DeleteFunc(docs, func(doc bson.Raw) bool {
			order := comparePositions(w.Sort, positionOf(doc, w.Sort.Key), *w.After)
			return order == 0 || (order < 0) != w.Backwards
		})
	}
	if w.Backwards {
		slices.Reverse(docs)
	}
	return docs[:min(w.Limit, int64(len(docs)))], nil
}

// SortValue implements browse.Source.
func (m *Memory) SortValue(key users.SortKey, doc bson.Raw) any { return positionOf(doc, key).Value }

// inOrder sorts documents: the oracle of lists, in plain Go.
func inOrder(docs []bson.Raw, sort users.Sort) []bson.Raw {
	slices.SortFunc(docs, func(a, b bson.Raw) int {
		return comparePositions(sort, positionOf(a, sort.Key), positionOf(b, sort.Key))
	})
	return docs
}

// comparePositions says which of two users comes first in a list.
func comparePositions(sort users.Sort, a, b browse.Position) int {
	if (a.Value == nil) != (b.Value == nil) { // in both directions
		if a.Value == nil {
			return 1
		}
		return -1
	}
	order := cmp.Or(compareValues(a.Value, b.Value), strings.Compare(a.ID, b.ID))
	if sort.Descending {
		return -order
	}
	return order
}

func compareValues(a, b any) int {
	if text, ok := a.(string); ok {
		return strings.Compare(text, b.(string)) //nolint:forcetypeassert // values of a list have one type
	}
	if at, ok := a.(int64); ok {
		return cmp.Compare(at, b.(int64)) //nolint:forcetypeassert // likewise
	}
	return 0
}

func positionOf(doc bson.Raw, key users.SortKey) browse.Position {
	p := browse.Position{ID: idOf(doc)}
	var value any
	if v, err := doc.LookupErr(strings.Split(key.Path(), ".")...); err == nil {
		switch v.Type {
		case bson.TypeString:
			value = v.StringValue()
		case bson.TypeDateTime:
			value = v.DateTime()
		}
	}
	switch v := value.(type) {
	case string:
		if folded := oracleFold(v); key.IsText() && folded != "" {
			p.Value = folded
		}
	case int64:
		if !key.IsText() {
			p.Value = v
		}
	}
	return p
}
