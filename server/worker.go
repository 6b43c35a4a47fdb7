package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/pipeline"
)

type workerCmd struct{}

// Run runs exports until ctx is done. It refuses embedded parts: no other process could use them.
func (workerCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	switch parts := cfg.EmbeddedServices(); {
	case parts.Database:
		return needs("EGRESS_MONGODB_URI")
	case parts.Redis:
		return needs("EGRESS_REDIS_URL")
	case parts.S3:
		return needs("EGRESS_S3_BUCKET")
	case cfg.Workers == 0:
		return errs.Invalid("EGRESS_WORKERS", "must be 1 or more for a worker")
	}
	lowerGCPercent()
	log := newLogger(cfg, term.err)
	sys, err := openAll(ctx, cfg, log, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	svc, err := sys.jobs(cfg, strings.TrimSuffix(cfg.PublicURL, "/"))
	if err != nil {
		return err
	}
	failed, stop := sys.startWorkers(ctx, cfg, svc)
	if sys.redisOutage == "" {
		fmt.Fprintln(term.out, "The worker is ready.")
	} else {
		fmt.Fprintln(term.out, "The worker is running, and exports wait until Redis accepts work:", sys.redisOutage)
	}
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "shutting down")
	case <-failed.Done():
	}
	return stop()
}

// lowerGCPercent makes the garbage collector run more often, which uses more CPU and less memory.
// It does nothing if GOGC or GOMEMLIMIT is set.
func lowerGCPercent() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(pipeline.GCPercent)
	}
}

func needs(variable string) error {
	return errs.Invalid(variable, "must be set for a worker: it shares MongoDB, Redis and S3 with the servers")
}
