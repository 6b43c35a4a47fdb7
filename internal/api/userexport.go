package api

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// GetUserExport answers GET /v4/user-export: it starts an export of what its parameters say. Where the tenant's exports are
// stored it answers with the job; else with the file.
func (s *server) GetUserExport(c *fiber.Ctx) error {
	who := callerOf(c)
	def, err := queryDefinition(c)
	if err != nil {
		return err
	}
	if err := s.allowed(c, def); err != nil {
		return inParameters(err)
	}
	// Whoever asks here waits for an answer and for no e-mail, and confirms no file: it is the API, whatever the credential.
	job, err := s.start(c, jobs.Request{Tenant: who.tenant.ID, Requester: who.requester(), Origin: export.FromAPI, Definition: def})
	if err != nil {
		return inParameters(err)
	}
	c.Set(fiber.HeaderLocation, jobURL(job.ID))
	if job.Mode == export.Async {
		return s.answer(c, fiber.StatusAccepted, s.viewForStreamer(c, job))
	}
	return s.stream(c, job, def.Files()[0])
}

// exportParameters are those of an export, and where a definition has what they say.
var exportParameters = map[string]string{
	"attributes": "include.attributes", "appIds": "include.extendedProfiles.appIds", "appIdsRestrictive": "include.extendedProfiles.onlyMatching",
	"foreignKeys": "include.foreignKeys", "grants": "include.grants", "user_store_id": "users.userStoreId", "attr": "users.filter",
	"since": "users.since", "registeredSince": "users.registeredSince", "registeredBefore": "users.registeredBefore",
	"eventsExport": "stateEvents", "from": "stateEvents.from", "to": "stateEvents.to",
}

// queryDefinition reads the definition that the parameters of a user export give. It is written as JSON and read as every
// definition is, so that nothing passes here that would not pass there.
func queryDefinition(c *fiber.Ctx) (export.Definition, error) {
	q, err := parameters(c, func(name string) bool { _, ok := exportParameters[name]; return ok })
	if err != nil {
		return export.Definition{}, err
	}
	events, err := q.flag("eventsExport")
	if err != nil {
		return export.Definition{}, err
	}
	return q.definition(events)
}

// definition is what the parameters ask for: users, or the state events instead.
func (q parameterValues) definition(events bool) (export.Definition, error) {
	body := map[string]any{}
	if events {
		// Then only the events are exported: what is said of the users file is read, and means nothing.
		body["stateEvents"] = map[string]any{"from": q.text("from"), "to": q.text("to")}
	} else if q.has("from") || q.has("to") {
		return export.Definition{}, export.Invalid("eventsExport", "is missing: from and to are those of the events export")
	}
	include, err := q.include()
	if err != nil {
		return export.Definition{}, err
	}
	if !events {
		body["include"] = include
	}
	filter, err := export.ParseAttr(q["attr"])
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
	def, err := export.Decode(text)
	return def, inParameters(err)
}

// inParameters names what is wrong by the parameter that it came in.
func inParameters(err error) error {
	e, ok := err.(*export.Error) //nolint:errorlint // it is renamed as it is
	if !ok || e.Field == "" {
		return err
	}
	for parameter, path := range exportParameters {
		if e.Field == path || strings.HasPrefix(e.Field, path+".") || strings.HasPrefix(e.Field, path+"[") {
			if parameter == "eventsExport" && e.Field != path {
				continue // from and to have names of their own
			}
			renamed := *e
			renamed.Field = parameter
			return &renamed
		}
	}
	return err
}

// parameterValues are the parameters of a query, each at most once, decoded.
type parameterValues map[string]string

// parameters reads the query. What is not known is refused, since a condition that is misspelt would select everything; and
// so is what stands twice, but for attr and appIds, which are lists.
func parameters(c *fiber.Ctx, known func(name string) bool) (parameterValues, error) {
	_, query, _ := strings.Cut(string(c.Request().Header.RequestURI()), "?")
	q := parameterValues{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, export.Invalid("", "The query is not percent-encoded properly.")
		}
		if !known(name) {
			return nil, export.Invalid(name, "is not a parameter of this address")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, export.Invalid(name, "is not percent-encoded properly")
		}
		before, twice := q[name]
		switch {
		case !twice:
		case !slices.Contains([]string{"attr", "appIds"}, name):
			return nil, export.Invalid(name, "stands twice")
		case before != "" && value != "":
			value = before + "," + value
		default:
			value = before + value
		}
		q[name] = value
	}
	return q, nil
}

func (q parameterValues) has(name string) bool { return q[name] != "" }

// text returns a value, nil for one that is left out or empty.
func (q parameterValues) text(name string) any {
	if !q.has(name) {
		return nil
	}
	return q[name]
}

// flag reads a switch. One that stands there without a value is on.
func (q parameterValues) flag(name string) (bool, error) {
	value, there := q[name]
	switch strings.ToLower(value) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	case "":
		return there, nil
	default:
		return false, export.Invalid(name, "must be true or false")
	}
}

// include is what the users file has: attributes, where nothing is asked for.
func (q parameterValues) include() (map[string]any, error) {
	include := map[string]any{}
	asked := q.has("appIds")
	for _, name := range []string{"attributes", "foreignKeys", "grants"} {
		on, err := q.flag(name)
		if err != nil {
			return nil, err
		}
		include[name] = on
		asked = asked || on
	}
	only, err := q.flag("appIdsRestrictive")
	if err != nil {
		return nil, err
	}
	if only && !q.has("appIds") {
		return nil, export.Invalid("appIdsRestrictive", "needs appIds: the profiles of which a user must have one")
	}
	if q.has("appIds") {
		ids := strings.Split(q["appIds"], ",")
		for i := range ids {
			ids[i] = strings.TrimSpace(ids[i])
		}
		include["extendedProfiles"] = map[string]any{"appIds": ids, "onlyMatching": only}
	}
	if _, said := q["attributes"]; !asked && !said {
		include["attributes"] = true
	}
	return include, nil
}
