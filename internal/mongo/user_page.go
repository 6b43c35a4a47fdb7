package mongo

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Sizes of a page of users.
const (
	DefaultPageSize = 25
	MaxPageSize     = 500
)

// ListUsers returns one page of a tenant's users, without attributes of type password. Pages are
// cut by id, not by offset, so that users who are added or deleted do not shift the pages.
//
// The cursor is Next or Previous of a page, "" for the first page. Limit is at most MaxPageSize; 0
// stands for DefaultPageSize.
func (u *Users) ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return users.Page{}, err
	}
	selection, err := u.querySelection(ctx, tenant, q, schema)
	if err != nil {
		return users.Page{}, err
	}
	from, err := parsePageCursor(cursor)
	if err != nil {
		return users.Page{}, err
	}
	limit = min(cmp.Or(limit, DefaultPageSize), MaxPageSize)

	raws, err := u.findAllWithTimeLimit(ctx, tenant, allOf(from.match(), selectionQuery(selection)), findOptions{
		sort: bson.D{{Key: "_id", Value: from.sortOrder()}}, limit: int64(limit) + 1, // one more shows whether a next page exists
	})
	if err != nil {
		return users.Page{}, fmt.Errorf("list users: %w", err)
	}
	return newPage(raws, limit, from, schema)
}

// newPage builds a page of at most limit users from the documents found from a cursor on.
func newPage(raws []bson.Raw, limit int, from pageCursor, schema users.Schema) (users.Page, error) {
	more := len(raws) > limit
	if more {
		raws = raws[:limit]
	}
	if from.backwards {
		slices.Reverse(raws)
	}
	p := users.Page{Users: make([]users.User, 0, len(raws))}
	for _, raw := range raws {
		user, err := decodeVisible(raw, schema)
		if err != nil {
			return users.Page{}, err
		}
		p.Users = append(p.Users, user)
	}
	if len(p.Users) == 0 {
		return p, nil
	}
	if more || from.backwards {
		p.Next = pageCursor{id: p.Users[len(p.Users)-1].ID}.String()
	}
	if more && from.backwards || from.set && !from.backwards {
		p.Previous = pageCursor{id: p.Users[0].ID, backwards: true}.String()
	}
	return p, nil
}

// pageCursor is a position between two users. Clients treat its text form as opaque.
type pageCursor struct {
	set       bool
	backwards bool // to lower ids
	id        string
}

func (p pageCursor) String() string {
	direction := "a"
	if p.backwards {
		direction = "b"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(direction + p.id))
}

func parsePageCursor(s string) (pageCursor, error) {
	if s == "" {
		return pageCursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || b[0] != 'a' && b[0] != 'b' {
		return pageCursor{}, errs.Invalid("cursor", "is not a cursor that a page of users returned")
	}
	return pageCursor{set: true, backwards: b[0] == 'b', id: string(b[1:])}, nil
}

func (p pageCursor) sortOrder() int {
	if p.backwards {
		return -1
	}
	return 1
}

func (p pageCursor) match() bson.D {
	switch {
	case p.backwards:
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: p.id}}}}
	case p.set:
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: p.id}}}}
	default:
		return idRange(pipeline.IDRange{})
	}
}
