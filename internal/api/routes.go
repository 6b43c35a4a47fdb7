package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
)

// routes registers routes on the router, each with the authorization of its policy row.
type routes struct {
	router    fiber.Router
	policy    map[string]policyRow
	authorize func(policyRow) fiber.Handler
	seen      map[string]bool
	errs      []error
}

func newRoutes(router fiber.Router, policy map[string]policyRow, authorize func(policyRow) fiber.Handler) *routes {
	return &routes{router: router, policy: policy, authorize: authorize, seen: map[string]bool{}}
}

// add registers one route. Errors are returned by check.
func (r *routes) add(method, path string, handler fiber.Handler) {
	key := method + " " + path
	row, ok := r.policy[key]
	if !ok {
		r.errs = append(r.errs, fmt.Errorf("route %s has no row in the policy", key))
		return
	}
	if r.seen[key] {
		r.errs = append(r.errs, fmt.Errorf("route %s occurs twice", key))
		return
	}
	r.seen[key] = true
	row.query = gen.QueryParameters[key]
	if list, item, ok := cutLast(key, "/"); ok && strings.HasPrefix(item, ":") {
		row.listQuery = gen.QueryParameters[list]
	}
	for other := range r.policy {
		list, item, _ := cutLast(other, "/")
		row.hasItems = row.hasItems || list == key && strings.HasPrefix(item, ":")
	}
	handlers := []fiber.Handler{recordRoute(path), r.authorize(row), handler}
	paths := []string{path}
	if isZephrAddress(path) { // older clients send trailing slashes
		paths = append(paths, path+"/")
	}
	for _, p := range paths {
		r.router.Add(method, p, handlers...)
		if method == fiber.MethodGet && !row.startsWork {
			r.router.Add(fiber.MethodHead, p, handlers...)
		}
	}
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// check returns the errors of add, and an error for each policy row without a route.
func (r *routes) check() error {
	errs := r.errs
	for _, key := range slices.Sorted(maps.Keys(r.policy)) {
		if !r.seen[key] {
			errs = append(errs, fmt.Errorf("policy row %s has no route", key))
		}
	}
	return errors.Join(errs...)
}
