package mongo

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// How many users a page holds.
const (
	DefaultPage = 25
	MaxPage     = 500
)

// ListUsers returns one page of a tenant's users. Pages are cut by id, not by position, so that users who come and go do
// not double or hide others. Attributes of type password are left out.
//
// The cursor is a page's Next or Previous, "" for the first page; limit is at most MaxPage, and 0 is DefaultPage.
func (u *Users) ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return users.Page{}, err
	}
	match, err := u.matchQuery(ctx, tenant, q, schema)
	if err != nil {
		return users.Page{}, err
	}
	at, err := parsePosition(cursor)
	if err != nil {
		return users.Page{}, err
	}
	limit = min(cmp.Or(limit, DefaultPage), MaxPage)

	c, err := u.collection(tenant).Find(ctx, and(at.match(), match), options.Find().
		SetSort(bson.D{{Key: "_id", Value: at.direction()}}).
		SetLimit(int64(limit)+1)) // one more tells whether there is a further page
	if err != nil {
		return users.Page{}, fmt.Errorf("list users: %w", err)
	}
	var raws []bson.Raw
	if err := c.All(ctx, &raws); err != nil {
		return users.Page{}, fmt.Errorf("list users: %w", err)
	}
	return page(raws, limit, at, schema)
}

// page makes a page of at most limit of the users that were found from a position on.
func page(raws []bson.Raw, limit int, at position, schema users.Schema) (users.Page, error) {
	more := len(raws) > limit
	if more {
		raws = raws[:limit]
	}
	if at.backwards {
		slices.Reverse(raws)
	}
	p := users.Page{Users: make([]users.User, 0, len(raws))}
	for _, raw := range raws {
		user, err := visible(raw, schema)
		if err != nil {
			return users.Page{}, err
		}
		p.Users = append(p.Users, user)
	}
	if len(p.Users) == 0 {
		return p, nil
	}
	if more || at.backwards {
		p.Next = position{id: p.Users[len(p.Users)-1].ID}.String()
	}
	if more && at.backwards || at.set && !at.backwards {
		p.Previous = position{id: p.Users[0].ID, backwards: true}.String()
	}
	return p, nil
}

// CountUsers returns how many users a list has on all its pages together.
func (u *Users) CountUsers(ctx context.Context, tenant string, q users.Query) (int64, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return 0, err
	}
	match, err := u.matchQuery(ctx, tenant, q, schema)
	if err != nil {
		return 0, err
	}
	return u.sharedCount(ctx, tenant, match)
}

// GetUser returns one user, without attributes of type password, or export.CodeNotFound.
func (u *Users) GetUser(ctx context.Context, tenant, id string) (users.User, error) {
	schema, err := u.directory.Schema(ctx, tenant)
	if err != nil {
		return users.User{}, err
	}
	raw, err := u.collection(tenant).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return users.User{}, export.Errorf(export.CodeNotFound, "There is no user with this id.")
	}
	if err != nil {
		return users.User{}, fmt.Errorf("get a user: %w", err)
	}
	return visible(raw, schema)
}

func visible(raw bson.Raw, schema users.Schema) (users.User, error) {
	user, err := users.Decode(raw)
	if err != nil {
		return users.User{}, err
	}
	for _, f := range schema {
		if f.Secret() {
			delete(user.Attributes, f.Slug)
		}
	}
	return user, nil
}

func (u *Users) matchQuery(ctx context.Context, tenant string, q users.Query, schema users.Schema) (bson.D, error) {
	search, err := filter.Search(q.Search, "search", schema)
	if err != nil {
		return nil, err
	}
	rules, err := filter.Compile(ctx, q.Filter, "filter", schema, u.Accounts(tenant))
	if err != nil {
		return nil, err
	}
	var store bson.D
	if q.StoreID != "" {
		store = filter.InStore(q.StoreID)
	}
	return and(store, search, rules), nil
}

// position is a place between two users. Its text form is opaque to clients.
type position struct {
	set       bool
	backwards bool // towards lower ids
	id        string
}

func (p position) String() string {
	direction := "a"
	if p.backwards {
		direction = "b"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(direction + p.id))
}

func parsePosition(s string) (position, error) {
	if s == "" {
		return position{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 || b[0] != 'a' && b[0] != 'b' {
		return position{}, export.Invalid("cursor", "is not one that a page named")
	}
	return position{set: true, backwards: b[0] == 'b', id: string(b[1:])}, nil
}

func (p position) direction() int {
	if p.backwards {
		return -1
	}
	return 1
}

func (p position) match() bson.D {
	switch {
	case p.backwards:
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: p.id}}}}
	case p.set:
		return bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: p.id}}}}
	default:
		return idsIn(run.Span{})
	}
}
