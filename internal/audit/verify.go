package audit

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Entry is a record as read from the database.
type Entry struct {
	Record
	Misplaced  bool // a key by which the database finds it, such as number or tenant, differs from its fields
	Unreadable bool // a field has the wrong type: do not rely on the other fields
}

// Damage says how a chain was damaged.
type Damage string

// The kinds of damage.
const (
	Changed   Damage = "changed"
	Removed   Damage = "removed"
	Inserted  Damage = "inserted"
	Reordered Damage = "reordered"
	BadHead   Damage = "head" // of the stored head, not of a record
	OtherKey  Damage = "key"  // written with another EGRESS_SECRET_KEY
)

// Fault is the first place where a chain differs from what Egress wrote.
type Fault struct {
	Seq    int64 // 0 if the fault concerns no record of the chain
	Damage Damage
	Detail string // a sentence for people, without personal data
}

// Anchor is a head that was saved outside the database.
type Anchor struct {
	Seq  int64
	Hash string
}

func (a Anchor) String() string { return fmt.Sprintf("%d:%s", a.Seq, a.Hash) }

// ParseAnchor parses the form that Anchor.String returns: number, colon, hash.
func ParseAnchor(text string) (Anchor, error) {
	seq, hash, ok := strings.Cut(text, ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	if !ok || err != nil || n < 1 || len(hash) != len(Genesis) || strings.Trim(hash, "0123456789abcdef") != "" {
		return Anchor{}, fmt.Errorf("%q must be a number, a colon and 64 hexadecimal digits", text)
	}
	return Anchor{n, hash}, nil
}

// Report is the result of Verify.
type Report struct {
	Tenant        string
	RecordsBefore int64 // records from before the chain
	Records       int64 // of the chain, up to the fault
	First, Last   time.Time
	End           Anchor // the last authentic record
	Ahead         int64  // records after the head: a process crashed, or is appending right now
	Fault         *Fault // nil: the chain is intact
}

// verifier verifies a chain. It reads one entry ahead.
type verifier struct {
	key  *ChainKey
	pull func() (Entry, error, bool)
	next *Entry
	head Head
	r    Report
	// hashAtHead is the hash of the record with the head's number.
	hashAtHead string
}

// Verify checks the records of a tenant against each other, the head and, unless it is nil, an
// anchor. The records come in ascending order of their numbers, those without a number first. Read
// the head before the records. Damage is reported in Report.Fault; the error is an error of reading
// records.
func (k *ChainKey) Verify(head Head, records iter.Seq2[Entry, error], expect *Anchor) (Report, error) {
	pull, stop := iter.Pull2(records)
	defer stop()
	w := &verifier{key: k, pull: pull, head: head, r: Report{Tenant: head.Tenant, End: Anchor{0, Genesis}}, hashAtHead: Genesis}
	if !head.Missing && head.KeyID != k.id {
		w.setFault(0, OtherKey, "The head of the chain was written with another EGRESS_SECRET_KEY, or was changed.")
		return w.r, nil
	}
	if err := w.checkRecords(expect); err != nil || w.r.Fault != nil {
		return w.r, err
	}
	w.checkHead(expect)
	return w.r, nil
}

func (w *verifier) setFault(seq int64, d Damage, format string, args ...any) {
	w.r.Fault = &Fault{Seq: seq, Damage: d, Detail: fmt.Sprintf(format, args...)}
}

// peek returns the next entry without consuming it, nil at the end.
func (w *verifier) peek() (*Entry, error) {
	if w.next != nil {
		return w.next, nil
	}
	e, err, ok := w.pull()
	if !ok || err != nil {
		return nil, err
	}
	w.next = &e
	return w.next, nil
}

func (w *verifier) checkRecords(expect *Anchor) error {
	for {
		e, err := w.peek()
		if err != nil || e == nil {
			return err
		}
		w.next = nil
		if e.Seq == 0 && !e.Unreadable && !e.Misplaced {
			w.r.RecordsBefore++
			continue
		}
		want := w.r.End.Seq + 1
		if !w.follows(e) {
			return w.diagnose(e, want)
		}
		if w.r.Records == 0 {
			w.r.First = e.Time
		}
		w.r.Records++
		w.r.Last, w.r.End = e.Time, Anchor{e.Seq, e.Hash}
		if e.Seq == w.head.Seq {
			w.hashAtHead = e.Hash
		}
		if expect != nil && expect.Seq == e.Seq && expect.Hash != e.Hash {
			w.setFault(e.Seq, Changed, "Its hash differs from the expected head: this part of the log was replaced.")
			return nil
		}
	}
}

// follows reports whether e is the next record of the chain.
func (w *verifier) follows(e *Entry) bool {
	return !e.Unreadable && !e.Misplaced && e.Seq == w.r.End.Seq+1 && e.Prev == w.r.End.Hash && w.key.Authentic(&e.Record)
}

// diagnose sets the fault: the chain holds e where the record with the number want belongs.
func (w *verifier) diagnose(e *Entry, want int64) error {
	switch {
	case e.Unreadable:
		w.setFault(want, Changed, "This record or a later one cannot be read: a field has the wrong type.")
		return nil
	case e.Misplaced:
		w.setFault(want, Changed, "The number, the tenant or another key of this record or of a later one was changed.")
		return nil
	case e.Seq < want:
		w.setFault(e.Seq, Inserted, "Two records have this number.")
		return nil
	case e.Seq > want:
		w.setFault(want, Removed, "This record is missing; the next one is %d.", e.Seq)
		return nil
	case w.key.Authentic(&e.Record):
		w.setFault(want, Changed, "This record is authentic but does not follow the previous one: an older copy replaced part of the log.")
		return nil
	}
	return w.diagnoseHash(e, want)
}

// diagnoseHash diagnoses a record with a wrong hash: it may be authentic under another number.
func (w *verifier) diagnoseHash(e *Entry, want int64) error {
	next, err := w.peek()
	if err != nil {
		return err
	}
	shifted := next != nil && w.key.authenticAt(next.Record, want)
	origin := w.originalSeq(&e.Record)
	switch {
	case origin > 0 && shifted:
		w.setFault(want, Reordered, "Record %d is in this place: the two records were swapped.", origin)
	case origin == want+1 && next != nil && w.key.authenticAt(next.Record, origin+1):
		w.setFault(want, Removed, "This record is missing, and the records after it were renumbered.")
	case origin > 0:
		w.setFault(want, Reordered, "Record %d is in this place.", origin)
	case shifted:
		w.setFault(want, Inserted, "Egress did not write this record, and the records after it were renumbered.")
	case want > w.head.Seq && next == nil && w.key.AuthenticHead(&w.head):
		w.setFault(want, Inserted, "Egress did not write this record: its hash is not authentic, and the head ends before it.")
	default:
		w.setFault(want, Changed, "Its hash does not match its fields.")
	}
	return nil
}

// originalSeq returns the number under which r is authentic, 0 if there is none within the chain.
func (w *verifier) originalSeq(r *Record) int64 {
	most := w.r.Records + 1000 // the head may be older than the last records
	if w.key.AuthenticHead(&w.head) {
		most += w.head.Seq
	}
	for seq := int64(1); seq <= most; seq++ {
		if w.key.authenticAt(*r, seq) {
			return seq
		}
	}
	return 0
}

// checkHead checks the head and the anchor after the last record.
func (w *verifier) checkHead(expect *Anchor) {
	last := w.r.End.Seq
	switch h := &w.head; {
	case h.Missing && last > 0:
		w.setFault(last, BadHead, "The head of the chain was removed; records after this one may have been removed with it.")
	case h.Missing:
	case !w.key.AuthenticHead(h):
		w.setFault(last, BadHead, "The head of the chain was changed; records after this one may have been removed.")
	case h.Seq > last:
		w.setFault(last+1, Removed, "This record is missing: according to its head, the chain ends with record %d.", h.Seq)
	case h.Hash != w.hashAtHead:
		w.setFault(h.Seq, Changed, "Its hash differs from the hash in the head of the chain.")
	case h.RecordsBefore > w.r.RecordsBefore:
		w.setFault(0, Removed, "Of %d records from before the chain, %d are left.", h.RecordsBefore, w.r.RecordsBefore)
	case h.RecordsBefore < w.r.RecordsBefore:
		w.setFault(0, Inserted, "There are %d records outside the chain; there were %d when the chain began. Older versions of Egress also write such records.",
			w.r.RecordsBefore, h.RecordsBefore)
	default:
		w.r.Ahead = last - h.Seq
	}
	if w.r.Fault == nil && expect != nil && expect.Seq > last {
		w.setFault(last+1, Removed, "This record is missing: according to the expected head, the chain has %d records.", expect.Seq)
	}
}
