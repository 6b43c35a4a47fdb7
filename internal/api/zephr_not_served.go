package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
)

// notServedSubject is a group of Zephr's endpoints that Egress does not serve for the same reason.
type notServedSubject struct {
	name   string
	reason string   // a sentence for clients: what Egress does instead, or that it has no such data
	routes []string // method and path in Fiber's form
}

// notServedPolicy is the access policy of all these endpoints. The answer does not depend on a
// tenant, and nothing of the request is read.
var notServedPolicy = policyRow{who: anyAdmin, largeBody: true, anyQuery: true}

// notServedRoute is an endpoint that Egress does not serve.
type notServedRoute struct {
	path     string   // in Fiber's form
	segments []string // of the path
	err      *errs.Error
}

type notServedKey struct {
	method   string
	segments int // their number
}

// notServedHandler answers for endpoints that Egress does not serve. They are no routes of the
// router: it would name them as allowed methods of an address (405, Allow).
type notServedHandler struct {
	authorizer *authorizer
	routes     map[notServedKey][]notServedRoute
}

func newNotServedHandler(a *authorizer, subjects []notServedSubject) *notServedHandler {
	h := &notServedHandler{authorizer: a, routes: map[notServedKey][]notServedRoute{}}
	for _, subject := range subjects {
		err := errs.Errorf(errs.CodeNotServedHere, "%s", subject.reason)
		for _, route := range subject.routes {
			method, path, _ := strings.Cut(route, " ")
			r := notServedRoute{path, strings.Split(path, "/"), err}
			h.add(method, r)
			if !isServed(r.segments) {
				for _, other := range []string{fiber.MethodGet, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete} {
					h.add(other, r)
				}
			}
		}
	}
	return h
}

func (h *notServedHandler) add(method string, r notServedRoute) {
	key := notServedKey{method, len(r.segments)}
	h.routes[key] = append(h.routes[key], r)
}

// isServed reports whether Egress serves an address with any method. The router then answers for its
// other methods.
func isServed(segments []string) bool {
	for key := range policy {
		_, path, _ := strings.Cut(key, " ")
		if served := strings.Split(path, "/"); len(served) == len(segments) && matchSegments(served, segments) {
			return true
		}
	}
	return false
}

// find returns the endpoint of an address, nil if it is none of these. A trailing slash is ignored.
func (h *notServedHandler) find(method, path string) *notServedRoute {
	if method == fiber.MethodHead {
		method = fiber.MethodGet
	}
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	candidates := h.routes[notServedKey{method, len(segments)}]
	for i := range candidates {
		if matchSegments(candidates[i].segments, segments) {
			return &candidates[i]
		}
	}
	return nil
}

// matchSegments reports whether segments match a pattern, in which ":name" stands for any segment
// that is not empty.
func matchSegments(pattern, segments []string) bool {
	for i, p := range pattern {
		if p != segments[i] && (!strings.HasPrefix(p, ":") || segments[i] == "") {
			return false
		}
	}
	return true
}

// serve refuses requests to these endpoints, after authentication like on other addresses. It calls
// the next handler for other requests.
func (h *notServedHandler) serve(c *fiber.Ctx) error {
	route := h.find(c.Method(), c.Path())
	if route == nil {
		return c.Next()
	}
	setRoute(c, route.path)
	if err := h.authorizer.admit(c, notServedPolicy); err != nil {
		return err
	}
	return route.err
}
