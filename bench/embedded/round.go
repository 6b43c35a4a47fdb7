package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// The metrics of imports and of the start.
const (
	importNew      = "import into a new data directory"
	importCPU      = "… CPU"
	importMemory   = "… peak memory"
	importAgain    = "import of the same file again"
	importAgainCPU = "… CPU of it"
	startTime      = "start of the server until it is ready"
	idleMemory     = "memory of the idle server"
	idleAnon       = "… of it anonymous"
)

// round measures everything once, in a data directory of its own.
type round struct {
	flags

	dir    string
	data   *dataSet
	report *report
}

func (r *round) run(ctx context.Context) (err error) {
	if err := os.Mkdir(r.dir, 0o750); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.dir)) }()
	if err := r.runImport(ctx, importNew, importCPU); err != nil {
		return err
	}
	if r.only.MatchString("again") {
		if err := r.runImport(ctx, importAgain, importAgainCPU); err != nil {
			return err
		}
	}
	if err := r.measureFirstStart(ctx); err != nil {
		return err
	}
	began := time.Now()
	s, err := r.startServer(ctx)
	if err != nil {
		return err
	}
	r.report.add(startTime, seconds, time.Since(began).Seconds())
	return errors.Join(r.useServer(ctx, s), s.stop())
}

// runImport imports the file.
func (r *round) runImport(ctx context.Context, wall, cpu string) error {
	cmd := r.command(ctx, "import", r.data.path, "--tenant", tenant, "--create-tenant")
	cmd.Stderr = os.Stderr
	used, err := measure.Run(cmd)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	r.report.add(wall, seconds, used.Wall)
	r.report.add(cpu, seconds, used.CPU)
	if wall == importNew {
		r.report.add(importMemory, mebibytes, used.Memory)
	}
	return nil
}

// measureFirstStart starts the server once, unmeasured: the first start creates the first admin,
// whose password is hashed, and the storage.
func (r *round) measureFirstStart(ctx context.Context) error {
	s, err := r.startServer(ctx)
	if err != nil {
		return err
	}
	return s.stop()
}

// useServer measures what a running server does.
func (r *round) useServer(ctx context.Context, s *server) error {
	if measure.HasProc() {
		if err := settle(ctx); err != nil {
			return err
		}
		if err := errors.Join(r.addMemory(s, idleMemory, measure.Resident), r.addMemory(s, idleAnon, measure.Anonymous)); err != nil {
			return err
		}
	}
	login, err := r.readCredentials()
	if err != nil {
		return err
	}
	admin, err := logIn(ctx, s.url, login)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		run  func(context.Context, *server, *client) error
	}{{"requests", r.measureRequests}, {"page", r.measurePage}, {"export", r.measureExport}} {
		if !r.only.MatchString(step.name) {
			continue
		}
		if err := step.run(ctx, s, admin); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (r *round) addMemory(s *server, metric, of string) error {
	mib, err := s.memory(of)
	if err != nil {
		return err
	}
	r.report.add(metric, mebibytes, mib)
	return nil
}
