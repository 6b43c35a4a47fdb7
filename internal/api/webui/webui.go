// Package webui serves the built front end: the console's pages and assets, and the API reference, with
// their Content-Security-Policy and cache headers.
package webui

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
)

// consolePolicy is the Content-Security-Policy of the console's pages, before the hash of the script
// inside them is added. Mantine inserts style elements.
const consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// hashWorkerPolicy is the Content-Security-Policy of the worker that hashes the bytes of a sync
// export. Only this worker compiles WebAssembly, which hashes three times faster than JavaScript.
// The policy of a worker's own script applies to it, so pages do not need the permission.
const hashWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; frame-ancestors 'none'"

const (
	cacheForever    = "public, max-age=31536000, immutable" // the name of an asset contains its hash
	cacheRevalidate = "no-cache"
)

// Options configure New. All are required.
type Options struct {
	// Files are the built front end (index.html, assets/…, docs/api/index.html).
	Files fs.FS
	// Found is called before a file is sent, or another address.
	Found func(*fiber.Ctx)
	// HasSession reports whether a request has the token of a session, valid or not.
	HasSession func(*fiber.Ctx) bool
}

// New returns a handler that serves the files. For other paths it serves the document of the console's
// screen, or index.html, if the client accepts HTML. Otherwise, and for the paths of the API, it calls
// the next handler. A browser without a session is sent from the console to the log-in page, which is
// smaller. The error says that the list of documents cannot be read.
func New(o Options) (fiber.Handler, error) {
	list, err := readPages(o.Files)
	if err != nil {
		return nil, err
	}
	policy := consolePolicy
	if list.Start != "" {
		policy += "; script-src 'self' '" + list.Start + "'"
	}
	u := &webUI{files: o.Files, documents: list.Documents, pagePolicy: policy, found: o.Found, hasSession: o.HasSession}
	return u.serve, nil
}

type webUI struct {
	files      fs.FS
	documents  []document
	pagePolicy string // the Content-Security-Policy of HTML
	found      func(*fiber.Ctx)
	hasSession func(*fiber.Ctx) bool
}

func (u *webUI) serve(c *fiber.Ctx) error {
	if m := c.Method(); m != fiber.MethodGet && m != fiber.MethodHead {
		return c.Next()
	}
	address := c.Path()
	if isAPI(address) {
		return c.Next()
	}
	html := strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
	if html && needsSession(address) && !u.hasSession(c) && documentOf(u.documents, logIn) != indexFile {
		return u.sendToLogIn(c)
	}
	name := strings.TrimPrefix(path.Clean(address), "/")
	if name == "docs/api" || name == "" {
		name = path.Join(name, "index.html")
	}
	found, err := u.serveFile(c, name)
	if found || err != nil {
		return err
	}
	if !html || strings.HasPrefix(name, "assets/") {
		return c.Next()
	}
	if found, err = u.serveFile(c, documentOf(u.documents, address)); !found && err == nil {
		return c.Next()
	}
	return err
}

// logIn is the address of the log-in page.
const logIn = "/login"

// needsSession reports whether an address of the console shows nothing without a session.
func needsSession(address string) bool {
	return address == "/" || address == "/account" || strings.HasPrefix(address, "/t/")
}

// sendToLogIn redirects to the log-in page, which returns to the address of the request.
func (u *webUI) sendToLogIn(c *fiber.Ctx) error {
	u.found(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	target := logIn
	if back := string(c.Request().RequestURI()); back != "/" {
		target += "?" + url.Values{"return": {back}}.Encode()
	}
	return c.Redirect(target)
}

func isAPI(address string) bool {
	return strings.HasPrefix(address, "/v3/") || strings.HasPrefix(address, "/v4/")
}

// serveFile serves a file in the smallest encoding that the client accepts.
func (u *webUI) serveFile(c *fiber.Ctx, name string) (found bool, err error) {
	body, err := readFile(u.files, name)
	if body == nil || err != nil {
		return false, err
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	for _, form := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings(form.coding) == "" {
			continue // Fiber accepts any encoding without this header, but not all scripts can decode it
		}
		small, err := readFile(u.files, name+form.suffix)
		if err != nil {
			return false, err
		}
		if small != nil {
			body = small
			c.Set(fiber.HeaderContentEncoding, form.coding)
			break
		}
	}
	u.found(c)
	c.Type(strings.TrimPrefix(path.Ext(name), "."), "utf-8")
	c.Set(fiber.HeaderContentSecurityPolicy, u.contentPolicy(name))
	cache := cacheRevalidate
	if strings.HasPrefix(name, "assets/") {
		cache = cacheForever
	}
	c.Set(fiber.HeaderCacheControl, cache)
	return true, c.Send(body)
}

// contentPolicy returns the Content-Security-Policy of a page or worker.
func (u *webUI) contentPolicy(name string) string {
	switch {
	case strings.HasPrefix(name, "assets/hash-worker-"):
		return hashWorkerPolicy
	case path.Ext(name) == ".html":
		return u.pagePolicy
	default:
		return consolePolicy
	}
}

// readFile returns the content of a file, nil if it does not exist.
func readFile(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || (err == nil && info.IsDir()) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a console file: %w", err)
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read a console file: %w", err)
	}
	return body, nil
}

// JobPath returns the path of a job's page in the console.
func JobPath(job *export.Job) string { return "/t/" + job.Tenant + "/exports/" + job.ID }
