// Package api is the HTTP server: the routes of openapi.yaml, authorization, problem documents,
// WebSockets, and the static files of the console.
package api

import (
	"context"
	_ "embed" // openapi.yaml
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/api/limiter"
	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/api/webui"
	"github.com/egress-io/egress/internal/auth"
)

//go:embed openapi.yaml
var openAPIDocument []byte

// Limits of a request.
const (
	bodyLimit      = 1 << 20          // bytes; a definition of 100 rules with the longest values fits
	smallBody      = 16 << 10         // bytes; for routes that take neither a definition nor a filter
	headerLimit    = 16 << 10         // bytes, of all headers
	readTimeout    = 30 * time.Second // for a whole request
	idleTimeout    = 2 * time.Minute  // between two requests of a connection
	readinessLimit = 2 * time.Second  // for each dependency
)

// Deps are the dependencies and settings of the server.
type Deps struct {
	Auth      Auth
	Keys      Keys
	Factors   Factors
	Audit     Audit
	Jobs      Jobs
	Features  Features
	Settings  Settings
	Exports   Exports
	Users     Users
	Records   Records
	Places    Places
	Directory Directory
	Control   Control
	Hub       *live.Hub
	// Mail is nil if no mail server is configured.
	Mail Mail
	// Refusals records sign-ins that were rate limited. Nil: they are not recorded.
	Refusals Refusals
	// Outbox is nil if a mail server sends the e-mails.
	Outbox Outbox

	// PublicURL is the address of the server for browsers ("https://egress.example.com"), "" if
	// unknown. With https, cookies are Secure.
	PublicURL string
	// Proxies are the addresses of proxies whose X-Forwarded-For is trusted.
	Proxies []netip.Prefix
	// ReadsOn reports whether the database continues a read after its client has gone, until the
	// time limit of the read. The embedded engine does.
	ReadsOn bool
	// Checks are the readiness checks of /readyz, by the name of the dependency.
	Checks map[string]func(context.Context) error
	// Console is the built front end (index.html, assets/…, docs/api/index.html). Nil: none is
	// served.
	Console fs.FS
	// Files forwards downloads to the embedded storage. Nil: downloads are not forwarded.
	Files *StorageProxy
	Now   func() time.Time // nil: time.Now
	// Logger may be nil: nothing is logged.
	Logger *slog.Logger
}

// server implements the operations of openapi.yaml.
type server struct {
	auth               Auth
	keys               Keys
	factors            Factors
	audit              Audit
	refusals           Refusals
	jobs               Jobs
	features           Features
	settings           Settings
	exports            Exports
	users              Users
	records            Records
	places             Places
	heavyReads         *limiter.Limiter // for reads that may scan all users of a tenant
	readsOutliveClient bool             // the database continues a read after its client has gone
	unpagedExports     *limiter.Limiter // for responses of GET /v3/user-export without pages
	directory          Directory
	control            Control
	hub                *live.Hub
	mail               Mail
	outbox             Outbox
	checks             map[string]func(context.Context) error
	crossSite          *auth.CrossSite
	publicOrigin       string // origin, "" where that is not known
	https              bool
	proxies            []netip.Prefix
	now                func() time.Time
	logger             *slog.Logger
}

var _ gen.ServerInterface = (*server)(nil)

// New returns the app. It fails if the policy and the routes differ. The caller listens, and shuts
// the app down.
func New(d Deps) (*fiber.App, error) {
	origin, https, err := publicOrigin(d.PublicURL)
	if err != nil {
		return nil, err
	}
	rule, err := auth.NewCrossSite(origin)
	if err != nil {
		return nil, err
	}
	s := &server{
		auth: d.Auth, keys: d.Keys, factors: d.Factors, audit: d.Audit, jobs: d.Jobs, features: d.Features, settings: d.Settings,
		exports: d.Exports, users: d.Users, records: d.Records, places: d.Places, heavyReads: limiter.New(heavyReads), readsOutliveClient: d.ReadsOn,
		unpagedExports: limiter.New(unpagedExports), directory: d.Directory, control: d.Control, hub: d.Hub, mail: d.Mail, outbox: d.Outbox,
		checks: d.Checks, crossSite: rule, publicOrigin: origin, https: https, proxies: d.Proxies,
		logger: d.Logger,
	}
	if s.now = d.Now; s.now == nil {
		s.now = time.Now
	}
	s.refusals = d.Refusals
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.logger = s.logger.With("component", "api")

	app := fiber.New(fiber.Config{
		AppName:               "Egress",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		// Otherwise /v4/users/ lists users: a request with an empty id would return all users
		// instead of a 404.
		StrictRouting: true,
		// Otherwise the connection's next request overwrites strings from a context.
		Immutable:      true,
		BodyLimit:      bodyLimit,
		ReadBufferSize: headerLimit,
		ReadTimeout:    readTimeout,
		IdleTimeout:    idleTimeout,
		// No WriteTimeout: it would cut off long downloads. No ProxyHeader: any client can send
		// one.
		ErrorHandler: s.handleError,
	})
	s.refuseUnknownMethods(app)
	app.Use(s.serveRequest)
	r := newRoutes(app, policy, s.authorize)
	gen.RegisterHandlers(r.add, s)
	if err := r.check(); err != nil {
		return nil, err
	}
	if d.Files != nil {
		if err := d.Files.mount(app); err != nil {
			return nil, err
		}
	}
	if d.Console != nil {
		app.Use(webui.New(webui.Options{Files: d.Console, Found: func(c *fiber.Ctx) { setRoute(c, "console") }}))
	}
	return app, nil
}

// publicOrigin returns the scheme and host of the public URL.
func publicOrigin(public string) (origin string, https bool, err error) {
	if public == "" {
		return "", false, nil
	}
	u, err := url.Parse(public)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", false, fmt.Errorf("the public URL %q is not an http or https address", public)
	}
	return u.Scheme + "://" + u.Host, u.Scheme == "https", nil
}

// respond sends v as JSON.
func respond(c *fiber.Ctx, status int, v any) error {
	setNoStore(c)
	return c.Status(status).JSON(v)
}
