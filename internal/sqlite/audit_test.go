package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/audit/audittest"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/stored"
	"github.com/egress-io/egress/internal/transfer/transfertest"
)

func TestAuditLog(t *testing.T) { t.Parallel(); audittest.TestLog(t, openAudit(t)) }

func TestAuditChain(t *testing.T) { t.Parallel(); audittest.TestChain(t, openAudit(t)) }

func BenchmarkAuditAppend(b *testing.B) {
	audittest.BenchmarkAppend(b, openAudit(b).Log(audittest.Key(b)))
}

// Queries use the columns, so Verify compares them with the documents.
func TestVerifyComparesColumnsWithDocuments(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	for i, c := range []struct {
		name   string
		tamper func(id string)
		seq    int64
		damage audit.Damage
	}{
		{"id", func(id string) { db.exec(t, "UPDATE audit SET id = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"once", func(id string) { db.exec(t, "UPDATE audit SET once = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"place", func(id string) { db.exec(t, "UPDATE audit SET place = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"tenant", func(id string) { db.exec(t, "UPDATE audit SET tenant = 'x' WHERE id = ?", id) }, 2, audit.Removed},
		{"kind", func(id string) { db.exec(t, "UPDATE audit SET kind = 'x' WHERE id = ?", id) }, 2, audit.Changed},
		{"seq", func(id string) { db.exec(t, "UPDATE audit SET seq = 9 WHERE id = ?", id) }, 2, audit.Removed},
		{"no seq", func(id string) { db.exec(t, "UPDATE audit SET seq = NULL WHERE id = ?", id) }, 1, audit.Changed},
		{"time", func(id string) { db.exec(t, "UPDATE audit SET time = 0 WHERE id = ?", id) }, 2, audit.Changed},
		{"document", func(id string) { db.exec(t, "UPDATE audit SET doc = x'00' WHERE id = ?", id) }, 2, audit.Changed},
		{"tenant of the document", func(id string) {
			db.setDocument(t, audittest.Records, id, bson.D{{Key: "tenant", Value: "x"}})
		}, 2, audit.Changed},
		{"number of the document", func(id string) {
			db.setDocument(t, audittest.Records, id, bson.D{{Key: "seq", Value: int64(3)}})
		}, 2, audit.Changed},
	} {
		tenant := fmt.Sprintf("t%02d", i)
		log := sqlite.NewAuditLog(db.db, audittest.Key(t))
		for n := range 3 {
			if err := log.Append(t.Context(), audittest.NewRecord(tenant, fmt.Sprint(tenant, n+1))); err != nil {
				t.Fatal(err)
			}
		}
		c.tamper(tenant + "2")
		r, err := log.Verify(t.Context(), tenant, nil)
		if err != nil || r.Fault == nil || r.Fault.Seq != c.seq || r.Fault.Damage != c.damage {
			t.Errorf("%s: %+v, %v, want %s at %d", c.name, r.Fault, err, c.damage, c.seq)
		}
	}
}

// A head that somebody changes or removes while the server runs stays as it is.
func TestInvalidHeadOfRunningServer(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	for name, tamper := range map[string]func(id string){
		"changed": func(id string) { db.Set(t, audittest.Heads, id, bson.D{{Key: "before", Value: int64(5)}}) },
		"removed": func(id string) { db.Remove(t, audittest.Heads, id) },
		"removed with the records": func(id string) {
			db.Remove(t, audittest.Heads, id)
			db.Remove(t, audittest.Records, id[len("chain:"):]+"1")
		},
	} {
		log := sqlite.NewAuditLog(db.db, audittest.Key(t))
		if err := log.Append(t.Context(), audittest.NewRecord(name, name+"1")); err != nil {
			t.Fatal(err)
		}
		tamper("chain:" + name)
		head := db.Read(t, audittest.Heads, "chain:"+name)
		if err := log.Append(t.Context(), audittest.NewRecord(name, name+"2")); err != nil {
			t.Fatal(err)
		}
		if now := db.Read(t, audittest.Heads, "chain:"+name); !slices.Equal(now, head) {
			t.Errorf("%s: the head is now %v", name, now)
		}
		if r, err := log.Verify(t.Context(), name, nil); err != nil || r.Fault == nil {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Many goroutines append, and some calls are cancelled. A record whose append succeeded
// is stored, each record is stored at most once, and the chains are intact.
func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	const goroutines, calls = 8, 60
	isCancelled := func(call int) bool { return call%4 == 3 }
	db := openAudit(t)
	log := sqlite.NewAuditLog(db.db, audittest.Key(t))
	tenants := []string{"", "daily", "weekly"}
	var all sync.WaitGroup
	var mu sync.Mutex
	written := map[string]bool{}
	for g := range goroutines {
		all.Go(func() {
			for i := range calls {
				ctx, cancel := context.WithCancel(t.Context())
				if isCancelled(i) {
					go cancel()
				}
				var records []audit.Record
				for n := range i%3 + 1 {
					r := audittest.NewRecord(tenants[(g+n)%3], fmt.Sprintf("%d-%02d-%d", g, i, n))
					records = append(records, r)
				}
				shared := audittest.NewRecord("daily", fmt.Sprintf("%d-%02d-shared", g, i))
				shared.DedupKey = fmt.Sprint(i)
				err := log.Append(ctx, append(records, shared)...)
				cancel()
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				mu.Lock()
				for _, r := range records {
					written[r.ID] = err == nil
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	found, shared := map[string]bool{}, map[string]bool{}
	for _, tenant := range tenants {
		r, err := log.Verify(t.Context(), tenant, nil)
		if err != nil || r.Fault != nil || r.Ahead != 0 {
			t.Errorf("%q: %+v, %v, %v", tenant, r, r.Fault, err)
		}
		list, err := log.Records(t.Context(), tenant, audit.Query{Limit: 10_000})
		if err != nil || int64(len(list)) != r.Records {
			t.Errorf("%q: %d records, %v, want %d", tenant, len(list), err, r.Records)
		}
		for _, r := range list {
			switch {
			case r.DedupKey == "":
				found[r.ID] = true
			case shared[r.DedupKey]:
				t.Errorf("two records have the DedupKey %q", r.DedupKey)
			default:
				shared[r.DedupKey] = true
			}
		}
	}
	for id, ok := range written {
		if ok && !found[id] {
			t.Errorf("record %s is not stored", id)
		}
	}
	for id := range found {
		if _, ok := written[id]; !ok {
			t.Errorf("record %s is of nobody", id)
		}
	}
	for i := range calls {
		if !shared[fmt.Sprint(i)] && !isCancelled(i) {
			t.Errorf("no record has the DedupKey %d", i)
		}
	}
}

// A record that cannot be stored fails the calls of its batch, and leaves no record and no gap.
func TestFailedAppendLeavesNoGap(t *testing.T) {
	t.Parallel()
	db := openAudit(t)
	log := sqlite.NewAuditLog(db.db, audittest.Key(t))
	first, second, third := audittest.NewRecord("daily", "1"), audittest.NewRecord("daily", "2"), audittest.NewRecord("daily", "3")
	if err := log.Append(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := log.Append(t.Context(), second, first); err == nil {
		t.Error("a second record with the same id was stored")
	}
	if err := log.Append(t.Context(), third); err != nil {
		t.Fatal(err)
	}
	r, err := log.Verify(t.Context(), "daily", nil)
	if err != nil || r.Fault != nil || r.Records != 2 || !r.Last.Equal(third.Time) {
		t.Errorf("%+v, %v, %v", r, r.Fault, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := log.Append(ctx); err != nil {
		t.Error(err)
	}
}

// A copy of the log has the same chains, and the same faults.
func TestCopyOfAuditLog(t *testing.T) {
	t.Parallel()
	ctx, key := t.Context(), audittest.Key(t)
	source, target := openAudit(t), openAudit(t)
	source.Insert(t, audittest.Records, stored.AuditRecord(audittest.NewRecord("daily", "0")))
	for _, tenant := range []string{"daily", "changed"} {
		first, second := audittest.NewRecord(tenant, tenant+"1"), audittest.NewRecord(tenant, tenant+"2")
		first.DedupKey = tenant
		if err := source.Log(key).Append(ctx, first, second); err != nil {
			t.Fatal(err)
		}
	}
	source.setDocument(t, audittest.Records, "changed2", bson.D{{Key: "words", Value: int32(1)}, {Key: "time", Value: "now"}})
	copied := sqlite.NewTransfer(target.db)
	for _, c := range []audittest.Collection{audittest.Records, audittest.Heads} {
		docs := transfertest.Read(t, sqlite.NewTransfer(source.db), "", string(c), "")
		if err := copied.Put(ctx, "", string(c), docs); err != nil {
			t.Fatal(err)
		}
		if got := transfertest.Read(t, copied, "", string(c), ""); !reflect.DeepEqual(got, docs) {
			t.Errorf("%s: %v, want %v", c, got, docs)
		}
	}

	log := target.Log(key)
	for _, tenant := range []string{"daily", "changed"} {
		want, err := source.Log(key).Verify(ctx, tenant, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := log.Verify(ctx, tenant, nil); err != nil || !reflect.DeepEqual(got, want) || (got.Fault != nil) != (tenant == "changed") {
			t.Errorf("%s: %+v, %v, want %+v", tenant, got, err, want)
		}
	}
	again := audittest.NewRecord("daily", "3")
	again.DedupKey = "daily"
	if err := log.Append(ctx, again, audittest.NewRecord("daily", "4")); err != nil {
		t.Fatal(err)
	}
	if r, err := log.Verify(ctx, "daily", nil); err != nil || r.Fault != nil || r.Records != 3 || r.RecordsBefore != 1 {
		t.Errorf("after a further record: %+v, %v, %v", r, r.Fault, err)
	}
	list, err := log.Follow(ctx, "daily", "", 9)
	if err != nil || len(list) != 4 || list[0].ID != "0" {
		t.Errorf("%v, %v", list, err)
	}
}
