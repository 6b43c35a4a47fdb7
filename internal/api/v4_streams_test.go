package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// fakeSource makes a file with a function, and reports the result of sending it.
type fakeSource struct {
	make func(ctx context.Context, to pipeline.Receiver) error
	sent chan error
	made chan error

	revoked atomic.Bool // the client is no longer authorized
}

func (d *fakeSource) authorized(context.Context) bool { return !d.revoked.Load() }

func (d *fakeSource) Run(ctx context.Context, to pipeline.Receiver) error {
	err := d.make(ctx, to)
	d.made <- err
	return err
}

func (d *fakeSource) Sent(_ context.Context, failed error) { d.sent <- failed }

// fileBodyServer responds to every request with what run writes. It keeps connections alive.
func fileBodyServer(t *testing.T, run func(ctx context.Context, to pipeline.Receiver) error) (url string, d *fakeSource) {
	t.Helper()
	d = &fakeSource{make: run, sent: make(chan error, 9), made: make(chan error, 9)}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReadTimeout: 100 * time.Millisecond})
	app.Get("/", func(c *fiber.Ctx) error {
		c.Context().SetBodyStream(newFileBody(d, c.Context().Conn(), slog.New(slog.DiscardHandler), d.authorized, 5*time.Millisecond), -1)
		return nil
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(ln) }()
	t.Cleanup(func() {
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		<-served
	})
	return "http://" + ln.Addr().String(), d
}

func wait(t *testing.T, what string, from chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(30 * time.Second):
		t.Fatalf("not within 30 s: %s", what)
		return nil
	}
}

func TestFileBody(t *testing.T) {
	t.Parallel()
	pieces := [][]byte{bytes.Repeat([]byte("a"), 1), {}, bytes.Repeat([]byte("b"), 300_000), bytes.Repeat([]byte("c"), 4096), []byte("\r\n")}

	t.Run("sends every byte, and reports that the last one was sent", func(t *testing.T) {
		t.Parallel()
		url, d := fileBodyServer(t, func(ctx context.Context, to pipeline.Receiver) error {
			for _, p := range pieces {
				if err := to.Receive(ctx, p); err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		for range 2 { // the connection can be reused
			got, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(got.Body)
			if err != nil || !bytes.Equal(body, slices.Concat(pieces...)) {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			_ = got.Body.Close()
			if err := wait(t, "sent", d.sent); err != nil {
				t.Error(err)
			}
		}
	})

	t.Run("never looks complete if Run fails", func(t *testing.T) {
		t.Parallel()
		for _, before := range [][]byte{nil, pieces[2]} {
			url, d := fileBodyServer(t, func(ctx context.Context, to pipeline.Receiver) error {
				return errors.Join(to.Receive(ctx, before), errors.New("the database is gone"))
			})
			got, err := http.Get(url)
			if err == nil { // without output, the connection may end before the response header
				_, err = io.ReadAll(got.Body)
				_ = got.Body.Close()
			}
			if err == nil {
				t.Errorf("after %d bytes: the response looks complete", len(before))
			}
			if err := wait(t, "made", d.made); err == nil {
				t.Error("no error")
			}
			select {
			case err := <-d.sent:
				t.Errorf("said to be sent: %v", err)
			default:
			}
		}
	})

	t.Run("ends if Run fails while the client has not read a chunk", func(t *testing.T) {
		t.Parallel()
		lent := make(chan struct{})
		url, d := fileBodyServer(t, func(ctx context.Context, to pipeline.Receiver) error {
			ctx, cancel := context.WithCancel(ctx)
			go func() {
				<-lent
				cancel()
			}()
			return to.Receive(ctx, bytes.Repeat([]byte("x"), 32<<20)) // more than the socket buffers hold
		})
		got, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if _, err := io.ReadFull(got.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		close(lent)
		if err := wait(t, "made", d.made); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		read := make(chan error, 1)
		go func() {
			_, err := io.ReadAll(got.Body)
			read <- err
		}()
		if err := wait(t, "the end of the answer", read); err == nil {
			t.Error("the response looks complete")
		}
	})

	t.Run("ends when the client is no longer authorized", func(t *testing.T) {
		t.Parallel()
		url, d := fileBodyServer(t, func(ctx context.Context, to pipeline.Receiver) error {
			for {
				if err := to.Receive(ctx, pieces[2]); err != nil {
					return err
				}
			}
		})
		got, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if _, err := io.ReadFull(got.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		d.revoked.Store(true)
		if _, err := io.Copy(io.Discard, got.Body); err == nil {
			t.Error("the response looks complete")
		}
		if err := wait(t, "made", d.made); !errors.Is(err, jobs.ClientGone()) {
			t.Error(err)
		}
	})

	t.Run("notices within seconds that the client closed the connection", func(t *testing.T) {
		t.Parallel()
		for name, leave := range map[string]func(context.Context, pipeline.Receiver) error{
			"while nothing is written": func(ctx context.Context, _ pipeline.Receiver) error {
				<-ctx.Done()
				return context.Cause(ctx)
			},
			"while something is written": func(ctx context.Context, to pipeline.Receiver) error {
				for {
					if err := to.Receive(ctx, pieces[2]); err != nil {
						return err
					}
				}
			},
		} {
			url, d := fileBodyServer(t, leave)
			conn, err := net.Dial("tcp", url[len("http://"):])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: egress\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(200*time.Millisecond, func() { _ = conn.Close() }) // later than the read timeout of the request
			began := time.Now()
			if err := wait(t, "made", d.made); !errors.Is(err, jobs.ClientGone()) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("%s: after %s", name, took)
			}
		}
	})
}

// If Run fails, the reader gets the rest of the current chunk and then the error.
func TestHandoffEndsWithItsMaking(t *testing.T) {
	t.Parallel()
	h := newBodyPipe(t.Context(), func() {})
	ctx, cancel := context.WithCancel(t.Context())
	made := make(chan error, 1)
	go func() { made <- h.Receive(ctx, []byte("abc")) }()
	b := make([]byte, 2)
	if n, err := h.Read(b); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	cancel()
	if err := wait(t, "made", made); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	h.close(context.Canceled)
	if n, err := h.Read(b); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	const path = "/v4/user-export-jobs/j1"
	sum := "9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4"
	good := `{"kind":"users","bytes":12,"sha256":"` + sum + `"}`
	waiting := &export.Job{ID: "j1", Tenant: "meridian", Mode: export.Sync, Origin: export.FromConsole, Status: export.Queued,
		Definition: export.Definition{
			Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All},
			File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
		},
		Progress: export.Progress{Phase: export.Queued}, Requester: export.Requester{ID: "admin:01exporter"}}
	backed := func(t *testing.T) *testServer {
		b := setup(t)
		b.jobs.job = func(string, string) (*export.Job, error) { return waiting, nil }
		b.jobs.confirm = func(tenant, id string, c jobs.Confirmation) (*export.Job, error) {
			if tenant != "meridian" || id != "j1" || c != (jobs.Confirmation{Kind: export.UsersFile, Bytes: 12, SHA256: sum}) {
				t.Errorf("%s %s %+v", tenant, id, c)
			}
			next := *waiting
			next.Delivery = &export.Delivery{Kind: export.StateEventsFile}
			return &next, nil
		}
		return b
	}

	t.Run("are for their requester only", func(t *testing.T) {
		t.Parallel()
		b := backed(t)
		b.call("owner", "GET", path+"/streams/users", "").expect(403, errs.CodeForbidden, "")
		b.call("owner", "POST", path+"/confirmations", good).expect(403, errs.CodeForbidden, "")
		b.call("viewer", "GET", path+"/streams/users", "").expect(403, errs.CodeForbidden, "")
		b.call("", "GET", path+"/streams/users", "").expect(401, errs.CodeUnauthenticated, "")
		b.call("exporter", "GET", path+"/streams/users", "").expect(409, errs.CodeStreamTaken, "")
		b.call("exporter", "GET", path+"/streams/everything", "").expect(400, errs.CodeInvalidRequest, "kind")
	})
	t.Run("are not opened by HEAD or another web site", func(t *testing.T) {
		t.Parallel()
		b := backed(t)
		b.call("exporter", "HEAD", path+"/streams/users", "").expect(405, "", "")
		b.call("exporter", "GET", path+"/streams/users", "", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
	})
	t.Run("return the address of the next one", func(t *testing.T) {
		t.Parallel()
		a := backed(t).call("exporter", "POST", path+"/confirmations", good)
		a.expect(200, "", "")
		if a.json("streamUrl") != path+"/streams/state_events" {
			t.Errorf("%s", a.body)
		}
	})
	for name, c := range map[string]struct{ body, field string }{
		"another kind": {`{"kind":"people","bytes":12,"sha256":"` + sum + `"}`, "kind"},
		"no kind":      {`{"bytes":12,"sha256":"` + sum + `"}`, "kind"},
		"no bytes":     {`{"kind":"users","sha256":"` + sum + `"}`, "bytes"},
		"bytes: null":  {`{"kind":"users","bytes":null,"sha256":"` + sum + `"}`, "bytes"},
		"half a byte":  {`{"kind":"users","bytes":1.5,"sha256":"` + sum + `"}`, "bytes"},
		"fewer bytes":  {`{"kind":"users","bytes":-1,"sha256":"` + sum + `"}`, "bytes"},
		"a short hash": {`{"kind":"users","bytes":12,"sha256":"9f2c"}`, "sha256"},
		"a loud hash":  {`{"kind":"users","bytes":12,"sha256":"` + string(bytes.ToUpper([]byte(sum))) + `"}`, "sha256"},
		"more":         {`{"kind":"users","bytes":12,"sha256":"` + sum + `","rows":1}`, "rows"},
	} {
		t.Run("are not confirmed with "+name, func(t *testing.T) {
			t.Parallel()
			backed(t).call("exporter", "POST", path+"/confirmations", c.body).expect(400, errs.CodeInvalidRequest, c.field)
		})
	}
}
