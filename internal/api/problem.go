package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/errs"
)

const (
	problemType       = "application/problem+json"
	problemTypePrefix = "urn:egress:problem:" // followed by the code
)

// statusClientGone appears in the access log only: no client reads the response. nginx uses the
// same status.
const statusClientGone = 499

type problemKind struct {
	status int
	title  string
}

// problemKinds maps codes to HTTP statuses and titles. It includes codes that only jobs use now.
var problemKinds = map[errs.Code]problemKind{
	errs.CodeInvalidRequest:       {http.StatusBadRequest, "Invalid request"},
	errs.CodeFilterTooBroad:       {http.StatusBadRequest, "Filter too broad"},
	errs.CodeUnauthenticated:      {http.StatusUnauthorized, "Not logged in"},
	errs.CodeSecondFactorRequired: {http.StatusUnauthorized, "Second factor required"},
	errs.CodeSecondFactorMissing:  {http.StatusForbidden, "Second factor required by the tenant"},
	errs.CodeConfirmationRequired: {http.StatusForbidden, "Confirmation required"},
	errs.CodeTenantRequired:       {http.StatusBadRequest, "Tenant required"},
	errs.CodeMailNotConfigured:    {http.StatusConflict, "Mail not configured"},
	errs.CodeForbidden:            {http.StatusForbidden, "Forbidden"},
	errs.CodeCrossSiteRequest:     {http.StatusForbidden, "Cross-site request refused"},
	errs.CodeNotFound:             {http.StatusNotFound, "Not found"},
	errs.CodeExportInProgress:     {http.StatusConflict, "Export in progress"},
	errs.CodeStreamTaken:          {http.StatusConflict, "Stream unavailable"},
	errs.CodeExists:               {http.StatusConflict, "Conflicts with the current state"},
	errs.CodeIdempotencyKeyReused: {http.StatusUnprocessableEntity, "Idempotency-Key reused"},
	errs.CodeRequestTooLarge:      {http.StatusRequestEntityTooLarge, "Request too large"},
	errs.CodeUnsupported:          {http.StatusNotImplemented, "Not supported"},
	errs.CodeNotServedHere:        {http.StatusNotImplemented, "Not served by Egress"},
	errs.CodeRateLimited:          {http.StatusTooManyRequests, "Too many requests"},
	errs.CodeTenantBusy:           {http.StatusTooManyRequests, "Tenant limit reached"},
	errs.CodeTimeout:              {http.StatusServiceUnavailable, "Response took too long"},
	errs.CodeUnavailable:          {http.StatusServiceUnavailable, "Temporarily unavailable"},
	errs.CodeDatabaseUnavailable:  {http.StatusServiceUnavailable, "Database unavailable"},
	errs.CodeStorageUnavailable:   {http.StatusServiceUnavailable, "File storage unavailable"},
	errs.CodeNonStringID:          {http.StatusConflict, "User IDs are not all strings"},
	errs.CodeDatabaseRefused:      {http.StatusBadGateway, "Database refused the request"},
	errs.CodeStorageRefused:       {http.StatusBadGateway, "File storage refused the request"},
	errs.CodeStoredElsewhere:      {http.StatusConflict, "File stored elsewhere"},
	errs.CodeUserIDsOutOfOrder:    {http.StatusInternalServerError, "User IDs out of order"},
	errs.CodeReadIncomplete:       {http.StatusInternalServerError, "Incomplete read"},
	errs.CodeVerificationFailed:   {http.StatusInternalServerError, "Verification failed"},
	errs.CodeFileTooLarge:         {http.StatusInternalServerError, "File too large"},
	errs.CodeTooManyAttempts:      {http.StatusInternalServerError, "Too many failed attempts"},
	errs.CodeInternal:             {http.StatusInternalServerError, "Internal error"},
}

// routerProblems are the failures that the router returns, by status. They keep that status,
// whatever the status of their code.
var routerProblems = map[int]*errs.Error{
	http.StatusBadRequest:                  errs.Errorf(errs.CodeInvalidRequest, "The request is not valid HTTP."),
	http.StatusNotFound:                    errs.Errorf(errs.CodeNotFound, "This address does not exist."),
	http.StatusMethodNotAllowed:            errs.Errorf(errs.CodeUnsupported, "This address does not support this method."),
	http.StatusRequestTimeout:              errs.Errorf(errs.CodeInvalidRequest, "The request did not arrive completely in time."),
	http.StatusRequestEntityTooLarge:       errs.Errorf(errs.CodeRequestTooLarge, "The body is larger than this server accepts."),
	http.StatusRequestHeaderFieldsTooLarge: errs.Errorf(errs.CodeRequestTooLarge, "The headers are larger than this server accepts."),
	http.StatusUnsupportedMediaType:        errs.Errorf(errs.CodeUnsupported, "Content-Encoding is not supported. Send the body unencoded."),
	http.StatusUpgradeRequired:             errs.Errorf(errs.CodeUnsupported, "This address accepts WebSocket connections only."),
}

// classify returns err as an error with a code, and its HTTP status. It drops messages of the
// router, because they quote the request with its path and cookies, and errors are logged.
func classify(err error) (*errs.Error, int) {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		if k, known := problemKinds[e.Code]; known {
			return e, k.status
		}
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		if known := routerProblems[e.Code]; known != nil {
			return known, e.Code
		}
		err = fmt.Errorf("the router answers %d", e.Code)
	}
	if errors.Is(err, bodystream.ErrClientGone) {
		return errs.Wrap(errs.CodeUnavailable, err, "The client closed the connection."), statusClientGone
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errs.Wrap(errs.CodeTimeout, err, "The response took too long. Wait a moment, then retry."), http.StatusServiceUnavailable
	}
	if o, ok := errors.AsType[*errs.OutageError](err); ok && !o.Kind.Permanent() {
		return errs.Wrap(errs.CodeUnavailable, err, o.Message+" Wait a moment, then retry."), http.StatusServiceUnavailable
	}
	return errs.Wrap(errs.CodeInternal, err, "The server failed to process the request. Retry, or give requestId to your operator."), http.StatusInternalServerError
}

// renderError responds with the problem document of err. No other function writes one.
func (m *middleware) renderError(c *fiber.Ctx, err error) error {
	e, status := classify(err)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError && status != http.StatusNotImplemented {
		level = slog.LevelError
	}
	m.logger.Log(c.UserContext(), level, "request failed", "request_id", requestID(c), "code", e.Code, "error", e)

	problem := map[string]any{}
	maps.Copy(problem, e.Details)
	if id, ok := e.Details["jobId"].(string); ok {
		problem["jobUrl"] = jobURL(id)
	}
	problem["type"] = problemTypePrefix + string(e.Code)
	problem["title"] = problemKinds[e.Code].title
	problem["status"] = status
	problem["detail"] = detailOf(e)
	problem["instance"] = c.Path()
	problem["code"] = e.Code
	problem["requestId"] = requestID(c)
	if e.Field != "" {
		problem["field"] = e.Field
	}
	if isZephrAddress(c.Path()) {
		problem["message"] = problem["detail"] // which Zephr's clients show
	}
	if wait, ok := e.Details["retryAfterSeconds"].(int); ok {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(wait))
	}
	body, err := json.Marshal(problem)
	if err != nil {
		return err
	}
	setNoStore(c)
	c.Set(fiber.HeaderContentType, problemType)
	return c.Status(status).Send(body)
}

// handleError renders an error that occurred before any handler ran: a request that is too large or
// invalid.
func (m *middleware) handleError(c *fiber.Ctx, err error) error {
	m.setSecurityHeaders(c)
	return m.renderError(c, err)
}

// refuseUnknownMethods renders problem documents for unknown methods. Fiber responds to them before
// any handler, without headers.
func (m *middleware) refuseUnknownMethods(app *fiber.App) {
	known := app.Server().Handler
	app.Server().Handler = func(r *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(r.Method())) {
			known(r)
			return
		}
		c := app.AcquireCtx(r)
		defer app.ReleaseCtx(c)
		if err := m.handleError(c, fiber.ErrMethodNotAllowed); err != nil {
			r.SetStatusCode(fiber.StatusInternalServerError)
		}
	}
}

// detailOf returns the message as a sentence. A message that begins with a verb ("must be a
// number") gets a subject: the field, or the body.
func detailOf(e *errs.Error) string {
	text := e.Message
	first, size := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsUpper(first):
	case e.Field != "":
		text = e.Field + " " + text
	case e.Code == errs.CodeInvalidRequest:
		text = "The body " + text
	default:
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); !unicode.IsPunct(last) {
		text += "."
	}
	return text
}
