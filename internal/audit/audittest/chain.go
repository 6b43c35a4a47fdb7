package audittest

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// TestChain tests that a log chains records, and detects changes of the stored documents. The
// subtests share a database; each has its own tenant.
func TestChain(t *testing.T, db Database) {
	t.Run("with concurrent processes", func(t *testing.T) { testConcurrentProcesses(t, db) })
	t.Run("detects tampering", func(t *testing.T) { testTampering(t, db) })
	t.Run("after a crash", func(t *testing.T) { testCrash(t, db) })
	t.Run("detects rollback", func(t *testing.T) { testRollback(t, db) })
	t.Run("after older records", func(t *testing.T) { testRecordsOlderThanChain(t, db) })
	t.Run("with another key", func(t *testing.T) { testOtherKey(t, db) })
}

// Several processes append at once, each for several requests: the chain contains each record once,
// in one order.
func testConcurrentProcesses(t *testing.T, db Database) {
	const processes, requests, each = 3, 4, 3
	ctx := t.Context()
	var all sync.WaitGroup
	for p := range processes {
		log := db.Log(Key(t))
		for r := range requests {
			all.Go(func() {
				for i := range each {
					id := fmt.Sprintf("%d-%d-%d", p, r, i)
					other := NewRecord("", "n"+id) // a call with records of several tenants
					if err := log.Append(ctx, NewRecord("daily", id), NewRecord("daily", id+"b"), other); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	log := db.Log(Key(t))
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
	db     Database
	tenant string
}

func newChainFixture(t *testing.T, db Database, tenant string) *chainFixture {
	t.Helper()
	b := &chainFixture{db, tenant}
	log := db.Log(Key(t))
	b.append(t, log, "r1", "r2")
	b.append(t, log, "r3", "r4", "r5")
	return b
}

func (b *chainFixture) append(t *testing.T, log Log, names ...string) {
	t.Helper()
	var records []audit.Record
	for _, name := range names {
		records = append(records, NewRecord(b.tenant, b.tenant+name))
	}
	if err := log.Append(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
}

func (b *chainFixture) verify(t *testing.T, log Log, expect *audit.Anchor) audit.Report {
	t.Helper()
	r, err := log.Verify(t.Context(), b.tenant, expect)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// set changes fields of a record, or of the head.
func (b *chainFixture) set(t *testing.T, name string, fields bson.D) {
	t.Helper()
	c, id := b.place(name)
	b.db.Set(t, c, id, fields)
}

func (b *chainFixture) remove(t *testing.T, name string) {
	t.Helper()
	c, id := b.place(name)
	b.db.Remove(t, c, id)
}

func (b *chainFixture) read(t *testing.T, name string) bson.D {
	t.Helper()
	c, id := b.place(name)
	return b.db.Read(t, c, id)
}

// place returns where a record of this chain is stored, or its head.
func (b *chainFixture) place(name string) (c Collection, id string) {
	if name == "head" {
		return Heads, stored.AuditHeadID(b.tenant)
	}
	return Records, b.tenant + name
}

func field(d bson.D, name string) any {
	for _, e := range d {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// A process that ends between the insert of a record and the update of the head leaves a valid
// chain.
func testCrash(t *testing.T, db Database) {
	b := newChainFixture(t, db, "crash")
	old := b.read(t, "head")
	b.append(t, db.Log(Key(t)), "r6", "r7")
	b.set(t, "head", old[1:]) // as if the process had ended before it moved the head
	if r := b.verify(t, db.Log(Key(t)), nil); r.Fault != nil || r.Ahead != 2 || r.End.Seq != 7 {
		t.Errorf("%+v", r)
	}
	// The next process appends after the real end, and moves the head.
	b.append(t, db.Log(Key(t)), "r8")
	if r := b.verify(t, db.Log(Key(t)), nil); r.Fault != nil || r.Ahead != 0 || r.End.Seq != 8 {
		t.Errorf("%+v", r)
	}
}

// If an older authentic head and its records are restored, an anchor kept elsewhere reveals it.
func testRollback(t *testing.T, db Database) {
	b := newChainFixture(t, db, "rollback")
	old := b.read(t, "head")
	log := db.Log(Key(t))
	b.append(t, log, "r6")
	kept := b.verify(t, log, nil).End
	b.set(t, "head", old[1:])
	b.remove(t, "r6")
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
func testRecordsOlderThanChain(t *testing.T, db Database) {
	ctx := t.Context()
	for i := range 3 {
		db.Insert(t, Records, stored.AuditRecord(NewRecord("before", fmt.Sprint("a", i))))
	}
	log := db.Log(Key(t))
	if r, err := log.Verify(ctx, "before", nil); err != nil || r.Fault != nil || r.RecordsBefore != 3 || r.Records != 0 {
		t.Errorf("before: %+v, %v", r, err)
	}
	if err := log.Append(ctx, NewRecord("before", "b0"), NewRecord("before", "b1")); err != nil {
		t.Fatal(err)
	}
	if r, err := log.Verify(ctx, "before", nil); err != nil || r.Fault != nil || r.RecordsBefore != 3 || r.Records != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for after, want := range map[string]string{"": "a0 a1 a2 b0 ", "a1": "a2 b0 b1 ", "a2": "b0 b1 ", "b0": "b1 ", "b1": ""} {
		list, err := log.Follow(ctx, "before", after, 4)
		if got := ids(list); err != nil || got != want {
			t.Errorf("after %q: %q, want %q, %v", after, got, want, err)
		}
	}
	if list, err := log.Follow(ctx, "before", "", 3); err != nil || ids(list) != "a0 a1 a2 " {
		t.Errorf("the page of the older records: %q, %v", ids(list), err)
	}
}

// A process with another key continues the chain, and does not change its head.
func testOtherKey(t *testing.T, db Database) {
	b := newChainFixture(t, db, "otherkey")
	other, err := audit.NewChainKey([]byte("another secret key of 32 bytes.."))
	if err != nil {
		t.Fatal(err)
	}
	log := db.Log(other)
	head := b.read(t, "head")
	b.append(t, log, "r6")
	if now := b.read(t, "head"); !slices.Equal(now, head) {
		t.Errorf("the head is now %v", now)
	}
	if n := field(b.read(t, "r6"), "seq"); n != int64(6) {
		t.Errorf("the record has number %v", n)
	}
	if r := b.verify(t, log, nil); r.Fault == nil || r.Fault.Damage != audit.OtherKey {
		t.Errorf("%+v", r)
	}
	if r := b.verify(t, db.Log(Key(t)), nil); r.Fault == nil || r.Fault.Seq != 6 || r.End.Seq != 5 {
		t.Errorf("%+v", r)
	}
}
