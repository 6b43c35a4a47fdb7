package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
)

// source is where a command's export is made: on a server, or here.
type source interface {
	apiclient.Source
	start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error)
	close() error
}

// source is the server that was named, or else this process.
func (cmd *exportCmd) source(ctx context.Context, cfg *config.Config, term terminal) (source, error) {
	if cmd.Server == "" {
		if cmd.Tenant == "" {
			return nil, export.Invalid("--tenant", "is missing: whose users are to be exported")
		}
		return openHere(ctx, cfg, cmd.Tenant, term)
	}
	switch {
	case cmd.AccessKey == "":
		return nil, export.Invalid("EGRESS_ACCESS_KEY", "is missing: with --server, requests are signed with a key pair")
	case cmd.AccessSecret == "":
		return nil, export.Invalid("EGRESS_ACCESS_SECRET", "is missing: with --server, requests are signed with a key pair")
	case cmd.Tenant != "":
		return nil, export.Invalid("--tenant", "is the key pair's with --server; leave it out")
	}
	return there{&apiclient.Client{URL: cmd.Server, AccessKey: cmd.AccessKey, SecretKey: cmd.AccessSecret.Reveal()}}, nil
}

// there is a server.
type there struct{ *apiclient.Client }

func (t there) start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error) {
	return t.Start(ctx, definition)
}
func (there) close() error { return nil }

// here makes exports in this process, as a worker does.
type here struct {
	sys    *system
	svc    *jobs.Service
	runner *run.Runner
	tenant string
	stop   func() error // what runs; the error is the worker's
}

func openHere(ctx context.Context, cfg *config.Config, tenant string, term terminal) (_ source, err error) {
	own := *cfg
	own.LogLevel = "warn"             // what goes well, the bar says
	own.Workers = max(1, cfg.Workers) // whoever waits for a file works on it
	sys, err := openAll(ctx, &own, newLogger(&own, term.err), "")
	if err != nil {
		return nil, err
	}
	h := &here{sys: sys, tenant: tenant, stop: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if err := sys.requireTenant(ctx, tenant); err != nil {
		return nil, err
	}
	if h.svc, err = sys.jobs(&own, ""); err != nil {
		return nil, err
	}
	sys.restore(ctx, h.svc)
	h.runner = sys.runner(&own)
	_, h.stop = sys.atWork(ctx, &own, h.svc) // also on what a command before this one has left behind
	return h, nil
}

func (h *here) start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error) {
	def, err := export.Decode(definition)
	if err != nil {
		return nil, err
	}
	words, err := h.runner.Words(ctx, h.tenant, def)
	if err != nil {
		return nil, err
	}
	who := "the command line"
	if u, err := user.Current(); err == nil {
		who += " of " + u.Username
	}
	job, _, err := h.svc.Create(ctx, jobs.Request{
		Tenant: h.tenant, Requester: export.Requester{ID: "command:" + who, Email: who}, Origin: export.FromAPI, Mode: export.Async,
		Definition: def, Words: words,
	})
	if err != nil {
		return nil, err
	}
	record := audit.Record{Kind: audit.ExportStarted, Tenant: h.tenant, Email: who, Subject: job.ID, Words: words}
	if err := audit.NewTrail(mongo.NewAuditLog(h.sys.db), nil).Append(ctx, record); err != nil {
		return nil, err
	}
	return h.view(ctx, job)
}

// Job implements apiclient.Source.
func (h *here) Job(ctx context.Context, id string) (*apiclient.Job, error) {
	job, err := h.svc.Job(ctx, h.tenant, id)
	if err != nil {
		if export.CodeOf(err) == export.CodeNotFound {
			return nil, &apiclient.RefusalError{Status: 404, Code: export.CodeNotFound, Detail: "There is no such job in this tenant."}
		}
		return nil, err
	}
	return h.view(ctx, job)
}

func (h *here) view(ctx context.Context, job *export.Job) (*apiclient.Job, error) {
	v := &apiclient.Job{
		ID: job.ID, Status: job.Status, Outcome: job.Outcome, Words: job.Words, Progress: job.Progress, Warnings: job.Warnings, Error: job.Failure,
	}
	for _, f := range job.Files {
		file := apiclient.File{Kind: f.Kind, Name: f.Name, Bytes: f.Bytes, Rows: f.Rows, SHA256: f.SHA256}
		if job.Status != export.Expired {
			link, _, err := h.svc.Link(ctx, job, f)
			if err != nil {
				return nil, fmt.Errorf("sign a link: %w", err)
			}
			file.DownloadURL = link
		}
		v.Files = append(v.Files, file)
	}
	return v, nil
}

// close hands a job that runs back to other workers, or to the next start.
func (h *here) close() error {
	return errors.Join(h.stop(), h.sys.close())
}

// stream takes the files of a sync job as they are made.
func (cmd *exportCmd) stream(ctx context.Context, from source, job *apiclient.Job, term terminal) error {
	server, ok := from.(there)
	if !ok {
		return errors.New("this process streams no files")
	}
	for job.StreamURL != "" {
		kind := export.UsersFile
		if cmd.onlyEvents() || job.File(export.UsersFile) != nil {
			kind = export.StateEventsFile
		}
		path := cmd.path(kind, string(kind)+"_"+job.ID+".csv"+export.Compression(cmd.Compression).Suffix())
		if err := cmd.free("--output", path); err != nil {
			return err
		}
		bar := newBar(term, string(kind), -1, progressbar.OptionShowBytes(true))
		after, err := server.Stream(ctx, job, kind, path, bar.set)
		bar.finish()
		if err != nil && kind == export.StateEventsFile && job.File(export.UsersFile) != nil {
			return errEvents
		}
		if err != nil {
			return err
		}
		cmd.tell(term, path, after.File(kind))
		job = after
	}
	return cmd.whole(job, term)
}
