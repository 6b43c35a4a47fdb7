package pipelinetest

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/pipeline"
)

// maxRead limits the bytes that one read returns, so that a verification needs several reads.
const maxRead = 2000

// Storage is a pipeline.Storage that keeps objects and uploads in memory. It is safe for concurrent
// use.
type Storage struct {
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]*upload // by id
	created int
	bodies  int // opened and not closed
}

var _ pipeline.Storage = (*Storage)(nil)

// NewStorage returns an empty storage.
func NewStorage() *Storage {
	return &Storage{objects: map[string][]byte{}, uploads: map[string]*upload{}}
}

// Object returns the object under key, nil if it does not exist.
func (s *Storage) Object(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key]
}

// Left returns the keys of all objects, then the ids of all uploads, then the number of open
// bodies.
func (s *Storage) Left() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	contents := slices.Sorted(maps.Keys(s.objects))
	contents = append(contents, slices.Sorted(maps.Keys(s.uploads))...)
	if s.bodies > 0 {
		contents = append(contents, fmt.Sprint("open bodies: ", s.bodies))
	}
	return contents
}

// Create implements pipeline.Storage.
func (s *Storage) Create(ctx context.Context, key, _ string) (pipeline.Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.created++
	u := &upload{s: s, key: key, id: fmt.Sprint("upload ", s.created), parts: map[int][]byte{}}
	s.uploads[u.id] = u
	return u, nil
}

// Resume implements pipeline.Storage.
func (s *Storage) Resume(key, id string) pipeline.Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.uploads[id]; u != nil && u.key == key {
		return u
	}
	return &upload{s: s, key: key, id: id}
}

// Put implements pipeline.Storage.
func (s *Storage) Put(ctx context.Context, key, _ string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.objects[key] = bytes.Clone(body)
	return nil
}

// Head implements pipeline.Storage.
func (s *Storage) Head(ctx context.Context, key string) (pipeline.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key]
	if !ok && ctx.Err() == nil {
		return pipeline.Object{}, pipeline.ErrNoObject
	}
	return pipeline.Object{Bytes: int64(len(o)), ETag: etagOf(o)}, ctx.Err()
}

// Open implements pipeline.Storage.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key]
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !ok:
		return nil, pipeline.ErrNoObject
	}
	s.bodies++
	return &body{s: s, from: bytes.NewReader(o)}, nil
}

// body is an open object.
type body struct {
	s    *Storage
	from io.Reader
	once sync.Once
}

func (b *body) Read(p []byte) (int, error) { return b.from.Read(p[:min(len(p), maxRead)]) }

func (b *body) Close() error {
	b.once.Do(func() {
		b.s.mu.Lock()
		defer b.s.mu.Unlock()
		b.s.bodies--
	})
	return nil
}

// Delete implements pipeline.Storage.
func (s *Storage) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.objects, key)
	return nil
}

// Abort implements pipeline.Storage.
func (s *Storage) Abort(ctx context.Context, prefix string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	maps.DeleteFunc(s.uploads, func(_ string, u *upload) bool { return strings.HasPrefix(u.key, prefix) })
	return nil
}

// Presign implements pipeline.Storage. The links lead nowhere.
func (s *Storage) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errors.ErrUnsupported
}

// upload implements pipeline.Upload; s.mu guards it.
type upload struct {
	s       *Storage
	key, id string
	parts   map[int][]byte
}

func (u *upload) ID() string { return u.id }

// check returns an error if ctx is done or the upload does not exist any more.
func (u *upload) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if u.s.uploads[u.id] != u {
		return pipeline.ErrNoUpload
	}
	return nil
}

func (u *upload) Part(ctx context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.check(ctx); err != nil {
		return pipeline.StoredPart{}, err
	}
	u.parts[n] = bytes.Clone(body)
	return pipeline.StoredPart{Number: n, ETag: etagOf(body), Bytes: int64(len(body))}, nil
}

func (u *upload) Parts(ctx context.Context) ([]pipeline.StoredPart, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.check(ctx); err != nil {
		return nil, err
	}
	all := make([]pipeline.StoredPart, 0, len(u.parts))
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, pipeline.StoredPart{Number: n, ETag: etagOf(u.parts[n]), Bytes: int64(len(u.parts[n]))})
	}
	return all, nil
}

func (u *upload) Complete(ctx context.Context, parts []pipeline.StoredPart) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.check(ctx); err != nil {
		return err
	}
	var object []byte
	for i, p := range parts {
		part, ok := u.parts[i+1]
		if !ok || p.Number != i+1 || etagOf(part) != p.ETag {
			return fmt.Errorf("part %d is not the one that was stored", i+1)
		}
		object = append(object, part...)
	}
	delete(u.s.uploads, u.id)
	u.s.objects[u.key] = object
	return nil
}

func etagOf(body []byte) string {
	sum := md5.Sum(body)
	return hex.EncodeToString(sum[:])
}
