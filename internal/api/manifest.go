package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
)

// GetUserExportManifest answers GET /v4/user-export-jobs/{jobId}/manifest with the bytes that are stored beside the file. They
// are made from the job, so that they stay when the files are deleted, and cost the storage nothing.
func (s *server) GetUserExportManifest(c *fiber.Ctx) error {
	job, err := s.job(c)
	if err != nil {
		return err
	}
	if err := queryNames(c, "kind"); err != nil {
		return err
	}
	var kind export.FileKind
	if name := c.Query("kind"); name != "" {
		if kind, err = fileKind("kind", name); err != nil {
			return err
		}
	}
	for _, f := range job.Files {
		if kind != "" && f.Kind != kind || f.ProvenAt.IsZero() { // an older version has stored none
			continue
		}
		text, err := run.NewManifest(job, f, job.ColumnsOf(f.Kind), job.Warnings).Text()
		if err != nil {
			return err
		}
		s.apiHeaders(c)
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(text)
	}
	return export.Errorf(export.CodeNotFound, "There is no manifest: the export has no such finished file.")
}
