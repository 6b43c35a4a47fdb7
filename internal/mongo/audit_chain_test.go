package mongo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/audit"
)

func newChainRecord(tenant, id string) audit.Record {
	return audit.Record{
		ID: id, Tenant: tenant, Kind: audit.UserViewed, Time: time.Date(2026, 11, 26, 8, 31, 28, 123e6, time.UTC), AdminID: "01A",
		Email: "ada@example.com", Words: "Country is GB",
	}
}

// The subtests share a database; each has its own tenant.
func TestAuditChain(t *testing.T) {
	t.Parallel()
	db, ctx := connect(t)
	if err := db.EnsureControlIndexes(ctx); err != nil {
		t.Fatal(err)
	}
	t.Run("with concurrent processes", func(t *testing.T) { testConcurrentProcesses(ctx, t, db) })
	t.Run("detects tampering", func(t *testing.T) { testTampering(ctx, t, db) })
	t.Run("after a crash", func(t *testing.T) { testCrash(ctx, t, db) })
	t.Run("detects rollback", func(t *testing.T) { testRollback(ctx, t, db) })
	t.Run("after older records", func(t *testing.T) { testRecordsOlderThanChain(ctx, t, db) })
}

// Several processes append at once, each for several requests: the chain contains each record once,
// in one order.
func testConcurrentProcesses(ctx context.Context, t *testing.T, db *DB) {
	const processes, requests, each = 3, 4, 3
	var all sync.WaitGroup
	for p := range processes {
		log := newTestLog(t, db)
		for r := range requests {
			all.Go(func() {
				for i := range each {
					id := fmt.Sprintf("%d-%d-%d", p, r, i)
					other := newChainRecord("", "n"+id) // a call with records of several tenants
					if err := log.Append(ctx, newChainRecord("daily", id), newChainRecord("daily", id+"b"), other); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	log := newTestLog(t, db)
	tenants, err := log.Tenants(ctx)
	if err != nil || !slices.Equal(tenants, []string{"", "daily"}) {
		t.Fatalf("%q, %v", tenants, err)
	}
	for tenant, want := range map[string]int64{"": processes * requests * each, "daily": 2 * processes * requests * each} {
		r, err := log.Verify(ctx, tenant, nil)
		if err != nil || r.Fault != nil || r.Records != want || r.End.Seq != want {
			t.Errorf("%q: %+v, %v, %v", tenant, r, r.Fault, err)
		}
	}
	// Follow returns each record once, in the order of the chain.
	var last int64
	for after := ""; ; {
		page, err := log.Follow(ctx, "daily", after, 33)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			if last++; r.Seq != last {
				t.Fatalf("record %d follows %d", r.Seq, last-1)
			}
		}
		if len(page) < 33 {
			break
		}
		after = page[len(page)-1].ID
	}
	if last != 2*processes*requests*each {
		t.Errorf("%d records", last)
	}
	if _, err := log.Follow(ctx, "weekly", "0-0-0", 9); err != audit.ErrUnknownRecord { //nolint:errorlint // returned unwrapped
		t.Errorf("another tenant's record: %v", err)
	}
}

// chainFixture is a stored chain of five records.
type chainFixture struct {
	tenant         string
	ctx            context.Context
	db             *DB
	records, heads *driver.Collection
}

func newChainFixture(ctx context.Context, t *testing.T, db *DB, tenant string) *chainFixture {
	t.Helper()
	b := &chainFixture{tenant, ctx, db, db.Control().Collection(auditCollection), db.Control().Collection(auditHeadsCollection)}
	log := newTestLog(t, db)
	b.append(t, log, "r1", "r2")
	b.append(t, log, "r3", "r4", "r5")
	return b
}

func (b *chainFixture) append(t *testing.T, log *AuditLog, ids ...string) {
	t.Helper()
	var records []audit.Record
	for _, id := range ids {
		records = append(records, newChainRecord(b.tenant, b.tenant+id))
	}
	if err := log.Append(b.ctx, records...); err != nil {
		t.Fatal(err)
	}
}

func (b *chainFixture) verify(t *testing.T, log *AuditLog, expect *audit.Anchor) audit.Report {
	t.Helper()
	r, err := log.Verify(b.ctx, b.tenant, expect)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *chainFixture) set(t *testing.T, c *driver.Collection, id string, changes bson.D) {
	t.Helper()
	res, err := c.UpdateOne(b.ctx, bson.D{{Key: "_id", Value: b.id(id)}}, bson.D{{Key: "$set", Value: changes}})
	if err != nil || res.ModifiedCount != 1 {
		t.Fatalf("%s: %+v, %v", id, res, err)
	}
}

func (b *chainFixture) remove(t *testing.T, c *driver.Collection, id string) {
	t.Helper()
	res, err := c.DeleteOne(b.ctx, bson.D{{Key: "_id", Value: b.id(id)}})
	if err != nil || res.DeletedCount != 1 {
		t.Fatalf("%s: %+v, %v", id, res, err)
	}
}

func (b *chainFixture) read(t *testing.T, c *driver.Collection, id string) bson.D {
	t.Helper()
	var d bson.D
	if err := c.FindOne(b.ctx, bson.D{{Key: "_id", Value: b.id(id)}}).Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}

// id returns the id of a record of this chain, or of its head.
func (b *chainFixture) id(name string) string {
	if name == "head" {
		return headID(b.tenant)
	}
	return b.tenant + name
}

func field(d bson.D, name string) any {
	for _, e := range d {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// Verify detects every change by somebody who can write the database but lacks the key: at once,
// and after a server has appended more records.
func testTampering(ctx context.Context, t *testing.T, db *DB) {
	place := func(b *chainFixture, n int64) bson.D {
		return bson.D{{Key: "seq", Value: n}, {Key: "place", Value: chainPosition(b.tenant, n)}}
	}
	i := 0
	for name, c := range map[string]struct {
		tamper func(*testing.T, *chainFixture)
		seq    int64
		damage audit.Damage
	}{
		"a field changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, b.records, "r3", bson.D{{Key: "words", Value: "Everyone"}})
		}, 3, audit.Changed},
		"a field removed": {func(t *testing.T, b *chainFixture) { b.set(t, b.records, "r3", bson.D{{Key: "words", Value: ""}}) }, 3, audit.Changed},
		"the type of a field changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, b.records, "r3", bson.D{{Key: "words", Value: int32(1)}})
		}, 3, audit.Changed},
		"one moved into another tenant": {func(t *testing.T, b *chainFixture) {
			b.set(t, b.records, "r3", bson.D{{Key: "tenant", Value: "weekly"}})
		}, 3, audit.Removed},
		"one in the middle removed": {func(t *testing.T, b *chainFixture) { b.remove(t, b.records, "r3") }, 3, audit.Removed},
		"the last removed":          {func(t *testing.T, b *chainFixture) { b.remove(t, b.records, "r5") }, 5, audit.Removed},
		"one inserted at the end": {func(t *testing.T, b *chainFixture) {
			d := append(bson.D{{Key: "_id", Value: b.id("r6")}}, b.read(t, b.records, "r5")[1:]...)
			for i := range d {
				switch d[i].Key {
				case "seq":
					d[i].Value = int64(6)
				case "place":
					d[i].Value = chainPosition(b.tenant, 6)
				}
			}
			if _, err := b.records.InsertOne(b.ctx, d); err != nil {
				t.Fatal(err)
			}
		}, 6, audit.Inserted},
		"one inserted outside the chain": {func(t *testing.T, b *chainFixture) {
			if _, err := b.records.InsertOne(b.ctx, auditDocument{ID: b.id("r0"), Tenant: b.tenant, Kind: audit.SignedIn}); err != nil {
				t.Fatal(err)
			}
		}, 0, audit.Inserted},
		"two swapped": {func(t *testing.T, b *chainFixture) {
			b.set(t, b.records, "r2", place(b, 9))
			b.set(t, b.records, "r3", place(b, 2))
			b.set(t, b.records, "r2", place(b, 3))
		}, 2, audit.Reordered},
		"the last removed and the head rolled back": {func(t *testing.T, b *chainFixture) {
			b.set(t, b.heads, "head", bson.D{{Key: "seq", Value: int64(4)}, {Key: "hash", Value: field(b.read(t, b.records, "r4"), "hash")}})
			b.remove(t, b.records, "r5")
		}, 4, audit.BadHead},
		"the head removed": {func(t *testing.T, b *chainFixture) { b.remove(t, b.heads, "head") }, 5, audit.BadHead},
	} {
		i++
		tenant := fmt.Sprintf("t%02d", i)
		t.Run(name, func(t *testing.T) {
			b := newChainFixture(ctx, t, db, tenant)
			verify := func() *audit.Fault { return b.verify(t, newTestLog(t, db), nil).Fault }
			if f := verify(); f != nil {
				t.Fatalf("before: %+v", *f)
			}
			c.tamper(t, b)
			if f := verify(); f == nil || f.Seq != c.seq || f.Damage != c.damage {
				t.Errorf("%+v, want %s at %d", f, c.damage, c.seq)
			}
			// A new server appends to the log and removes no evidence.
			b.append(t, newTestLog(t, db), "z")
			if verify() == nil {
				t.Error("a further append hides the fault")
			}
		})
	}
}

// A process that ends between the insert of a record and the update of the head leaves a valid
// chain.
func testCrash(ctx context.Context, t *testing.T, db *DB) {
	b := newChainFixture(ctx, t, db, "crash")
	old := b.read(t, b.heads, "head")
	b.append(t, newTestLog(t, db), "r6", "r7")
	b.set(t, b.heads, "head", old[1:]) // as if the process had ended before it moved the head
	if r := b.verify(t, newTestLog(t, db), nil); r.Fault != nil || r.Ahead != 2 || r.End.Seq != 7 {
		t.Errorf("%+v", r)
	}
	// The next process appends after the real end, and moves the head.
	b.append(t, newTestLog(t, db), "r8")
	if r := b.verify(t, newTestLog(t, db), nil); r.Fault != nil || r.Ahead != 0 || r.End.Seq != 8 {
		t.Errorf("%+v", r)
	}
}

// If an older authentic head and its records are restored, an anchor kept elsewhere reveals it.
func testRollback(ctx context.Context, t *testing.T, db *DB) {
	b := newChainFixture(ctx, t, db, "rollback")
	old := b.read(t, b.heads, "head")
	log := newTestLog(t, db)
	b.append(t, log, "r6")
	kept := b.verify(t, log, nil).End
	b.set(t, b.heads, "head", old[1:])
	b.remove(t, b.records, "r6")
	if r := b.verify(t, log, &kept); r.Fault == nil || r.Fault.Seq != 6 || r.Fault.Damage != audit.Removed {
		t.Errorf("%+v", r)
	}
	// A running server knows the real end: its next record leaves a gap.
	b.append(t, log, "r7")
	if r := b.verify(t, log, nil); r.Fault == nil || r.Fault.Seq != 6 {
		t.Errorf("%+v", r)
	}
}

// Records older than the chain stay readable, come first in Follow, and are counted.
func testRecordsOlderThanChain(ctx context.Context, t *testing.T, db *DB) {
	for i := range 3 {
		d := auditDocument(newChainRecord("before", fmt.Sprint("a", i)))
		if _, err := db.Control().Collection(auditCollection).InsertOne(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	log := newTestLog(t, db)
	if r, err := log.Verify(ctx, "before", nil); err != nil || r.Fault != nil || r.RecordsBefore != 3 || r.Records != 0 {
		t.Errorf("before: %+v, %v", r, err)
	}
	if err := log.Append(ctx, newChainRecord("before", "b0"), newChainRecord("before", "b1")); err != nil {
		t.Fatal(err)
	}
	if r, err := log.Verify(ctx, "before", nil); err != nil || r.Fault != nil || r.RecordsBefore != 3 || r.Records != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for after, want := range map[string]string{"": "a0 a1 a2 b0 ", "a1": "a2 b0 b1 ", "a2": "b0 b1 ", "b0": "b1 ", "b1": ""} {
		list, err := log.Follow(ctx, "before", after, 4)
		got := ""
		for _, r := range list {
			got += r.ID + " "
		}
		if err != nil || got != want {
			t.Errorf("after %q: %q, want %q, %v", after, got, want, err)
		}
	}
}
