package run

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// world is everything around a run, in memory. Every call to a port passes through before, with its number (from 1).
type world struct {
	before func(ctx context.Context, call int, op string) error // nil: no faults

	mu      sync.Mutex
	calls   []string
	cursors int // open ones
	objects map[string][]byte
	uploads map[*memoryUpload]bool
	created int // uploads

	docs     []bson.Raw
	count    int64 // what Count says, if not -1
	foreign  string
	matchErr error
	match    bson.D                     // what Match returns
	events   *world                     // the state events, in its docs
	accepted int64                      // bytes of parts that were stored
	stored   func(object []byte) []byte // what the storage makes of an object; nil: keeps it
}

func newWorld(docs []bson.Raw) *world {
	return &world{docs: docs, count: -1, objects: map[string][]byte{}, uploads: map[*memoryUpload]bool{}}
}

func (w *world) runner(s Settings) *Runner {
	return &Runner{Directory: directory{w}, Users: people{w}, Storage: memory{w}, Version: "v4.test", Settings: s}
}

// step notes a call and lets it fail.
func (w *world) step(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	w.mu.Lock()
	w.calls = append(w.calls, op)
	n := len(w.calls)
	w.mu.Unlock()
	if w.before == nil {
		return nil
	}
	return w.before(ctx, n, op)
}

// clean removes what a failed run has stored, as its caller does, and says what is left all the same.
func (w *world) clean(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	clear(w.objects)
	clear(w.uploads)
	if w.cursors > 0 {
		t.Errorf("left behind: %d cursors", w.cursors)
	}
}

type directory struct{ w *world }

func (d directory) Schema(ctx context.Context, _ string) (users.Schema, error) {
	return users.Schema{{Slug: "country", Type: users.Select}, {Slug: "phone", Type: users.Tel}, {Slug: "pin", Type: users.Password}}, d.w.step(ctx, "schema")
}

func (d directory) Registry(ctx context.Context, _ string) (users.Registry, error) {
	return users.Registry{ForeignSystems: []string{"crm"}, AppIDs: []string{"quiz"}}, d.w.step(ctx, "registry")
}

func (d directory) Stores(ctx context.Context, _ string) ([]users.Store, error) {
	return []users.Store{{ID: "s1", Title: "Main, store"}, {ID: "s2"}}, d.w.step(ctx, "stores")
}

func (d directory) Products(ctx context.Context, _ string) ([]users.Product, error) {
	return []users.Product{{ID: "p1", Label: "Daily"}}, d.w.step(ctx, "products")
}

func (d directory) AccountNames(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if !strings.HasSuffix(id, "3") {
			names[id] = "Name of " + id
		}
	}
	return names, d.w.step(ctx, "accounts")
}

type people struct{ w *world }

func (p people) Match(ctx context.Context, _ string, _ export.Definition) (bson.D, error) {
	if p.w.matchErr != nil {
		return nil, p.w.matchErr
	}
	return p.w.match, p.w.step(ctx, "match")
}

func (p people) Count(ctx context.Context, _ string, _ bson.D) (int64, error) {
	n := p.w.count
	if n < 0 {
		n = int64(len(p.w.docs))
	}
	return n, p.w.step(ctx, "count")
}

func (p people) ForeignIDs(ctx context.Context, _ string) (string, error) {
	return p.w.foreign, p.w.step(ctx, "foreign")
}

func (p people) Boundary(ctx context.Context, _ string, _ bson.D, after string, n int) (string, error) {
	if err := p.w.step(ctx, "boundary"); err != nil {
		return "", err
	}
	at := p.w.behind(after) + n - 1
	if at >= len(p.w.docs) {
		return "", nil
	}
	return p.w.docs[at].Lookup("_id").StringValue(), nil
}

func (p people) Among(ctx context.Context, _ string, _ bson.D, ids []string) (map[string]struct{}, error) {
	among := map[string]struct{}{}
	for _, id := range ids {
		if at := p.w.behind(id) - 1; at >= 0 && at < len(p.w.docs) && p.w.docs[at].Lookup("_id").StringValue() == id {
			among[id] = struct{}{}
		}
	}
	return among, p.w.step(ctx, "among")
}

func (p people) Read(ctx context.Context, _ string, _, _ bson.D, span Span) (Cursor, error) {
	if err := p.w.step(ctx, "read"); err != nil {
		return nil, err
	}
	c := &cursor{w: p.w, at: p.w.behind(span.After), until: len(p.w.docs)}
	if span.Until != "" {
		c.until = p.w.behind(span.Until)
	}
	p.w.mu.Lock()
	p.w.cursors++
	p.w.mu.Unlock()
	return c, nil
}

// behind is where the first user behind an id is.
func (w *world) behind(id string) int {
	if id == "" {
		return 0
	}
	return sort.Search(len(w.docs), func(i int) bool { return w.docs[i].Lookup("_id").StringValue() > id })
}

// cursor hands every document out in the same buffer, as a driver may.
type cursor struct {
	w         *world
	at, until int
	buf       []byte
	closed    bool
}

func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	if err := c.w.step(ctx, "next"); err != nil {
		return nil, err
	}
	if c.at == c.until {
		return nil, io.EOF
	}
	clear(c.buf)
	c.buf = append(c.buf[:0], c.w.docs[c.at]...)
	c.at++
	return c.buf, nil
}

func (c *cursor) Close() error {
	if !c.closed {
		c.closed = true
		c.w.mu.Lock()
		c.w.cursors--
		c.w.mu.Unlock()
	}
	return nil
}

// watcher keeps what a run says.
type watcher struct {
	mu       sync.Mutex
	columns  []export.Column
	key      string
	at       *export.Checkpoint // the newest
	marks    int                // checkpoints
	finished []export.File      // behind which another follows
	all      []export.Progress
	events   []string
	err      error
	progress func(export.Progress)
}

func (o *watcher) Prepared(_ context.Context, _ export.FileKind, c []export.Column, p export.Progress) error {
	o.columns = c
	o.Progress(p)
	return o.err
}

func (o *watcher) Uploading(_ context.Context, key string) error {
	o.key = key
	return o.err
}

func (o *watcher) Checkpoint(at export.Checkpoint) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = &at
	o.marks++
}

func (o *watcher) Completing(_ context.Context, at export.Checkpoint) error {
	o.Checkpoint(at)
	return o.err
}

func (o *watcher) Finished(_ context.Context, file export.File, _ []export.Warning) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = append(o.finished, file)
	return o.err
}

func (o *watcher) Progress(p export.Progress) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, p)
	if o.progress != nil {
		o.progress(p)
	}
}

func (o *watcher) Event(kind, message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, kind+": "+message)
}

var everything = export.Definition{
	Include: export.Include{Attributes: true, ForeignKeys: true, Grants: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}},
	Users:   export.Selection{UserStoreID: export.All},
	File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
}

func testJob() *export.Job {
	return &export.Job{
		ID: "01JDABCDEFGH", Tenant: "acme", Definition: everything, Attempt: 3,
		CreatedAt: time.Date(2026, 11, 23, 9, 31, 28, 5e8, time.FixedZone("", 3600)),
	}
}

// makeUsers makes n users with 0 to 3 grants each.
func makeUsers(t testing.TB, n int) []bson.Raw {
	t.Helper()
	docs := make([]bson.Raw, n)
	for i := range docs {
		grants := bson.A{}
		for g := range i % 4 {
			grants = append(grants, bson.D{{Key: "grantId", Value: fmt.Sprint(i, "-", g)}, {Key: "product_id", Value: "p1"}, {Key: "account_id", Value: fmt.Sprint("account ", i%70+g)}})
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
