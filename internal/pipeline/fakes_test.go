package pipeline

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
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// testEnv implements all ports of a run in memory. Every call to a port first calls before, with
// the number of the call (from 1).
type testEnv struct {
	before func(ctx context.Context, call int, op string) error // nil: no faults

	mu      sync.Mutex
	calls   []string
	cursors int // open cursors
	objects map[string][]byte
	uploads map[*memoryUpload]bool
	created int // number of uploads created

	docs      []bson.Raw
	count     int64  // what Count says, if not -1
	idTypes   string // that are not strings
	matchErr  error
	selection filter.Selection           // of the plan
	events    *testEnv                   // the state events, in its docs
	accepted  int64                      // bytes of parts that were stored
	corrupt   func(object []byte) []byte // what the storage makes of an object; nil: keeps it
}

func newTestEnv(docs []bson.Raw) *testEnv {
	return &testEnv{docs: docs, count: -1, objects: map[string][]byte{}, uploads: map[*memoryUpload]bool{}}
}

func (w *testEnv) runner(s Settings) *Runner {
	return New(Options{Planner: memoryDirectory{w}, Accounts: memoryDirectory{w}, Users: memoryUsers{w}, Storage: memoryStorage{w}, Version: "v4.test", Settings: s})
}

// call records a call and returns the error of before.
func (w *testEnv) call(ctx context.Context, op string) error {
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

// checkLeaks removes the stored data of a run, as its caller does, and fails if cursors are open.
func (w *testEnv) checkLeaks(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	clear(w.objects)
	clear(w.uploads)
	if w.cursors > 0 {
		t.Errorf("%d cursors are open", w.cursors)
	}
}

type memoryDirectory struct{ w *testEnv }

func (d memoryDirectory) Plan(ctx context.Context, tenant string, def export.Definition) (*Plan, error) {
	if d.w.matchErr != nil {
		return nil, d.w.matchErr
	}
	return d.w.plan(tenant, def), d.w.call(ctx, "plan")
}

// plan is the plan of every definition.
func (w *testEnv) plan(tenant string, def export.Definition) *Plan {
	return &Plan{
		Tenant: tenant, Definition: def, Users: w.selection,
		Schema:   users.Schema{{Slug: "country", Type: users.Select}, {Slug: "phone", Type: users.Tel}, {Slug: "pin", Type: users.Password}},
		Registry: users.Registry{ForeignSystems: []string{"crm"}, AppIDs: []string{"quiz"}},
		Stores:   []users.Store{{ID: "s1", Title: "Main, store"}, {ID: "s2"}},
		Products: []users.Product{{ID: "p1", Label: "Daily"}},
	}
}

func (d memoryDirectory) AccountNames(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for _, id := range ids {
		if !strings.HasSuffix(id, "3") {
			names[id] = "Name of " + id
		}
	}
	return names, d.w.call(ctx, "accounts")
}

type memoryUsers struct{ w *testEnv }

func (p memoryUsers) Count(ctx context.Context, _ string, _ filter.Selection) (int64, error) {
	n := p.w.count
	if n < 0 {
		n = int64(len(p.w.docs))
	}
	return n, p.w.call(ctx, "count")
}

func (p memoryUsers) NonStringIDType(ctx context.Context, _ string) (string, error) {
	return p.w.idTypes, p.w.call(ctx, "id types")
}

func (p memoryUsers) SegmentEnd(ctx context.Context, _ string, _ filter.Selection, after string, n int) (string, error) {
	if err := p.w.call(ctx, "segment end"); err != nil {
		return "", err
	}
	at := p.w.indexAfter(after) + n - 1
	if at >= len(p.w.docs) {
		return "", nil
	}
	return p.w.docs[at].Lookup("_id").StringValue(), nil
}

func (p memoryUsers) MatchingIDs(ctx context.Context, _ string, _ filter.Selection, ids []string) (map[string]struct{}, error) {
	among := map[string]struct{}{}
	for _, id := range ids {
		if at := p.w.indexAfter(id) - 1; at >= 0 && at < len(p.w.docs) && p.w.docs[at].Lookup("_id").StringValue() == id {
			among[id] = struct{}{}
		}
	}
	return among, p.w.call(ctx, "matching ids")
}

func (p memoryUsers) Read(ctx context.Context, _ string, _ filter.Selection, _ bson.D, span IDRange) (Cursor, error) {
	if err := p.w.call(ctx, "read"); err != nil {
		return nil, err
	}
	c := &cursor{w: p.w, at: p.w.indexAfter(span.After), until: len(p.w.docs)}
	if span.Until != "" {
		c.until = p.w.indexAfter(span.Until)
	}
	p.w.mu.Lock()
	p.w.cursors++
	p.w.mu.Unlock()
	return c, nil
}

// indexAfter returns the index of the first user with a greater id.
func (w *testEnv) indexAfter(id string) int {
	if id == "" {
		return 0
	}
	return sort.Search(len(w.docs), func(i int) bool {
		text, _ := StringValue(w.docs[i].Lookup("_id"))
		return text > id
	})
}

// cursor returns every document in the same buffer, as a driver may.
type cursor struct {
	w         *testEnv
	at, until int
	buf       []byte
	closed    bool
}

func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	if err := c.w.call(ctx, "next"); err != nil {
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

// recorder is an Observer that records all calls.
type recorder struct {
	mu            sync.Mutex
	columns       []export.Column
	key           string
	checkpoint    *export.Checkpoint // the latest
	checkpoints   int                // number of checkpoints
	finished      []export.File      // files that another file follows
	progressCalls []export.Progress
	events        []string
	err           error
	progress      func(export.Progress)
}

func (o *recorder) Prepared(_ context.Context, _ export.FileKind, c []export.Column, p export.Progress) error {
	o.columns = c
	o.Progress(p)
	return o.err
}

func (o *recorder) Uploading(_ context.Context, key string) error {
	o.key = key
	return o.err
}

func (o *recorder) Checkpoint(at export.Checkpoint) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.checkpoint = &at
	o.checkpoints++
}

func (o *recorder) Completing(_ context.Context, at export.Checkpoint) error {
	o.Checkpoint(at)
	return o.err
}

func (o *recorder) Finished(_ context.Context, file export.File, _ []export.Warning) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.finished = append(o.finished, file)
	return o.err
}

func (o *recorder) Progress(p export.Progress) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.progressCalls = append(o.progressCalls, p)
	if o.progress != nil {
		o.progress(p)
	}
}

func (o *recorder) Event(kind, message string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, kind+": "+message)
}

var allGroups = export.Definition{
	Include: export.Include{Attributes: true, ForeignKeys: true, Grants: true, ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}},
	Users:   export.Selection{UserStoreID: export.All},
	File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
}

func testJob() *export.Job {
	return &export.Job{
		ID: "01JDABCDEFGH", Tenant: "acme", Definition: allGroups, Attempt: 3,
		CreatedAt: time.Date(2026, 11, 23, 9, 31, 28, 5e8, time.FixedZone("", 3600)),
	}
}

// makeUsers returns n users with 0 to 3 grants each.
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
