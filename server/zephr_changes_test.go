package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Zephr's clients change users: the requests are signed, and the answers are read, as they do it.
func TestZephrChanges(t *testing.T) {
	t.Parallel()
	p := start(t, seeded(t, someUsers), []string{"EGRESS_LOG_LEVEL=warn"})
	owner := p.logIn()
	owner.tenant = "meridian"
	k := owner.issue("changes")
	request := func(status int, method, target, body string) string {
		t.Helper()
		got, answer := signedByGo(t, p.url, k, method, target, body, zephr)
		if got != status {
			t.Fatalf("%s %s answers %d, want %d: %s", method, target, got, status, answer)
		}
		return answer
	}
	holds := func(answer string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(answer, text) {
				t.Errorf("%s does not hold %s", answer, text)
			}
		}
	}

	var created struct {
		Data struct {
			UserID string `json:"user_id"`
		} `json:"data"`
	}
	answer := request(http.StatusCreated, http.MethodPost, "/v3/users", `{"identifiers":{"email_address":"Joe.Blow@company.com"},"attributes":{"email_verified":true},
		"registration_state":{"step":2.50},"registration_tenant":"meridian","session_limit":3,"registered":"2021-02-24T15:43:28Z","foreign_keys":[{"zcrm":"1"}]}`)
	if err := json.Unmarshal([]byte(answer), &created); err != nil || created.Data.UserID == "" {
		t.Fatalf("%s: %v", answer, err)
	}
	user := "/v3/users/" + created.Data.UserID
	request(http.StatusConflict, http.MethodPost, "/v3/users", `{"identifiers":{"email_address":"JOE.BLOW@COMPANY.COM"}}`)
	request(http.StatusBadRequest, http.MethodPost, "/v3/users", `{"identifiers":{"email_address":"not-an-email"}}`)

	request(http.StatusOK, http.MethodPut, user+"/foreign-key/update/zcrm", `"65x"`)
	holds(request(http.StatusOK, http.MethodGet, "/v3/users?foreign_key.zcrm=65x", ""), `"total":1`, `"user_id":"`+created.Data.UserID+`"`)
	request(http.StatusBadRequest, http.MethodPut, user+"/foreign-key/update/zcrm", "")
	request(http.StatusBadRequest, http.MethodPut, user+"/foreign-key/update/zcrm", `{"key":"1"}`)
	request(http.StatusNotFound, http.MethodDelete, "/v4/users/"+created.Data.UserID+"/foreign-key/zcrm/1", "")
	request(http.StatusOK, http.MethodDelete, "/v4/users/"+created.Data.UserID+"/foreign-key/zcrm/65x", "")
	holds(request(http.StatusOK, http.MethodGet, "/v3/users?foreign_key.zcrm=65x", ""), `"total":0`)

	request(http.StatusOK, http.MethodPatch, user, `{"identifiers":{"username":"joe-blow"},"session_limit":null,"tracking_id":"t-9"}`)
	request(http.StatusCreated, http.MethodPost, user+"/update-email", `{"new_identifiers":{"email_address":"joe@company.com"},"siteSlug":"meridian|live"}`)
	request(http.StatusConflict, http.MethodPost, "/v3/users", `{"identifiers":{"username":"JOE-BLOW"}}`)
	shown := request(http.StatusOK, http.MethodGet, user, "")
	holds(shown, `"email_address":"joe@company.com"`, `"username":"joe-blow"`, `"email_verified":true`, `"registered":"2021-02-24T15:43:28Z"`, `"tracking_id":"t-9"`,
		`"registration_state":{"step":2.50}`, `"registration_tenant":"meridian"`)
	if strings.Contains(shown, "session_limit") {
		t.Errorf("%s", shown)
	}
	holds(request(http.StatusOK, http.MethodGet, "/v3/users?identifiers.username=joe-blow", ""), `"registration_state":{"step":2.50}`)
	holds(request(http.StatusOK, http.MethodGet, "/v3/user-export?registeredSince=2021-02-24&registeredBefore=2021-02-25&rpp=500", ""), `"registration_state":{"step":2.50}`)

	request(http.StatusOK, http.MethodPut, user+"/profile/quiz.v1", `{"score":1.0,"old":true}`)
	request(http.StatusOK, http.MethodPatch, user+"/profile/quiz.v1", `{"old":null,"level":2}`)
	if profile := request(http.StatusOK, http.MethodGet, user+"/profile/quiz.v1", ""); profile != `{"score":1.0,"level":2}` {
		t.Errorf("%s", profile)
	}

	const grant = `{"entitlement_type":"bundle","entitlement_id":"e1","startTime":"2022-06-01 00:00:00","endTime":"2022-12-31 23:59:59","product_id":"gold"}`
	var granted struct{ GrantID string }
	if err := json.Unmarshal([]byte(request(http.StatusCreated, http.MethodPost, user+"/grants", grant)), &granted); err != nil || granted.GrantID == "" {
		t.Fatalf("%+v, %v", granted, err)
	}
	request(http.StatusCreated, http.MethodPost, user+"/grants/g-2", strings.Replace(grant, `"2022-12-31 23:59:59"`, "null", 1))
	request(http.StatusConflict, http.MethodPost, "/v3/users/nobody/grants", grant)
	shown = request(http.StatusOK, http.MethodGet, user, "")
	holds(shown, `"grantId":"`+granted.GrantID+`"`, `"expiry_state":"expired"`, `"grantId":"g-2"`, `"expiry_state":"active"`, `"startTime":"2022-06-01 00:00:00"`)
	request(http.StatusOK, http.MethodDelete, user+"/grants/"+granted.GrantID, "")
	request(http.StatusNotFound, http.MethodDelete, user+"/grants/"+granted.GrantID, "")
	if shown = request(http.StatusOK, http.MethodGet, user, ""); strings.Contains(shown, granted.GrantID) || !strings.Contains(shown, "g-2") {
		t.Errorf("%s", shown)
	}
}
