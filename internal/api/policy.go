package api

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
)

// audience is who may call a route.
type audience int

const (
	anyone   audience = iota + 1 // without a session
	anyAdmin                     // with a session, whatever its roles
	viewers                      // with at least this role in the tenant of the request
	exporters
	owners
)

// role is the least role in the tenant of the request, "" where the audience does not depend on a tenant.
func (a audience) role() auth.Role {
	switch a {
	case viewers:
		return auth.Viewer
	case exporters:
		return auth.Exporter
	case owners:
		return auth.Owner
	default:
		return ""
	}
}

// access is one row of the policy.
type access struct {
	who audience
	// startsWork marks a GET that another web site must not cause, as if it were a write. It has no HEAD.
	startsWork bool
	// sessionOnly is closed to key pairs.
	sessionOnly bool
	// largeBody takes bodies up to bodyLimit: definitions and filters. Others are up to smallBody.
	largeBody bool
	// tenantInQuery takes the tenant from ?tenant=, for clients that cannot set a header.
	tenantInQuery bool
}

// policy says who may do what: every route has a row, and every row a route, or the server does not start.
var policy = map[string]access{
	"POST /v3/admin/login":  {who: anyone},
	"POST /v3/admin/logout": {who: anyone},
	"GET /v4/me":            {who: anyAdmin},

	// And only one's own, unless an owner.
	"GET /v3/admin/users/:user_id/keypairs":                {who: exporters},
	"POST /v3/admin/users/:user_id/keypairs":               {who: exporters},
	"DELETE /v3/admin/users/:user_id/keypairs/:access_key": {who: exporters},
	"GET /v4/key-pairs":                                    {who: exporters},
	"PATCH /v4/key-pairs/:access_key":                      {who: exporters},

	// Of people, and for people: a key pair that was stolen makes no admins.
	"GET /v4/admins":                       {who: owners, sessionOnly: true},
	"POST /v4/admins":                      {who: owners, sessionOnly: true},
	"PATCH /v4/admins/:user_id":            {who: owners, sessionOnly: true},
	"DELETE /v4/admins/:user_id":           {who: owners, sessionOnly: true},
	"POST /v4/admins/:user_id/invitations": {who: owners, sessionOnly: true},
	"POST /v4/invitations":                 {who: anyone}, // the token is the right
	"POST /v4/invitations/acceptances":     {who: anyone},

	"GET /v4/audit-log":     {who: owners},
	"GET /v4/audit-log.csv": {who: owners, startsWork: true},

	"GET /v4/features":      {who: viewers},
	"PUT /v4/features/:key": {who: owners},
	"GET /v4/settings":      {who: viewers},
	"PUT /v4/settings":      {who: owners},

	"POST /v4/user-export-jobs":                {who: exporters, largeBody: true},
	"GET /v4/user-export":                      {who: exporters, startsWork: true},
	"GET /v4/user-export-jobs":                 {who: viewers},
	"GET /v4/user-export-jobs/:jobId":          {who: viewers},
	"DELETE /v4/user-export-jobs/:jobId":       {who: exporters}, // and only one's own, unless an owner
	"GET /v4/user-export-jobs/:jobId/manifest": {who: viewers},
	// A stream is good once: HEAD, a link preview or another web site must not spend it.
	"GET /v4/user-export-jobs/:jobId/streams/:kind":  {who: exporters, startsWork: true},
	"POST /v4/user-export-jobs/:jobId/confirmations": {who: exporters},
	"POST /v4/user-export-previews":                  {who: exporters, largeBody: true},
	"POST /v4/user-export-counts":                    {who: exporters, largeBody: true},

	// Zephr's.
	"GET /v3/user-export":                               {who: exporters, startsWork: true}, // starts nothing, but is everybody at once
	"GET /v3/users":                                     {who: viewers},
	"POST /v3/users":                                    {who: owners, largeBody: true},
	"GET /v3/users/:user_id":                            {who: viewers},
	"DELETE /v3/users/:user_id":                         {who: owners},
	"PUT /v3/users/:user_id/attributes":                 {who: owners, largeBody: true},
	"PATCH /v3/users/:user_id/attributes":               {who: owners, largeBody: true},
	"PUT /v3/users/:user_id/foreign-key/update/:system": {who: owners},
	"GET /v3/users/:user_id/profile/:app_id":            {who: viewers},
	"PUT /v3/users/:user_id/profile/:app_id":            {who: owners, largeBody: true},
	"GET /v3/users/:user_id/accounts":                   {who: viewers},
	"GET /v3/schema/users":                              {who: viewers},
	"GET /v3/schema/users/:slug":                        {who: viewers},
	"PUT /v3/schema/users/:slug":                        {who: owners, largeBody: true},
	"DELETE /v3/schema/users/:slug":                     {who: owners},
	"GET /v3/accounts":                                  {who: viewers},

	"GET /v4/users":         {who: viewers},
	"POST /v4/user-counts":  {who: viewers, largeBody: true},
	"GET /v4/users/:userId": {who: viewers},
	"GET /v4/user-schema":   {who: viewers},
	"GET /v4/user-stores":   {who: viewers},
	"GET /v4/figures":       {who: viewers},

	"GET /v4/outbox":         {who: exporters}, // each sees what is for them, owners everything
	"GET /v4/outbox/:mailId": {who: exporters},

	"GET /ws": {who: viewers, startsWork: true, sessionOnly: true, tenantInQuery: true},

	"GET /v4/openapi.yaml": {who: anyone},
	"GET /healthz":         {who: anyone},
	"GET /readyz":          {who: anyone},
}

// Route is a row of the policy, for those who document and test it.
type Route struct {
	Method, Path string    // path as Fiber writes it: /v4/users/:userId
	Public       bool      // needs no credential
	Least        auth.Role // that one has to have in the tenant; "" where any admin may, whatever their roles
	SessionOnly  bool      // closed to key pairs
	StartsWork   bool      // a GET that counts as a write, and has no HEAD
}

// Policy returns every route and who may call it, by path and method.
func Policy() []Route {
	all := make([]Route, 0, len(policy))
	for key, row := range policy {
		method, path, _ := strings.Cut(key, " ")
		all = append(all, Route{method, path, row.who == anyone, row.who.role(), row.sessionOnly, row.startsWork})
	}
	slices.SortFunc(all, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return all
}

// routes puts routes on the router, each behind the guard that its row of the policy asks for.
type routes struct {
	router fiber.Router
	policy map[string]access
	guard  func(access) fiber.Handler
	seen   map[string]bool
	errs   []error
}

func newRoutes(router fiber.Router, policy map[string]access, guard func(access) fiber.Handler) *routes {
	return &routes{router: router, policy: policy, guard: guard, seen: map[string]bool{}}
}

// add puts one route on the router; what is wrong with it, check tells.
func (r *routes) add(method, path string, handler fiber.Handler) {
	key := method + " " + path
	row, ok := r.policy[key]
	if !ok {
		r.errs = append(r.errs, fmt.Errorf("route %s has no row in the policy", key))
		return
	}
	if r.seen[key] {
		r.errs = append(r.errs, fmt.Errorf("route %s stands twice", key))
		return
	}
	r.seen[key] = true
	handlers := []fiber.Handler{named(path), r.guard(row), handler}
	paths := []string{path}
	if strings.HasPrefix(path, "/v3/") { // older clients are not exact about it
		paths = append(paths, path+"/")
	}
	for _, p := range paths {
		r.router.Add(method, p, handlers...)
		if method == fiber.MethodGet && !row.startsWork {
			r.router.Add(fiber.MethodHead, p, handlers...)
		}
	}
}

// check returns what add met, and the rows that no route came for.
func (r *routes) check() error {
	errs := r.errs
	for _, key := range slices.Sorted(maps.Keys(r.policy)) {
		if !r.seen[key] {
			errs = append(errs, fmt.Errorf("policy row %s has no route", key))
		}
	}
	return errors.Join(errs...)
}
