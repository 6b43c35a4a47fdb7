package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/export/run"
)

// Storage wraps a storage, its uploads and the bodies that it opens.
func (p *Plan) Storage(inner run.Storage) run.Storage { return storage{p, inner} }

type storage struct {
	p     *Plan
	inner run.Storage
}

func (s storage) Create(ctx context.Context, key, contentType string) (run.Upload, error) {
	u, err := do(ctx, s.p, Storage, "create", func(ctx context.Context) (run.Upload, error) {
		return s.inner.Create(ctx, key, contentType)
	})
	if err != nil {
		return nil, err
	}
	return upload{s, key, u}, nil
}

func (s storage) Resume(key, id string) run.Upload { return upload{s, key, s.inner.Resume(key, id)} }

// Put half-writes by storing half of the body.
func (s storage) Put(ctx context.Context, key, contentType string, body []byte) error {
	kind := s.p.next(Storage, "put", HalfWrites, Late)
	switch kind {
	case HalfWrites:
		body = body[:len(body)/2]
	case Late:
		body = bytes.Clone(body)
	}
	_, err := meet(ctx, s.p, kind, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.inner.Put(ctx, key, contentType, body)
	})
	return err
}

// Head returns, as garbage, another size.
func (s storage) Head(ctx context.Context, key string) (run.Object, error) {
	kind := s.p.next(Storage, "head", Garbage)
	o, err := meet(ctx, s.p, kind, func(ctx context.Context) (run.Object, error) { return s.inner.Head(ctx, key) })
	if kind == Garbage && err == nil {
		o.Bytes++
	}
	return o, err
}

func (s storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	b, err := ask(ctx, s.p, Storage, "open", func(ctx context.Context) (io.ReadCloser, error) { return s.inner.Open(ctx, key) })
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	return &body{s.p, ctx, cancel, b}, nil
}

// body is what is read of an object. Closing it ends a read that hangs.
type body struct {
	p      *Plan
	ctx    context.Context
	cancel context.CancelFunc
	inner  io.ReadCloser
}

// Read returns, as garbage, another byte.
func (b *body) Read(into []byte) (int, error) {
	kind := b.p.next(Storage, "body", Garbage)
	if kind != "" && kind != Garbage {
		if _, err := meet(b.ctx, b.p, kind, func(ctx context.Context) (int, error) { return 0, ctx.Err() }); err != nil {
			return 0, err
		}
	}
	n, err := b.inner.Read(into)
	if kind == Garbage && n > 0 {
		into[n/2] ^= 1
	}
	return n, err
}

func (b *body) Close() error {
	b.cancel()
	return b.inner.Close()
}

func (s storage) Delete(ctx context.Context, key string) error {
	return tell(ctx, s.p, Storage, "delete", func(ctx context.Context) error { return s.inner.Delete(ctx, key) })
}

func (s storage) Abort(ctx context.Context, prefix string) error {
	return tell(ctx, s.p, Storage, "abort", func(ctx context.Context) error { return s.inner.Abort(ctx, prefix) })
}

func (s storage) Presign(ctx context.Context, key, filename string, lifetime time.Duration) (string, time.Time, error) {
	return s.inner.Presign(ctx, key, filename, lifetime)
}

type upload struct {
	s     storage
	key   string
	inner run.Upload
}

func (u upload) ID() string { return u.inner.ID() }

// Part half-writes by storing half of the body. As garbage it returns an ETag that the storage does not list.
func (u upload) Part(ctx context.Context, n int, body []byte) (string, error) {
	kind := u.s.p.next(Storage, "part", HalfWrites, Late, Garbage)
	switch kind {
	case HalfWrites:
		body = body[:len(body)/2]
	case Late:
		body = bytes.Clone(body)
	}
	etag, err := meet(ctx, u.s.p, kind, func(ctx context.Context) (string, error) { return u.inner.Part(ctx, n, body) })
	if kind == Garbage && err == nil {
		etag = "not " + etag
	}
	return etag, err
}

// Parts returns, as garbage, another ETag.
func (u upload) Parts(ctx context.Context) ([]run.StoredPart, error) {
	kind := u.s.p.next(Storage, "parts", Garbage)
	parts, err := meet(ctx, u.s.p, kind, u.inner.Parts)
	if kind == Garbage && len(parts) > 0 {
		parts = slices.Clone(parts)
		parts[0].ETag = "not " + parts[0].ETag
	}
	return parts, err
}

// Complete makes, as garbage, an object that lacks its last half, and says that all is well.
func (u upload) Complete(ctx context.Context, etags []string) error {
	kind := u.s.p.next(Storage, "complete", HalfWrites, Late, Garbage)
	_, err := meet(ctx, u.s.p, kind, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.inner.Complete(ctx, slices.Clone(etags))
	})
	if kind == Garbage && err == nil {
		err = u.halve(ctx)
	}
	return err
}

func (u upload) halve(ctx context.Context) error {
	b, err := u.s.inner.Open(ctx, u.key)
	if err != nil {
		return fmt.Errorf("faults: halve an object: %w", err)
	}
	defer b.Close()
	whole, err := io.ReadAll(b)
	if err != nil {
		return fmt.Errorf("faults: halve an object: %w", err)
	}
	return u.s.inner.Put(ctx, u.key, "", whole[:len(whole)/2])
}
