package audit

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"
)

func testKey(t testing.TB, fill byte) *ChainKey {
	t.Helper()
	k, err := NewChainKey(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newChain returns a chain of n records and its head.
func newChain(k *ChainKey, n int) (list []Entry, head Head) {
	prev := Genesis
	for i := range int64(n) {
		r := Record{
			ID: fmt.Sprint("id", i), Tenant: "daily", Kind: UserViewed, AdminID: "01A", Words: fmt.Sprint("word", i),
			Time: time.UnixMilli(1764145888123 + i).UTC(),
		}
		prev = k.Link(&r, i+1, prev)
		list = append(list, Entry{Record: r})
	}
	head = Head{Tenant: "daily", Seq: int64(n), Hash: prev, Time: time.UnixMilli(1764145888000).UTC()}
	k.Seal(&head)
	return list, head
}

func entries(list []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestHashCoversEveryField(t *testing.T) {
	t.Parallel()
	k := testKey(t, 1)
	r := Record{
		ID: "i", Tenant: "t", Kind: "k", Time: time.UnixMilli(1).UTC(), AdminID: "a", Email: "e", AccessKey: "c", Address: "d", RequestID: "q",
		Subject: "s", Words: "w", DedupKey: "o",
	}
	k.Link(&r, 7, Genesis)
	if !k.Authentic(&r) || testKey(t, 2).Authentic(&r) {
		t.Fatal("authentic with another key, or not authentic with its own")
	}
	for name, change := range map[string]func(*Record){
		"id": func(r *Record) { r.ID += "x" }, "tenant": func(r *Record) { r.Tenant += "x" }, "kind": func(r *Record) { r.Kind += "x" },
		"time": func(r *Record) { r.Time = r.Time.Add(time.Millisecond) }, "admin": func(r *Record) { r.AdminID += "x" },
		"email": func(r *Record) { r.Email += "x" }, "access key": func(r *Record) { r.AccessKey += "x" },
		"address": func(r *Record) { r.Address += "x" }, "request": func(r *Record) { r.RequestID += "x" },
		"subject": func(r *Record) { r.Subject += "x" }, "words": func(r *Record) { r.Words += "x" }, "once": func(r *Record) { r.DedupKey += "x" },
		"seq": func(r *Record) { r.Seq++ }, "prev": func(r *Record) { r.Prev = r.Hash }, "hash": func(r *Record) { r.Hash = Genesis },
		// Text that moves from one field to the next changes the hash.
		"boundary of two fields": func(r *Record) { r.Subject, r.Words = "sw", "" },
	} {
		changed := r
		change(&changed)
		if k.Authentic(&changed) {
			t.Errorf("authentic with another %s", name)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	k := testKey(t, 1)
	remove := func(at, n int) func([]Entry, *Head) []Entry {
		return func(l []Entry, _ *Head) []Entry { return slices.Delete(l, at, at+n) }
	}
	renumber := func(l []Entry) []Entry {
		for i := range l {
			l[i].Seq = int64(i + 1)
		}
		return l
	}
	fake := Entry{Record: Record{ID: "x", Tenant: "daily", Hash: Genesis, Prev: Genesis}}
	for name, c := range map[string]struct {
		tamper func([]Entry, *Head) []Entry
		expect *Anchor
		seq    int64
		damage Damage
	}{
		"intact":                      {},
		"longer than its head":        {tamper: func(l []Entry, h *Head) []Entry { *h = headAt(k, l, 3); return l }},
		"an empty chain with a head":  {tamper: func(_ []Entry, h *Head) []Entry { *h = headAt(k, nil, 0); return nil }},
		"no records and no head":      {tamper: func(_ []Entry, h *Head) []Entry { *h = Head{Tenant: "daily", Missing: true}; return nil }},
		"a changed field":             {tamper: func(l []Entry, _ *Head) []Entry { l[2].Words = "other"; return l }, seq: 3, damage: Changed},
		"the last one changed":        {tamper: func(l []Entry, _ *Head) []Entry { l[4].Words = "other"; return l }, seq: 5, damage: Changed},
		"a field of the wrong type":   {tamper: func(l []Entry, _ *Head) []Entry { l[2].Unreadable = true; return l }, seq: 3, damage: Changed},
		"one misplaced":               {tamper: func(l []Entry, _ *Head) []Entry { l[2].Misplaced = true; return l }, seq: 3, damage: Changed},
		"one removed":                 {tamper: remove(1, 1), seq: 2, damage: Removed},
		"the first removed":           {tamper: remove(0, 1), seq: 1, damage: Removed},
		"the last removed":            {tamper: remove(4, 1), seq: 5, damage: Removed},
		"all removed":                 {tamper: remove(0, 5), seq: 1, damage: Removed},
		"one removed, and renumbered": {tamper: func(l []Entry, _ *Head) []Entry { return renumber(slices.Delete(l, 1, 2)) }, seq: 2, damage: Removed},
		"two swapped":                 {tamper: func(l []Entry, _ *Head) []Entry { l[1], l[2] = l[2], l[1]; return renumber(l) }, seq: 2, damage: Reordered},
		"one moved to the end": {tamper: func(l []Entry, _ *Head) []Entry {
			return renumber(append(slices.Delete(slices.Clone(l), 1, 2), l[1]))
		}, seq: 2, damage: Removed},
		"one inserted, and renumbered": {tamper: func(l []Entry, _ *Head) []Entry { return renumber(slices.Insert(l, 2, fake)) }, seq: 3, damage: Inserted},
		"one with a duplicate number": {tamper: func(l []Entry, _ *Head) []Entry {
			f := fake
			f.Seq = 2
			return slices.Insert(l, 2, f)
		}, seq: 2, damage: Inserted},
		"one appended": {tamper: func(l []Entry, _ *Head) []Entry {
			f := fake
			f.Seq, f.Prev = 6, l[4].Hash
			return append(l, f)
		}, seq: 6, damage: Inserted},
		"one appended outside the chain":    {tamper: func(l []Entry, _ *Head) []Entry { return slices.Insert(l, 0, fake) }, seq: 0, damage: Inserted},
		"one from before the chain removed": {tamper: func(l []Entry, h *Head) []Entry { h.RecordsBefore = 1; k.Seal(h); return l }, seq: 0, damage: Removed},
		"the head removed":                  {tamper: func(l []Entry, h *Head) []Entry { *h = Head{Tenant: "daily", Missing: true}; return l }, seq: 5, damage: BadHead},
		"the last removed and the head rewritten without the key": {tamper: func(l []Entry, h *Head) []Entry {
			h.Seq, h.Hash = 4, l[3].Hash
			return l[:4]
		}, seq: 4, damage: BadHead},
		"the last removed and an older head restored": {tamper: func(l []Entry, h *Head) []Entry {
			*h = headAt(k, l, 4)
			return l[:4]
		}, expect: &Anchor{5, "x"}, seq: 5, damage: Removed},
		"an end that differs from the anchor": {expect: &Anchor{5, Genesis}, seq: 5, damage: Changed},
		"a part of another copy": {tamper: func(l []Entry, _ *Head) []Entry {
			r := l[2].Record
			r.Words = "other"
			k.Link(&r, 3, l[1].Hash)
			l[2].Record = r // authentic: a server wrote it to a copy of the database
			return l
		}, seq: 4, damage: Changed},
		"another key": {tamper: func(l []Entry, h *Head) []Entry { testKey(t, 2).Seal(h); return l }, seq: 0, damage: OtherKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, head := newChain(k, 5)
			if c.tamper != nil {
				list = c.tamper(list, &head)
			}
			r, err := k.Verify(head, entries(list), c.expect)
			switch {
			case err != nil:
				t.Error(err)
			case c.damage == "" && r.Fault != nil:
				t.Errorf("unexpected fault: %+v", *r.Fault)
			case c.damage != "" && (r.Fault == nil || r.Fault.Seq != c.seq || r.Fault.Damage != c.damage):
				t.Errorf("%+v, want %s at %d", r.Fault, c.damage, c.seq)
			}
		})
	}

	t.Run("reports counts, times and the end", func(t *testing.T) {
		t.Parallel()
		list, head := newChain(k, 5)
		end := Anchor{5, list[4].Hash}
		head.RecordsBefore = 2
		k.Seal(&head)
		old := Entry{Record: Record{ID: "old", Tenant: "daily"}}
		r, err := k.Verify(head, entries(slices.Insert(list, 0, old, old)), &end)
		if err != nil || r.RecordsBefore != 2 || r.Records != 5 || r.End != end || !r.First.Before(r.Last) || r.Fault != nil || r.Ahead != 0 {
			t.Errorf("%+v, %v", r, err)
		}
		if parsed, err := ParseAnchor(end.String()); err != nil || parsed != end {
			t.Errorf("%v, %v", parsed, err)
		}
		for _, bad := range []string{"", "5", "x:" + end.Hash, "0:" + end.Hash, "5:" + end.Hash[1:], "5:" + end.Hash[1:] + "Z"} {
			if _, err := ParseAnchor(bad); err == nil {
				t.Errorf("%q was parsed as an anchor", bad)
			}
		}
	})
}

// headAt returns the head of the chain after its nth record.
func headAt(k *ChainKey, list []Entry, n int64) Head {
	h := Head{Tenant: "daily", Seq: n, Hash: Genesis, Time: time.UnixMilli(1764145888000).UTC()}
	if n > 0 {
		h.Hash = list[n-1].Hash
	}
	k.Seal(&h)
	return h
}
