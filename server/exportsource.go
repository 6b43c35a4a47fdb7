package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/jobs"
)

// exportSource runs the export of a command: a server, or this process.
type exportSource interface {
	apiclient.Streamer
	start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error)
	close() error
}

// openSource returns the server that the flags name, or this process.
func (cmd *exportCmd) openSource(ctx context.Context, cfg *config.Config, term terminal) (exportSource, error) {
	if cmd.Server == "" {
		if cmd.Tenant == "" {
			return nil, errs.Invalid("--tenant", "is missing: name the tenant whose users to export")
		}
		return openLocalSource(ctx, cfg, cmd.Tenant, term)
	}
	switch {
	case !isAddress(cmd.Server):
		return nil, errs.Invalid("EGRESS_SERVER", "must be the address of a server, like https://egress.example.com")
	case cmd.AccessKey == "":
		return nil, errs.Invalid("EGRESS_ACCESS_KEY", "is missing: with --server, requests are signed with a key pair")
	case cmd.AccessSecret == "":
		return nil, errs.Invalid("EGRESS_ACCESS_SECRET", "is missing: with --server, requests are signed with a key pair")
	case cmd.Tenant != "":
		return nil, errs.Invalid("--tenant", "follows from the key pair with --server; omit it")
	}
	return remoteSource{&apiclient.Client{URL: cmd.Server, AccessKey: cmd.AccessKey, SecretKey: cmd.AccessSecret.Reveal()}}, nil
}

// remoteSource is a server.
type remoteSource struct{ *apiclient.Client }

func (s remoteSource) start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error) {
	return s.Start(ctx, definition)
}

func (remoteSource) close() error { return nil }

// localSource runs exports in this process, as a worker does. It calls the same use cases as the
// API.
type localSource struct {
	sys     *system
	svc     *jobs.Service
	exports *exporter.Exporter
	caller  exporter.Caller
	stop    func() error // stops the workers; returns their error
}

func openLocalSource(ctx context.Context, cfg *config.Config, tenant string, term terminal) (_ exportSource, err error) {
	own := *cfg
	own.LogLevel = "warn"             // the progress bar shows what goes well
	own.Workers = max(1, cfg.Workers) // this process works on the export that it waits for
	sys, err := openAll(ctx, &own, newLogger(&own, term.err), "")
	if err != nil {
		return nil, err
	}
	s := &localSource{sys: sys, caller: operatorCaller(tenant), stop: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := sys.requireTenant(ctx, tenant); err != nil {
		return nil, err
	}
	if err := sys.openFeatures(ctx); err != nil {
		return nil, err
	}
	if s.svc, err = sys.jobs(&own, ""); err != nil {
		return nil, err
	}
	s.exports = sys.exporter(&own, s.svc)
	sys.takeOver(ctx, s.svc)
	sys.restoreLocks(ctx, s.svc)
	_, s.stop = sys.startWorkers(ctx, &own, s.svc) // also on jobs that an earlier command left
	return s, nil
}

// operatorCaller is the account of this machine that runs a command, with an owner's rights.
func operatorCaller(tenant string) exporter.Caller {
	who := operator()
	return exporter.Caller{
		Tenant: tenant, Requester: export.Requester{ID: "command:" + who, Email: who}, Origin: export.FromAPI,
		AllJobs: true, OwnJobs: true, Record: audit.Record{Tenant: tenant, Email: who},
	}
}

func (s *localSource) start(ctx context.Context, definition json.RawMessage) (*apiclient.Job, error) {
	def, err := decode.Definition(definition)
	if err != nil {
		return nil, err
	}
	job, err := s.exports.Start(ctx, s.caller, def, "")
	if err != nil {
		return nil, err
	}
	return localView(job), nil
}

// Job implements apiclient.Source.
func (s *localSource) Job(ctx context.Context, id string) (*apiclient.Job, error) {
	job, err := s.svc.Job(ctx, s.caller.Tenant, id)
	if err != nil {
		if errs.CodeOf(err) == errs.CodeNotFound {
			return nil, &apiclient.RefusalError{Status: http.StatusNotFound, Code: errs.CodeNotFound, Detail: "This tenant has no such job."}
		}
		return nil, err
	}
	return localView(job), nil
}

// Link implements apiclient.Source.
func (s *localSource) Link(ctx context.Context, id string, kind export.FileKind) (string, error) {
	link, _, err := s.exports.Download(ctx, s.caller, id, kind)
	if errs.CodeOf(err) == errs.CodeNotFound {
		return "", &apiclient.RefusalError{Status: http.StatusNotFound, Code: errs.CodeNotFound, Detail: err.Error()}
	}
	return link, err
}

// OpenStream implements apiclient.Streamer: the file is written to a pipe while the run makes it.
func (s *localSource) OpenStream(ctx context.Context, job *apiclient.Job, kind export.FileKind) (io.ReadCloser, error) {
	stream, err := s.exports.Stream(ctx, s.caller, job.ID, kind)
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := stream.Run(ctx, pipeReceiver{w})
		if err == nil {
			stream.RecordSent(context.WithoutCancel(ctx), nil)
		}
		_ = w.CloseWithError(err) // never fails
	}()
	return pipeBody{r, done}, nil
}

// pipeReceiver is a pipeline.Receiver that writes to a pipe. Closing the reader ends a write.
type pipeReceiver struct{ w *io.PipeWriter }

func (p pipeReceiver) Receive(_ context.Context, b []byte) error {
	_, err := p.w.Write(b)
	return err
}

// pipeBody is the reader of a pipe. Close waits until the writer has ended.
type pipeBody struct {
	*io.PipeReader

	done <-chan struct{}
}

func (p pipeBody) Close() error {
	err := p.PipeReader.Close()
	<-p.done
	return err
}

func localView(job *export.Job) *apiclient.Job {
	v := &apiclient.Job{
		ID: job.ID, Status: job.Status, Outcome: job.Outcome, Words: job.Words, Progress: job.Progress, Warnings: job.Warnings, Error: job.Failure, Retry: job.Retry,
	}
	if d := job.Delivery; d != nil && d.File == nil {
		v.StreamURL = string(d.Kind) // not an address: OpenStream of this process opens it
	}
	for _, f := range job.Files {
		v.Files = append(v.Files, apiclient.File{Kind: f.Kind, Name: f.Name, Bytes: f.Bytes, Rows: f.Rows, SHA256: f.SHA256})
	}
	return v
}

// close hands a running job back to other workers, or to the next start.
func (s *localSource) close() error { return errors.Join(s.stop(), s.sys.close()) }

// isAddress reports whether a text is an http or https address.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
