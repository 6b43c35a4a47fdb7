package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

type workerCmd struct{}

// Run works on exports until ctx ends. The parts must be outside: a worker alone has nobody to share embedded ones with.
func (workerCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	switch parts := cfg.EmbeddedParts(); {
	case parts.MongoDB:
		return needs("EGRESS_MONGODB_URI")
	case parts.Redis:
		return needs("EGRESS_REDIS_URL")
	case parts.S3:
		return needs("EGRESS_S3_BUCKET")
	case cfg.Workers == 0:
		return export.Invalid("EGRESS_WORKERS", "must be 1 or more for a worker")
	}
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(run.GCPercent)
	}
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
	failed, stop := sys.atWork(ctx, cfg, svc)
	fmt.Fprintln(term.out, "Egress works on exports.")
	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "ending")
	case <-failed.Done():
	}
	return stop()
}

func needs(variable string) error {
	return export.Invalid(variable, "must be set for a worker: it shares MongoDB, Redis and S3 with the servers")
}
