package api

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// consolePolicy is what pages of the console may load. Mantine writes style elements; the API reference makes a worker.
const consolePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; " +
	"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

// hashWorkerPolicy is for the worker that hashes what a sync export brings. It alone compiles WebAssembly, which does three
// times what JavaScript does; a worker goes by the policy of its own script, so pages stay without.
const hashWorkerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"

const (
	cacheForever = "public, max-age=31536000, immutable" // the name of an asset holds its hash
	cacheCheck   = "no-cache"
)

// console serves the built front end. An address that is no file is a page of the console, where a browser asks for a
// page; anything else goes on to the router, whose answer is a problem.
func console(files fs.FS) fiber.Handler {
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

// serveFile answers with a file, in the smallest form that was built and that the client takes.
func serveFile(c *fiber.Ctx, files fs.FS, name string) (found bool, err error) {
	body, err := readFile(files, name)
	if body == nil || err != nil {
		return false, err
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	for _, form := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings(form.coding) == "" {
			continue // without the header a client takes anything, says Fiber; but not every script does
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
	c.Set(fiber.HeaderContentSecurityPolicy, policyOf(name))
	cache := cacheCheck
	if strings.HasPrefix(name, "assets/") {
		cache = cacheForever
	}
	c.Set(fiber.HeaderCacheControl, cache)
	return true, c.Send(body)
}

// policyOf returns what a file may load that is a page, or a worker, of the console.
func policyOf(name string) string {
	if strings.HasPrefix(name, "assets/hash-worker-") {
		return hashWorkerPolicy
	}
	return consolePolicy
}

// readFile returns a file, nil where there is none.
func readFile(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) || (err == nil && info.IsDir()) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a file of the console: %w", err)
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read a file of the console: %w", err)
	}
	return body, nil
}
