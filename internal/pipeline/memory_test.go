package pipeline

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// memoryStorage is the storage of a testEnv.
type memoryStorage struct{ w *testEnv }

type memoryUpload struct {
	w     *testEnv
	key   string
	id    string
	parts map[int][]byte
}

func (m memoryStorage) Create(ctx context.Context, key, _ string) (Upload, error) {
	if err := m.w.call(ctx, "create"); err != nil {
		return nil, err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.w.created++
	u := &memoryUpload{w: m.w, key: key, id: fmt.Sprint("upload ", m.w.created), parts: map[int][]byte{}}
	m.w.uploads[u] = true
	return u, nil
}

func (m memoryStorage) Resume(key, id string) Upload {
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	for u := range m.w.uploads {
		if u.key == key && u.id == id {
			return u
		}
	}
	return &memoryUpload{w: m.w, key: key, id: id}
}

func (m memoryStorage) Put(ctx context.Context, key, _ string, body []byte) error {
	if err := m.w.call(ctx, "put"); err != nil {
		return err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	m.w.objects[key] = bytes.Clone(body)
	return nil
}

func (m memoryStorage) Head(ctx context.Context, key string) (Object, error) {
	if err := m.w.call(ctx, "head"); err != nil {
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

func (m memoryStorage) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := m.w.call(ctx, "open"); err != nil {
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

// body is an open object whose reads may fail.
type body struct {
	ctx context.Context
	w   *testEnv
	r   io.Reader
}

func (b *body) Read(p []byte) (int, error) {
	if err := b.w.call(b.ctx, "body"); err != nil {
		return 0, err
	}
	return b.r.Read(p[:min(len(p), 4000)])
}

func (m memoryStorage) Delete(ctx context.Context, key string) error {
	if err := m.w.call(ctx, "delete"); err != nil {
		return err
	}
	m.w.mu.Lock()
	defer m.w.mu.Unlock()
	delete(m.w.objects, key)
	return nil
}

func (m memoryStorage) Abort(ctx context.Context, prefix string) error {
	if err := m.w.call(ctx, "abortAll"); err != nil {
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

func (m memoryStorage) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errors.ErrUnsupported
}

func (u *memoryUpload) ID() string { return u.id }

func (u *memoryUpload) Parts(ctx context.Context) ([]StoredPart, error) {
	if err := u.w.call(ctx, "parts"); err != nil {
		return nil, err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return nil, ErrNoUpload
	}
	var all []StoredPart
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		all = append(all, StoredPart{Number: n, ETag: etagOf(u.parts[n]), Bytes: int64(len(u.parts[n]))})
	}
	return all, nil
}

// checksumOf returns a part's checksum. As with SeaweedFS, Part returns it, Complete requires it,
// and Parts omits it.
func checksumOf(body []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(body)) }

func etagOf(body []byte) string {
	sum := md5.Sum(body)
	return hex.EncodeToString(sum[:])
}

func (u *memoryUpload) Part(ctx context.Context, n int, body []byte) (StoredPart, error) {
	if err := u.w.call(ctx, "part"); err != nil {
		return StoredPart{}, err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return StoredPart{}, errors.New("no such upload")
	}
	u.parts[n] = bytes.Clone(body)
	u.w.accepted += int64(len(body))
	return StoredPart{Number: n, ETag: etagOf(body), Bytes: int64(len(body)), Checksum: checksumOf(body)}, nil
}

func (u *memoryUpload) Complete(ctx context.Context, parts []StoredPart) error {
	err := u.w.call(ctx, "complete")
	if err != nil && !errors.Is(err, errLate) {
		return err
	}
	u.w.mu.Lock()
	defer u.w.mu.Unlock()
	if !u.w.uploads[u] {
		return errors.New("no such upload")
	}
	var object []byte
	for i, p := range parts {
		if p.Number != i+1 || etagOf(u.parts[i+1]) != p.ETag {
			return fmt.Errorf("part %d has another ETag", i+1)
		}
		if p.Checksum != checksumOf(u.parts[i+1]) {
			return fmt.Errorf("part %d has another checksum: %q", i+1, p.Checksum)
		}
		object = append(object, u.parts[i+1]...)
	}
	if u.w.corrupt != nil {
		object = u.w.corrupt(object)
	}
	delete(u.w.uploads, u)
	u.w.objects[u.key] = object
	return err
}

// errLate makes Complete fail after it has completed the upload.
var errLate = errors.New("the answer was lost")
