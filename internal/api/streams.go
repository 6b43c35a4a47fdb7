package api

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
)

// Limits of a stream.
const (
	lookEvery    = 500 * time.Millisecond // between two looks whether the client is still there
	askEvery     = 3 * time.Second        // between two looks whether the file is still theirs to have
	stallTimeout = time.Minute            // for a client to take what was written before
)

// StreamUserExportFile answers GET /v4/user-export-jobs/{jobId}/streams/{kind}.
func (s *server) StreamUserExportFile(c *fiber.Ctx) error {
	job, err := s.ownJob(c)
	if err != nil {
		return err
	}
	kind, err := fileKind("kind", c.Params("kind"))
	if err != nil {
		return err
	}
	return s.stream(c, job, kind)
}

// stream answers with a file of a sync job, as it is made.
func (s *server) stream(c *fiber.Ctx, job *export.Job, kind export.FileKind) error {
	// Before it begins: what cannot be noted is not sent.
	if err := s.looks(c, audit.FileStreamed, job.ID, string(kind)+": "+job.Words); err != nil {
		return err
	}
	stream, err := s.jobs.OpenStream(c.UserContext(), job.Tenant, job.ID, kind)
	if err != nil {
		return err
	}
	s.apiHeaders(c)
	c.Set(fiber.HeaderContentType, stream.ContentType())
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", stream.Name()))
	c.Set("X-Accel-Buffering", "no") // a proxy that kept the file back would hide its progress, and that the client left
	c.Context().SetBodyStream(newOutflow(stream, c.Context().Conn(), s.logger.With("job", job.ID), s.still(callerOf(c)), askEvery), -1)
	return nil
}

// ConfirmUserExportFile answers POST /v4/user-export-jobs/{jobId}/confirmations.
func (s *server) ConfirmUserExportFile(c *fiber.Ctx) error {
	job, err := s.ownJob(c)
	if err != nil {
		return err
	}
	body, err := decode(c, "kind", "bytes", "sha256")
	if err != nil {
		return err
	}
	got, err := confirmation(body)
	if err != nil {
		return err
	}
	if job, err = s.jobs.Confirm(c.UserContext(), job.Tenant, job.ID, got); err != nil {
		return err
	}
	return s.answer(c, fiber.StatusOK, s.viewForStreamer(c, job))
}

func confirmation(body object) (jobs.Confirmation, error) {
	var got jobs.Confirmation
	kind, err := body.requiredText("kind", len(export.StateEventsFile))
	if err != nil {
		return got, err
	}
	if got.Kind, err = fileKind("kind", kind); err != nil {
		return got, err
	}
	if got.Bytes, err = body.whole("bytes", 0, math.MaxInt64); err != nil {
		return got, err
	}
	if got.SHA256, err = body.requiredText("sha256", 64); err != nil {
		return got, err
	}
	if !hexSHA256(got.SHA256) {
		return got, export.Invalid("sha256", "must be 64 lower-case hexadecimal digits")
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

// still tells whether a caller may still export in their tenant: the session or the key pair is good, and the role too. That the
// database does not answer is no reason to break a stream off.
func (s *server) still(who *caller) func(context.Context) bool {
	tenant, admin := who.tenant.ID, who.admin.ID
	ask := func(ctx context.Context) (role auth.Role, err error) {
		m, err := s.auth.Check(ctx, who.session.ID, tenant)
		return m.Role, err
	}
	if who.pair != nil {
		key := who.pair.AccessKey
		ask = func(ctx context.Context) (auth.Role, error) {
			if _, err := s.keys.Pair(ctx, tenant, admin, key); err != nil {
				return "", err
			}
			a, err := s.auth.Member(ctx, tenant, admin)
			if err != nil {
				return "", err
			}
			return a.Role(tenant), nil
		}
	}
	return func(ctx context.Context) bool {
		ctx, cancel := context.WithTimeout(ctx, readLimit)
		defer cancel()
		role, err := ask(ctx)
		switch export.CodeOf(err) {
		case "":
			return role.Includes(auth.Exporter)
		case export.CodeUnauthenticated, export.CodeNotFound:
			return false
		default:
			return true
		}
	}
}

// ownJob returns the job of the path. A stream is its requester's alone: whoever else may see the job's files may not take them
// from under his hands.
func (s *server) ownJob(c *fiber.Ctx) (*export.Job, error) {
	job, err := s.job(c)
	if err != nil {
		return nil, err
	}
	if job.Requester.ID != callerOf(c).requesterID() {
		return nil, export.Errorf(export.CodeForbidden, "Only the one who started an export can stream its files.")
	}
	return job, nil
}

func fileKind(field, name string) (export.FileKind, error) {
	switch kind := export.FileKind(name); kind {
	case export.UsersFile, export.StateEventsFile:
		return kind, nil
	default:
		return "", export.Invalid(field, "must be %s or %s", export.UsersFile, export.StateEventsFile)
	}
}

// delivery makes a file; *jobs.Stream.
type delivery interface {
	// Run hands on all of the file, or returns an error.
	Run(ctx context.Context, to run.Receiver) error
	// Sent says how sending what Run has written ended.
	Sent(ctx context.Context, failed error)
}

// outflow is the body of a stream's answer. An error of Read closes the connection without the last chunk, so that a file
// that broke off never looks whole.
type outflow struct {
	*handoff
	stream delivery
	conn   net.Conn
	log    *slog.Logger
	gone   context.CancelCauseFunc // ends the making
	done   chan struct{}           // closed when making has ended
	still  func(context.Context) bool
}

// newOutflow starts to make the file. Still tells whether the client may have it; it is asked every so often.
func newOutflow(stream delivery, conn net.Conn, log *slog.Logger, still func(context.Context) bool, every time.Duration) *outflow {
	ctx, gone := context.WithCancelCause(context.Background())
	o := &outflow{stream: stream, conn: conn, log: log, gone: gone, done: make(chan struct{}), still: still}
	// That the next piece is read says that the client has taken the one before.
	o.handoff = newHandoff(ctx, func() { _ = conn.SetWriteDeadline(time.Now().Add(stallTimeout)) })
	go o.watch(ctx, every)
	go func() {
		defer close(o.done)
		err := stream.Run(ctx, o.handoff)
		if err != nil {
			_ = conn.SetWriteDeadline(time.Now()) // a client who does not read keeps nothing
		}
		o.end(err)
	}()
	return o
}

// watch looks whether the client is there, since while a file is prepared nothing is written that would tell; and whether it
// may still have the file.
func (o *outflow) watch(ctx context.Context, every time.Duration) {
	look, ask := time.NewTicker(lookEvery), time.NewTicker(every)
	defer look.Stop()
	defer ask.Stop()
	for {
		var left bool
		select {
		case <-o.done:
			return
		case <-look.C:
			left = hasLeft(o.conn)
		case <-ask.C:
			if left = !o.still(ctx); left {
				o.log.Info("a stream is ended: it is not its client's to have any more")
				_ = o.conn.SetWriteDeadline(time.Now()) // what is on its way ends there
			}
		}
		if left {
			o.gone(jobs.Gone())
			return
		}
	}
}

// Close implements io.Closer, for which fasthttp asks. What there is to do, CloseWithError does.
func (o *outflow) Close() error { return nil }

// CloseWithError implements fasthttp.ReadCloserWithError: err is what ended the writing of the answer, nil where its last chunk
// was written.
func (o *outflow) CloseWithError(err error) error {
	if err != nil {
		o.gone(jobs.Gone())
	}
	<-o.done
	o.gone(nil)
	_ = o.conn.SetWriteDeadline(time.Time{})
	if o.err == nil {
		o.stream.Sent(context.Background(), err)
	} else {
		o.log.Info("a stream was broken off", "cause", o.err)
	}
	return nil
}
