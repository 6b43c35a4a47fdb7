package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/s3"
)

// runnerOptions returns the options of the runner for a measurement.
func runnerOptions(db *mongo.DB, s childSpec, storage pipeline.Storage) pipeline.Options {
	d := directory{data: s.Data, shape: s.Shape, accounts: mongo.NewDirectory(db)}
	people := mongo.NewUsers(db)
	return pipeline.Options{
		Planner: exporter.Compiler{Directory: d, Catalogs: people}, Accounts: d, Users: userReader{people}, Storage: storage, Settings: pipeline.Settings{Readers: s.Readers},
	}
}

// newJob returns the job of an export with the shape in s.
func newJob(s childSpec) *export.Job {
	return &export.Job{
		ID: "BENCH", Tenant: s.Tenant, Attempt: 1, CreatedAt: time.Now(), Mode: export.Async, Definition: s.Shape.definition(s.Compression),
	}
}

// runPipeline runs an export until it is written, with a storage that discards everything.
func runPipeline(ctx context.Context, db *mongo.DB, s childSpec) (result, error) {
	w := newStopwatch()
	defer w.close()
	_, err := pipeline.New(runnerOptions(db, s, discardStorage{})).Run(ctx, newJob(s), w)
	if !errors.Is(err, errDiscarded) {
		return result{}, fmt.Errorf("the run did not end at the verification: %w", err)
	}
	return w.result(nil), nil
}

// runFile runs an export into a local file.
func runFile(ctx context.Context, db *mongo.DB, s childSpec) (result, error) {
	w := newStopwatch()
	defer w.close()
	o := runnerOptions(db, s, fileStorage{path: s.Out})
	o.Settings.Uploads = 1 // parts arrive in order
	got, err := pipeline.New(o).Run(ctx, newJob(s), w)
	return w.result(&got), err
}

// runWhole runs an export as a worker does: store, complete and verify.
func runWhole(ctx context.Context, db *mongo.DB, s childSpec) (result, error) {
	bucket, err := s3.New(ctx, s3.Options{
		Bucket: gatewayBucket, Endpoint: s.Gateway.Endpoint, Region: s.Gateway.Region, PathStyle: true,
		AccessKey: s.Gateway.AccessKey, SecretKey: s.Gateway.SecretKey,
	})
	if err != nil {
		return result{}, err
	}
	w := newStopwatch()
	defer w.close()
	got, err := pipeline.New(runnerOptions(db, s, timedStorage{bucket, w})).Run(ctx, newJob(s), w)
	return w.result(&got), err
}
