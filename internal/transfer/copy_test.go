package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const testBatch = 5

var errInterrupted = errors.New("interrupted")

// memoryStore is a Source and a Target. Its calls fail once limit of them were made.
type memoryStore struct {
	docs        map[string]map[string]map[string]bson.Raw // by tenant, collection and id
	calls       *int
	limit       int // -1: none
	puts        int
	collections []string // nil: all
}

func newMemoryStore() *memoryStore {
	return &memoryStore{docs: map[string]map[string]map[string]bson.Raw{}, calls: new(int), limit: -1}
}

func (s *memoryStore) call() error {
	if *s.calls++; s.limit >= 0 && *s.calls > s.limit {
		return errInterrupted
	}
	return nil
}

func (s *memoryStore) add(tenant, collection, id string, fields ...bson.E) {
	doc, err := bson.Marshal(append(bson.D{{Key: "_id", Value: id}}, fields...))
	if err != nil {
		panic(err)
	}
	s.put(tenant, collection, doc)
}

func (s *memoryStore) put(tenant, collection string, doc bson.Raw) {
	if s.docs[tenant] == nil {
		s.docs[tenant] = map[string]map[string]bson.Raw{}
	}
	if s.docs[tenant][collection] == nil {
		s.docs[tenant][collection] = map[string]bson.Raw{}
	}
	s.docs[tenant][collection][doc.Lookup("_id").StringValue()] = doc
}

func (s *memoryStore) Tenants(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(s.docs[""]["tenants"])), s.call()
}

func (s *memoryStore) Collections(tenant string) []string {
	switch {
	case s.collections != nil:
		return s.collections
	case tenant == "":
		return []string{"admins", "jobs", "tenants"}
	default:
		return []string{"stores", "users"}
	}
}

func (s *memoryStore) Count(_ context.Context, tenant, collection string) (int64, error) {
	return int64(len(s.docs[tenant][collection])), s.call()
}

func (s *memoryStore) Each(_ context.Context, tenant, collection, after string, f func(string, bson.Raw) error) error {
	for _, id := range slices.Sorted(maps.Keys(s.docs[tenant][collection])) {
		if id <= after && after != "" {
			continue
		}
		if err := s.call(); err != nil {
			return err
		}
		doc := bytes.Clone(s.docs[tenant][collection][id])
		if err := f(id, doc); err != nil {
			return err
		}
		clear(doc) // it was valid until f returned
	}
	return nil
}

// Put stores every second document before it fails.
func (s *memoryStore) Put(_ context.Context, tenant, collection string, docs []bson.Raw) error {
	err := s.call()
	for i, doc := range docs {
		if err == nil || i%2 == 0 {
			s.put(tenant, collection, bytes.Clone(doc))
		}
	}
	s.puts++
	return err
}

// sampleStore returns a source with several batches of users.
func sampleStore() *memoryStore {
	s := newMemoryStore()
	for _, tenant := range []string{"a", "b"} {
		s.add("", "tenants", tenant, bson.E{Key: "name", Value: "Tenant " + tenant})
		s.add(tenant, "stores", "main")
	}
	for i := range 4*testBatch + 3 {
		s.add("a", "users", fmt.Sprintf("u%05d", i), bson.E{Key: "n", Value: i})
	}
	s.add("b", "users", "", bson.E{Key: "n", Value: "the empty id"})
	s.add("b", "users", "ä")
	s.add("", "admins", "owner")
	s.add("", MarkerCollection, markerID, bson.E{Key: "source", Value: "an older copy"})
	return s
}

// requireCopy checks that the target has the documents of the source and a marker of its own.
func requireCopy(t *testing.T, source, target *memoryStore) {
	t.Helper()
	state, err := StateOf(t.Context(), target)
	if err != nil || state != Complete {
		t.Errorf("state %d, error %v", state, err)
	}
	want, got := maps.Clone(source.docs[""]), maps.Clone(target.docs[""])
	delete(want, MarkerCollection)
	delete(got, MarkerCollection)
	if !reflect.DeepEqual(want, got) {
		t.Error("the control database differs")
	}
	for _, tenant := range []string{"a", "b"} {
		if !reflect.DeepEqual(source.docs[tenant], target.docs[tenant]) {
			t.Errorf("the documents of tenant %s differ", tenant)
		}
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	source, target := sampleStore(), newMemoryStore()
	var last Progress
	done := int64(0)
	r, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch, Progress: func(p Progress) {
		if p.Done < done || p.Done > p.Total {
			t.Errorf("progress %+v after %d", p, done)
		}
		done, last = p.Done, p
	}})
	total := int64(4*testBatch + 3 + 2 + 2 + 2 + 1)
	if want := (Result{Tenants: 2, Documents: total, Copied: total}); err != nil || r != want {
		t.Errorf("%+v, error %v, not %+v", r, err, want)
	}
	if last.Done != total || last.Total != total {
		t.Errorf("the last progress was %+v", last)
	}
	requireCopy(t, source, target)

	t.Run("a second copy only compares", func(t *testing.T) {
		target.puts = 0
		r, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch})
		if want := (Result{Tenants: 2, Documents: total}); err != nil || r != want || target.puts > 0 {
			t.Errorf("%+v, error %v, %d writes", r, err, target.puts)
		}
	})
	t.Run("a target that has changed since is in use", func(t *testing.T) {
		target.puts = 0
		target.add("a", "users", "u00001", bson.E{Key: "n", Value: "newer"})
		_, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch})
		if !errors.Is(err, ErrInUse) || target.puts > 0 {
			t.Errorf("error %v, %d writes", err, target.puts)
		}
	})
}

// TestInterruptedCopy ends a copy after every number of calls, and resumes it.
func TestInterruptedCopy(t *testing.T) {
	t.Parallel()
	for limit := 0; ; limit++ {
		source, target := sampleStore(), newMemoryStore()
		source.calls, source.limit, target.limit = target.calls, limit, limit
		_, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch})
		if err == nil {
			if limit < 4*testBatch {
				t.Errorf("a copy took only %d calls", limit)
			}
			return
		}
		if !errors.Is(err, errInterrupted) {
			t.Fatalf("interrupted after %d calls: %v", limit, err)
		}
		if state, _ := StateOf(t.Context(), &memoryStore{docs: target.docs, calls: new(int), limit: -1}); state == Complete && len(target.docs[""]["tenants"]) < 2 {
			t.Fatalf("interrupted after %d calls: the copy counts as complete", limit)
		}
		source.limit, target.limit = -1, -1
		if _, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch}); err != nil {
			t.Fatalf("resumed after %d calls: %v", limit, err)
		}
		requireCopy(t, source, target)
		if t.Failed() {
			t.Fatalf("interrupted after %d calls", limit)
		}
	}
}

func TestResumeKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	source, target := sampleStore(), newMemoryStore()
	target.limit = 30 // a few batches
	if _, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch}); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	target.limit = -1
	stored := int64(len(target.docs["a"]["users"]) + len(target.docs["a"]["stores"]))
	if stored == 0 {
		t.Fatal("the interrupted copy stored nothing")
	}
	r, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch})
	if err != nil || r.Copied > r.Documents-stored {
		t.Errorf("%d of %d documents were copied again, error %v", r.Copied-(r.Documents-stored), stored, err)
	}
	requireCopy(t, source, target)
}

func TestResumeReplacesChangedDocuments(t *testing.T) {
	t.Parallel()
	source, target := sampleStore(), newMemoryStore()
	m := marker{ID: markerID, Source: "test"}
	if err := m.write(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	target.add("a", "users", "u00000", bson.E{Key: "n", Value: "older"})
	target.add("a", "users", "u00002", bson.E{Key: "n", Value: "older"})
	if _, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch}); err != nil {
		t.Fatal(err)
	}
	requireCopy(t, source, target)
}

func TestRefusedCopies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(source, target *memoryStore)
		inUse   bool
		words   string
	}{
		"control documents": {func(_, target *memoryStore) { target.add("", "jobs", "j") }, true, "1 documents in jobs"},
		"a tenant's users":  {func(_, target *memoryStore) { target.add("b", "users", "other") }, true, "users of tenant b"},
		"a copy of another source": {func(_, target *memoryStore) {
			target.add("", MarkerCollection, markerID, bson.E{Key: "source", Value: "elsewhere"})
		}, true, "elsewhere"},
		"an unknown collection": {func(_, target *memoryStore) { target.collections = []string{"admins", "tenants", "users"} }, false, "stores of tenant a"},
		"documents that the source does not have": {func(_, target *memoryStore) {
			target.add("", MarkerCollection, markerID, bson.E{Key: "source", Value: "test"})
			target.add("a", "users", "zzz")
		}, false, "the source has 23 documents and the target 24"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, target := sampleStore(), newMemoryStore()
			test.prepare(source, target)
			before := target.puts
			_, err := Copy(t.Context(), source, target, Options{Source: "test", batch: testBatch})
			if err == nil || errors.Is(err, ErrInUse) != test.inUse || !strings.Contains(err.Error(), test.words) {
				t.Errorf("error: %v", err)
			}
			if test.inUse && target.puts != before {
				t.Error("the refused copy wrote")
			}
		})
	}
}

// lossyStore loses a part of what it stores.
type lossyStore struct{ *memoryStore }

func (s lossyStore) Put(ctx context.Context, tenant, collection string, docs []bson.Raw) error {
	if collection == "users" {
		s.add(tenant, collection, docs[0].Lookup("_id").StringValue())
		docs = docs[1:]
	}
	return s.memoryStore.Put(ctx, tenant, collection, docs)
}

func TestCopyFindsDamage(t *testing.T) {
	t.Parallel()
	target := lossyStore{newMemoryStore()}
	_, err := Copy(t.Context(), sampleStore(), target, Options{Source: "test", batch: testBatch})
	if err == nil || !strings.Contains(err.Error(), "users of tenant a") || !strings.Contains(err.Error(), "SHA-256") {
		t.Errorf("error: %v", err)
	}
	if state, err := StateOf(t.Context(), target); err != nil || state != Incomplete {
		t.Errorf("state %d, error %v", state, err)
	}
}
