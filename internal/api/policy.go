package api

import (
	"cmp"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/auth"
)

// audience is the group of callers who may call a route.
type audience int

const (
	anyone   audience = iota + 1 // no authentication
	anyAdmin                     // any authenticated admin, with or without a role
	viewers                      // at least this role in the tenant of the request
	exporters
	owners
)

// role returns the minimum role in the tenant of the request, "" if the audience does not depend on
// a tenant.
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

// policyRow is the access policy of one route.
type policyRow struct {
	who audience
	// startsWork marks a GET that another web site must not cause, as if it were a write. The route
	// has no HEAD.
	startsWork bool
	// sessionOnly refuses key pairs.
	sessionOnly bool
	// confirmed requires a session that was confirmed within auth.ConfirmationLifetime. It implies
	// sessionOnly.
	confirmed bool
	// largeBody accepts bodies up to bodyLimit, for definitions and filters. Other routes accept
	// smallBody.
	largeBody bool
	// heavy reports whether a request may scan all users of the tenant and counts against the
	// tenant's limit. Nil: none does.
	heavy heavyFunc
	// readsUsers fails with CodeNonStringID if the tenant has users whose id is not a string,
	// because a response would omit them. Routes that start a job check this themselves, after the
	// replay of an Idempotency-Key.
	readsUsers bool
	// tenantInQuery takes the tenant from ?tenant=, for clients that cannot set a header.
	tenantInQuery bool
	// sharedRead shares the read of the session with other requests of the session that wait for it.
	sharedRead bool
	// anyQuery accepts signed requests with any query parameters, because nothing reads them.
	anyQuery bool

	// The following fields are derived from openapi.yaml by routes.add.

	query     []string // the names of the route's query parameters
	listQuery []string // the query parameters of the list, if the route is an item of a list
	hasItems  bool     // the route is a list: any segment after it is an item
}

// policy maps every route to its access policy. The server does not start if a route has no row, or
// a row no route.
var policy = map[string]policyRow{
	"POST /v3/admin/login":  {who: anyone},
	"POST /v3/admin/logout": {who: anyone},
	"GET /v4/me":            {who: anyAdmin},

	// Exporters may only use their own key pairs.
	"GET /v3/admin/users/:user_id/keypairs":                {who: exporters},
	"POST /v3/admin/users/:user_id/keypairs":               {who: exporters, sessionOnly: true, confirmed: true},
	"DELETE /v3/admin/users/:user_id/keypairs/:access_key": {who: exporters},
	"GET /v4/key-pairs":                                    {who: exporters},
	"PATCH /v4/key-pairs/:access_key":                      {who: exporters},

	// Key pairs may read the members.
	"GET /v3/admin/users":                        {who: owners},
	"GET /v3/admin/users/:user_id/roles":         {who: owners},
	"GET /v3/admin/users/:user_id/roles/:tenant": {who: owners},
	"GET /v3/admin/roles":                        {who: owners},
	"GET /v3/admin/roles/:role_id":               {who: owners},

	// Sessions only: a stolen key pair must not create members or end sessions.
	"GET /v4/admins":                                   {who: owners, sessionOnly: true},
	"POST /v4/admins":                                  {who: owners, sessionOnly: true, confirmed: true},
	"PATCH /v4/admins/:user_id":                        {who: owners, sessionOnly: true, confirmed: true},
	"DELETE /v4/admins/:user_id":                       {who: owners, sessionOnly: true, confirmed: true},
	"DELETE /v4/admins/invitations/:invitation_id":     {who: owners, sessionOnly: true},
	"POST /v4/admins/invitations/:invitation_id/links": {who: owners, sessionOnly: true, confirmed: true},
	"GET /v4/admins/:user_id/sessions":                 {who: owners, sessionOnly: true},
	"DELETE /v4/admins/:user_id/sessions":              {who: owners, sessionOnly: true},
	"DELETE /v4/admins/:user_id/sessions/:session_id":  {who: owners, sessionOnly: true},
	"POST /v4/invitations":                             {who: anyone}, // the token authorizes
	"POST /v4/invitations/acceptances":                 {who: anyone},

	"POST /v4/logins/second-factor":                {who: anyone}, // the challenge authorizes
	"POST /v4/password-resets":                     {who: anyone},
	"PUT /v4/password-resets":                      {who: anyone}, // the token authorizes
	"POST /v4/password-resets/checks":              {who: anyone},
	"POST /v4/session/confirmations":               {who: anyAdmin, sessionOnly: true},
	"POST /v4/session/confirmations/second-factor": {who: anyAdmin, sessionOnly: true},
	"GET /v4/account":                              {who: anyAdmin, sessionOnly: true},
	"PATCH /v4/account":                            {who: anyAdmin, sessionOnly: true},
	"PUT /v4/account/password":                     {who: anyAdmin, sessionOnly: true},
	"GET /v4/account/sessions":                     {who: anyAdmin, sessionOnly: true},
	"DELETE /v4/account/sessions":                  {who: anyAdmin, sessionOnly: true},
	"DELETE /v4/account/sessions/:session_id":      {who: anyAdmin, sessionOnly: true},
	"POST /v4/account/invitations":                 {who: anyAdmin, sessionOnly: true},
	"POST /v4/account/totp":                        {who: anyAdmin, sessionOnly: true, confirmed: true},
	"PUT /v4/account/totp":                         {who: anyAdmin, sessionOnly: true, confirmed: true},
	"DELETE /v4/account/totp":                      {who: anyAdmin, sessionOnly: true, confirmed: true},
	"POST /v4/account/passkeys":                    {who: anyAdmin, sessionOnly: true, confirmed: true},
	"POST /v4/account/passkeys/options":            {who: anyAdmin, sessionOnly: true, confirmed: true},
	"PATCH /v4/account/passkeys/:passkey_id":       {who: anyAdmin, sessionOnly: true},
	"DELETE /v4/account/passkeys/:passkey_id":      {who: anyAdmin, sessionOnly: true, confirmed: true},
	"POST /v4/account/recovery-codes":              {who: anyAdmin, sessionOnly: true, confirmed: true},

	"GET /v4/audit-log":     {who: owners},
	"GET /v4/audit-log.csv": {who: owners, startsWork: true},

	"GET /v4/features":      {who: viewers},
	"PUT /v4/features/:key": {who: owners},
	"GET /v4/settings":      {who: viewers},
	"PUT /v4/settings":      {who: owners, sessionOnly: true, confirmed: true},

	"POST /v4/user-export-jobs":                {who: exporters, largeBody: true},
	"GET /v4/user-export":                      {who: exporters, startsWork: true},
	"GET /v4/user-export-jobs":                 {who: viewers},
	"GET /v4/export-days":                      {who: viewers},
	"GET /v4/kept-file-days":                   {who: viewers},
	"GET /v4/user-export-jobs/:jobId":          {who: viewers},
	"DELETE /v4/user-export-jobs/:jobId":       {who: exporters}, // exporters: only their own jobs
	"GET /v4/user-export-jobs/:jobId/manifest": {who: viewers},
	// A stream works once: HEAD, a link preview or another web site must not open it.
	"GET /v4/user-export-jobs/:jobId/streams/:kind":  {who: exporters, startsWork: true},
	"POST /v4/user-export-jobs/:jobId/confirmations": {who: exporters},
	// A download is recorded: HEAD, a link preview or another web site must not cause one.
	"GET /v4/user-export-jobs/:jobId/files/:kind/download": {who: exporters, startsWork: true},
	"POST /v4/user-export-previews":                        {who: exporters, largeBody: true, heavy: always, readsUsers: true},
	"POST /v4/user-export-counts":                          {who: exporters, largeBody: true, heavy: always, readsUsers: true},

	// Zephr's endpoints.
	"GET /v3/user-export":                                {who: exporters, startsWork: true, heavy: hasPageParameter, readsUsers: true}, // returns all users, so other web sites must not cause it
	"GET /v3/users":                                      {who: viewers, heavy: needsScan, readsUsers: true},
	"POST /v3/users":                                     {who: owners, largeBody: true},
	"GET /v3/users/:user_id":                             {who: viewers, readsUsers: true},
	"PATCH /v3/users/:user_id":                           {who: owners, largeBody: true},
	"DELETE /v3/users/:user_id":                          {who: owners},
	"PUT /v3/users/:user_id/attributes":                  {who: owners, largeBody: true},
	"PATCH /v3/users/:user_id/attributes":                {who: owners, largeBody: true},
	"PUT /v3/users/:user_id/foreign-key/update/:system":  {who: owners},
	"GET /v3/users/:user_id/profile/:app_id":             {who: viewers, readsUsers: true},
	"PUT /v3/users/:user_id/profile/:app_id":             {who: owners, largeBody: true},
	"PATCH /v3/users/:user_id/profile/:app_id":           {who: owners, largeBody: true},
	"POST /v3/users/:user_id/update-email":               {who: owners},
	"POST /v3/users/:user_id/grants":                     {who: owners},
	"POST /v3/users/:user_id/grants/:grant_id":           {who: owners},
	"DELETE /v3/users/:user_id/grants/:grant_id":         {who: owners},
	"DELETE /v4/users/:user_id/foreign-key/:system/:key": {who: owners},
	"GET /v3/users/:user_id/accounts":                    {who: viewers, readsUsers: true},
	"GET /v3/schema/users":                               {who: viewers},
	"GET /v3/schema/users/:slug":                         {who: viewers},
	"PUT /v3/schema/users/:slug":                         {who: owners, largeBody: true},
	"DELETE /v3/schema/users/:slug":                      {who: owners},
	"GET /v3/users/:user_id/grants":                      {who: viewers, readsUsers: true},
	"GET /v3/users/:user_id/grants/:grant_id":            {who: viewers, readsUsers: true},
	"GET /v3/accounts":                                   {who: viewers, heavy: hasFilterOrSearch},
	"GET /v3/accounts/:account_id":                       {who: viewers},
	"GET /v3/accounts/:account_id/users":                 {who: viewers, heavy: always, readsUsers: true},
	"GET /v3/accounts/:account_id/users/:user_id":        {who: viewers, readsUsers: true},
	"PUT /v3/accounts/:account_id/users/:user_id":        {who: owners},
	"POST /v3/accounts/:account_id/users/:user_id":       {who: owners},
	"DELETE /v3/accounts/:account_id/users/:user_id":     {who: owners},
	"GET /v3/accounts/:account_id/grants":                {who: viewers, heavy: always, readsUsers: true},
	"GET /v3/accounts/:account_id/grants/:grant_id":      {who: viewers, heavy: always, readsUsers: true},
	"GET /v3/products":                                   {who: viewers},
	"GET /v3/products/:product_id":                       {who: viewers},
	"GET /v3/configuration":                              {who: viewers},
	"GET /v4/accounts":                                   {who: viewers, heavy: always},
	"GET /v4/accounts/:account_id":                       {who: viewers},

	"GET /v4/users":         {who: viewers, heavy: hasFilterOrSearch, readsUsers: true},
	"POST /v4/user-counts":  {who: viewers, largeBody: true, heavy: always, readsUsers: true},
	"GET /v4/users/:userId": {who: viewers, readsUsers: true},
	"GET /v4/user-schema":   {who: viewers},
	"GET /v4/user-stores":   {who: viewers},
	"GET /v4/figures":       {who: viewers, heavy: always, readsUsers: true},

	// Exporters may only change the saved filters that they created.
	"GET /v4/saved-filters":              {who: viewers},
	"POST /v4/saved-filters":             {who: exporters, largeBody: true},
	"GET /v4/saved-filters/:filterId":    {who: viewers},
	"PATCH /v4/saved-filters/:filterId":  {who: exporters, largeBody: true},
	"DELETE /v4/saved-filters/:filterId": {who: exporters},
	"GET /v4/preferences":                {who: viewers, sessionOnly: true},
	"PATCH /v4/preferences":              {who: viewers, sessionOnly: true},

	"GET /v4/outbox":         {who: exporters}, // exporters: only their own e-mails
	"GET /v4/outbox/:mailId": {who: exporters},

	"GET /ws": {who: viewers, startsWork: true, sessionOnly: true, tenantInQuery: true, sharedRead: true},

	"GET /v4/openapi.yaml": {who: anyone},
	"GET /healthz":         {who: anyone},
	"GET /readyz":          {who: anyone},
}

// Route is a row of the policy, for documents and tests.
type Route struct {
	Method, Path string    // path in Fiber's form: /v4/users/:userId
	Public       bool      // needs no authentication
	Least        auth.Role // that one has to have in the tenant; "" where any admin may, whatever their roles
	SessionOnly  bool      // refuses key pairs
	StartsWork   bool      // a GET that counts as a write, and has no HEAD
	Confirmed    bool      // needs a recently confirmed session
}

// Policy returns every route with its access policy, sorted by path and method.
func Policy() []Route {
	all := make([]Route, 0, len(policy))
	for key, row := range policy {
		method, path, _ := strings.Cut(key, " ")
		all = append(all, Route{method, path, row.who == anyone, row.who.role(), row.sessionOnly, row.startsWork, row.confirmed})
	}
	slices.SortFunc(all, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return all
}
