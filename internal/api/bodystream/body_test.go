package bodystream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

var errGone = errors.New("the client of this test has gone")

// bodyServer responds to every request with what write writes. It keeps connections alive.
type bodyServer struct {
	url     string
	written chan error // the errors of Write, as Write returns them
	sent    chan error // the errors of sending, where Write had none
	failed  chan error // the errors of Write, as Done receives them

	revoked atomic.Bool // the client is no longer authorized
}

func serve(t *testing.T, write func(ctx context.Context, to *Writer) error, change ...func(*Options)) *bodyServer {
	t.Helper()
	s := &bodyServer{written: make(chan error, 9), sent: make(chan error, 9), failed: make(chan error, 9)}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReadTimeout: 100 * time.Millisecond})
	app.Get("/", func(c *fiber.Ctx) error {
		o := Options{
			Conn: c.Context().Conn(), Gone: errGone, CheckInterval: 5 * time.Millisecond,
			Authorized: func(context.Context) bool { return !s.revoked.Load() },
			Write: func(ctx context.Context, to *Writer) error {
				err := write(ctx, to)
				s.written <- err
				return err
			},
			Done: func(written, sent error) {
				if written != nil {
					s.failed <- written
					return
				}
				s.sent <- sent
			},
		}
		for _, f := range change {
			f(&o)
		}
		c.Context().SetBodyStream(New(o), -1)
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
	s.url = "http://" + ln.Addr().String()
	return s
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

func TestBody(t *testing.T) {
	t.Parallel()
	pieces := [][]byte{bytes.Repeat([]byte("a"), 1), {}, bytes.Repeat([]byte("b"), 300_000), bytes.Repeat([]byte("c"), 4096), []byte("\r\n")}

	t.Run("sends every byte, and reports that the last one was sent", func(t *testing.T) {
		t.Parallel()
		s := serve(t, func(ctx context.Context, to *Writer) error {
			for _, p := range pieces {
				if err := to.Receive(ctx, p); err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		for range 2 { // the connection can be reused
			got, err := http.Get(s.url)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(got.Body)
			if err != nil || !bytes.Equal(body, slices.Concat(pieces...)) {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			_ = got.Body.Close()
			if err := wait(t, "sent", s.sent); err != nil {
				t.Error(err)
			}
		}
	})

	t.Run("never looks complete if Write fails", func(t *testing.T) {
		t.Parallel()
		for _, before := range [][]byte{nil, pieces[2]} {
			s := serve(t, func(ctx context.Context, to *Writer) error {
				return errors.Join(to.Receive(ctx, before), errors.New("the database is gone"))
			})
			got, err := http.Get(s.url)
			if err == nil { // without output, the connection may end before the response header
				_, err = io.ReadAll(got.Body)
				_ = got.Body.Close()
			}
			if err == nil {
				t.Errorf("after %d bytes: the response looks complete", len(before))
			}
			if err := wait(t, "written", s.written); err == nil {
				t.Error("no error")
			}
			if err := wait(t, "failed", s.failed); err == nil {
				t.Error("no error")
			}
			if len(s.sent) != 0 {
				t.Error("said to be sent")
			}
		}
	})

	t.Run("ends if Write fails while the client has not read a chunk", func(t *testing.T) {
		t.Parallel()
		lent := make(chan struct{})
		s := serve(t, func(ctx context.Context, to *Writer) error {
			ctx, cancel := context.WithCancel(ctx)
			go func() {
				<-lent
				cancel()
			}()
			return to.Receive(ctx, bytes.Repeat([]byte("x"), 32<<20)) // more than the socket buffers hold
		})
		got, err := http.Get(s.url)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if _, err := io.ReadFull(got.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		close(lent)
		if err := wait(t, "written", s.written); !errors.Is(err, context.Canceled) {
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
		s := serve(t, func(ctx context.Context, to *Writer) error {
			for {
				if err := to.Receive(ctx, pieces[2]); err != nil {
					return err
				}
			}
		})
		got, err := http.Get(s.url)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		if _, err := io.ReadFull(got.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		s.revoked.Store(true)
		if _, err := io.Copy(io.Discard, got.Body); err == nil {
			t.Error("the response looks complete")
		}
		if err := wait(t, "written", s.written); !errors.Is(err, errGone) {
			t.Error(err)
		}
	})

	t.Run("notices within seconds that the client closed the connection", func(t *testing.T) {
		t.Parallel()
		for name, leave := range map[string]func(context.Context, *Writer) error{
			"while nothing is written": func(ctx context.Context, _ *Writer) error {
				<-ctx.Done()
				return context.Cause(ctx)
			},
			"while something is written": func(ctx context.Context, to *Writer) error {
				for {
					if err := to.Receive(ctx, pieces[2]); err != nil {
						return err
					}
				}
			},
		} {
			s := serve(t, leave)
			conn, err := net.Dial("tcp", s.url[len("http://"):])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: egress\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(200*time.Millisecond, func() { _ = conn.Close() }) // later than the read timeout of the request
			began := time.Now()
			if err := wait(t, "written", s.written); !errors.Is(err, errGone) {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("%s: after %s", name, took)
			}
		}
	})
}

// If Write fails, the reader gets the rest of the current chunk and then the error.
func TestWriterEndsWithItsBody(t *testing.T) {
	t.Parallel()
	h := newWriter(t.Context(), func() {})
	ctx, cancel := context.WithCancel(t.Context())
	made := make(chan error, 1)
	go func() { made <- h.Receive(ctx, []byte("abc")) }()
	b := make([]byte, 2)
	if n, err := h.Read(b); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	cancel()
	if err := wait(t, "written", made); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	h.close(context.Canceled)
	if n, err := h.Read(b); n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestWriteTimesOut(t *testing.T) {
	t.Parallel()
	s := serve(t, func(ctx context.Context, _ *Writer) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}, func(o *Options) { o.Timeout = time.Millisecond })
	if got, err := http.Get(s.url); err == nil {
		if _, err := io.ReadAll(got.Body); err == nil {
			t.Error("the response looks complete")
		}
		_ = got.Body.Close()
	}
	if err := wait(t, "failed", s.failed); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
