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
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// Options are the parts of an Exporter. All are required except Logger; Verify needs only Runner.
type Options struct {
	Jobs        Jobs
	Features    Features
	Definitions Definitions
	Users       Users
	Runner      Runner
	Audit       Audit
	Logger      *slog.Logger // nil: none
}

// Exporter runs the use cases. It is safe for concurrent use.
type Exporter struct {
	jobs        Jobs
	features    Features
	definitions Definitions
	users       Users
	runner      Runner
	audit       Audit
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
	// OpenStream starts the stream of a sync job's file, once; CodeStreamTaken otherwise.
	OpenStream(ctx context.Context, tenant, id string, kind export.FileKind) (*jobs.Stream, error)
	// Confirm compares what a client received with what was sent.
	Confirm(ctx context.Context, tenant, id string, c jobs.Confirmation) (*export.Job, error)
	// Link presigns a URL of a file; CodeNotFound if the file does not exist any more.
	Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error)
}

// Features evaluates a tenant's features; *flags.Flags.
type Features interface {
	// Features returns every feature and whether it is on. CodeUnavailable if they are unknown.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
}

// Users reads a tenant's users; *mongo.Users.
type Users interface {
	// CheckIDs returns CodeNonStringID if documents of one of the kinds have ids that are not
	// strings.
	CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error
	// RecentCount returns how many users are selected. Where counting is slow, the result may be a
	// minute old.
	RecentCount(ctx context.Context, tenant string, s filter.Selection) (int64, error)
}

// Runner makes previews and verifies files; *pipeline.Runner.
type Runner interface {
	Preview(ctx context.Context, plan *pipeline.Plan, limit int) (pipeline.Preview, error)
	Verify(ctx context.Context, job *export.Job, file export.File, progress func(read int64)) error
}

// Audit writes audit records; *audit.Recorder.
type Audit interface {
	// Append adds records of actions.
	Append(ctx context.Context, records ...audit.Record) error
	// Once adds a record of an access, unless the same access was recorded within the hour.
	Once(ctx context.Context, r audit.Record) error
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

// recordAction records what a caller has done. The action took place, so a failure is only logged.
func (e *Exporter) recordAction(ctx context.Context, r audit.Record) {
	if err := e.audit.Append(ctx, r); err != nil {
		e.logger.ErrorContext(ctx, "cannot write an audit record", "kind", r.Kind, "tenant", r.Tenant, "admin", r.AdminID,
			"access_key", r.AccessKey, "subject", r.Subject, "request_id", r.RequestID, "error", err)
	}
}

// recordAccess records that a caller is about to see personal data. Without a record, the caller must
// not see it.
func (e *Exporter) recordAccess(ctx context.Context, r audit.Record) error {
	return RecordAccess(ctx, e.audit, r)
}

// RecordAccess records an access to personal data, once an hour. The error is CodeUnavailable: then the
// data must not be shown. If the words do not tell two accesses apart, distinct does.
func RecordAccess(ctx context.Context, log Audit, r audit.Record, distinct ...any) error {
	if len(distinct) > 0 {
		text, err := json.Marshal(distinct)
		if err != nil {
			return fmt.Errorf("distinguish accesses: %w", err)
		}
		sum := sha256.Sum256(append(text, r.Words...))
		r.Once = hex.EncodeToString(sum[:16])
	}
	return AuditUnavailable(log.Once(ctx, r))
}

// AuditUnavailable returns the error for clients if an audit record could not be written, else nil.
func AuditUnavailable(err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(errs.CodeUnavailable, err, "The audit log cannot be written, so personal data cannot be shown. Wait a moment, then retry.")
}
