package browsetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Memory stores users and accounts in memory. It is safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	users    map[string]map[string]bson.Raw // by tenant and id
	accounts map[string]map[string]users.Account
	products map[string]map[string]users.Product
	writes   map[string]uint64
}

var (
	_ browse.Source = (*Memory)(nil)
	_ Writer        = (*Memory)(nil)
)

// NewMemory returns an empty store in memory.
func NewMemory() *Memory {
	return &Memory{users: map[string]map[string]bson.Raw{}, accounts: map[string]map[string]users.Account{}, products: map[string]map[string]users.Product{}, writes: map[string]uint64{}}
}

// OpenMemory returns an empty store in memory. Its events are empty too.
func OpenMemory(*testing.T) Store {
	m := NewMemory()
	return Store{Source: m, Events: NewMemory(), Writer: m}
}

// WriteUsers implements Writer.
func (m *Memory) WriteUsers(_ context.Context, tenant string, docs []bson.Raw) (created int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes[tenant]++
	if m.users[tenant] == nil {
		m.users[tenant] = map[string]bson.Raw{}
	}
	for _, doc := range docs {
		id := idOf(doc)
		if _, exists := m.users[tenant][id]; !exists {
			created++
		}
		m.users[tenant][id] = bytes.Clone(doc)
	}
	return created, nil
}

// DeleteUser removes a user.
func (m *Memory) DeleteUser(tenant, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes[tenant]++
	delete(m.users[tenant], id)
}

// AddAccounts implements Writer. It replaces accounts.
func (m *Memory) AddAccounts(_ context.Context, tenant string, accounts []users.Account) (added int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.accounts[tenant] == nil {
		m.accounts[tenant] = map[string]users.Account{}
	}
	for _, a := range accounts {
		if _, exists := m.accounts[tenant][a.ID]; !exists {
			added++
		}
		m.accounts[tenant][a.ID] = a
	}
	return added, nil
}

// AddProducts implements Writer. It replaces products.
func (m *Memory) AddProducts(_ context.Context, tenant string, products []users.Product) (added int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.products[tenant] == nil {
		m.products[tenant] = map[string]users.Product{}
	}
	for _, p := range products {
		if _, exists := m.products[tenant][p.ID]; !exists {
			added++
		}
		m.products[tenant][p.ID] = p
	}
	return added, nil
}

// selected returns the selected documents, ordered by id.
func (m *Memory) selected(tenant string, s filter.Selection) (docs []bson.Raw) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.users[tenant])) {
		if doc := m.users[tenant][id]; s.Matches(doc) {
			docs = append(docs, doc)
		}
	}
	return docs
}

// Find implements browse.Source.
func (m *Memory) Find(ctx context.Context, tenant string, s filter.Selection, w browse.Window) ([]bson.Raw, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	docs := slices.DeleteFunc(m.selected(tenant, s), func(doc bson.Raw) bool {
		id := idOf(doc)
		return w.After != nil && id <= *w.After || w.Before != nil && id >= *w.Before
	})
	if w.Backwards {
		slices.Reverse(docs)
	}
	docs = docs[min(w.Skip, int64(len(docs))):]
	if w.Limit > 0 {
		docs = docs[:min(w.Limit, int64(len(docs)))]
	}
	return docs, nil
}

// Sample implements browse.Source. It returns users at equal distances.
func (m *Memory) Sample(ctx context.Context, tenant string, n int, _ int64) ([]bson.Raw, error) {
	docs, err := m.Find(ctx, tenant, filter.Selection{}, browse.Window{})
	if len(docs) <= n {
		return docs, err
	}
	sample := make([]bson.Raw, n)
	for i := range sample {
		sample[i] = docs[i*len(docs)/n]
	}
	return sample, nil
}

// Document implements browse.Source.
func (m *Memory) Document(ctx context.Context, tenant, id string) (bson.Raw, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	doc, exists := m.users[tenant][id]
	if !exists {
		return nil, errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
	}
	return doc, nil
}

// Count implements pipeline.Documents.
func (m *Memory) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	docs, err := m.Find(ctx, tenant, s, browse.Window{})
	return int64(len(docs)), err
}

// NonStringIDType implements pipeline.Documents.
func (m *Memory) NonStringIDType(context.Context, string) (string, error) { return "", nil }

// MatchingIDs implements pipeline.Users.
func (m *Memory) MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	matching := map[string]struct{}{}
	for _, doc := range m.selected(tenant, s) {
		if id := idOf(doc); slices.Contains(ids, id) {
			matching[id] = struct{}{}
		}
	}
	return matching, nil
}

// SegmentEnd implements pipeline.Documents.
func (m *Memory) SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	s.Where = nil
	for _, doc := range m.selected(tenant, s) {
		if id := idOf(doc); id > after || after == "" {
			if n--; n == 0 {
				return id, nil
			}
		}
	}
	return "", nil
}

// Read implements pipeline.Documents. It ignores the projection.
func (m *Memory) Read(ctx context.Context, tenant string, s filter.Selection, _ bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return &memoryCursor{docs: slices.DeleteFunc(m.selected(tenant, s), func(doc bson.Raw) bool {
		id := idOf(doc)
		return span.After != "" && id <= span.After || span.Until != "" && id > span.Until
	})}, nil
}

type memoryCursor struct {
	docs   []bson.Raw
	closed bool
}

func (c *memoryCursor) Next(ctx context.Context) (bson.Raw, error) {
	switch {
	case c.closed:
		return nil, errors.New("the cursor is closed")
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(c.docs) == 0:
		return nil, io.EOF
	}
	doc := c.docs[0]
	c.docs = c.docs[1:]
	return doc, nil
}

func (c *memoryCursor) Close() error {
	c.closed = true
	return nil
}

// Catalog implements browse.Source.
func (m *Memory) Catalog(tenant string) filter.Catalog { return memoryCatalog{m, tenant} }

type memoryCatalog struct {
	m      *Memory
	tenant string
}

// ProductIDs implements filter.Catalog.
func (f memoryCatalog) ProductIDs(ctx context.Context, match filter.Condition, limit int) (ids []string, err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.m.products[f.tenant])) {
		doc, err := bson.Marshal(f.m.products[f.tenant][id])
		if err != nil {
			return nil, err
		}
		if len(ids) < limit && (match == nil || match.Matches(doc)) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// AccountIDs implements filter.Catalog.
func (f memoryCatalog) AccountIDs(ctx context.Context, match filter.Condition, limit int) (ids []string, err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.m.accounts[f.tenant])) {
		matches, err := accountMatches(f.m.accounts[f.tenant][id], match)
		if err != nil {
			return nil, err
		}
		if len(ids) < limit && matches {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func accountMatches(a users.Account, match filter.Condition) (bool, error) {
	doc, err := bson.Marshal(bson.D{
		{Key: "_id", Value: a.ID}, {Key: "name", Value: a.Name}, {Key: users.FoldedKey, Value: bson.D{{Key: "name", Value: users.Fold(a.Name)}}},
	})
	return err == nil && (match == nil || match.Matches(doc)), err
}

// Account implements browse.Source.
func (m *Memory) Account(ctx context.Context, tenant, id string) (users.Account, error) {
	if ctx.Err() != nil {
		return users.Account{}, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a, exists := m.accounts[tenant][id]
	if !exists {
		return users.Account{}, errs.Errorf(errs.CodeNotFound, "There is no account with this ID.")
	}
	return a, nil
}

// FindAccounts implements browse.Source.
func (m *Memory) FindAccounts(ctx context.Context, tenant string, match filter.Condition, skip, limit int64) (found []users.Account, total int64, err error) {
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.accounts[tenant])) {
		matches, err := accountMatches(m.accounts[tenant][id], match)
		if err != nil {
			return nil, 0, err
		}
		if matches {
			found = append(found, m.accounts[tenant][id])
		}
	}
	total = int64(len(found))
	found = found[min(skip, total):]
	if limit > 0 {
		found = found[:min(limit, int64(len(found)))]
	}
	return found, total, nil
}

// Writes implements browse.Source.
func (m *Memory) Writes(tenant string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes[tenant]
}

func idOf(doc bson.Raw) string { return doc.Lookup("_id").StringValue() }
