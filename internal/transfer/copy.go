package transfer

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The limits of the documents per Put.
const (
	maxBatch      = 1000
	maxBatchBytes = 4 << 20
)

// Options configure Copy.
type Options struct {
	Source   string         // names the source in the target, so that a copy of another source is not resumed
	Progress func(Progress) // called often; nil: not

	batch int // documents per Put; 0 is maxBatch
}

// Progress is how far a copy is.
type Progress struct {
	Tenant      string // "" is the control database
	Collection  string
	Done, Total int64 // documents of all collections
}

// Result counts what a target contains after a copy.
type Result struct {
	Tenants   int
	Documents int64
	Copied    int64 // documents that this call wrote; the others were there
}

// Copy copies all documents of a source into a target and verifies each collection: the numbers of
// documents and the SHA-256 over the documents must be equal. Nothing may write to the stores
// meanwhile.
//
// A copy that ended early is resumed by another call with the same Options.Source: it keeps what it
// finds in the target if that is the beginning of the source's collection. A call after a completed
// copy only compares. If the target holds other documents, the error wraps ErrInUse, and nothing is
// written.
//
// The control database is copied last, so a target without tenants is incomplete.
func Copy(ctx context.Context, from Source, to Target, o Options) (Result, error) {
	c := &copier{from: from, to: to, options: o}
	if c.options.Progress == nil {
		c.options.Progress = func(Progress) {}
	}
	if o.batch == 0 {
		c.options.batch = maxBatch
	}
	if err := c.plan(ctx); err != nil {
		return Result{}, err
	}
	m, err := readMarker(ctx, to)
	if err != nil {
		return Result{}, err
	}
	switch {
	case m == nil:
		if err := c.requireEmpty(ctx); err != nil {
			return Result{}, err
		}
		m = &marker{ID: markerID, Source: o.Source, Started: time.Now().UTC()}
		if err := m.write(ctx, to); err != nil {
			return Result{}, err
		}
	case m.Source != o.Source:
		return Result{}, fmt.Errorf("%w: it holds a copy of %s", ErrInUse, m.Source)
	case !m.Completed.IsZero():
		if err := c.compareAll(ctx); err != nil {
			return Result{}, err
		}
		return c.result, nil
	}
	for _, part := range c.parts {
		if err := c.copyPart(ctx, part); err != nil {
			return Result{}, fmt.Errorf("copy %s: %w", part, err)
		}
	}
	m.Completed = time.Now().UTC()
	if err := m.write(ctx, to); err != nil {
		return Result{}, err
	}
	return c.result, nil
}

type copier struct {
	from    Source
	to      Target
	options Options
	parts   []part
	total   int64 // documents of all parts
	result  Result
}

// part is a collection to copy.
type part struct {
	tenant, collection string
	count              int64
}

func (p part) String() string {
	if p.tenant == "" {
		return p.collection
	}
	return p.collection + " of tenant " + p.tenant
}

// plan lists the collections of the source, the tenants' first.
func (c *copier) plan(ctx context.Context) error {
	tenants, err := c.from.Tenants(ctx)
	if err != nil {
		return fmt.Errorf("list the tenants of the source: %w", err)
	}
	c.result.Tenants = len(tenants)
	for _, tenant := range append(slices.Clone(tenants), "") {
		known := c.to.Collections(tenant)
		for _, collection := range c.from.Collections(tenant) {
			if collection == MarkerCollection {
				continue
			}
			p := part{tenant: tenant, collection: collection}
			if p.count, err = c.from.Count(ctx, tenant, collection); err != nil {
				return fmt.Errorf("count %s of the source: %w", p, err)
			}
			if !slices.Contains(known, collection) {
				if p.count > 0 {
					return fmt.Errorf("the target has no collection for the %d documents in %s", p.count, p)
				}
				continue
			}
			c.parts = append(c.parts, p)
			c.total += p.count
		}
	}
	return nil
}

// requireEmpty returns an error that wraps ErrInUse if a collection of the target has documents.
func (c *copier) requireEmpty(ctx context.Context) error {
	tenants := []string{""}
	for _, p := range c.parts {
		if p.tenant != tenants[len(tenants)-1] {
			tenants = append(tenants, p.tenant)
		}
	}
	for _, tenant := range slices.Compact(tenants) {
		for _, collection := range c.to.Collections(tenant) {
			p := part{tenant: tenant, collection: collection}
			n, err := c.to.Count(ctx, tenant, collection)
			if err != nil {
				return fmt.Errorf("count %s of the target: %w", p, err)
			}
			if n > 0 {
				return fmt.Errorf("%w: it has %d documents in %s", ErrInUse, n, p)
			}
		}
	}
	return nil
}

// copyPart copies a collection and compares it with the source.
func (c *copier) copyPart(ctx context.Context, p part) error {
	read, stored, err := c.resume(ctx, p)
	if err != nil {
		return err
	}
	c.progress(p, read.count)
	copied, err := c.copyRest(ctx, p, read)
	if err != nil {
		return err
	}
	if read.count != p.count {
		return fmt.Errorf("the source had %d documents at first and %d later: nothing may write to it", p.count, read.count)
	}
	if copied > 0 {
		if stored, err = digestOf(ctx, c.to, p.tenant, p.collection, -1); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	if err := requireEqual(read, stored); err != nil {
		return err
	}
	c.result.Documents += read.count
	c.result.Copied += copied
	return nil
}

// resume returns the digest of the target's documents, and that of as many of the source. The second
// is empty if they differ, so that all documents are copied.
func (c *copier) resume(ctx context.Context, p part) (read, stored *digest, err error) {
	if stored, err = digestOf(ctx, c.to, p.tenant, p.collection, -1); err != nil {
		return nil, nil, fmt.Errorf("read what the target has: %w", err)
	}
	if stored.last == "" { // no documents; or the id "", which cannot be resumed after
		return newDigest(), stored, nil
	}
	if read, err = digestOf(ctx, c.from, p.tenant, p.collection, stored.count); err != nil {
		return nil, nil, fmt.Errorf("read the source: %w", err)
	}
	if !read.equal(stored) {
		read = newDigest()
	}
	return read, stored, nil
}

// copyRest copies the documents after those in read, adds them to it, and returns their number.
func (c *copier) copyRest(ctx context.Context, p part, read *digest) (copied int64, err error) {
	var batch []bson.Raw
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := c.to.Put(ctx, p.tenant, p.collection, batch); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		copied += int64(len(batch))
		batch, size = nil, 0 // the target may keep the list
		c.progress(p, read.count)
		return nil
	}
	err = c.from.Each(ctx, p.tenant, p.collection, read.last, func(id string, doc bson.Raw) error {
		if err := read.add(id, doc); err != nil {
			return err
		}
		batch, size = append(batch, bytes.Clone(doc)), size+len(doc)
		if len(batch) < c.options.batch && size < maxBatchBytes {
			return nil
		}
		return flush()
	})
	if err != nil {
		return copied, err
	}
	return copied, flush()
}

// compareAll compares all collections after a completed copy.
func (c *copier) compareAll(ctx context.Context) error {
	for _, p := range c.parts {
		read, err := digestOf(ctx, c.from, p.tenant, p.collection, -1)
		if err != nil {
			return fmt.Errorf("read %s of the source: %w", p, err)
		}
		stored, err := digestOf(ctx, c.to, p.tenant, p.collection, -1)
		if err != nil {
			return fmt.Errorf("read %s of the target: %w", p, err)
		}
		if err := requireEqual(read, stored); err != nil {
			return fmt.Errorf("%w: the copy was completed, and the stores have changed since: %s: %w", ErrInUse, p, err)
		}
		c.progress(p, read.count)
		c.result.Documents += read.count
	}
	return nil
}

func requireEqual(source, target *digest) error {
	switch {
	case source.count != target.count:
		return fmt.Errorf("the source has %d documents and the target %d", source.count, target.count)
	case !source.equal(target):
		return fmt.Errorf("the source and the target have different documents (SHA-256 %x and %x)", source.hash.Sum(nil), target.hash.Sum(nil))
	default:
		return nil
	}
}

// progress reports that n documents of a part are done, after those of the parts before it.
func (c *copier) progress(p part, n int64) {
	c.options.Progress(Progress{Tenant: p.tenant, Collection: p.collection, Done: c.result.Documents + n, Total: c.total})
}
