// Package exporter holds the use cases of exports: Start, Preview, Count, Compile, Cancel, Linker,
// Stream, Confirm and Verify. API v4, Zephr's endpoints and the command line call them, so that every
// entry point has the same rules.
//
// A use case evaluates the tenant's features once, reads schema and user stores once, compiles the
// selection once, and writes its audit record. Entry points decode requests, authenticate the caller
// and present results.
package exporter

import (
	"context"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Options are the parts of an Exporter. All are required except Logger; Verify needs only Runner.
type Options struct {
	Jobs        Jobs
	Features    Features
	Definitions Definitions
	Users       Users
	Runner      Runner
	Audit       audit.Writer
	Logger      *slog.Logger // nil: none
}

// Exporter runs the use cases. It is safe for concurrent use.
type Exporter struct {
	jobs        Jobs
	features    Features
	definitions Definitions
	users       Users
	runner      Runner
	audit       audit.Writer
	logger      *slog.Logger
}

// New returns an Exporter.
func New(o Options) *Exporter {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Exporter{
		jobs: o.Jobs, features: o.Features, definitions: o.Definitions, users: o.Users, runner: o.Runner, audit: o.Audit,
		logger: o.Logger.With("component", "exporter"),
	}
}

// Definitions compiles definitions; Compiler.
type Definitions interface {
	// Compile compiles a definition for a tenant. The error has CodeInvalidRequest and names the field if
	// the definition does not fit the tenant.
	Compile(ctx context.Context, tenant string, def export.Definition) (*Compiled, error)
	// Complete reads what a run needs in addition.
	Complete(ctx context.Context, c *Compiled) (*pipeline.Plan, error)
}

// Jobs admits and changes export jobs; *jobs.Service.
type Jobs interface {
	// Replay returns the job that an earlier request with the same idempotency key created, or nil.
	Replay(ctx context.Context, r jobs.Request) (*export.Job, error)
	Create(ctx context.Context, r jobs.Request) (job *export.Job, replayed bool, err error)
	// Job returns a job of a tenant, or CodeNotFound.
	Job(ctx context.Context, tenant, id string) (*export.Job, error)
	// Cancel ends a live job. by is the e-mail address that the job then shows.
	Cancel(ctx context.Context, tenant, id, by string) (*export.Job, error)
	// CancelTabClosed ends a live sync job whose tab reports that it closes.
	CancelTabClosed(ctx context.Context, tenant, id string) (*export.Job, error)
	// OpenStream starts the stream of a sync job's file, once; CodeStreamTaken otherwise.
	OpenStream(ctx context.Context, tenant, id string, kind export.FileKind) (*jobs.Stream, error)
	// Confirm compares what a client received with what was sent.
	Confirm(ctx context.Context, tenant, id string, c jobs.Confirmation) (*export.Job, error)
	// CheckFile returns nil if a file can be downloaded, otherwise the error of Link.
	CheckFile(job *export.Job, file export.File) error
	// RecordDownload adds a download to the job's history; CodeNotFound if the files were deleted.
	RecordDownload(ctx context.Context, tenant, id string, kind export.FileKind, by export.Requester) error
	// Link presigns a URL of a file; CodeNotFound if the file does not exist any more.
	Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error)
}

// Features evaluates a tenant's features; *flags.Flags.
type Features interface {
	// Features returns every feature and whether it is on. CodeUnavailable if they are unknown.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
}

// Users reads a tenant's users; *browse.Users.
type Users interface {
	// CheckIDs returns CodeNonStringID if documents of one of the kinds have ids that are not
	// strings.
	CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error
	// CachedCount returns how many users are selected. Where counting is slow, the result may be a
	// minute old.
	CachedCount(ctx context.Context, tenant string, s filter.Selection) (int64, error)
	// Estimate returns CachedCount if it is known soon, otherwise an estimate.
	Estimate(ctx context.Context, tenant string, s filter.Selection) (users.Count, error)
}

// Runner makes previews and verifies files; *pipeline.Runner.
type Runner interface {
	Preview(ctx context.Context, plan *pipeline.Plan, o pipeline.PreviewOptions) (pipeline.Preview, error)
	Verify(ctx context.Context, job *export.Job, file export.File, progress func(read int64)) error
}

// Caller is who calls a use case, authenticated and authorized for the tenant.
type Caller struct {
	Tenant    string
	Requester export.Requester
	Origin    export.Origin
	// AllJobs allows the caller to cancel and download the exports of other requesters.
	AllJobs bool
	// OwnJobs allows the caller to cancel and download its own exports.
	OwnJobs bool
	// Record identifies the caller in the audit log. Use cases set kind, subject and words.
	Record audit.Record
}

// MayDownload reports whether the caller may download a job's files and cancel it.
func (c Caller) MayDownload(job *export.Job) bool {
	return c.AllJobs || c.OwnJobs && job.Requester.ID == c.Requester.ID
}

func (c Caller) record(kind audit.Kind, subject, words string) audit.Record {
	r := c.Record
	r.Kind, r.Tenant, r.Subject, r.Words = kind, c.Tenant, subject, words
	return r
}
