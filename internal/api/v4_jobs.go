package api

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/jobs"
)

// Jobs per page.
const (
	defaultJobsPage = 25
	maxJobsPage     = 100
)

// exportRequests passes the callers of requests to the use cases of exports, and shows jobs to them.
type exportRequests struct {
	*auditor

	exports   Exports
	positions QueuePositions
	logger    *slog.Logger
}

// jobHandlers start, show and cancel export jobs.
type jobHandlers struct {
	*exportRequests

	jobs Jobs
}

// CreateUserExportJob answers POST /v4/user-export-jobs.
func (h *jobHandlers) CreateUserExportJob(c *fiber.Ctx) error {
	def, err := decode.Definition(c.BodyRaw())
	if err != nil {
		return err
	}
	job, err := h.exports.Start(c.UserContext(), h.exportCaller(c), def, c.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, jobURL(job.ID))
	return respond(c, fiber.StatusAccepted, h.requesterJobView(c, job))
}

// exportCaller returns the caller of the request for the use cases of exports.
func (r *exportRequests) exportCaller(c *fiber.Ctx) exporter.Caller {
	who := callerOf(c)
	return exporter.Caller{
		Tenant: who.tenant.ID, Requester: who.requester(), Origin: who.origin(),
		AllJobs: who.role.Includes(auth.Owner), OwnJobs: who.role.Includes(auth.Exporter),
		Record: r.auditRecord(c, "", "", ""),
	}
}

// ListUserExportJobs answers GET /v4/user-export-jobs.
func (h *jobHandlers) ListUserExportJobs(c *fiber.Ctx) error {
	who, ctx := callerOf(c), c.UserContext()
	q, err := jobsQuery(c)
	if err != nil {
		return err
	}
	page, next, err := h.jobs.List(ctx, who.tenant.ID, q)
	if err != nil {
		return err
	}
	results := make([]gen.Job, len(page))
	for i, job := range page {
		results[i] = h.jobView(c, job)
	}
	return respond(c, fiber.StatusOK, gen.JobPage{Results: results, Next: orNull(next)})
}

// jobsQuery parses the conditions of a list of jobs.
func jobsQuery(c *fiber.Ctx) (q jobs.ListQuery, err error) {
	if err := checkQueryNames(c, "status", "search", "requester", "from", "to", "timeZone", "cursor", "limit"); err != nil {
		return q, err
	}
	if q.Limit, err = queryLimit(c, defaultJobsPage, maxJobsPage); err != nil {
		return q, err
	}
	q.Cursor, q.Search = c.Query("cursor"), c.Query("search")
	for _, name := range c.Context().QueryArgs().PeekMulti("status") {
		status := export.Status(name)
		if !slices.Contains(export.Statuses, status) {
			return q, errs.Invalid("status", "must be a status of jobs: %s", joinStatuses())
		}
		q.Statuses = append(q.Statuses, status)
	}
	switch requester := c.Query("requester"); {
	case requester == "me":
		q.RequesterID = callerOf(c).requesterID()
	case requester != "":
		if q.Email, err = auth.ParseEmail("requester", requester); err != nil {
			return q, errs.Invalid("requester", `must be "me" or an e-mail address`)
		}
	}
	q.From, q.To, err = queryPeriod(c)
	return q, err
}

func joinStatuses() string {
	names := make([]string, len(export.Statuses))
	for i, status := range export.Statuses {
		names[i] = string(status)
	}
	return strings.Join(names, ", ")
}

// GetUserExportJob answers GET /v4/user-export-jobs/{jobId}.
func (h *jobHandlers) GetUserExportJob(c *fiber.Ctx) error {
	job, err := h.pathJob(c)
	if err != nil {
		return err
	}
	if err := checkQueryNames(c, "links"); err != nil {
		return err
	}
	view := h.linkedJobView
	switch c.Query("links") {
	case "", "true":
	case "false":
		view = h.jobView
	default:
		return errs.Invalid("links", "must be true or false")
	}
	v := view(c, job)
	if job.Requester.ID == callerOf(c).requesterID() {
		v = withStreamURL(v, job)
	}
	return respond(c, fiber.StatusOK, v)
}

// DownloadUserExportFile answers GET /v4/user-export-jobs/{jobId}/files/{kind}/download: it records
// the download, then redirects to a newly signed link, or returns it to a client that asks for JSON.
func (h *jobHandlers) DownloadUserExportFile(c *fiber.Ctx) error {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return err
	}
	kind, err := parseFileKind(c.Params("kind"))
	if err != nil {
		return err
	}
	url, expires, err := h.exports.Download(c.UserContext(), h.exportCaller(c), id, kind)
	if err != nil {
		return err
	}
	setNoStore(c)
	c.Vary(fiber.HeaderAccept)
	if strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON) {
		return respond(c, fiber.StatusOK, gen.FileLink{URL: url, ExpiresAt: export.NewTime(expires)})
	}
	return c.Redirect(url, fiber.StatusFound)
}

// CancelUserExportJob answers DELETE /v4/user-export-jobs/{jobId}.
func (h *jobHandlers) CancelUserExportJob(c *fiber.Ctx) error {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return err
	}
	if err := checkQueryNames(c, "reason"); err != nil {
		return err
	}
	cancel := h.exports.Cancel
	switch reason := c.Query("reason"); reason {
	case "":
	case string(export.CancelTabClosed):
		cancel = h.exports.CancelTabClosed
	default:
		return errs.Invalid("reason", "must be %q or omitted", export.CancelTabClosed)
	}
	job, err := cancel(c.UserContext(), h.exportCaller(c), id)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, h.jobView(c, job))
}

func (h *jobHandlers) pathJob(c *fiber.Ctx) (*export.Job, error) {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return nil, err
	}
	return h.jobs.Job(c.UserContext(), callerOf(c).tenant.ID, id)
}

// jobView returns the view of a job for the caller, with the addresses of its files if the caller may
// download them. If the queue position is unavailable, it is null.
func (r *exportRequests) jobView(c *fiber.Ctx, job *export.Job) gen.Job {
	ctx, position := c.UserContext(), int64(0)
	if job.Status == export.Queued {
		var err error
		if position, err = r.positions.QueuePosition(ctx, job); err != nil {
			r.logger.WarnContext(ctx, "cannot read the queue position of a job", "job", job.ID, "error", err)
		}
	}
	v := viewJob(job, position)
	if r.exportCaller(c).MayDownload(job) {
		addFileURLs(&v, job, r.exports)
	}
	return v
}

// linkedJobView is jobView with newly signed links, which the audit log records.
func (r *exportRequests) linkedJobView(c *fiber.Ctx, job *export.Job) gen.Job {
	v := r.jobView(c, job)
	if sign := r.exports.Linker(r.exportCaller(c), job); sign != nil {
		addLinks(c.UserContext(), &v, job, sign, r.logger)
	}
	return v
}

// requesterJobView is linkedJobView for the job's requester: it includes the address of the next
// stream of a sync job.
func (r *exportRequests) requesterJobView(c *fiber.Ctx, job *export.Job) gen.Job {
	return withStreamURL(r.linkedJobView(c, job), job)
}

// withStreamURL adds the address of the next stream of a sync job.
func withStreamURL(v gen.Job, job *export.Job) gen.Job {
	if d := job.Delivery; d != nil && d.File == nil {
		url := jobURL(job.ID) + "/streams/" + string(d.Kind)
		v.StreamURL = &url
	}
	return v
}

func jobURL(id string) string { return "/v4/user-export-jobs/" + id }
