package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/export/run"
)

// errDiscarded ends a run whose file was made but not kept: there is nothing to prove.
var errDiscarded = errors.New("the file was discarded")

// discard is a storage that keeps nothing.
type discard struct{}

var _ run.Storage = discard{}

// Create implements run.Storage.
func (discard) Create(context.Context, string, string) (run.Upload, error) {
	return discardUpload{}, nil
}

// Resume implements run.Storage.
func (discard) Resume(string, string) run.Upload { return discardUpload{} }

// Put implements run.Storage.
func (discard) Put(context.Context, string, string, []byte) error { return nil }

// Head implements run.Storage: it is what a proof asks first.
func (discard) Head(context.Context, string) (run.Object, error) { return run.Object{}, errDiscarded }

// Open implements run.Storage.
func (discard) Open(context.Context, string) (io.ReadCloser, error) { return nil, errDiscarded }

// Delete implements run.Storage.
func (discard) Delete(context.Context, string) error { return nil }

// Abort implements run.Storage.
func (discard) Abort(context.Context, string) error { return nil }

// Presign implements run.Storage.
func (discard) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errDiscarded
}

type discardUpload struct{}

// ID implements run.Upload.
func (discardUpload) ID() string { return "discarded" }

// Parts implements run.Upload.
func (discardUpload) Parts(context.Context) ([]run.StoredPart, error) { return nil, run.ErrNoUpload }

// Part implements run.Upload.
func (discardUpload) Part(_ context.Context, n int, _ []byte) (string, error) {
	return strconv.Itoa(n), nil
}

// Complete implements run.Upload.
func (discardUpload) Complete(context.Context, []string) error { return nil }

// plainFile is a storage that is one file on disk. Parts must come in their order.
type plainFile struct {
	discard
	path string
}

// Create implements run.Storage.
func (p plainFile) Create(context.Context, string, string) (run.Upload, error) {
	f, err := os.Create(p.path)
	return plainUpload{f: f}, err
}

// Head implements run.Storage.
func (p plainFile) Head(context.Context, string) (run.Object, error) {
	info, err := os.Stat(p.path)
	if err != nil {
		return run.Object{}, err
	}
	return run.Object{Bytes: info.Size()}, nil
}

// Open implements run.Storage.
func (p plainFile) Open(context.Context, string) (io.ReadCloser, error) { return os.Open(p.path) }

type plainUpload struct {
	discardUpload
	f *os.File
}

// Part implements run.Upload.
func (u plainUpload) Part(_ context.Context, n int, body []byte) (string, error) {
	_, err := u.f.Write(body)
	return strconv.Itoa(n), err
}

// Complete implements run.Upload.
func (u plainUpload) Complete(context.Context, []string) error { return u.f.Close() }

// clocked is a storage that tells when an upload was completed.
type clocked struct {
	run.Storage
	watch *watch
}

// Create implements run.Storage.
func (c clocked) Create(ctx context.Context, key, contentType string) (run.Upload, error) {
	u, err := c.Storage.Create(ctx, key, contentType)
	return clockedUpload{u, c.watch}, err
}

type clockedUpload struct {
	run.Upload
	watch *watch
}

// Complete implements run.Upload.
func (u clockedUpload) Complete(ctx context.Context, etags []string) error {
	err := u.Upload.Complete(ctx, etags)
	u.watch.completed = time.Now()
	return err
}
