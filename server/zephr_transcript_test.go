package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/api"
)

// zephrCall is one call of a transcript. {name} in target, body and holds is a value that an earlier
// call took.
type zephrCall struct {
	method, target, body string
	status               int
	holds                []string          // texts in the answer
	take                 map[string]string // names of values, and where they are in the answer: "results.0.user_id"
}

// zephrTranscript calls every endpoint of Zephr that Egress serves for key pairs, as Zephr's clients
// do. {client} is the name of the client, {admin} the admin of its key pair {key}; {holder} is an account
// with the grant {held}.
var zephrTranscript = []zephrCall{
	{"GET", "/v3/configuration", "", 200, []string{`"tenant_id":"meridian"`}, nil},

	{"PUT", "/v3/schema/users/score-{client}", `{"slug":"score-{client}","visibility":"PUBLIC","label":"Score","required":false,"input-type":"number","select-options":"null","range-start":0,"range-end":100,"range-step":5}`, 201, []string{`"message":`, `/v3/schema/users/score-{client}`}, nil},
	{"PUT", "/v3/schema/users/score-{client}", `{"slug":"score-{client}","label":"Score","input-type":"number","range-end":100,"unit":"points"}`, 200, []string{`"message":`}, nil},
	{"GET", "/v3/schema/users/score-{client}", "", 200, []string{`{"slug":"score-{client}","label":"Score","input-type":"number","range-end":100,"unit":"points"}`}, nil},
	{"GET", "/v3/schema/users", "", 200, []string{`{"slug":"score-{client}","label":"Score","input-type":"number","range-end":100,"unit":"points"}`}, nil},

	{"POST", "/v3/users", `{"identifiers":{"email_address":"{client}@Example.com"},"validators":{"password":"secret"},"attributes":{"country":"GB","email_verified":true},"foreign_keys":[{"crm":"{client}-1"}],"registered":"2021-02-24T15:43:28Z","session_limit":3}`, 201, []string{`"message":`, `"data":{`, `"email_verified":true`}, map[string]string{"user": "data.user_id"}},
	{"POST", "/v3/users", `{"identifiers":{"email_address":"{client}@example.com"}}`, 409, []string{`"message":`}, nil},
	{"POST", "/v3/users", `{"identifiers":{"email_address":"not-an-email"}}`, 400, []string{`"message":`, "email_address"}, nil},
	{"GET", "/v3/users?identifiers.email_address={client}%40example.com", "", 200, []string{`"user_id":"{user}"`, `"total":1`, `"results":[{`}, map[string]string{"found": "user_id"}},
	{"GET", "/v3/users/?foreign_key.crm={client}-1", "", 200, []string{`"user_id":"{user}"`, `"total":1`}, map[string]string{"found": "user_id"}},
	{"GET", "/v3/users?identifiers.email_address=", "", 200, []string{`"total":0`, `"results":[]`}, nil},
	{"GET", "/v3/users?search={client}*", "", 200, []string{`"user_id":"{user}"`}, nil},
	{"GET", "/v3/users?search_by_attributes=W3sic2x1ZyI6ImNvdW50cnkiLCJvcGVyYXRvciI6ImlzIiwidmFsdWUiOiJHQiJ9XQ%3D%3D&search={client}%40&rpp=500&page=1", "", 200, []string{`"user_id":"{user}"`, `"total":1`}, nil},
	{"GET", "/v3/users/{user}", "", 200, []string{`"registered":"2021-02-24T15:43:28Z"`, `"session_limit":3`, `"foreign_keys":{"crm":"{client}-1"}`}, nil},
	{"PATCH", "/v3/users/{user}", `{"identifiers":{"username":"{client}"}}`, 200, []string{`"message":`}, nil},
	{"GET", "/v3/users?identifiers.username={client}", "", 200, []string{`"user_id":"{user}"`, `"total":1`}, nil},
	{"PUT", "/v3/users/{user}/attributes", `{"country":"FR"}`, 200, nil, nil},
	{"PATCH", "/v3/users/{user}/attributes", `{"score-{client}":15}`, 200, nil, nil},
	{"PATCH", "/v3/users/{user}/attributes", `{"score-{client}":101}`, 400, []string{"score-{client}", `"message":`}, nil},
	{"PUT", "/v3/users/{user}/foreign-key/update/crm", `"{client}-65x"`, 200, nil, nil},
	{"PUT", "/v3/users/{user}/foreign-key/update/crm", "", 400, []string{`"message":`}, nil},
	{"GET", "/v3/users?foreign_key.crm={client}-65x", "", 200, []string{`"user_id":"{user}"`}, nil},
	{"DELETE", "/v4/users/{user}/foreign-key/crm/{client}-65x", "", 200, nil, nil},
	{"PUT", "/v3/users/{user}/profile/quiz.v1", `{"score":1.50,"level":2}`, 200, nil, nil},
	{"PATCH", "/v3/users/{user}/profile/quiz.v1", `{"level":null,"done":true}`, 200, nil, nil},
	{"GET", "/v3/users/{user}/profile/quiz.v1", "", 200, []string{`{"score":1.50,"done":true}`}, nil},
	{"POST", "/v3/users/{user}/update-email", `{"new_identifiers":{"email_address":"{client}-new@example.com"},"siteSlug":"meridian|live"}`, 201, nil, nil},

	{"GET", "/v3/products", "", 200, []string{`"results":[{`}, map[string]string{"product": "results.0.id"}},
	{"GET", "/v3/products/{product}", "", 200, []string{`"id":"{product}"`, `"label":`}, nil},
	{"GET", "/v3/products/none-such", "", 404, []string{`"message":`}, nil},
	{"POST", "/v3/users/{user}/grants", `{"entitlement_type":"bundle","entitlement_id":"e1","startTime":"2022-06-01 00:00:00","endTime":"2099-12-31 23:59:59","product_id":"{product}"}`, 201, nil, map[string]string{"grant": "grant_id"}},
	{"POST", "/v3/users/{user}/grants/ended-{client}", `{"entitlement_type":"bundle","entitlement_id":"e1","startTime":"2020-06-01 00:00:00","endTime":"2020-12-31 23:59:59","product_id":"{product}"}`, 201, nil, nil},
	{"GET", "/v3/users/{user}/grants?active=true", "", 200, []string{`"results":[{`, `"grant_id":"{grant}"`, `"startTime":"2022-06-01 00:00:00"`, `"product_id":"{product}"`}, nil},
	{"GET", "/v3/users/{user}/grants", "", 200, []string{`"grant_id":"{grant}"`, `"grant_id":"ended-{client}"`}, nil},
	{"GET", "/v3/users/{user}/grants/{grant}", "", 200, []string{`"grantId":"{grant}"`, `"user_id":"{user}"`, `"endTime":"2099-12-31 23:59:59"`}, nil},
	{"DELETE", "/v3/users/{user}/grants/ended-{client}", "", 200, nil, nil},
	{"GET", "/v3/users/{user}/grants/ended-{client}", "", 404, []string{`"message":`}, nil},

	{"GET", "/v3/accounts?rpp=1", "", 200, []string{`"total":`, `"tenant_id":"meridian"`, `"number_of_seats":`, `"email_address":`}, map[string]string{"account": "results.0.account_id"}},
	{"GET", "/v3/accounts?search=none-such-account", "", 200, []string{`"total":0`}, nil},
	{"GET", "/v3/accounts/{account}", "", 200, []string{`"name":`}, nil},
	{"GET", "/v4/accounts", "", 200, []string{`"results":[`}, nil},
	{"GET", "/v4/accounts/{account}", "", 200, []string{`"name":`}, nil},
	{"PUT", "/v3/accounts/{account}/users/{user}", "", 201, nil, nil},
	{"POST", "/v3/accounts/{account}/users/{user}", "", 200, nil, nil},
	{"GET", "/v3/accounts/{account}/users/{user}", "", 200, []string{`"user_id":"{user}"`, `"account_id":"{account}"`}, nil},
	{"GET", "/v3/accounts/{account}/users", "", 200, []string{`"user_id":"{user}"`}, nil},
	{"GET", "/v3/users/{user}/accounts", "", 200, []string{`"account_id":"{account}"`, `"user_id":"{user}"`}, nil},
	{"GET", "/v3/accounts/{holder}/grants", "", 200, []string{`"grantId":"{held}"`, `"account_id":"{holder}"`}, nil},
	{"GET", "/v3/accounts/{holder}/grants/{held}", "", 200, []string{`"grantId":"{held}"`}, nil},
	{"DELETE", "/v3/accounts/{account}/users/{user}", "", 200, nil, nil},

	{"GET", "/v3/user-export?attributes=true&grants=true&appIds=all&rpp=3&page=1", "", 200, []string{`"seq-no":1`, `"paginated":true`, `"next":{`, `"url":"http`}, nil},
	{"GET", "/v3/user-export?attributes=maybe", "", 400, []string{`"message":`, "attributes"}, nil},
	{"GET", "/v3/user-export?attributes=true", "", 200, []string{`[{`, `"user_id":"{user}"`}, nil},

	{"GET", "/v3/admin/users", "", 200, []string{`"user_id":"{admin}"`}, nil},
	{"GET", "/v3/admin/users/{admin}/roles", "", 200, []string{`"role":"owner"`}, nil},
	{"GET", "/v3/admin/users/{admin}/roles/meridian", "", 200, []string{`"role":"owner"`}, nil},
	{"GET", "/v3/admin/roles", "", 200, []string{`"role":"owner"`}, map[string]string{"role": "0.role_id"}},
	{"GET", "/v3/admin/roles/{role}", "", 200, []string{`"email":`}, nil},
	{"GET", "/v3/admin/users/{admin}/keypairs", "", 200, []string{`"access_key":"{key}"`}, nil},
	{"GET", "/v3/bundles", "", 501, []string{`"code":"not_served_here"`, `"message":`}, nil},
	{"GET", "/v3/no-such-address", "", 404, []string{`"message":`}, nil},

	{"DELETE", "/v3/users/{user}", "", 200, nil, nil},
	{"GET", "/v3/users/{user}", "", 404, []string{`"message":`}, nil},
	{"DELETE", "/v3/schema/users/score-{client}", "", 200, nil, nil},
}

// zephrClients are clients in several languages, each written only from the API document.
var zephrClients = map[string][]string{
	"node": {"node", "signed.mjs"}, "python": {"python3", "signed.py"}, "php": {"php", "signed.php"}, "shell": {"sh", "signed.sh"},
}

// TestZephrTranscript sends the transcript with every client, through the real program.
func TestZephrTranscript(t *testing.T) {
	t.Parallel()
	p := start(t, seeded(t, someUsers), []string{"EGRESS_LOG_LEVEL=warn"})
	owner := p.logIn()
	owner.tenant = "meridian"
	var me struct {
		UserID string `json:"user_id"`
	}
	owner.call(http.MethodGet, "/v4/me", nil, &me)
	owner.features(true, true)
	clients := map[string]signedCall{"go": signedByGo, "rfc9421": signedByMessage}
	for name, command := range zephrClients {
		clients[name] = signedBy(command[0], filepath.Join("testdata", command[1]))
	}
	for name, send := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if command := zephrClients[name]; command != nil {
				if _, err := exec.LookPath(command[0]); err != nil {
					t.Skipf("%s is not installed", command[0])
				}
			}
			k := owner.issue(name)
			values := map[string]string{"client": name, "admin": me.UserID, "key": k.AccessKey}
			values["holder"], values["held"] = grantOfAccount(t, p.url, k)
			for _, call := range zephrTranscript {
				call.run(t, p.url, k, send, values)
			}
			exportsBoth(t, p.url, k, send)
			revoke := zephrCall{"DELETE", "/v3/admin/users/{admin}/keypairs/{key}", "", 200, nil, nil}
			revoke.run(t, p.url, k, send, values)
			revoke.status = http.StatusUnauthorized
			revoke.run(t, p.url, k, send, values)
		})
	}
}

// grantOfAccount returns an account and a grant that it pays for.
func grantOfAccount(t *testing.T, url string, k keyPair) (account, grant string) {
	t.Helper()
	_, answer := signedByGo(t, url, k, http.MethodGet, "/v3/user-export?grants=true", "", zephr)
	var items []struct {
		Grants struct {
			Results []struct {
				ID        string `json:"grantId"`
				AccountID string `json:"account_id"`
			} `json:"results"`
		} `json:"grants"`
	}
	if err := json.Unmarshal([]byte(answer), &items); err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		for _, g := range item.Grants.Results {
			if g.AccountID != "" {
				return g.AccountID, g.ID
			}
		}
	}
	t.Fatal("no account pays for a grant")
	return "", ""
}

// run sends the call, checks the answer, and takes values from it.
func (c zephrCall) run(t *testing.T, url string, k keyPair, send signedCall, values map[string]string) {
	t.Helper()
	fill := func(s string) string {
		for name, value := range values {
			s = strings.ReplaceAll(s, "{"+name+"}", value)
		}
		return s
	}
	method, target := c.method, fill(c.target)
	status, answer := send(t, url, k, method, target, fill(c.body), zephr)
	if status != c.status {
		t.Fatalf("%s %s answers %d, want %d: %s", method, target, status, c.status, answer)
	}
	for _, text := range c.holds {
		if text = fill(text); !strings.Contains(answer, text) {
			t.Errorf("%s %s does not hold %s: %.400s", method, target, text, answer)
		}
	}
	for name, at := range c.take {
		value, err := valueAt(answer, at)
		if err != nil {
			t.Fatalf("%s %s: %v: %s", method, target, err, answer)
		}
		values[name] = value
	}
}

// valueAt returns the text at a path of a JSON document: "results.0.user_id".
func valueAt(document, path string) (string, error) {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		return "", err
	}
	for step := range strings.SplitSeq(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inner) {
				return "", fmt.Errorf("no %s", path)
			}
			v = inner[i]
		}
	}
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("no text at %s", path)
	}
	return text, nil
}

// exportsBoth asks for users, for users again, and for their events without waiting, as scripts do:
// the same content is the same job, and other content waits for its turn.
func exportsBoth(t *testing.T, url string, k keyPair, send signedCall) {
	t.Helper()
	const users, events = "/v4/user-export?attributes=true&grants=true&rpp=40&page=1", "/v4/user-export?eventsExport=true&from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z"
	var ids []string
	for _, target := range []string{users, users, events} {
		status, answer := send(t, url, k, http.MethodGet, target, "", zephr)
		id, err := valueAt(answer, "jobId")
		if status != http.StatusAccepted || err != nil {
			t.Fatalf("GET %s answers %d: %s", target, status, answer)
		}
		ids = append(ids, id)
	}
	if ids[1] == ids[2] {
		t.Errorf("users and events are the same job: %v", ids)
	}
	for _, id := range ids[1:] {
		var j job
		until(t, "the export to end", time.Minute, func() bool {
			_, answer := send(t, url, k, http.MethodGet, "/v4/user-export-jobs/"+id, "", zephr)
			j = job{}
			if err := json.Unmarshal([]byte(answer), &j); err != nil {
				t.Fatal(err)
			}
			return j.final()
		})
		if j.Status != "completed" || j.DownloadURL == "" {
			t.Errorf("%+v", j)
		}
	}
}

// Every endpoint of Zephr that key pairs may use is in the transcript.
func TestZephrTranscriptIsComplete(t *testing.T) {
	t.Parallel()
	called := func(r api.Route) bool {
		path := regexp.MustCompile(`:\w+`).ReplaceAllString(r.Path, `[^/?]+`)
		match := regexp.MustCompile(`^` + path + `/?(\?|$)`)
		for _, call := range zephrTranscript {
			if call.method == r.Method && call.status < 300 && match.MatchString(call.target) {
				return true
			}
		}
		return false
	}
	for _, r := range api.Policy() {
		zephrs := strings.HasPrefix(r.Path, "/v3/") || strings.HasPrefix(r.Path, "/v4/accounts") || strings.Contains(r.Path, "/foreign-key/")
		if revoked := r.Path == "/v3/admin/users/:user_id/keypairs/:access_key"; !zephrs || r.Public || r.SessionOnly || revoked {
			continue
		}
		if !called(r) {
			t.Errorf("no call of %s %s", r.Method, r.Path)
		}
	}
}
