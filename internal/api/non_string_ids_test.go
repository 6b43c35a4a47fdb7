package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/pipeline"
)

// Every route that reads users returns the same error if some user ids are not strings, before it
// reads any user. Other routes are not affected. A fake that must not be called panics, which is a
// 500.
func TestEveryReadOfUsersRefusesNonStringIDs(t *testing.T) {
	t.Parallel()
	const definition = `{"include":{"attributes":true}}`
	requests := map[string][]string{ // by policy row: targets, each with an optional body after a space
		"POST /v4/user-export-jobs":                     {"/v4/user-export-jobs " + definition},
		"GET /v4/user-export":                           {"/v4/user-export", "/v4/user-export?attributes=true", "/v4/user-export?user_store_id=uk"},
		"POST /v4/user-export-previews":                 {"/v4/user-export-previews " + definition},
		"POST /v4/user-export-counts":                   {"/v4/user-export-counts " + definition},
		"GET /v3/user-export":                           {"/v3/user-export", "/v3/user-export?rpp=10", "/v3/user-export?page=2", "/v3/user-export?since=2026-01-01T00:00:00Z"},
		"GET /v3/users":                                 {"/v3/users", "/v3/users?identifiers.email_address=a@b.com", "/v3/users?foreign_key.crm=1", "/v3/users?search=x", "/v3/users?page=2"},
		"GET /v3/users/:user_id":                        {"/v3/users/u1"},
		"GET /v3/users/:user_id/profile/:app_id":        {"/v3/users/u1/profile/app"},
		"GET /v3/users/:user_id/accounts":               {"/v3/users/u1/accounts"},
		"GET /v3/users/:user_id/grants":                 {"/v3/users/u1/grants", "/v3/users/u1/grants?active=true"},
		"GET /v3/users/:user_id/grants/:grant_id":       {"/v3/users/u1/grants/g1"},
		"GET /v3/accounts/:account_id/users":            {"/v3/accounts/a/users", "/v3/accounts/a/users?page=2"},
		"GET /v3/accounts/:account_id/users/:user_id":   {"/v3/accounts/a/users/u1"},
		"GET /v3/accounts/:account_id/grants":           {"/v3/accounts/a/grants"},
		"GET /v3/accounts/:account_id/grants/:grant_id": {"/v3/accounts/a/grants/g1"},
		"GET /v4/users":                                 {"/v4/users", "/v4/users?search=x", "/v4/users?store=uk"},
		"POST /v4/user-counts":                          {"/v4/user-counts {}"},
		"GET /v4/users/:userId":                         {"/v4/users/u1"},
		"GET /v4/figures":                               {"/v4/figures", "/v4/figures?store=uk"},
	}
	for key, row := range policy {
		method, path, _ := strings.Cut(key, " ")
		if _, listed := requests[key]; row.readsUsers && !listed {
			t.Errorf("%s reads users and is not asked here", key)
		}
		if !strings.Contains(path, "user") && !strings.Contains(path, "figures") || strings.HasPrefix(path, "/v3/admin") || strings.HasPrefix(path, "/v4/admins") {
			continue
		}
		b := setup(t)
		b.users.ids = func(kinds []export.FileKind) error {
			if !slices.Contains(kinds, export.UsersFile) {
				t.Errorf("%s asks about %v", key, kinds)
			}
			return pipeline.NonStringIDError("users", "int, objectId")
		}
		for _, request := range requests[key] {
			target, body, _ := strings.Cut(request, " ")
			a := b.call("owner", method, target, body)
			a.expect(fiber.StatusConflict, errs.CodeNonStringID, "")
			if detail, _ := a.json("detail").(string); !strings.Contains(detail, "int, objectId") || !strings.Contains(detail, "docs/operations.md") {
				t.Errorf("%s: %q names no types, or no way out", request, detail)
			}
		}
		if len(requests[key]) == 0 && row.who != anyone && (method == "GET" || method == "POST") && !strings.Contains(path, ":jobId") {
			if a := b.call("owner", method, pathOf(path, "owner"), "{}"); a.StatusCode == fiber.StatusConflict {
				t.Errorf("%s reads no users and is refused: %s", key, a.body)
			}
		}
	}
}

// A job with state events only requires string ids in the events too. A job with a users file is
// created anyway; only its events fail. The replay of an existing job does not check ids.
func TestJobsRefuseNonStringIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.flags[export.FeatureStateEvents] = true
	b.users.ids = func(kinds []export.FileKind) error {
		if slices.Contains(kinds, export.StateEventsFile) {
			return pipeline.NonStringIDError("state events", "objectId")
		}
		return nil
	}
	b.call("exporter", "POST", "/v4/user-export-jobs", `{"stateEvents":{"from":"2026-01-01T00:00:00.000Z","to":null}}`).
		expect(fiber.StatusConflict, errs.CodeNonStringID, "")
	b.call("exporter", "GET", "/v4/user-export?eventsExport=true", "").expect(fiber.StatusConflict, errs.CodeNonStringID, "")
	b.jobs.create = func(jobs.Request) (*export.Job, bool, error) { return testJob("exporter"), false, nil }
	if a := b.call("exporter", "POST", "/v4/user-export-jobs", `{"include":{"attributes":true},"stateEvents":{"from":null,"to":null}}`); a.StatusCode != fiber.StatusAccepted {
		t.Errorf("with a users file: %d %s", a.StatusCode, a.body)
	}

	b.jobs.replay = func(jobs.Request) *export.Job { return testJob("exporter") }
	if a := b.call("exporter", "POST", "/v4/user-export-jobs", `{"stateEvents":{"from":null,"to":null}}`, "Idempotency-Key", "k"); a.StatusCode != fiber.StatusAccepted {
		t.Errorf("a replay: %d %s", a.StatusCode, a.body)
	}
}

// A change of one user works. If the id is unknown, the error says that ids may not be strings.
func TestUserChangesWithNonStringIDs(t *testing.T) {
	t.Parallel()
	for _, missing := range []bool{false, true} {
		records := &fakeRecords{}
		b := setup(t, func(o *Options) { o.Records = records })
		b.users.ids = func([]export.FileKind) error { return pipeline.NonStringIDError("users", "objectId") }
		status, code := fiber.StatusOK, errs.Code("")
		if missing {
			records.err = errs.Errorf(errs.CodeNotFound, "There is no user with this ID.")
			status, code = fiber.StatusConflict, errs.CodeNonStringID
		}
		for _, request := range []string{
			"DELETE /v3/users/u1", "PATCH /v3/users/u1/attributes {}", "PUT /v3/users/u1/foreign-key/update/crm k", "PUT /v3/users/u1/profile/app.one {}",
		} {
			method, rest, _ := strings.Cut(request, " ")
			target, body, _ := strings.Cut(rest, " ")
			if a := b.call("owner", method, target, body); a.StatusCode != status {
				t.Errorf("%s, missing %t: %d %s", request, missing, a.StatusCode, a.body)
			} else if missing {
				a.expect(status, code, "")
			}
		}
	}
}
