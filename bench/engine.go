package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/s3"
)

// engine makes the runner of a measurement.
func engine(db *mongo.DB, s spec, storage run.Storage) *run.Runner {
	d := directory{layout: s.Layout, shape: s.Shape, real: mongo.NewDirectory(db)}
	return &run.Runner{
		Directory: d, Users: people{mongo.NewUsers(db, d)}, Storage: storage, Settings: run.Settings{Readers: s.Readers},
	}
}

// job is one attempt at an export of the shape.
func job(s spec) *export.Job {
	return &export.Job{
		ID: "BENCH", Tenant: s.Tenant, Attempt: 1, CreatedAt: time.Now(), Mode: export.Async, Definition: s.Shape.definition(s.Compression),
	}
}

// runPipeline runs an export up to where it would be completed, into a storage that keeps nothing.
func runPipeline(ctx context.Context, db *mongo.DB, s spec) (outcome, error) {
	w := newWatch()
	defer w.close()
	_, err := engine(db, s, discard{}).Run(ctx, job(s), w)
	if !errors.Is(err, errDiscarded) {
		return outcome{}, fmt.Errorf("a file that was discarded came to be: %w", err)
	}
	return w.outcome(nil), nil
}

// runFile runs an export into a file on disk.
func runFile(ctx context.Context, db *mongo.DB, s spec) (outcome, error) {
	w := newWatch()
	defer w.close()
	r := engine(db, s, plainFile{path: s.Out})
	r.Settings.Uploads = 1 // parts arrive in order
	got, err := r.Run(ctx, job(s), w)
	return w.outcome(&got), err
}

// runWhole runs an export as a worker does: stored, completed and read back.
func runWhole(ctx context.Context, db *mongo.DB, s spec) (outcome, error) {
	bucket, err := s3.New(ctx, s3.Options{
		Bucket: gatewayBucket, Endpoint: s.Gateway.Endpoint, Region: s.Gateway.Region, PathStyle: true,
		AccessKey: s.Gateway.AccessKey, SecretKey: s.Gateway.SecretKey,
	})
	if err != nil {
		return outcome{}, err
	}
	w := newWatch()
	defer w.close()
	got, err := engine(db, s, clocked{bucket, w}).Run(ctx, job(s), w)
	return w.outcome(&got), err
}
