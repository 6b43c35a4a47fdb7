package browse

import (
	"cmp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// Position is the place of a user in a sorted list.
type Position struct {
	Value any // a string, an int64 of milliseconds since 1970, or nil if the user has no value
	ID    string
}

// Compare compares two positions of the same list, ascending. Both have a value, or neither has.
func (p Position) Compare(q Position) int {
	switch value := p.Value.(type) {
	case string:
		other, _ := q.Value.(string)
		return cmp.Or(strings.Compare(value, other), strings.Compare(p.ID, q.ID))
	case int64:
		other, _ := q.Value.(int64)
		return cmp.Or(cmp.Compare(value, other), strings.Compare(p.ID, q.ID))
	default:
		return strings.Compare(p.ID, q.ID)
	}
}

// SortedWindow is a part of the selected users in an order by a value.
type SortedWindow struct {
	Sort      users.Sort // not by id
	After     *Position  // only users who follow it in the direction of the window; nil: from the start
	Backwards bool       // from the end of the list to its start
	Limit     int64      // maximum number of users, at least 1
}

// Part is a part of the users who have the value, or of those who have none. The former are in the
// order of their values and then of their ids, the latter in the order of their ids.
type Part struct {
	After      *Position // only users who follow it in the direction of the part; nil: from the start
	Descending bool
	Limit      int64
}

// Read reads a window from its two parts: the users with the value, whom valued returns, come before
// those without it, whom missing returns.
func (w SortedWindow) Read(valued, missing func(Part) ([]bson.Raw, error)) (found []bson.Raw, err error) {
	first, second := valued, missing
	if w.Backwards {
		first, second = missing, valued
	}
	p := Part{After: w.After, Descending: w.Sort.Descending != w.Backwards, Limit: w.Limit}
	if inSecond := w.After != nil && (w.After.Value == nil) != w.Backwards; !inSecond {
		if found, err = first(p); err != nil || int64(len(found)) >= w.Limit {
			return found, err
		}
		p.After, p.Limit = nil, w.Limit-int64(len(found))
	}
	rest, err := second(p)
	return append(found, rest...), err
}
