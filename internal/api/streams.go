package api

import "github.com/gofiber/fiber/v2"

// StreamUserExportFile answers GET /v4/user-export-jobs/{jobId}/streams/{kind}.
func (s *server) StreamUserExportFile(*fiber.Ctx) error { return errNoSync }

// ConfirmUserExportFile answers POST /v4/user-export-jobs/{jobId}/confirmations.
func (s *server) ConfirmUserExportFile(*fiber.Ctx) error { return errNoSync }
