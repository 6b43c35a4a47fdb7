package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// The sizes of a page of jobs.
const (
	jobsPage    = 25
	maxJobsPage = 100
)

// CreateUserExportJob answers POST /v4/user-export-jobs.
func (s *server) CreateUserExportJob(c *fiber.Ctx) error {
	who, ctx := callerOf(c), c.UserContext()
	def, err := export.Decode(c.BodyRaw())
	if err != nil {
		return err
	}
	r := jobs.Request{
		Tenant: who.tenant.ID, Requester: who.requester(), Origin: who.origin(),
		Definition: def, IdempotencyKey: c.Get("Idempotency-Key"),
	}
	job, err := s.jobs.Replay(ctx, r)
	if err == nil && job == nil {
		job, err = s.start(c, r)
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, jobURL(job.ID))
	return s.answer(c, fiber.StatusAccepted, s.viewForStreamer(c, job))
}

// start admits what the tenant's features allow and its data can answer.
func (s *server) start(c *fiber.Ctx, r jobs.Request) (job *export.Job, err error) {
	ctx := c.UserContext()
	if err := s.allowed(c, r.Definition); err != nil {
		return nil, err
	}
	if r.Mode, err = s.mode(c); err != nil {
		return nil, err
	}
	if r.Words, err = s.definitions.Words(ctx, r.Tenant, r.Definition); err != nil {
		return nil, err
	}
	job, again, err := s.jobs.Create(ctx, r)
	if err == nil && !again {
		s.did(c, audit.ExportStarted, job.ID, job.Words)
	}
	return job, err
}

// definition decodes the body and refuses what the tenant's features do not allow.
func (s *server) definition(c *fiber.Ctx) (export.Definition, error) {
	def, err := export.Decode(c.BodyRaw())
	if err != nil {
		return def, err
	}
	return def, s.allowed(c, def)
}

func (s *server) allowed(c *fiber.Ctx, def export.Definition) error {
	if def.StateEvents == nil {
		return nil
	}
	on, err := s.features.Features(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return err
	}
	if !on[export.FeatureStateEvents] {
		return export.Invalid("stateEvents", "State events are not switched on for this tenant (%s).", export.FeatureStateEvents)
	}
	return nil
}

// mode is how the tenant's exports reach their requester.
func (s *server) mode(c *fiber.Ctx) (export.Mode, error) {
	on, err := s.features.Features(c.UserContext(), callerOf(c).tenant.ID)
	if err != nil {
		return "", err
	}
	if !on[export.FeatureAsync] {
		return export.Sync, nil
	}
	return export.Async, nil
}

// ListUserExportJobs answers GET /v4/user-export-jobs.
func (s *server) ListUserExportJobs(c *fiber.Ctx) error {
	who, ctx := callerOf(c), c.UserContext()
	if err := queryNames(c, "requester", "cursor", "limit"); err != nil {
		return err
	}
	limit, err := queryLimit(c, jobsPage, maxJobsPage)
	if err != nil {
		return err
	}
	q := jobs.ListQuery{Limit: limit, Cursor: c.Query("cursor")}
	switch c.Query("requester") {
	case "":
	case "me":
		q.RequesterID = who.requesterID()
	default:
		return export.Invalid("requester", `must be "me", or left out`)
	}
	page, next, err := s.jobs.List(ctx, who.tenant.ID, q)
	if err != nil {
		return err
	}
	results := make([]gen.Job, len(page))
	for i, job := range page {
		results[i] = s.view(c, job)
	}
	return s.answer(c, fiber.StatusOK, gen.JobPage{Results: results, Next: orNull(next)})
}

// GetUserExportJob answers GET /v4/user-export-jobs/{jobId}.
func (s *server) GetUserExportJob(c *fiber.Ctx) error {
	job, err := s.job(c)
	if err != nil {
		return err
	}
	if job.Requester.ID == callerOf(c).requesterID() {
		return s.answer(c, fiber.StatusOK, s.viewForStreamer(c, job))
	}
	return s.answer(c, fiber.StatusOK, s.view(c, job))
}

// CancelUserExportJob answers DELETE /v4/user-export-jobs/{jobId}.
func (s *server) CancelUserExportJob(c *fiber.Ctx) error {
	who, ctx := callerOf(c), c.UserContext()
	job, err := s.job(c)
	if err != nil {
		return err
	}
	if !who.seesFiles(job) {
		return export.Errorf(export.CodeForbidden, "Only the one who started an export, or an owner, can cancel it.")
	}
	if job, err = s.jobs.Cancel(ctx, who.tenant.ID, job.ID, who.admin.Email); err != nil {
		return err
	}
	s.did(c, audit.ExportCancelled, job.ID, job.Words)
	return s.answer(c, fiber.StatusOK, s.view(c, job))
}

func (s *server) job(c *fiber.Ctx) (*export.Job, error) {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return nil, err
	}
	return s.jobs.Job(c.UserContext(), callerOf(c).tenant.ID, id)
}

func (s *server) view(c *fiber.Ctx, job *export.Job) gen.Job {
	return viewJob(c.UserContext(), s.jobs, s.logger, job, s.links(c, job))
}

// viewForStreamer is view for the one who asked for a job: it says where the next stream of a sync job is.
func (s *server) viewForStreamer(c *fiber.Ctx, job *export.Job) gen.Job {
	v := s.view(c, job)
	if d := job.Delivery; d != nil && d.File == nil {
		url := jobURL(job.ID) + "/streams/" + string(d.Kind)
		v.StreamURL = &url
	}
	return v
}

func jobURL(id string) string { return "/v4/user-export-jobs/" + id }
