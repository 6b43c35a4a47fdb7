package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
)

// GetUserExport answers GET /v4/user-export: it starts an export of the users that the parameters
// select. If the tenant's exports run in the background, it responds with the job, otherwise with
// the file.
func (h *streamHandlers) GetUserExport(c *fiber.Ctx) error {
	q, err := parseQuery(c, isExportParameter)
	if err != nil {
		return err
	}
	def, err := q.exportDefinition()
	if err != nil {
		return err
	}
	// The origin is the API even for a session: this client waits for a response, so it gets no
	// e-mail, and it confirms no file.
	caller := h.exportCaller(c)
	caller.Origin = export.FromAPI
	job, err := h.exports.Start(c.UserContext(), caller, def, "", q.pageWarnings(def)...)
	if err != nil {
		return parameterError(err)
	}
	c.Set(fiber.HeaderLocation, jobURL(job.ID))
	if job.Mode == export.Async {
		return respond(c, fiber.StatusAccepted, h.requesterJobView(c, job))
	}
	return h.streamFile(c, job.ID, def.Files()[0])
}

// exportParameters maps members of a definition to the query parameters that set them.
var exportParameters = map[string]string{
	"include": "attributes", "include.foreignKeys": "foreignKeys", "include.grants": "grants",
	"include.extendedProfiles": "appIds", "include.extendedProfiles.onlyMatching": "appIdsRestrictive",
	"users.userStoreId": "user_store_id", attrMember: "attr",
	"users.since": "since", "users.registeredSince": "registeredSince", "users.registeredBefore": "registeredBefore",
	"stateEvents": "eventsExport", "stateEvents.from": "from", "stateEvents.to": "to",
}

const attrMember = "users.filter"

// isExportParameter reports whether GET /v4/user-export has a parameter of this name.
func isExportParameter(name string) bool {
	for _, parameter := range exportParameters {
		if name == parameter {
			return true
		}
	}
	return slices.Contains(pageParameters, name)
}

// pageParameters select a page. The file of a job has no pages.
var pageParameters = []string{"rpp", "page"}

// codePagesIgnored is the code of a job's warning about rpp and page.
const codePagesIgnored = "pages_ignored"

// pageWarnings returns a warning for a job whose request selects a page.
func (q queryValues) pageWarnings(def export.Definition) []export.Warning {
	var given []string
	for _, name := range pageParameters {
		if q.has(name) {
			given = append(given, name)
		}
	}
	if len(given) == 0 {
		return nil
	}
	w := export.Warning{Code: codePagesIgnored, Message: fmt.Sprintf("The file is not a page: Egress ignored %s.", strings.Join(given, " and "))}
	if kind := def.Files()[0]; kind != export.UsersFile {
		w.File = kind
	}
	return []export.Warning{w}
}

// exportDefinition returns the definition of a file's parameters. It builds JSON and decodes it, so
// that the same validation applies as to any definition.
func (q queryValues) exportDefinition() (export.Definition, error) {
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
		return export.Definition{}, errs.Invalid("eventsExport", "must be true: from and to apply only to the export of state events")
	}
	include, err := q.include()
	if err != nil {
		return export.Definition{}, err
	}
	if !events {
		if len(include) == 0 {
			return export.Definition{}, errs.Invalid("attributes", "is false, and nothing else is requested: set it to true, or use appIds or grants")
		}
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

// parameterError replaces the field of an error, a member of the definition, by the query parameter
// that set it.
func parameterError(err error) error {
	e, ok := err.(*errs.Error) //nolint:errorlint // it is copied, not wrapped
	if !ok {
		return err
	}
	for member := e.Field; member != ""; member = member[:max(0, strings.LastIndexAny(member, ".["))] {
		if parameter, ok := exportParameters[member]; ok {
			renamed := *e
			renamed.Field, renamed.Message = parameter, conditionOf(e)+e.Message
			return &renamed
		}
	}
	return err
}

// conditionOf returns the beginning of a sentence about a condition of attr, "" for other errors.
func conditionOf(e *errs.Error) string {
	var n int
	if _, err := fmt.Sscanf(e.Field, attrMember+".rules[%d]", &n); err != nil {
		return ""
	}
	prefix := fmt.Sprintf("condition %d: ", n+1)
	if first, _ := utf8.DecodeRuneInString(e.Message); unicode.IsUpper(first) {
		return prefix
	}
	return prefix + e.Field[strings.LastIndexByte(e.Field, '.')+1:] + " "
}

// include returns the requested column groups: the attributes, if no parameter says otherwise.
func (q queryValues) include() (map[string]any, error) {
	include := map[string]any{}
	for _, name := range []string{"attributes", "foreignKeys", "grants"} {
		on, err := q.flag(name)
		if err != nil {
			return nil, err
		}
		if on {
			include[name] = true
		}
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
	if len(include) == 0 && !q.has("attributes") {
		include["attributes"] = true
	}
	return include, nil
}
