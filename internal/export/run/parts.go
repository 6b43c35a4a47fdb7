package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/export"
)

// parts cuts a file into parts, hashes it and stores it. One goroutine fills buf and calls cut; others hash and store.
type parts struct {
	buf []byte // the part being filled

	size   func(n int) int
	n      int   // the number of the part being filled, from 1
	bytes  int64 // of the parts before it
	upload Upload

	group  *errgroup.Group
	ctx    context.Context // ends when a part fails
	cancel context.CancelCauseFunc
	free   chan []byte // buffers to fill; their number bounds the memory
	full   chan part
	hash   hash.Hash // fed by one goroutine, in the order of parts

	mu    sync.Mutex
	etags []string // of the parts that the storage has, by number; guarded by mu
}

// part is a part that is complete.
type part struct {
	n    int
	body []byte
}

// newParts starts the goroutines that hash and store. wait ends them.
func newParts(ctx context.Context, upload Upload, s Settings) *parts {
	p := &parts{size: s.PartSize, n: 1, upload: upload, hash: sha256.New()}
	ctx, p.cancel = context.WithCancelCause(ctx)
	p.group, p.ctx = errgroup.WithContext(ctx)
	p.free = make(chan []byte, s.Buffers)
	for range s.Buffers - 1 { // the other one is buf
		p.free <- nil
	}
	p.full = make(chan part)
	hashed := make(chan part)
	p.group.Go(func() error {
		defer close(hashed)
		for {
			var next part
			var more bool
			select { // the context, too: a run that panics never closes full
			case next, more = <-p.full:
			case <-p.ctx.Done():
				return context.Cause(p.ctx)
			}
			if !more {
				return nil
			}
			_, _ = p.hash.Write(next.body) // never fails
			select {
			case hashed <- next:
			case <-p.ctx.Done():
				return context.Cause(p.ctx)
			}
		}
	})
	for range min(s.Uploads, s.Buffers) {
		p.group.Go(func() error {
			for part := range hashed {
				if err := p.store(part); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return p
}

func (p *parts) store(part part) error {
	if p.ctx.Err() != nil { // a cancelled run stores nothing more
		return context.Cause(p.ctx)
	}
	etag, err := p.upload.Part(p.ctx, part.n, part.body)
	if err != nil {
		return failed(p.ctx, export.CodeStorage, err, storeFailed)
	}
	p.mu.Lock()
	p.etags = append(p.etags, make([]string, max(part.n-len(p.etags), 0))...)
	p.etags[part.n-1] = etag
	p.mu.Unlock()
	if cap(part.body) > 2*p.size(part.n)+MinPart {
		part.body = nil // grown by an uncommonly large user
	}
	p.free <- part.body[:0]
	return nil
}

// cut hands the part on if it is large enough, and waits for a free buffer then. It is called between users.
func (p *parts) cut() error {
	if len(p.buf) < p.size(p.n) {
		return nil
	}
	return p.hand()
}

func (p *parts) hand() error {
	if p.n > MaxParts {
		return errTooLarge()
	}
	select {
	case p.full <- part{p.n, p.buf}:
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
	p.bytes += int64(len(p.buf))
	p.n++
	p.buf = nil
	select {
	case p.buf = <-p.free:
		return nil
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

// written returns how many bytes of the file have been made.
func (p *parts) written() int64 { return p.bytes + int64(len(p.buf)) }

// finish hands on what is left.
func (p *parts) finish() error {
	if len(p.buf) == 0 {
		return nil
	}
	return p.hand()
}

// wait ends the goroutines once they have stored what they were given; at once where one of them failed, or where err says
// that the file was given up. It is called in any case, once: no part is in flight afterwards.
func (p *parts) wait(err error) error {
	if err != nil {
		if cause := context.Cause(p.ctx); cause != nil {
			err = cause // what came first
		}
		p.cancel(err)
	}
	close(p.full)
	stored := p.group.Wait()
	p.cancel(nil)
	if err != nil {
		return err
	}
	return stored
}

// sum returns the SHA-256 of the file, in hex, after wait.
func (p *parts) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }
