package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

const (
	maxAppendBatch     = 200              // maximum number of records of one insert
	appendTimeout      = 10 * time.Second // of one insert, including all its attempts
	maxStalledAttempts = 50               // attempts in a row without progress before an append fails
	// headPollAttempts is how many stalled attempts poll only the head, for some milliseconds in
	// all, before the records are searched.
	headPollAttempts = 4
)

// auditChain is a process's state of a tenant's chain.
type auditChain struct {
	tenant    string
	writeLock chan struct{} // a lock: the goroutine that writes has sent to it

	mu      sync.Mutex
	pending []*pendingAppend

	// The fields below belong to the holder of writeLock.
	loaded      bool       // whether end is the end of the chain as last read
	end         audit.Head // Seq and Hash of the last record
	headInvalid bool       // the stored head is missing or was changed; it stays as it is, as evidence for verify
}

// pendingAppend is a call of Append whose records wait for the write lock.
type pendingAppend struct {
	records []audit.Record
	done    bool // another goroutine has written the records; err is the result
	err     error
}

// Append implements audit.Log. Records of one tenant that arrive during an insert are batched into
// the next one.
func (l *AuditLog) Append(ctx context.Context, records ...audit.Record) error {
	for len(records) > 0 {
		tenant := records[0].Tenant
		n := slices.IndexFunc(records, func(r audit.Record) bool { return r.Tenant != tenant })
		if n < 0 {
			n = len(records)
		}
		if err := l.append(ctx, l.chain(tenant), records[:n]); err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		records = records[n:]
	}
	return nil
}

func (l *AuditLog) chain(tenant string) *auditChain {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.chains[tenant]
	if c == nil {
		c = &auditChain{tenant: tenant, writeLock: make(chan struct{}, 1)}
		l.chains[tenant] = c
	}
	return c
}

// append queues the records, waits for the write lock, and writes the queue. If another goroutine
// writes the records first, it returns that result.
func (l *AuditLog) append(ctx context.Context, c *auditChain, records []audit.Record) error {
	p := &pendingAppend{records: slices.Clone(records)}
	c.mu.Lock()
	c.pending = append(c.pending, p)
	c.mu.Unlock()
	select {
	case c.writeLock <- struct{}{}:
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		if i := slices.Index(c.pending, p); i >= 0 {
			c.pending = slices.Delete(c.pending, i, i+1)
		}
		return ctx.Err()
	}
	defer func() { <-c.writeLock }()
	for !p.done {
		l.writePending(ctx, c)
	}
	return p.err
}

// writePending writes the queued records in the order of their arrival. It ignores the cancellation
// of ctx, because the batch contains records of other callers.
func (l *AuditLog) writePending(ctx context.Context, c *auditChain) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendTimeout)
	defer cancel()
	c.mu.Lock()
	n, size := 0, 0
	for n < len(c.pending) && (n == 0 || size+len(c.pending[n].records) <= maxAppendBatch) {
		size += len(c.pending[n].records)
		n++
	}
	batch := slices.Clone(c.pending[:n])
	c.pending = slices.Delete(c.pending, 0, n)
	c.mu.Unlock()

	records := make([]audit.Record, 0, size)
	for _, p := range batch {
		records = append(records, p.records...)
	}
	err := l.extendChain(ctx, c, records)
	for _, p := range batch {
		p.done, p.err = true, err
	}
}

// extendChain appends records at the end of the chain. Positions in the chain are unique: if
// another process takes one first, extendChain continues after the records of that process.
func (l *AuditLog) extendChain(ctx context.Context, c *auditChain, records []audit.Record) error {
	if !c.loaded {
		if err := l.loadChain(ctx, c); err != nil {
			return err
		}
	}
	before := c.end.Seq
	for stalled := 0; len(records) > 0; {
		n, err := l.insert(ctx, c, records)
		records = records[n:]
		if err != nil {
			c.loaded = false // some records may be stored
			return err
		}
		if n > 0 {
			stalled = 0
		}
		if len(records) == 0 {
			break
		}
		// The position or the DedupKey of records[0] exists already.
		if exists, err := l.dedupKeyExists(ctx, records[0].DedupKey); err != nil {
			return err
		} else if exists {
			records = records[1:]
			continue
		}
		var advanced bool
		if advanced, err = l.advanceEnd(ctx, c, stalled); err != nil {
			return err
		}
		if advanced {
			stalled = 0
			continue
		}
		if stalled++; stalled == maxStalledAttempts {
			return errors.New("the next position of the chain is taken, but its record cannot be read")
		}
		if err := sleep(ctx, time.Duration(stalled)*time.Millisecond); err != nil {
			return err
		}
	}
	if c.end.Seq > before {
		l.moveHead(ctx, c)
	}
	return nil
}

// advanceEnd moves the known end of the chain past records that other processes have appended, and
// reports whether it moved. It reads the head first, which costs one document. It searches the
// records only if the head does not move, because its process has ended or the majority does not
// have the record yet.
func (l *AuditLog) advanceEnd(ctx context.Context, c *auditChain, stalled int) (bool, error) {
	head, err := readHead(ctx, l.db.Control().Collection(auditHeadsCollection), c.tenant)
	if err != nil {
		return false, err
	}
	if !c.headInvalid && head.Seq > c.end.Seq && l.key.AuthenticHead(&head) {
		c.end.Seq, c.end.Hash = head.Seq, head.Hash
		return true, nil
	}
	if !c.headInvalid && stalled < headPollAttempts {
		return false, nil
	}
	return l.seekEnd(ctx, c)
}

// insert links records to the end of the chain and inserts them. It returns the number of records
// stored: all, or those before the first whose position or DedupKey exists already.
func (l *AuditLog) insert(ctx context.Context, c *auditChain, records []audit.Record) (n int, err error) {
	docs := make([]stored.PositionedAuditRecord, len(records))
	seq, hash := c.end.Seq, c.end.Hash
	for i := range records {
		seq++
		hash = l.key.Link(&records[i], seq, hash)
		docs[i] = stored.NewAuditRecord(&records[i])
	}
	_, err = l.db.Control().Collection(auditCollection).InsertMany(ctx, docs) // ordered: stops at the first failure
	taken, err := splitDuplicates(err)
	if err != nil {
		return 0, err
	}
	n = len(records)
	if len(taken) > 0 {
		n = taken[0]
	}
	if n > 0 {
		c.end.Seq, c.end.Hash = records[n-1].Seq, records[n-1].Hash
	}
	return n, nil
}

// dedupKeyExists reports whether a record with this DedupKey exists.
func (l *AuditLog) dedupKeyExists(ctx context.Context, once string) (bool, error) {
	if once == "" {
		return false, nil
	}
	err := l.db.Control().Collection(auditCollection).FindOne(ctx, bson.D{{Key: "once", Value: once}},
		options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Err()
	if errors.Is(err, driver.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
