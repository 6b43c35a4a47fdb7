package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api/bodystream"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// gate implements every port that reads users. Each call that may scan all users blocks in it.
type gate struct {
	*fakeUsers
	*fakeDefinitions
	fakeRecords
	entered chan context.Context
	open    chan struct{}
	release func() // opens the gate
}

func (g *gate) wait(ctx context.Context, tenant string) error {
	if tenant != "meridian" {
		return nil
	}
	g.entered <- ctx
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("read users: %w", ctx.Err()) // wrapped, as a database adapter does
	}
}

func (g *gate) ListUsers(ctx context.Context, tenant string, q users.Query, _ string, _ int) (users.Page, error) {
	if q.Filter == nil && q.Search == "" {
		return users.Page{}, nil
	}
	return users.Page{}, g.wait(ctx, tenant)
}

func (g *gate) CountUsers(ctx context.Context, tenant string, _ users.Query) (int64, error) {
	return 7, g.wait(ctx, tenant)
}

func (g *gate) Figures(ctx context.Context, tenant, _ string, _ time.Time) (users.Figures, error) {
	return users.Figures{}, g.wait(ctx, tenant)
}

func (g *gate) Count(ctx context.Context, tenant string, _ export.Definition) (int64, error) {
	return 7, g.wait(ctx, tenant)
}

func (g *gate) Preview(ctx context.Context, tenant string, _ export.Definition, _ int) (pipeline.Preview, error) {
	return pipeline.Preview{}, g.wait(ctx, tenant)
}

func (g *gate) FindUsers(ctx context.Context, tenant string, l users.Lookup) ([]users.User, int64, error) {
	if l.Identifies() && l.Search == "" {
		return nil, 0, nil
	}
	return nil, 0, g.wait(ctx, tenant)
}

// setupGate returns an app whose heavy reads block in a gate. Its exporter has that role in both
// tenants.
func setupGate(t *testing.T, change ...func(*Options)) (*testServer, *gate) {
	t.Helper()
	g := &gate{entered: make(chan context.Context, 99), open: make(chan struct{})}
	g.release = sync.OnceFunc(func() { close(g.open) })
	b := setup(t, append(change, func(o *Options) {
		g.fakeUsers, g.fakeDefinitions = o.Users.(*fakeUsers), everyone()
		o.Users, o.Records, o.PageEnds = g, g, &fakePageEnds{pageEnds: map[string]string{}}
		o.Exports = newExports(o, o.Jobs.(exporter.Jobs), g)
	})...)
	b.auth.sessions["exporter"].Roles["orion"] = auth.Exporter
	return b, g
}

const aFilter = `{"field":"attributes.country","operator":"is","value":"GB"}`

// heavyRequests has a request of every kind that counts against a tenant's limit.
var heavyRequests = []struct{ method, target, body string }{
	{"POST", "/v4/user-counts", `{}`},
	{"POST", "/v4/user-export-counts", `{"include":{"attributes":true}}`},
	{"POST", "/v4/user-export-previews", `{"include":{"attributes":true}}`},
	{"GET", "/v4/users?search=amara", ""},
	{"GET", "/v4/users?filter=" + aFilter, ""},
	{"GET", "/v3/users?search=amara", ""},
	{"GET", "/v3/users?foreign_key.crm=1&search=amara", ""},
	{"GET", "/v3/users?page=900", ""},
	{"GET", "/v4/figures", ""},
	{"GET", "/v3/user-export?page=1&attributes=true", ""},
}

// However many requests a tenant sends, only a few run, a few more wait, and the others are
// refused. Other tenants are served meanwhile, and so are the tenant's own first pages.
func TestReadsOfOneTenantDoNotBlockOthers(t *testing.T) {
	t.Parallel()
	for _, heavy := range []int{0, 3} {
		t.Run(heavyRequests[heavy].target, func(t *testing.T) {
			t.Parallel()
			b, g := setupGate(t)
			defer g.release()
			ask := func(i int, tenant string) response {
				r := heavyRequests[i]
				return b.call("exporter", r.method, strings.ReplaceAll(r.target, `"`, "%22"), r.body, tenantHeader, tenant)
			}
			n := heavyReads.PerTenant + heavyReads.Waiting
			answers := make(chan response, n+1)
			for range n + 1 {
				go func() { answers <- ask(heavy, "meridian") }()
			}
			for range heavyReads.PerTenant {
				<-g.entered
			}
			var refused response
			select {
			case refused = <-answers: // all other requests run or wait now
			case <-g.entered:
				t.Fatal("more reads run than may")
			}
			refused.expect(429, errs.CodeTenantBusy, "")
			if refused.Header.Get("Retry-After") != "2" || refused.json("retryAfterSeconds") != 2.0 {
				t.Errorf("%v: %s", refused.Header, refused.body)
			}
			for i, r := range heavyRequests {
				if a := ask(i, "meridian"); a.StatusCode != http.StatusTooManyRequests {
					t.Errorf("%s %s: %d", r.method, r.target, a.StatusCode)
				}
				if a := ask(i, "orion"); a.StatusCode != http.StatusOK {
					t.Errorf("%s %s of another tenant: %d %s", r.method, r.target, a.StatusCode, a.body)
				}
			}
			for _, light := range []string{"/v4/users", "/v4/users?store=uk&limit=5", "/v3/users?identifiers.email_address=a%40example.com", "/v3/users?foreign_key.crm=1", "/v4/user-schema"} {
				if a := b.call("exporter", "GET", light, ""); a.StatusCode != http.StatusOK {
					t.Errorf("%s: %d", light, a.StatusCode)
				}
			}
			if len(g.entered) > 0 {
				t.Errorf("%d reads more than may run", len(g.entered))
			}
			g.release()
			for range n {
				if a := <-answers; a.StatusCode != http.StatusOK {
					t.Errorf("one that waited: %d %s", a.StatusCode, a.body)
				}
			}
		})
	}
}

// serve listens on loopback until the test ends.
func (b *testServer) serve() (address string) {
	b.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(b.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- b.app.Listener(ln) }()
	b.t.Cleanup(func() {
		if err := b.app.ShutdownWithTimeout(10 * time.Second); err != nil {
			b.t.Error(err)
		}
		<-served
	})
	return ln.Addr().String()
}

// sendRequest sends a request of the exporter and returns the connection without reading from it.
func sendRequest(t *testing.T, address, method, target, body, tenant string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nCookie: %s=exporter\r\nSec-Fetch-Site: same-origin\r\n%s: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, strings.ReplaceAll(target, `"`, "%22"), address, auth.CookieName, tenantHeader, tenant, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// readStatusLine reads the status line of a response.
func readStatusLine(t *testing.T, conn net.Conn) string {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	line := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(conn, line); err != nil {
		t.Fatal(err)
	}
	return string(line[len("HTTP/1.1 "):])
}

func TestReadIsCancelledWhenClientDisconnects(t *testing.T) {
	t.Parallel()
	for _, r := range heavyRequests[:6] {
		t.Run(r.method+" "+r.target, func(t *testing.T) {
			t.Parallel()
			b, g := setupGate(t)
			defer g.release()
			address := b.serve()
			// More than PerTenant: each disconnected client must release its permit.
			for range 2 * heavyReads.PerTenant {
				conn := sendRequest(t, address, r.method, r.target, r.body, "meridian")
				ctx := <-g.entered
				_ = conn.Close()
				select {
				case <-ctx.Done():
				case <-time.After(time.Minute):
					t.Fatal("the work for a client that has left goes on")
				}
				if cause := context.Cause(ctx); !errors.Is(cause, bodystream.ErrClientGone) {
					t.Errorf("it ended since %v", cause)
				}
			}
			stays := sendRequest(t, address, r.method, r.target, r.body, "meridian")
			<-g.entered
			g.release()
			if status := readStatusLine(t, stays); status != "200" {
				t.Errorf("one who stays: %s", status)
			}
			if log := b.log.String(); strings.Contains(log, "level=ERROR") {
				t.Errorf("an error is logged: %s", log)
			}
		})
	}
}
