// Package api is the HTTP server: the routes of openapi.yaml with their policy, authorization, problem
// documents, and one group of handlers per noun. Its folders hold the sockets (live), bodies that are
// written while they are sent (bodystream) and the console's files (webui).
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

// Options are the dependencies and settings of the server.
type Options struct {
	Auth     Auth
	Keys     Keys
	Factors  Factors
	Audit    Audit
	Jobs     Jobs
	Features Features
	Settings Settings
	// SavedFilters and Preferences belong to the console's users screen and export dialog.
	SavedFilters SavedFilters
	Preferences  Preferences
	Exports      Exports
	Users        Users
	Records      Records
	PageEnds     PageEnds
	Directory    Directory
	Control      Control
	Hub          *live.Hub
	// Mail is nil if no mail server is configured.
	Mail Mail
	// Refusals records log-ins that were rate limited. Nil: they are not recorded.
	Refusals Refusals
	// Outbox is nil if a mail server sends the e-mails.
	Outbox Outbox

	// PublicURL is the address of the server for browsers ("https://egress.example.com"), "" if
	// unknown. With https, cookies are Secure.
	PublicURL string
	// LinkURL is the configured address of the server, without a path. URLs in responses to programs
	// begin with it. "": they begin with the scheme and host of the request.
	LinkURL string
	// Proxies are the addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.
	Proxies []netip.Prefix
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

// New returns the app. It fails if the policy and the routes differ. The caller listens, and shuts
// the app down.
func New(o Options) (*fiber.App, error) {
	origin, https, err := publicOrigin(o.PublicURL)
	if err != nil {
		return nil, err
	}
	rule, err := auth.NewCrossSite(origin)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = o.Logger.With("component", "api")
	m := &middleware{https: https, now: o.Now, logger: o.Logger}
	p := newParts(o, origin, https, rule)

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
		// A connection that waits for its next request, or is a socket, keeps no buffers.
		ReduceMemoryUsage: true,
		// No WriteTimeout: it would cut off long downloads. No ProxyHeader: any client can send
		// one.
		ErrorHandler: m.handleError,
	})
	app.Server().KeepHijackedConns = true // the hub closes the connections of its sockets
	m.refuseUnknownMethods(app)
	app.Use(m.serveRequest)
	// Before the routes: GET /v4/users/segments would match GET /v4/users/:userId.
	app.Use(newNotServedHandler(p.authorizer, notServed).serve)
	r := newRoutes(app, policy, p.authorizer.authorize)
	gen.RegisterHandlers(r.add, newHandlers(o, p, origin))
	if err := r.check(); err != nil {
		return nil, err
	}
	if o.Files != nil {
		if err := o.Files.mount(app); err != nil {
			return nil, err
		}
	}
	if o.Console != nil {
		console, err := webui.New(webui.Options{
			Files:      o.Console,
			Found:      func(c *fiber.Ctx) { setRoute(c, "console") },
			HasSession: func(c *fiber.Ctx) bool { token, _ := p.authorizer.sessionToken(c); return token != "" },
		})
		if err != nil {
			return nil, err
		}
		app.Use(console)
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
