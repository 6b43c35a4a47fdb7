package run

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
	"time"
)

// memory is the storage of a world.
type memory struct{ w *world }

type memoryUpload struct {
	w     *world
	key   string
	id    string
	parts map[int][]byte
}

func (m memory) Create(ctx context.Context, key, _ string) (Upload, error) {
	if err := m.w.step(ctx, "create"); err != nil {
		return nil, err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.w.created++
	u := &memoryUpload{w: m.w, key: key, id: fmt.Sprint("upload ", m.w.created), parts: map[int][]byte{}}
	m.w.uploads[u] = true
	return u, nil
}

func (m memory) Resume(key, id string) Upload {
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	for u := range m.w.uploads {
		if u.key == key && u.id == id {
			return u
		}
	}
	return &memoryUpload{w: m.w, key: key, id: id}
}

func (m memory) Put(ctx context.Context, key, _ string, body []byte) error {
	if err := m.w.step(ctx, "put"); err != nil {
		return err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.w.objects[key] = bytes.Clone(body)
	return nil
}

func (m memory) Head(ctx context.Context, key string) (Object, error) {
	if err := m.w.step(ctx, "head"); err != nil {
		return Object{}, err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	o, ok := m.w.objects[key]
	if !ok {
		return Object{}, ErrNoObject
	}
	return Object{Bytes: int64(len(o))}, nil
}

func (m memory) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := m.w.step(ctx, "open"); err != nil {
		return nil, err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	o, ok := m.w.objects[key]
	if !ok {
		return nil, ErrNoObject
	}
	return io.NopCloser(&body{ctx, m.w, bytes.NewReader(o)}), nil
}

// body passes every read through the world's faults.
type body struct {
	ctx context.Context
	w   *world
	r   io.Reader
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.w.step(b.ctx, "body"); err != nil {
		return 0, err
	}
	return b.r.Read(p[:min(len(p), 4000)])
}

func (m memory) Delete(ctx context.Context, key string) error {
	if err := m.w.step(ctx, "delete"); err != nil {
		return err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	delete(m.w.objects, key)
	return nil
}

func (m memory) Abort(ctx context.Context, prefix string) error {
	if err := m.w.step(ctx, "abortAll"); err != nil {
		return err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	for u := range m.w.uploads {
		if strings.HasPrefix(u.key, prefix) {
			delete(m.w.uploads, u)
		}
	}
	return nil
}

func (m memory) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errors.ErrUnsupported
}

func (u *memoryUpload) ID() string { return u.id }

func (u *memoryUpload) Parts(ctx context.Context) ([]StoredPart, error) {
	if err := u.w.step(ctx, "parts"); err != nil {
		return nil, err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return nil, ErrNoUpload
	}
	var all []StoredPart
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, StoredPart{n, etagOf(u.parts[n]), int64(len(u.parts[n]))})
	}
	return all, nil
}

func etagOf(body []byte) string {
	sum := md5.Sum(body)
	return hex.EncodeToString(sum[:])
}

func (u *memoryUpload) Part(ctx context.Context, n int, body []byte) (string, error) {
	if err := u.w.step(ctx, "part"); err != nil {
		return "", err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return "", errors.New("no such upload")
	}
	u.parts[n] = bytes.Clone(body)
	u.w.accepted += int64(len(body))
	return etagOf(body), nil
}

func (u *memoryUpload) Complete(ctx context.Context, etags []string) error {
	err := u.w.step(ctx, "complete")
	if err != nil && !errors.Is(err, errLate) {
		return err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return errors.New("no such upload")
	}
	var object []byte
	for i, etag := range etags {
		if etagOf(u.parts[i+1]) != etag {
			return fmt.Errorf("part %d has another ETag", i+1)
		}
		object = append(object, u.parts[i+1]...)
	}
	if u.w.stored != nil {
		object = u.w.stored(object)
	}
	delete(u.w.uploads, u)
	u.w.objects[u.key] = object
	return err
}

// errLate fails a Complete after it happened.
var errLate = errors.New("the answer was lost")
