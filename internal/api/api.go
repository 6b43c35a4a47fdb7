// Package api is the HTTP edge: the routes of openapi.yaml, who may call them, how failures look, the sockets, and the
// static console.
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
	"github.com/egress-io/egress/internal/auth"
)

//go:embed openapi.yaml
var document []byte

// Limits of a request.
const (
	bodyLimit      = 1 << 20          // bytes; a definition of 100 rules with the longest values fits
	smallBody      = 16 << 10         // bytes; of routes that take no definition
	headerLimit    = 16 << 10         // bytes, of all headers
	readTimeout    = 30 * time.Second // of a whole request
	idleTimeout    = 2 * time.Minute  // between two requests of a connection
	readinessLimit = 2 * time.Second  // for each dependency
)

// Deps are what the API works with.
type Deps struct {
	Auth        Auth
	Keys        Keys
	Audit       Audit
	Jobs        Jobs
	Features    Features
	Settings    Settings
	Definitions Definitions
	Users       Users
	Records     Records
	Places      Places
	Directory   Directory
	Control     Control
	Hub         *Hub
	// Outbox is nil where e-mails are really sent.
	Outbox Outbox

	// PublicURL is where browsers find the server ("https://egress.example.com"), "" where that is not known. With https,
	// cookies are Secure.
	PublicURL string
	// Proxies are those whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Checks are what /readyz asks, by the name of the dependency.
	Checks map[string]func(context.Context) error
	// Console is the built front end (index.html, assets/…, docs/api/index.html); nil: none.
	Console fs.FS
	// Files forwards downloads to the embedded storage; nil: none.
	Files *FilesProxy
	// Logger is nil for none.
	Logger *slog.Logger
}

// server answers the operations of the document.
type server struct {
	auth        Auth
	keys        Keys
	audit       Audit
	jobs        Jobs
	features    Features
	settings    Settings
	definitions Definitions
	users       Users
	records     Records
	places      Places
	exports     chan struct{} // one for each answer without pages that is on its way
	directory   Directory
	control     Control
	hub         *Hub
	outbox      Outbox
	checks      map[string]func(context.Context) error
	crossSite   *auth.CrossSite
	public      string // origin, "" where that is not known
	https       bool
	proxies     []netip.Prefix
	logger      *slog.Logger
}

var _ gen.ServerInterface = (*server)(nil)

// New makes the app. It fails where the policy and the routes do not agree. The caller listens, and shuts down.
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
		auth: d.Auth, keys: d.Keys, audit: d.Audit, jobs: d.Jobs, features: d.Features, settings: d.Settings, definitions: d.Definitions,
		users: d.Users, records: d.Records, places: d.Places, exports: make(chan struct{}, exportStreams), directory: d.Directory, control: d.Control, hub: d.Hub, outbox: d.Outbox, checks: d.Checks, crossSite: rule, public: origin, https: https, proxies: d.Proxies,
		logger: d.Logger,
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.logger = s.logger.With("component", "api")

	app := fiber.New(fiber.Config{
		AppName:               "Egress",
		DisableStartupMessage: true,
		CaseSensitive:         true,
		// Otherwise /v4/users/ lists users: a caller whose id is empty by mistake would get all, and not a 404.
		StrictRouting: true,
		// Strings from a context would otherwise be overwritten by the connection's next request.
		Immutable:      true,
		BodyLimit:      bodyLimit,
		ReadBufferSize: headerLimit,
		ReadTimeout:    readTimeout,
		IdleTimeout:    idleTimeout,
		// No WriteTimeout: it would cut long downloads. No ProxyHeader: anyone could write one.
		ErrorHandler: s.refuse,
	})
	app.Use(s.observe)
	r := newRoutes(app, policy, s.guard)
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
		app.Use(console(d.Console))
	}
	return app, nil
}

// publicOrigin returns scheme and host of the public address.
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

// answer sends v as JSON.
func (s *server) answer(c *fiber.Ctx, status int, v any) error {
	s.apiHeaders(c)
	return c.Status(status).JSON(v)
}
