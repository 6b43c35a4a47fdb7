package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/jobs"
)

type verifyCmd struct {
	Job string `arg:"" help:"The id of the job."`
}

// Run reads the files of a job from the storage and compares rows, bytes and SHA-256 with its
// receipt. The exit status is 1 if they differ, and 2 if the job has no files.
func (cmd *verifyCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openStored(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	job, err := sys.stores.jobs.Job(ctx, cmd.Job)
	switch {
	case errors.Is(err, jobs.ErrNoJob):
		return errs.Errorf(errs.CodeNotFound, "no job %q exists", cmd.Job)
	case err != nil:
		return err
	}
	report := &verifyReport{term: term}
	defer report.finish()
	return exporter.New(exporter.Options{Runner: sys.runner(cfg)}).Verify(ctx, job, report)
}

// verifyReport shows a progress bar for the file that is read, and prints each verified file.
type verifyReport struct {
	term terminal
	file string
	bar  progressBar
}

func (r *verifyReport) Read(f export.File, bytes int64) {
	if r.file != f.Name {
		r.file, r.bar = f.Name, newProgressBar(r.term, f.Name, f.Bytes, progressbar.OptionShowBytes(true))
	}
	r.bar.set(bytes)
}

func (r *verifyReport) Verified(f export.File) {
	r.finish()
	fmt.Fprintf(r.term.out, "%s: %s, %s, SHA-256 %s: matches the receipt.\n", f.Name,
		export.Pluralize(f.Rows, "row", "rows"), export.Pluralize(f.Bytes, "byte", "bytes"), f.SHA256)
}

func (r *verifyReport) finish() { r.bar.finish() }
