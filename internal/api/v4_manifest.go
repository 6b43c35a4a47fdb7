package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// GetUserExportManifest answers GET /v4/user-export-jobs/{jobId}/manifest with the bytes of the
// stored manifest. They are generated from the job, so that they remain available after the files
// are deleted, without reading the storage.
func (h *jobHandlers) GetUserExportManifest(c *fiber.Ctx) error {
	job, err := h.pathJob(c)
	if err != nil {
		return err
	}
	if err := checkQueryNames(c, "kind"); err != nil {
		return err
	}
	var kind export.FileKind
	if name := c.Query("kind"); name != "" {
		if kind, err = parseFileKind(name); err != nil {
			return err
		}
	}
	for _, f := range job.Files {
		if kind != "" && f.Kind != kind || f.ProvenAt.IsZero() { // older versions did not store one
			continue
		}
		text, err := pipeline.NewManifest(job, f, job.ColumnsOf(f.Kind), job.Warnings).Text()
		if err != nil {
			return err
		}
		setNoStore(c)
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(text)
	}
	return errs.Errorf(errs.CodeNotFound, "This export has no finished file of this kind, so it has no manifest.")
}
