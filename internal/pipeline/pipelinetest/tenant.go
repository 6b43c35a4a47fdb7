// Package pipelinetest implements the ports of a run in memory: a tenant with its users, and a
// storage. Both count open cursors, uploads and bodies, so that tests can check for leaks.
package pipelinetest

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
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Tenant is a tenant in memory. All its users match every definition. It is safe for concurrent
// use.
type Tenant struct {
	docs []bson.Raw // by ascending _id

	mu   sync.Mutex
	open int
}

var (
	_ pipeline.Users    = (*Tenant)(nil)
	_ pipeline.Accounts = (*Tenant)(nil)
	_ pipeline.Planner  = (*Tenant)(nil)
)

// NewTenant returns a tenant with the given users, in the order in which its cursors return them.
func NewTenant(docs []bson.Raw) *Tenant { return &Tenant{docs: docs} }

// OpenCursors returns the number of cursors that are not closed.
func (t *Tenant) OpenCursors() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// Plan implements pipeline.Planner. Every definition selects all users.
func (t *Tenant) Plan(ctx context.Context, tenant string, def export.Definition) (*pipeline.Plan, error) {
	return &pipeline.Plan{
		Tenant: tenant, Definition: def,
		Schema:   users.Schema{{Slug: "country", Type: users.Select}, {Slug: "phone", Type: users.Tel}},
		Registry: users.Registry{ForeignSystems: []string{"crm"}, AppIDs: []string{"quiz"}},
		Stores:   []users.Store{{ID: "s1", Title: "Main, store"}, {ID: "s2"}},
		Products: []users.Product{{ID: "p1", Label: "Daily"}},
	}, ctx.Err()
}

// AccountNames implements pipeline.Accounts. Accounts whose id ends with a 3 do not exist.
func (t *Tenant) AccountNames(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if !strings.HasSuffix(id, "3") {
			names[id] = "Name of " + id
		}
	}
	return names, ctx.Err()
}

// Count implements pipeline.Users.
func (t *Tenant) Count(ctx context.Context, _ string, _ filter.Selection) (int64, error) {
	return int64(len(t.docs)), ctx.Err()
}

// NonStringIDType implements pipeline.Users.
func (t *Tenant) NonStringIDType(ctx context.Context, _ string) (string, error) { return "", ctx.Err() }

// SegmentEnd implements pipeline.Users.
func (t *Tenant) SegmentEnd(ctx context.Context, _ string, _ filter.Selection, after string, n int) (string, error) {
	at := t.indexAfter(after) + n - 1
	if at >= len(t.docs) {
		return "", ctx.Err()
	}
	return idOf(t.docs[at]), ctx.Err()
}

// MatchingIDs implements pipeline.Users.
func (t *Tenant) MatchingIDs(ctx context.Context, _ string, _ filter.Selection, ids []string) (map[string]struct{}, error) {
	among := map[string]struct{}{}
	for _, id := range ids {
		if at := t.indexAfter(id) - 1; at >= 0 && at < len(t.docs) && idOf(t.docs[at]) == id {
			among[id] = struct{}{}
		}
	}
	return among, ctx.Err()
}

// Read implements pipeline.Users.
func (t *Tenant) Read(ctx context.Context, _ string, _ filter.Selection, _ bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c := &cursor{t: t, at: t.indexAfter(span.After), until: len(t.docs)}
	if span.Until != "" {
		c.until = t.indexAfter(span.Until)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
	return c, nil
}

// indexAfter returns the index of the first user with a greater id.
func (t *Tenant) indexAfter(id string) int {
	if id == "" {
		return 0
	}
	return sort.Search(len(t.docs), func(i int) bool { return idOf(t.docs[i]) > id })
}

func idOf(doc bson.Raw) string { return doc.Lookup("_id").StringValue() }

// cursor returns every document in the same buffer, as a driver may.
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

// MakeUsers returns n users with 0 to 3 grants each, in ascending order of their ids.
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
