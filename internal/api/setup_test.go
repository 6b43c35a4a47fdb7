package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// testServer is an app with fake dependencies, which tests can replace.
type testServer struct {
	t       *testing.T
	app     *fiber.App
	options *Options
	auth    *fakeAuth
	keys    *fakeKeys
	audit   *fakeAudit
	jobs    *fakeJobs
	flags   fakeFeatures
	defs    *fakeDefinitions
	users   *fakeUsers
	feed    *fakeFeed
	hub     *live.Hub

	factors *fakeFactors
	log     *lockedBuffer
	// refused stores the rate-limited log-ins.
	refused *fakeRefusals
}

type fakeRefusals struct{ attempts []audit.ThrottledLogIn }

func (f *fakeRefusals) LogIn(a audit.ThrottledLogIn) { f.attempts = append(f.attempts, a) }

// setup returns an app. change may replace dependencies before. The tokens "owner", "exporter" and
// "viewer" have that role in meridian. "exporter" is a viewer in orion. "nobody" has no role.
func setup(t *testing.T, change ...func(*Options)) *testServer {
	t.Helper()
	b := &testServer{
		t: t, log: &lockedBuffer{},
		auth: &fakeAuth{
			sessions: map[string]*auth.Admin{}, retention: map[string]time.Duration{}, legacySignatures: map[string]bool{}, refusedZephr: map[string]bool{},
			stores:            map[string]string{},
			fakeConfirmations: newFakeConfirmations(),
		},
		flags: fakeFeatures{export.FeatureAsync: true, export.FeatureStateEvents: false},
		feed:  &fakeFeed{listener: make(chan jobs.Listener, 1), told: make(chan jobs.ControlMessage, 16)},
	}
	for _, role := range []auth.Role{auth.Owner, auth.Exporter, auth.Viewer} {
		b.auth.add(string(role), &auth.Admin{ID: "01" + string(role), Email: string(role) + "@example.com", Roles: map[string]auth.Role{"meridian": role}})
	}
	b.auth.sessions["exporter"].Roles["orion"] = auth.Viewer
	b.auth.add("nobody", &auth.Admin{ID: "01nobody", Email: "nobody@example.com"})
	b.audit, b.refused, b.factors = &fakeAudit{}, &fakeRefusals{}, &fakeFactors{}
	b.keys = &fakeKeys{auth: b.auth, pairs: map[string]auth.KeyPair{}}
	b.jobs = &fakeJobs{
		snapshot: func(string, string) ([]*export.Job, error) { return nil, nil },
		position: func(*export.Job) (int64, error) { return 2, nil },
		download: func(string, string, export.FileKind, export.Requester) error { return nil },
		link: func(job *export.Job, f export.File) (string, time.Time, error) {
			return "https://files.example/" + f.Key + "?signed", time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), nil
		},
	}
	b.defs = everyone()
	b.users = &fakeUsers{}
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(b.log, t.Output()), &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.hub = live.New(live.Options{Feed: b.feed, Jobs: b.jobs, Sessions: b.auth, View: JobView(b.jobs), Logger: logger})
	b.options = &Options{
		Auth: b.auth, Keys: b.keys, Factors: b.factors, Audit: audit.NewRecorder(b.audit, nil), Jobs: b.jobs, Features: b.flags, Settings: b.auth, Users: b.users, Records: &fakeRecords{}, Directory: fakeDirectory{},
		SavedFilters: &fakeSavedFilters{}, Preferences: fakePreferences{},
		Control: b.feed, Hub: b.hub, Refusals: b.refused, Logger: logger,
	}
	for _, f := range change {
		f(b.options)
	}
	if b.options.Exports == nil {
		b.options.Exports = newExports(b.options, b.jobs, b.defs)
	}
	t.Cleanup(func() {
		if log := b.log.String(); strings.Contains(log, "@example.com") || strings.Contains(log, "?signed") {
			t.Errorf("personal data or a link is in the log: %s", log)
		}
	})
	app, err := New(*b.options)
	if err != nil {
		t.Fatal(err)
	}
	b.app = app
	return b
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// response is a response. A JSON body has been checked against the OpenAPI document.
type response struct {
	*http.Response
	t    *testing.T
	body []byte
	sent []byte // body as sent: compressed if the request accepts that
}

// json returns a member of the body by its path.
func (a response) json(path ...string) any {
	a.t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %v", a.body, err)
	}
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			a.t.Fatalf("%s: no %s", a.body, strings.Join(path, "."))
		}
		v = m[name]
	}
	return v
}

func (a response) expect(status int, code errs.Code, field string) {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.body)
	}
	if code == "" {
		return
	}
	if ct := a.Header.Get("Content-Type"); ct != problemType {
		a.t.Errorf("content type %q", ct)
	}
	got, _ := a.json("field").(string)
	if a.json("code") != string(code) || got != field {
		a.t.Errorf("code %v and field %q, want %s and %q: %s", a.json("code"), got, code, field, a.body)
	}
}

// call sends a request with a session token. headers are pairs of name and value. A GET has
// Sec-Fetch-Site: same-origin, unless headers contains it.
func (b *testServer) call(token, method, target, body string, headers ...string) response {
	b.t.Helper()
	req := httptest.NewRequestWithContext(b.t.Context(), method, target, strings.NewReader(body))
	if token != "" {
		name := auth.CookieName
		if strings.HasPrefix(b.options.PublicURL, "https:") {
			name = hostPrefix + name
		}
		req.AddCookie(&http.Cookie{Name: name, Value: token})
	}
	if method == http.MethodGet && !slices.Contains(headers, "Origin") {
		req.Header.Set("Sec-Fetch-Site", "none")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := b.app.Test(req, 20_000)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := response{Response: resp, t: b.t, body: raw, sent: raw}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if a.body, err = fasthttp.AppendGunzipBytes(nil, raw); err != nil {
			b.t.Fatal(err)
		}
	}
	conforms(b.t, req, a)
	return a
}

// testJob returns a completed job of an admin in meridian.
func testJob(admin string) *export.Job {
	at := time.Date(2026, 11, 23, 8, 31, 28, 0, time.UTC)
	return &export.Job{
		ID: "01JDB7V2M9QKX3W8ZP5T6R4NHE", Tenant: "meridian", Mode: export.Async, Origin: export.FromConsole, Words: "Everyone",
		Requester:  export.Requester{ID: "admin:" + admin, UserID: admin, Email: "someone@example.com"},
		Definition: export.Definition{Include: export.Include{Grants: true}, Users: export.Selection{UserStoreID: export.All}, File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone}},
		Status:     export.Completed, Outcome: export.Completed, CreatedAt: at, StartedAt: &at, CompletedAt: &at,
		Attempt: 1, Sequence: 9, Columns: []export.Column{{Name: "user_id"}}, Progress: export.Progress{Phase: export.Completed, Percent: 100},
		Files:   []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "k1", Bytes: 10, Rows: 1, SHA256: "ab", ProvenAt: at, MadeBy: "v4.test"}},
		History: []export.Event{{Time: at, Kind: "completed", Message: "Done"}},
	}
}
