package sqlite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/stored"
)

const (
	maxAppendBatch = 200              // maximum number of records of one transaction
	appendTimeout  = 10 * time.Second // of one transaction
)

// pendingAppend is a call of Append whose records wait for the write lock.
type pendingAppend struct {
	records []audit.Record
	done    bool // another goroutine has written the records; err is the result
	err     error
}

// Append implements audit.Log. Records that arrive during a transaction are batched into the next
// one. After an error no record is stored, unless the error is that of the commit.
func (l *AuditLog) Append(ctx context.Context, records ...audit.Record) error {
	if len(records) == 0 {
		return nil
	}
	p := &pendingAppend{records: slices.Clone(records)}
	l.mu.Lock()
	l.pending = append(l.pending, p)
	l.mu.Unlock()
	select {
	case l.writeLock <- struct{}{}:
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.pending, p); i >= 0 {
			l.pending = slices.Delete(l.pending, i, i+1)
		}
		return fmt.Errorf("append to the audit log: %w", ctx.Err())
	}
	defer func() { <-l.writeLock }()
	for !p.done {
		l.writePending(ctx)
	}
	return p.err
}

// writePending writes the queued records in the order of their arrival. It ignores the cancellation
// of ctx, because the batch contains records of other callers.
func (l *AuditLog) writePending(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendTimeout)
	defer cancel()
	l.mu.Lock()
	n, size := 0, 0
	for n < len(l.pending) && (n == 0 || size+len(l.pending[n].records) <= maxAppendBatch) {
		size += len(l.pending[n].records)
		n++
	}
	batch := slices.Clone(l.pending[:n])
	l.pending = slices.Delete(l.pending, 0, n)
	l.mu.Unlock()

	var chains map[string]*auditChain
	err := l.db.control.write(ctx, func(c *conn) error {
		chains = map[string]*auditChain{}
		for _, p := range batch {
			if err := l.extendChains(c, chains, p.records); err != nil {
				return err
			}
		}
		return l.moveHeads(c, chains)
	})
	if err != nil {
		err = fmt.Errorf("append to the audit log: %w", err)
	}
	for tenant, chain := range chains {
		if err == nil {
			l.ends[tenant] = audit.Anchor{Seq: chain.head.Seq, Hash: chain.head.Hash}
		}
		if chain.headInvalid && !l.reported[tenant] {
			l.reported[tenant] = true
			l.db.logger.ErrorContext(ctx, "the head of an audit chain is missing or was changed: run egress audit verify", "tenant", tenant)
		}
	}
	for _, p := range batch {
		p.done, p.err = true, err
	}
}

// auditChain is the chain of a tenant in a transaction.
type auditChain struct {
	head audit.Head // Seq and Hash are those of the end of the chain
	// headInvalid means that the stored head is missing although records exist, or that Egress has
	// not written it. It stays as it is, as evidence for verify.
	headInvalid bool
	extended    bool
}

// extendChains appends records at the ends of their tenants' chains.
func (l *AuditLog) extendChains(c *conn, chains map[string]*auditChain, records []audit.Record) error {
	for _, r := range records {
		if exists, err := dedupKeyExists(c, r.DedupKey); err != nil {
			return err
		} else if exists {
			continue
		}
		chain := chains[r.Tenant]
		if chain == nil {
			var err error
			if chain, err = l.readChain(c, r.Tenant); err != nil {
				return err
			}
			chains[r.Tenant] = chain
		}
		h := &chain.head
		h.Seq, h.Hash = h.Seq+1, l.key.Link(&r, h.Seq+1, h.Hash)
		doc, err := bson.Marshal(stored.NewAuditRecord(&r))
		if err != nil {
			return err
		}
		if err := auditTable.insert(c, (*bson.Raw)(&doc)); err != nil {
			return err
		}
		chain.extended = true
	}
	return nil
}

// dedupKeyExists reports whether a record with this DedupKey exists.
func dedupKeyExists(c *conn, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	n, err := c.integer("SELECT count(*) FROM audit WHERE once = ?", key)
	return n > 0, err
}

// readChain finds the end of a chain: the last of the head, the records, and the end that this
// process knows. So records that somebody removes from the end leave a gap.
func (l *AuditLog) readChain(c *conn, tenant string) (*auditChain, error) {
	head, err := readAuditHead(c, tenant)
	if err != nil {
		return nil, err
	}
	chain := &auditChain{head: head}
	if head.Missing || !l.key.AuthenticHead(&head) {
		chain.headInvalid = true
		chain.head = audit.Head{Tenant: tenant, Hash: audit.Genesis}
	}
	last, err := lastPosition(c, tenant, chain.head.Seq)
	if err != nil {
		return nil, err
	}
	for _, end := range []audit.Anchor{last, l.ends[tenant]} {
		if end.Seq > chain.head.Seq {
			chain.head.Seq, chain.head.Hash = end.Seq, end.Hash
		}
	}
	if head.Missing && chain.head.Seq == 0 {
		return chain, l.startChain(c, chain)
	}
	return chain, nil
}

// startChain starts a chain that has no records yet. It counts the tenant's records that are older
// than the chain.
func (l *AuditLog) startChain(c *conn, chain *auditChain) (err error) {
	chain.headInvalid = false
	chain.head.Time = time.Now().UTC().Truncate(time.Millisecond)
	chain.head.RecordsBefore, err = c.integer("SELECT count(*) FROM audit WHERE tenant = ? AND seq IS NULL", chain.head.Tenant)
	return err
}

// lastPosition returns the last record of a chain after a number; the zero Anchor if there is none.
func lastPosition(c *conn, tenant string, seq int64) (end audit.Anchor, err error) {
	after, before := stored.AuditPositions(tenant, seq)
	err = c.query("SELECT place, doc FROM audit WHERE place > ? AND place < ? ORDER BY place DESC LIMIT 1", func(r *row) (err error) {
		end.Seq, err = stored.ParseAuditPosition(tenant, r.ColumnText(0))
		end.Hash = textOf(r.bytes(1), "hash")
		return err
	}, after, before)
	return end, err
}

// moveHeads writes the ends of the chains to their heads.
func (l *AuditLog) moveHeads(c *conn, chains map[string]*auditChain) error {
	for _, tenant := range slices.Sorted(maps.Keys(chains)) {
		chain := chains[tenant]
		if chain.headInvalid || !chain.extended {
			continue
		}
		l.key.Seal(&chain.head)
		d := stored.NewAuditHead(&chain.head)
		if err := auditHeadTable.put(c, &d); err != nil {
			return err
		}
	}
	return nil
}

var auditHeadTable = table[stored.AuditHead]{name: "audit_heads", id: func(d *stored.AuditHead) string { return d.ID }}

// readAuditHead reads a tenant's head. It returns an unsealed head for a document that Egress has
// not written.
func readAuditHead(c *conn, tenant string) (audit.Head, error) {
	head := audit.Head{Tenant: tenant, Missing: true}
	err := c.query("SELECT doc FROM audit_heads WHERE id = ?", func(r *row) error {
		head = stored.DecodeAuditHead(r.bytes(0), tenant)
		return nil
	}, stored.AuditHeadID(tenant))
	if err != nil {
		return head, fmt.Errorf("read the head of an audit chain: %w", err)
	}
	return head, nil
}
