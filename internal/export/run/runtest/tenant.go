// Package runtest has what surrounds a run, in memory: a tenant with its users, and a storage. Both count what is left open,
// so that a test can say that nothing was left behind.
package runtest

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

// Tenant is a tenant whose users all match every definition. It is safe for concurrent use.
type Tenant struct {
	docs []bson.Raw // by ascending _id

	mu   sync.Mutex
	open int
}

var (
	_ run.Users     = (*Tenant)(nil)
	_ run.Directory = (*Tenant)(nil)
)

// NewTenant makes a tenant of users in the order in which its cursors are to return them.
func NewTenant(docs []bson.Raw) *Tenant { return &Tenant{docs: docs} }

// OpenCursors is how many cursors nobody has closed.
func (t *Tenant) OpenCursors() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// Schema implements run.Directory.
func (t *Tenant) Schema(ctx context.Context, _ string) (users.Schema, error) {
	return users.Schema{{Slug: "country", Type: users.Select}, {Slug: "phone", Type: users.Tel}}, ctx.Err()
}

// Registry implements run.Directory.
func (t *Tenant) Registry(ctx context.Context, _ string) (users.Registry, error) {
	return users.Registry{ForeignSystems: []string{"crm"}, AppIDs: []string{"quiz"}}, ctx.Err()
}

// Stores implements run.Directory.
func (t *Tenant) Stores(ctx context.Context, _ string) ([]users.Store, error) {
	return []users.Store{{ID: "s1", Title: "Main, store"}, {ID: "s2"}}, ctx.Err()
}

// Products implements run.Directory.
func (t *Tenant) Products(ctx context.Context, _ string) ([]users.Product, error) {
	return []users.Product{{ID: "p1", Label: "Daily"}}, ctx.Err()
}

// AccountNames implements run.Directory. Accounts whose id ends with a 3 do not exist.
func (t *Tenant) AccountNames(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if !strings.HasSuffix(id, "3") {
			names[id] = "Name of " + id
		}
	}
	return names, ctx.Err()
}

// Match implements run.Users.
func (t *Tenant) Match(ctx context.Context, _ string, _ export.Definition) (bson.D, error) {
	return bson.D{}, ctx.Err()
}

// Count implements run.Users.
func (t *Tenant) Count(ctx context.Context, _ string, _ bson.D) (int64, error) {
	return int64(len(t.docs)), ctx.Err()
}

// ForeignIDs implements run.Users.
func (t *Tenant) ForeignIDs(ctx context.Context, _ string) (string, error) { return "", ctx.Err() }

// Boundary implements run.Users.
func (t *Tenant) Boundary(ctx context.Context, _ string, _ bson.D, after string, n int) (string, error) {
	at := t.behind(after) + n - 1
	if at >= len(t.docs) {
		return "", ctx.Err()
	}
	return idOf(t.docs[at]), ctx.Err()
}

// Among implements run.Users.
func (t *Tenant) Among(ctx context.Context, _ string, _ bson.D, ids []string) (map[string]struct{}, error) {
	among := map[string]struct{}{}
	for _, id := range ids {
		if at := t.behind(id) - 1; at >= 0 && at < len(t.docs) && idOf(t.docs[at]) == id {
			among[id] = struct{}{}
		}
	}
	return among, ctx.Err()
}

// Read implements run.Users.
func (t *Tenant) Read(ctx context.Context, _ string, _, _ bson.D, span run.Span) (run.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &cursor{t: t, at: t.behind(span.After), until: len(t.docs)}
	if span.Until != "" {
		c.until = t.behind(span.Until)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
	return c, nil
}

// behind is where the first user behind an id is.
func (t *Tenant) behind(id string) int {
	if id == "" {
		return 0
	}
	return sort.Search(len(t.docs), func(i int) bool { return idOf(t.docs[i]) > id })
}

func idOf(doc bson.Raw) string { return doc.Lookup("_id").StringValue() }

// cursor hands every document out in the same buffer, as a driver may.
type cursor struct {
	t         *Tenant
	at, until int
	buf       []byte
	closed    bool
}

func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.at >= c.until {
		return nil, io.EOF
	}
	clear(c.buf)
	c.buf = append(c.buf[:0], c.t.docs[c.at]...)
	c.at++
	return c.buf, nil
}

func (c *cursor) Close() error {
	if !c.closed {
		c.closed = true
		c.t.mu.Lock()
		defer c.t.mu.Unlock()
		c.t.open--
	}
	return nil
}

// MakeUsers makes n users with 0 to 3 grants each, in the order of their ids.
func MakeUsers(t testing.TB, n int) []bson.Raw {
	t.Helper()
	docs := make([]bson.Raw, n)
	for i := range docs {
		grants := bson.A{}
		for g := range i % 4 {
			grants = append(grants, bson.D{
				{Key: "grantId", Value: fmt.Sprint(i, "-", g)}, {Key: "product_id", Value: "p1"},
				{Key: "account_id", Value: fmt.Sprint("account ", i%70+g)},
			})
		}
		raw, err := bson.Marshal(bson.D{
			{Key: "_id", Value: fmt.Sprintf("user-%06d", i)},
			{Key: "user_store_id", Value: fmt.Sprintf("s%d", i%3)},
			{Key: "attributes", Value: bson.D{{Key: "country", Value: "GB"}, {Key: "phone", Value: fmt.Sprintf("0%d", 7_000_000_000+i)}}},
			{Key: "extended_profiles", Value: bson.D{{Key: "quiz", Value: `{"a":"` + strings.Repeat("x", i%50) + "\"}\r\n"}}},
			{Key: "grants", Value: grants},
		})
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = raw
	}
	return docs
}
