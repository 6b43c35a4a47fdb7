package api

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
)

// consolePolicy is the Content-Security-Policy of the console's pages. Mantine inserts style
// elements; the API reference starts a worker from a blob.
const consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// hashWorkerPolicy is the Content-Security-Policy of the worker that hashes the bytes of a sync
// export. Only this worker compiles WebAssembly, which hashes three times faster than JavaScript.
// The policy of a worker's own script applies to it, so pages do not need the permission.
const hashWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; frame-ancestors 'none'"

const (
	cacheForever    = "public, max-age=31536000, immutable" // the name of an asset contains its hash
	cacheRevalidate = "no-cache"
)

// serveConsole serves the built front end. For other paths it serves index.html if the client
// accepts HTML. Otherwise it calls the router, which returns a problem.
func serveConsole(files fs.FS) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if m := c.Method(); m != fiber.MethodGet && m != fiber.MethodHead {
			return c.Next()
		}
		address := c.Path()
		if isAPI(address) {
			return c.Next()
		}
		name := strings.TrimPrefix(path.Clean(address), "/")
		if name == "docs/api" || name == "" {
			name = path.Join(name, "index.html")
		}
		found, err := serveFile(c, files, name)
		if found || err != nil {
			return err
		}
		if !strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML) || strings.HasPrefix(name, "assets/") {
			return c.Next()
		}
		if found, err = serveFile(c, files, "index.html"); !found && err == nil {
			return c.Next()
		}
		return err
	}
}

func isAPI(address string) bool {
	return strings.HasPrefix(address, "/v3/") || strings.HasPrefix(address, "/v4/")
}

// serveFile serves a file in the smallest encoding that the client accepts.
func serveFile(c *fiber.Ctx, files fs.FS, name string) (found bool, err error) {
	body, err := readFile(files, name)
	if body == nil || err != nil {
		return false, err
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	for _, form := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings(form.coding) == "" {
			continue // Fiber accepts any encoding without this header, but not all scripts can decode it
		}
		small, err := readFile(files, name+form.suffix)
		if err != nil {
			return false, err
		}
		if small != nil {
			body = small
			c.Set(fiber.HeaderContentEncoding, form.coding)
			break
		}
	}
	c.Locals(routeKey, "console")
	c.Type(strings.TrimPrefix(path.Ext(name), "."), "utf-8")
	c.Set(fiber.HeaderContentSecurityPolicy, contentPolicy(name))
	cache := cacheRevalidate
	if strings.HasPrefix(name, "assets/") {
		cache = cacheForever
	}
	c.Set(fiber.HeaderCacheControl, cache)
	return true, c.Send(body)
}

// contentPolicy returns the Content-Security-Policy of a page or worker.
func contentPolicy(name string) string {
	if strings.HasPrefix(name, "assets/hash-worker-") {
		return hashWorkerPolicy
	}
	return consolePolicy
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

// ConsoleJobPath returns the path of a job's page in the console.
func ConsoleJobPath(job *export.Job) string { return "/t/" + job.Tenant + "/exports/" + job.ID }
