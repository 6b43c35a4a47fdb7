package runtest

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what an S3 calls an ETag
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/egress-io/egress/internal/export/run"
)

// maxRead is how many bytes one read of an object returns at most: proofs are to need several.
const maxRead = 2000

// Storage keeps objects and uploads in memory. It is safe for concurrent use.
type Storage struct {
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]*upload // by id
	created int
	bodies  int // that were opened and not closed
}

var _ run.Storage = (*Storage)(nil)

// NewStorage returns an empty storage.
func NewStorage() *Storage {
	return &Storage{objects: map[string][]byte{}, uploads: map[string]*upload{}}
}

// Object returns what is kept under key; nil where there is nothing.
func (s *Storage) Object(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key]
}

// Left lists what there is: the keys of objects, then the ids of uploads, then bodies that were not closed.
func (s *Storage) Left() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.Sorted(maps.Keys(s.objects))
	left = append(left, slices.Sorted(maps.Keys(s.uploads))...)
	if s.bodies > 0 {
		left = append(left, fmt.Sprint("open bodies: ", s.bodies))
	}
	return left
}

// Create implements run.Storage.
func (s *Storage) Create(ctx context.Context, key, _ string) (run.Upload, error) {
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

// Resume implements run.Storage.
func (s *Storage) Resume(key, id string) run.Upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.uploads[id]; u != nil && u.key == key {
		return u
	}
	return &upload{s: s, key: key, id: id}
}

// Put implements run.Storage.
func (s *Storage) Put(ctx context.Context, key, _ string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.objects[key] = bytes.Clone(body)
	return nil
}

// Head implements run.Storage.
func (s *Storage) Head(ctx context.Context, key string) (run.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key]
	if !ok && ctx.Err() == nil {
		return run.Object{}, run.ErrNoObject
	}
	return run.Object{Bytes: int64(len(o)), ETag: etagOf(o)}, ctx.Err()
}

// Open implements run.Storage.
func (s *Storage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[key]
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !ok:
		return nil, run.ErrNoObject
	}
	s.bodies++
	return &body{s: s, from: bytes.NewReader(o)}, nil
}

// body is an object that is read.
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

// Delete implements run.Storage.
func (s *Storage) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.objects, key)
	return nil
}

// Abort implements run.Storage.
func (s *Storage) Abort(ctx context.Context, prefix string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	maps.DeleteFunc(s.uploads, func(_ string, u *upload) bool { return strings.HasPrefix(u.key, prefix) })
	return nil
}

// Presign implements run.Storage. The links lead nowhere.
func (s *Storage) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errors.ErrUnsupported
}

// upload implements run.Upload; s.mu guards it.
type upload struct {
	s       *Storage
	key, id string
	parts   map[int][]byte
}

func (u *upload) ID() string { return u.id }

// there reports whether the upload is still one.
func (u *upload) there(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if u.s.uploads[u.id] != u {
		return run.ErrNoUpload
	}
	return nil
}

func (u *upload) Part(ctx context.Context, n int, body []byte) (string, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.there(ctx); err != nil {
		return "", err
	}
	u.parts[n] = bytes.Clone(body)
	return etagOf(body), nil
}

func (u *upload) Parts(ctx context.Context) ([]run.StoredPart, error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.there(ctx); err != nil {
		return nil, err
	}
	all := make([]run.StoredPart, 0, len(u.parts))
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, run.StoredPart{Number: n, ETag: etagOf(u.parts[n]), Bytes: int64(len(u.parts[n]))})
	}
	return all, nil
}

func (u *upload) Complete(ctx context.Context, etags []string) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if err := u.there(ctx); err != nil {
		return err
	}
	var object []byte
	for i, etag := range etags {
		part, ok := u.parts[i+1]
		if !ok || etagOf(part) != etag {
			return fmt.Errorf("part %d is not the one that was stored", i+1)
		}
		object = append(object, part...)
	}
	delete(u.s.uploads, u.id)
	u.s.objects[u.key] = object
	return nil
}

func etagOf(body []byte) string {
	sum := md5.Sum(body) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
