package audittest

import (
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

// Verify detects every change by somebody who can write to the database but lacks the key: at once,
// and after a server has appended more records.
func testTampering(t *testing.T, db Database) {
	place := func(b *chainFixture, n int64) bson.D {
		return bson.D{{Key: "seq", Value: n}, {Key: "place", Value: stored.AuditPosition(b.tenant, n)}}
	}
	i := 0
	for name, c := range map[string]struct {
		tamper func(*testing.T, *chainFixture)
		seq    int64
		damage audit.Damage
	}{
		"a field changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, "r3", bson.D{{Key: "words", Value: "Everyone"}})
		}, 3, audit.Changed},
		"a field removed": {func(t *testing.T, b *chainFixture) { b.set(t, "r3", bson.D{{Key: "words", Value: ""}}) }, 3, audit.Changed},
		"the type of a field changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, "r3", bson.D{{Key: "words", Value: int32(1)}})
		}, 3, audit.Changed},
		"one moved into another tenant": {func(t *testing.T, b *chainFixture) {
			b.set(t, "r3", bson.D{{Key: "tenant", Value: "weekly"}})
		}, 3, audit.Removed},
		"one in the middle removed": {func(t *testing.T, b *chainFixture) { b.remove(t, "r3") }, 3, audit.Removed},
		"the last removed":          {func(t *testing.T, b *chainFixture) { b.remove(t, "r5") }, 5, audit.Removed},
		"one inserted at the end": {func(t *testing.T, b *chainFixture) {
			c, id := b.place("r6")
			d := append(bson.D{{Key: "_id", Value: id}}, b.read(t, "r5")[1:]...)
			for i := range d {
				switch d[i].Key {
				case "seq":
					d[i].Value = int64(6)
				case "place":
					d[i].Value = stored.AuditPosition(b.tenant, 6)
				}
			}
			b.db.Insert(t, c, d)
		}, 6, audit.Inserted},
		"one inserted outside the chain": {func(t *testing.T, b *chainFixture) {
			c, id := b.place("r0")
			b.db.Insert(t, c, stored.AuditRecord{ID: id, Tenant: b.tenant, Kind: audit.SignedIn})
		}, 0, audit.Inserted},
		"two swapped": {func(t *testing.T, b *chainFixture) {
			b.set(t, "r2", place(b, 9))
			b.set(t, "r3", place(b, 2))
			b.set(t, "r2", place(b, 3))
		}, 2, audit.Reordered},
		"only the position changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, "r3", place(b, 9)[1:])
		}, 3, audit.Changed},
		"the last removed and the head rolled back": {func(t *testing.T, b *chainFixture) {
			b.set(t, "head", bson.D{{Key: "seq", Value: int64(4)}, {Key: "hash", Value: field(b.read(t, "r4"), "hash")}})
			b.remove(t, "r5")
		}, 4, audit.BadHead},
		"the head removed": {func(t *testing.T, b *chainFixture) { b.remove(t, "head") }, 5, audit.BadHead},
		"the type of a field of the head changed": {func(t *testing.T, b *chainFixture) {
			b.set(t, "head", bson.D{{Key: "seq", Value: "5"}})
		}, 0, audit.OtherKey},
	} {
		i++
		tenant := fmt.Sprintf("t%02d", i)
		t.Run(name, func(t *testing.T) {
			b := newChainFixture(t, db, tenant)
			verify := func() *audit.Fault { return b.verify(t, db.Log(Key(t)), nil).Fault }
			if f := verify(); f != nil {
				t.Fatalf("before: %+v", *f)
			}
			c.tamper(t, b)
			if f := verify(); f == nil || f.Seq != c.seq || f.Damage != c.damage {
				t.Errorf("%+v, want %s at %d", f, c.damage, c.seq)
			}
			// A new server appends to the log and removes no evidence.
			head := b.read(t, "head")
			b.append(t, db.Log(Key(t)), "z")
			if verify() == nil {
				t.Error("a further append hides the fault")
			}
			if now := b.read(t, "head"); (c.damage == audit.BadHead || c.damage == audit.OtherKey) && !slices.Equal(now, head) {
				t.Errorf("a further append changes the invalid head to %v", now)
			}
			if list, err := db.Log(Key(t)).Follow(t.Context(), tenant, tenant+"z", 9); err != nil || len(list) > 0 {
				t.Errorf("after the further record: %v, %v", list, err)
			}
		})
	}
}
