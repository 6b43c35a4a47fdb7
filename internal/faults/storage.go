package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/egress-io/egress/internal/pipeline"
)

// Storage wraps a storage with its uploads and the bodies that it opens.
func (p *Plan) Storage(inner pipeline.Storage) pipeline.Storage { return storage{p, inner} }

type storage struct {
	p     *Plan
	inner pipeline.Storage
}

func (s storage) Create(ctx context.Context, key, contentType string) (pipeline.Upload, error) {
	u, err := writeResult(ctx, s.p, Storage, "create", func(ctx context.Context) (pipeline.Upload, error) {
		return s.inner.Create(ctx, key, contentType)
	})
	if err != nil {
		return nil, err
	}
	return upload{s, key, u}, nil
}

func (s storage) Resume(key, id string) pipeline.Upload {
	return upload{s, key, s.inner.Resume(key, id)}
}

// Put stores half of the body if the fault is HalfWrites.
func (s storage) Put(ctx context.Context, key, contentType string, body []byte) error {
	kind := s.p.nextFault(Storage, "put", HalfWrites, Late)
	switch kind {
	case HalfWrites:
		body = body[:len(body)/2]
	case Late:
		body = bytes.Clone(body)
	}
	_, err := inject(ctx, s.p, kind, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.inner.Put(ctx, key, contentType, body)
	})
	return err
}

// Head returns a wrong size if the fault is Garbage.
func (s storage) Head(ctx context.Context, key string) (pipeline.Object, error) {
	kind := s.p.nextFault(Storage, "head", Garbage)
	o, err := inject(ctx, s.p, kind, func(ctx context.Context) (pipeline.Object, error) { return s.inner.Head(ctx, key) })
	if kind == Garbage && err == nil {
		o.Bytes++
	}
	return o, err
}

func (s storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	b, err := readCall(ctx, s.p, Storage, "open", func(ctx context.Context) (io.ReadCloser, error) { return s.inner.Open(ctx, key) })
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	return &body{s.p, ctx, cancel, b}, nil
}

// body is the content of an opened object. Closing it ends a read that hangs.
type body struct {
	p      *Plan
	ctx    context.Context
	cancel context.CancelFunc
	inner  io.ReadCloser
}

// Read returns a wrong byte if the fault is Garbage.
func (b *body) Read(into []byte) (int, error) {
	kind := b.p.nextFault(Storage, "body", Garbage)
	if kind != "" && kind != Garbage {
		if _, err := inject(b.ctx, b.p, kind, func(ctx context.Context) (int, error) { return 0, ctx.Err() }); err != nil {
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
	return writeCall(ctx, s.p, Storage, "delete", func(ctx context.Context) error { return s.inner.Delete(ctx, key) })
}

func (s storage) Abort(ctx context.Context, prefix string) error {
	return writeCall(ctx, s.p, Storage, "abort", func(ctx context.Context) error { return s.inner.Abort(ctx, prefix) })
}

func (s storage) Presign(ctx context.Context, key, filename string, lifetime time.Duration) (string, time.Time, error) {
	return s.inner.Presign(ctx, key, filename, lifetime)
}

type upload struct {
	s     storage
	key   string
	inner pipeline.Upload
}

func (u upload) ID() string { return u.inner.ID() }

// Part stores half of the body if the fault is HalfWrites. For Garbage it returns an ETag that the
// storage does not list.
func (u upload) Part(ctx context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	kind := u.s.p.nextFault(Storage, "part", HalfWrites, Late, Garbage)
	switch kind {
	case HalfWrites:
		body = body[:len(body)/2]
	case Late:
		body = bytes.Clone(body)
	}
	stored, err := inject(ctx, u.s.p, kind, func(ctx context.Context) (pipeline.StoredPart, error) { return u.inner.Part(ctx, n, body) })
	if kind == Garbage && err == nil {
		stored.ETag = "not " + stored.ETag
	}
	return stored, err
}

// Parts returns a wrong ETag if the fault is Garbage.
func (u upload) Parts(ctx context.Context) ([]pipeline.StoredPart, error) {
	kind := u.s.p.nextFault(Storage, "parts", Garbage)
	parts, err := inject(ctx, u.s.p, kind, u.inner.Parts)
	if kind == Garbage && len(parts) > 0 {
		parts = slices.Clone(parts)
		parts[0].ETag = "not " + parts[0].ETag
	}
	return parts, err
}

// Complete creates an object without its second half, and returns no error, if the fault is
// Garbage.
func (u upload) Complete(ctx context.Context, parts []pipeline.StoredPart) error {
	kind := u.s.p.nextFault(Storage, "complete", HalfWrites, Late, Garbage)
	_, err := inject(ctx, u.s.p, kind, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.inner.Complete(ctx, slices.Clone(parts))
	})
	if kind == Garbage && err == nil {
		err = u.truncateObject(ctx)
	}
	return err
}

func (u upload) truncateObject(ctx context.Context) error {
	b, err := u.s.inner.Open(ctx, u.key)
	if err != nil {
		return fmt.Errorf("faults: truncate an object: %w", err)
	}
	defer b.Close()
	content, err := io.ReadAll(b)
	if err != nil {
		return fmt.Errorf("faults: truncate an object: %w", err)
	}
	return u.s.inner.Put(ctx, u.key, "", content[:len(content)/2])
}
