package api

import (
	"log/slog"

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
	if err := checkQueryNames(c, "requester", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultJobsPage, maxJobsPage)
	if err != nil {
		return err
	}
	q := jobs.ListQuery{Limit: limit, Cursor: c.Query("cursor")}
	switch c.Query("requester") {
	case "":
	case "me":
		q.RequesterID = who.requesterID()
	default:
		return errs.Invalid("requester", `must be "me" or omitted`)
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

// GetUserExportJob answers GET /v4/user-export-jobs/{jobId}.
func (h *jobHandlers) GetUserExportJob(c *fiber.Ctx) error {
	job, err := h.pathJob(c)
	if err != nil {
		return err
	}
	if job.Requester.ID == callerOf(c).requesterID() {
		return respond(c, fiber.StatusOK, h.requesterJobView(c, job))
	}
	return respond(c, fiber.StatusOK, h.jobView(c, job))
}

// CancelUserExportJob answers DELETE /v4/user-export-jobs/{jobId}.
func (h *jobHandlers) CancelUserExportJob(c *fiber.Ctx) error {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return err
	}
	job, err := h.exports.Cancel(c.UserContext(), h.exportCaller(c), id)
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

func (r *exportRequests) jobView(c *fiber.Ctx, job *export.Job) gen.Job {
	return viewJob(c.UserContext(), r.positions, r.logger, job, r.exports.Linker(r.exportCaller(c), job))
}

// requesterJobView is jobView for the job's requester: it includes the address of the next stream
// of a sync job.
func (r *exportRequests) requesterJobView(c *fiber.Ctx, job *export.Job) gen.Job {
	v := r.jobView(c, job)
	if d := job.Delivery; d != nil && d.File == nil {
		url := jobURL(job.ID) + "/streams/" + string(d.Kind)
		v.StreamURL = &url
	}
	return v
}

func jobURL(id string) string { return "/v4/user-export-jobs/" + id }
