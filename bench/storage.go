package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/egress-io/egress/internal/pipeline"
)

// errDiscarded ends a run after writing: a discarded file cannot be verified.
var errDiscarded = errors.New("the file was discarded")

// discardStorage is a storage that discards everything.
type discardStorage struct{}

var _ pipeline.Storage = discardStorage{}

// Create implements pipeline.Storage.
func (discardStorage) Create(context.Context, string, string) (pipeline.Upload, error) {
	return discardUpload{}, nil
}

// Resume implements pipeline.Storage.
func (discardStorage) Resume(string, string) pipeline.Upload { return discardUpload{} }

// Put implements pipeline.Storage.
func (discardStorage) Put(context.Context, string, string, []byte) error { return nil }

// Head implements pipeline.Storage. The verification calls it first.
func (discardStorage) Head(context.Context, string) (pipeline.Object, error) {
	return pipeline.Object{}, errDiscarded
}

// Open implements pipeline.Storage.
func (discardStorage) Open(context.Context, string) (io.ReadCloser, error) { return nil, errDiscarded }

// Delete implements pipeline.Storage.
func (discardStorage) Delete(context.Context, string) error { return nil }

// Abort implements pipeline.Storage.
func (discardStorage) Abort(context.Context, string) error { return nil }

// Presign implements pipeline.Storage.
func (discardStorage) Presign(context.Context, string, string, time.Duration) (string, time.Time, error) {
	return "", time.Time{}, errDiscarded
}

type discardUpload struct{}

// ID implements pipeline.Upload.
func (discardUpload) ID() string { return "discarded" }

// Parts implements pipeline.Upload.
func (discardUpload) Parts(context.Context) ([]pipeline.StoredPart, error) {
	return nil, pipeline.ErrNoUpload
}

// Part implements pipeline.Upload.
func (discardUpload) Part(_ context.Context, n int, _ []byte) (pipeline.StoredPart, error) {
	return pipeline.StoredPart{Number: n, ETag: strconv.Itoa(n)}, nil
}

// Complete implements pipeline.Upload.
func (discardUpload) Complete(context.Context, []pipeline.StoredPart) error { return nil }

// fileStorage is a storage with one local file. Parts must arrive in order.
type fileStorage struct {
	discardStorage
	path string
}

// Create implements pipeline.Storage.
func (p fileStorage) Create(context.Context, string, string) (pipeline.Upload, error) {
	f, err := os.Create(p.path)
	return fileUpload{f: f}, err
}

// Head implements pipeline.Storage.
func (p fileStorage) Head(context.Context, string) (pipeline.Object, error) {
	info, err := os.Stat(p.path)
	if err != nil {
		return pipeline.Object{}, err
	}
	return pipeline.Object{Bytes: info.Size()}, nil
}

// Open implements pipeline.Storage.
func (p fileStorage) Open(context.Context, string) (io.ReadCloser, error) { return os.Open(p.path) }

type fileUpload struct {
	discardUpload
	f *os.File
}

// Part implements pipeline.Upload.
func (u fileUpload) Part(_ context.Context, n int, body []byte) (pipeline.StoredPart, error) {
	_, err := u.f.Write(body)
	return pipeline.StoredPart{Number: n, ETag: strconv.Itoa(n)}, err
}

// Complete implements pipeline.Upload.
func (u fileUpload) Complete(context.Context, []pipeline.StoredPart) error { return u.f.Close() }

// timedStorage is a storage that records when an upload was completed.
type timedStorage struct {
	pipeline.Storage
	stopwatch *stopwatch
}

// Create implements pipeline.Storage.
func (c timedStorage) Create(ctx context.Context, key, contentType string) (pipeline.Upload, error) {
	u, err := c.Storage.Create(ctx, key, contentType)
	return timedUpload{u, c.stopwatch}, err
}

type timedUpload struct {
	pipeline.Upload
	stopwatch *stopwatch
}

// Complete implements pipeline.Upload.
func (u timedUpload) Complete(ctx context.Context, parts []pipeline.StoredPart) error {
	err := u.Upload.Complete(ctx, parts)
	u.stopwatch.completed = time.Now()
	return err
}
