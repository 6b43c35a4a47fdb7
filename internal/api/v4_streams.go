package api

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/jobs"
)

// permissionReadTimeout limits reading whether the client of a stream may still export.
const permissionReadTimeout = 10 * time.Second

// permissions checks whether the clients of streams may still export.
type permissions struct {
	auth interface {
		Authenticator
		Members
	}
	keys Keys
}

// streamHandlers send the files of sync jobs.
type streamHandlers struct {
	*exportRequests
	*permissions
}

// StreamUserExportFile answers GET /v4/user-export-jobs/{jobId}/streams/{kind}.
func (h *streamHandlers) StreamUserExportFile(c *fiber.Ctx) error {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return err
	}
	kind, err := parseFileKind(c.Params("kind"))
	if err != nil {
		return err
	}
	return h.streamFile(c, id, kind)
}

// streamFile responds with a file of a sync job while the file is made.
func (h *streamHandlers) streamFile(c *fiber.Ctx, id string, kind export.FileKind) error {
	stream, err := h.exports.Stream(c.UserContext(), h.exportCaller(c), id, kind)
	if err != nil {
		return err
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, stream.ContentType())
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", stream.Name()))
	c.Set("X-Accel-Buffering", "no") // a buffering proxy would hide progress and disconnects
	logger, authorized := h.logger.With("job", id), h.stillAuthorized(callerOf(c))
	c.Context().SetBodyStream(bodystream.New(bodystream.Options{
		Conn: c.Context().Conn(), Gone: jobs.ClientGone(),
		Write: func(ctx context.Context, to *bodystream.Writer) error { return stream.Run(ctx, to) },
		Authorized: func(ctx context.Context) bool {
			ok := authorized(ctx)
			if !ok {
				logger.Info("stream cancelled: the client is no longer authorized")
			}
			return ok
		},
		Done: func(written, sent error) {
			if written != nil {
				logger.Info("stream aborted", "cause", written)
				return
			}
			stream.RecordSent(context.Background(), sent)
		},
	}), -1)
	return nil
}

// ConfirmUserExportFile answers POST /v4/user-export-jobs/{jobId}/confirmations.
func (h *streamHandlers) ConfirmUserExportFile(c *fiber.Ctx) error {
	id, err := pathValue(c, "jobId")
	if err != nil {
		return err
	}
	body, err := decodeBody(c, "kind", "bytes", "sha256")
	if err != nil {
		return err
	}
	got, err := decodeConfirmation(body)
	if err != nil {
		return err
	}
	job, err := h.exports.Confirm(c.UserContext(), h.exportCaller(c), id, got)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, h.requesterJobView(c, job))
}

func decodeConfirmation(body decode.Object) (jobs.Confirmation, error) {
	var got jobs.Confirmation
	kind, err := body.Get("kind").RequiredText(len(export.StateEventsFile))
	if err != nil {
		return got, err
	}
	if got.Kind, err = parseFileKind(kind); err != nil {
		return got, err
	}
	if got.Bytes, err = body.Get("bytes").Integer(0, math.MaxInt64); err != nil {
		return got, err
	}
	digest := body.Get("sha256")
	if digest.Missing() {
		return got, nil
	}
	if got.SHA256, err = digest.RequiredText(64); err != nil {
		return got, err
	}
	if !hexSHA256(got.SHA256) {
		return got, errs.Invalid("sha256", "must be 64 lower-case hexadecimal digits")
	}
	return got, nil
}

func hexSHA256(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return len(s) == 64
}

// stillAuthorized returns a function that reports whether the caller may still export in the
// tenant: session or key pair, and role, are valid. If the database is unavailable, it returns
// true, so that streams continue.
func (p *permissions) stillAuthorized(who *caller) func(context.Context) bool {
	tenant, admin := who.tenant.ID, who.admin.ID
	currentRole := func(ctx context.Context) (role auth.Role, err error) {
		m, err := p.auth.Check(ctx, who.session.ID, tenant)
		return m.Role, err
	}
	if who.pair != nil {
		key := who.pair.AccessKey
		currentRole = func(ctx context.Context) (auth.Role, error) {
			if _, err := p.keys.Pair(ctx, tenant, admin, key); err != nil {
				return "", err
			}
			a, err := p.auth.Member(ctx, tenant, admin)
			if err != nil {
				return "", err
			}
			return a.Role(tenant), nil
		}
	}
	return func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, permissionReadTimeout)
		defer cancel()
		role, err := currentRole(ctx)
		switch errs.CodeOf(err) {
		case "":
			return role.Includes(auth.Exporter)
		case errs.CodeUnauthenticated, errs.CodeNotFound, errs.CodeSecondFactorMissing:
			return false
		default:
			return true
		}
	}
}

func parseFileKind(name string) (export.FileKind, error) {
	switch kind := export.FileKind(name); kind {
	case export.UsersFile, export.StateEventsFile:
		return kind, nil
	default:
		return "", errs.Invalid("kind", "must be %s or %s", export.UsersFile, export.StateEventsFile)
	}
}
