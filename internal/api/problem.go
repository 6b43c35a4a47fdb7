package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
)

const (
	problemType  = "application/problem+json"
	problemSpace = "urn:egress:problem:" // a problem's type is this and its code
)

type kind struct {
	status int
	title  string
}

// kinds is the one table of codes and their HTTP statuses. Codes that only a job can fail with are here for the day
// that a request meets one.
var kinds = map[export.Code]kind{
	export.CodeInvalid:         {http.StatusBadRequest, "The request is not valid"},
	export.CodeTooNarrow:       {http.StatusBadRequest, "The filter is too broad"},
	export.CodeUnauthenticated: {http.StatusUnauthorized, "Not signed in"},
	export.CodeForbidden:       {http.StatusForbidden, "Not allowed"},
	export.CodeCrossSite:       {http.StatusForbidden, "Refused, since another web site asked"},
	export.CodeNotFound:        {http.StatusNotFound, "Not found"},
	export.CodeInProgress:      {http.StatusConflict, "An export is running"},
	export.CodeStreamTaken:     {http.StatusConflict, "The stream is not to be had"},
	export.CodeExists:          {http.StatusConflict, "It is so already, or has to stay so"},
	export.CodeKeyReused:       {http.StatusUnprocessableEntity, "The Idempotency-Key was used before"},
	export.CodeTooLarge:        {http.StatusRequestEntityTooLarge, "The request is too large"},
	export.CodeUnsupported:     {http.StatusNotImplemented, "Not supported"},
	export.CodeRateLimited:     {http.StatusTooManyRequests, "Too many attempts"},
	export.CodeUnavailable:     {http.StatusServiceUnavailable, "Not available right now"},
	export.CodeDatabase:        {http.StatusServiceUnavailable, "The database is not available"},
	export.CodeStorage:         {http.StatusServiceUnavailable, "The file storage is not available"},
	export.CodeForeignID:       {http.StatusConflict, "User ids are not all text"},
	export.CodeOrder:           {http.StatusInternalServerError, "User ids came out of order"},
	export.CodeIncomplete:      {http.StatusInternalServerError, "The read was incomplete"},
	export.CodeMismatch:        {http.StatusInternalServerError, "The verification failed"},
	export.CodeFileTooLarge:    {http.StatusInternalServerError, "The file is too large"},
	export.CodeGaveUp:          {http.StatusInternalServerError, "Given up after too many attempts"},
	export.CodeInternal:        {http.StatusInternalServerError, "Something went wrong"},
}

// routerKinds are the failures that the router answers, by status. They keep their status, whatever the code's own is.
var routerKinds = map[int]*export.Error{
	http.StatusBadRequest:                  export.Errorf(export.CodeInvalid, "The request could not be read."),
	http.StatusNotFound:                    export.Errorf(export.CodeNotFound, "There is nothing at this address."),
	http.StatusMethodNotAllowed:            export.Errorf(export.CodeUnsupported, "This address does not take that method."),
	http.StatusRequestTimeout:              export.Errorf(export.CodeInvalid, "The request took too long to arrive."),
	http.StatusRequestEntityTooLarge:       export.Errorf(export.CodeTooLarge, "The body is larger than this server takes."),
	http.StatusRequestHeaderFieldsTooLarge: export.Errorf(export.CodeTooLarge, "The headers are larger than this server takes."),
	http.StatusUnsupportedMediaType:        export.Errorf(export.CodeUnsupported, "A Content-Encoding is not taken here: send the body as it is."),
	http.StatusUpgradeRequired:             export.Errorf(export.CodeUnsupported, "This address speaks WebSocket."),
}

// classify turns any error into one with a code, and its HTTP status. The router's own words are dropped: they quote the
// request, its path and cookies included, and this goes into the log.
func classify(err error) (*export.Error, int) {
	if e, ok := errors.AsType[*export.Error](err); ok {
		if k, known := kinds[e.Code]; known {
			return e, k.status
		}
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		if known := routerKinds[e.Code]; known != nil {
			return known, e.Code
		}
		err = fmt.Errorf("the router answers %d", e.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return export.Wrap(export.CodeUnavailable, err, "The answer took too long. Please try again in a moment."), http.StatusServiceUnavailable
	}
	return export.Wrap(export.CodeInternal, err, "Something went wrong on our side. Please try again."), http.StatusInternalServerError
}

// renderError answers with the problem document of err. It is the one place that does.
func (s *server) renderError(c *fiber.Ctx, err error) error {
	e, status := classify(err)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError && e.Code != export.CodeUnsupported {
		level = slog.LevelError
	}
	s.logger.Log(c.UserContext(), level, "request failed", "request_id", requestID(c), "code", e.Code, "error", e)

	problem := map[string]any{}
	maps.Copy(problem, e.Details)
	problem["type"] = problemSpace + string(e.Code)
	problem["title"] = kinds[e.Code].title
	problem["status"] = status
	problem["detail"] = sentence(e)
	problem["instance"] = c.Path()
	problem["code"] = e.Code
	problem["requestId"] = requestID(c)
	if e.Field != "" {
		problem["field"] = e.Field
	}
	if wait, ok := e.Details["retryAfterSeconds"].(int); ok {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(wait))
	}
	body, err := json.Marshal(problem)
	if err != nil {
		return err
	}
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, problemType)
	return c.Status(status).Send(body)
}

// refuse answers what reached no handler: a request that is too large, or cannot be read.
func (s *server) refuse(c *fiber.Ctx, err error) error {
	s.safetyHeaders(c)
	return s.renderError(c, err)
}

// sentence is what a human reads. A message that goes on from what is wrong ("must be a number") gets that in front: the
// field, or the body as a whole.
func sentence(e *export.Error) string {
	text := e.Message
	first, size := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsUpper(first):
	case e.Field != "":
		text = e.Field + " " + text
	case e.Code == export.CodeInvalid:
		text = "The body " + text
	default:
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); !unicode.IsPunct(last) {
		text += "."
	}
	return text
}
