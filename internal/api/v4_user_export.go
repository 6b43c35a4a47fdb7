package api

import (
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

// GetUserExport answers GET /v4/user-export: it starts an export of the users that the parameters
// select. If the tenant's exports run in the background, it responds with the job, otherwise with
// the file.
func (h *streamHandlers) GetUserExport(c *fiber.Ctx) error {
	def, err := queryDefinition(c)
	if err != nil {
		return err
	}
	// The origin is the API even for a session: this client waits for a response, so it gets no
	// e-mail, and it confirms no file.
	caller := h.exportCaller(c)
	caller.Origin = export.FromAPI
	job, err := h.exports.Start(c.UserContext(), caller, def, "")
	if err != nil {
		return parameterError(err)
	}
	c.Set(fiber.HeaderLocation, jobURL(job.ID))
	if job.Mode == export.Async {
		return respond(c, fiber.StatusAccepted, h.requesterJobView(c, job))
	}
	return h.streamFile(c, job.ID, def.Files()[0])
}

// exportParameters maps the query parameters of an export to the members of a definition.
var exportParameters = map[string]string{
	"attributes": "include.attributes", "appIds": "include.extendedProfiles.appIds", "appIdsRestrictive": "include.extendedProfiles.onlyMatching",
	"foreignKeys": "include.foreignKeys", "grants": "include.grants", "user_store_id": "users.userStoreId", "attr": "users.filter",
	"since": "users.since", "registeredSince": "users.registeredSince", "registeredBefore": "users.registeredBefore",
	"eventsExport": "stateEvents", "from": "stateEvents.from", "to": "stateEvents.to",
}

// queryDefinition returns the definition of the query parameters. It builds JSON and decodes it, so
// that the same validation applies as to any definition.
func queryDefinition(c *fiber.Ctx) (export.Definition, error) {
	q, err := parseQuery(c, func(name string) bool { _, ok := exportParameters[name]; return ok })
	if err != nil {
		return export.Definition{}, err
	}
	events, err := q.flag("eventsExport")
	if err != nil {
		return export.Definition{}, err
	}
	return q.definition(events)
}

// definition returns the definition of the parameters, with users, or with state events instead.
func (q queryValues) definition(events bool) (export.Definition, error) {
	body := map[string]any{}
	if events {
		// Only state events are exported. Parameters of the users file are validated and ignored.
		body["stateEvents"] = map[string]any{"from": q.text("from"), "to": q.text("to")}
	} else if q.has("from") || q.has("to") {
		return export.Definition{}, errs.Invalid("eventsExport", "is missing: from and to apply only to the export of state events")
	}
	include, err := q.include()
	if err != nil {
		return export.Definition{}, err
	}
	if !events {
		body["include"] = include
	}
	filter, err := decode.Attr(q["attr"])
	if err != nil {
		return export.Definition{}, err
	}
	body["users"] = map[string]any{
		"userStoreId": q.text("user_store_id"), "filter": filter, "since": q.text("since"),
		"registeredSince": q.text("registeredSince"), "registeredBefore": q.text("registeredBefore"),
	}
	text, err := json.Marshal(body)
	if err != nil {
		return export.Definition{}, err
	}
	def, err := decode.Definition(text)
	return def, parameterError(err)
}

// parameterError replaces the field of an error by the name of the query parameter.
func parameterError(err error) error {
	e, ok := err.(*errs.Error) //nolint:errorlint // it is copied, not wrapped
	if !ok || e.Field == "" {
		return err
	}
	for parameter, path := range exportParameters {
		if e.Field == path || strings.HasPrefix(e.Field, path+".") || strings.HasPrefix(e.Field, path+"[") {
			if parameter == "eventsExport" && e.Field != path {
				continue // from and to have their own entries
			}
			renamed := *e
			renamed.Field = parameter
			return &renamed
		}
	}
	return err
}

// include returns the column groups: the attributes, if no group is requested.
func (q queryValues) include() (map[string]any, error) {
	include := map[string]any{}
	requested := q.has("appIds")
	for _, name := range []string{"attributes", "foreignKeys", "grants"} {
		on, err := q.flag(name)
		if err != nil {
			return nil, err
		}
		include[name] = on
		requested = requested || on
	}
	only, err := q.flag("appIdsRestrictive")
	if err != nil {
		return nil, err
	}
	if only && !q.has("appIds") {
		return nil, errs.Invalid("appIdsRestrictive", "requires appIds, the extended profiles to select users by")
	}
	if q.has("appIds") {
		ids := strings.Split(q["appIds"], ",")
		for i := range ids {
			ids[i] = strings.TrimSpace(ids[i])
		}
		include["extendedProfiles"] = map[string]any{"appIds": ids, "onlyMatching": only}
	}
	if _, given := q["attributes"]; !requested && !given {
		include["attributes"] = true
	}
	return include, nil
}
