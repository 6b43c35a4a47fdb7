package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Zephr's clients find users: the requests are signed, and the answers are read, as they do it.
func TestZephrLookups(t *testing.T) {
	t.Parallel()
	p := start(t, seeded(t, someUsers), []string{"EGRESS_LOG_LEVEL=warn"})
	owner := p.logIn()
	owner.tenant = "meridian"
	k := owner.issue("lookups")
	request := func(status int, method, target, body string) []byte {
		t.Helper()
		got, answer := signedByGo(t, p.url, k, method, target, body, zephr)
		if got != status {
			t.Fatalf("%s %s answers %d, want %d: %s", method, target, got, status, answer)
		}
		return []byte(answer)
	}
	var stores struct {
		Results []struct{ ID string } `json:"results"`
	}
	if err := json.Unmarshal(request(http.StatusOK, http.MethodGet, "/v4/user-stores", ""), &stores); err != nil || len(stores.Results) == 0 {
		t.Fatalf("user stores: %v", err)
	}
	for slug, inputType := range map[string]string{"zephr_town": "text", "zephr_postcode": "text", "zephr_news": "checkbox", "zephr_born": "date"} {
		request(http.StatusCreated, http.MethodPut, "/v3/schema/users/"+slug, `{"label":"`+slug+`","input-type":"`+inputType+`"}`)
	}
	inStore := `,"user_store_id":"` + stores.Results[0].ID + `"}`
	request(http.StatusCreated, http.MethodPost, "/v3/users", `{"user_id":"z1","identifiers":{"email_address":"Zoe.Quill@Example.com","username":"zquill"},
		"attributes":{"zephr_town":"Quillborough East","zephr_postcode":"10115","zephr_news":true,"zephr_born":"1990-01-31"},"foreign_keys":{"zcrm":"17"}`+inStore)
	request(http.StatusCreated, http.MethodPost, "/v3/users", `{"user_id":"z2","identifiers":{"email_address":"other@quillmail.example"},"attributes":{"zephr_news":false},"foreign_keys":{"zcrm":"18"}`+inStore)
	request(http.StatusConflict, http.MethodPost, "/v3/users", `{"identifiers":{"email_address":"ZOE.QUILL@example.com"}`+inStore)

	type answer struct {
		UserID     *string          `json:"user_id"`
		Registered string           `json:"registered"`
		Attributes map[string]any   `json:"attributes"`
		Results    []map[string]any `json:"results"`
		Total      int              `json:"total"`
	}
	find := func(query string) (a answer) {
		t.Helper()
		if err := json.Unmarshal(request(http.StatusOK, http.MethodGet, "/v3/users?"+query, ""), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	conditions := func(list string) string {
		return "search_by_attributes=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(list)))
	}
	for query, want := range map[string]string{
		"identifiers.email_address=zoe.quill@example.com": "z1 alone",
		"identifiers.email_address=ZOE.QUILL@EXAMPLE.COM": "z1 alone",
		"identifiers.username=zquill":                     "z1 alone",
		"foreign_key.zcrm=17":                             "z1 alone",
		"identifiers.email_address=":                      "",
		"identifiers.username=":                           "",
		"foreign_key.zcrm=":                               "",
		"search=":                                         "",
		"search_by_attributes=":                           "",
		"search=Quillborough":                             "z1",
		"search=*lborough*":                               "z1",
		"search=quillb*":                                  "z1",
		"search=quill*":                                   "z1",
		"search=*quill*":                                  "z1 z2",
		"search=*boroug":                                  "",
		"search=*borough":                                 "z1",
		conditions(`[{"slug":"zephr_news","operator":"checked","value":true}]`):       "z1",
		conditions(`[{"slug":"zephr_news","operator":"is","value":true}]`):            "z1",
		conditions(`[{"slug":"zephr_postcode","operator":"is","value":10115}]`):       "z1",
		conditions(`[{"slug":"zephr_town","operator":"has_any_value","value":""}]`):   "z1",
		conditions(`[{"slug":"zephr_born","operator":"is","value":"1990-01-31"}]`):    "z1",
		conditions(`[{"slug":"zephr_postcode","operator":"starts_with","value":10}]`): "z1",
	} {
		a := find(query)
		var ids []string
		for _, user := range a.Results {
			ids = append(ids, user["user_id"].(string))
		}
		got := strings.Join(ids, " ")
		if a.UserID != nil {
			got = *a.UserID + " alone"
		}
		if got != want || a.Total != len(a.Results) {
			t.Errorf("%s: %q of %d, want %q", query, got, a.Total, want)
		}
	}
	a := find("identifiers.email_address=zoe.quill@example.com")
	if len(a.Registered) < len("2021-02-24T15:43:28Z") || strings.Contains(a.Registered, ".000Z") || a.Attributes["zephr_born"] != "1990-01-31" {
		t.Errorf("%+v", a)
	}
	if body := string(request(http.StatusOK, http.MethodGet, "/v3/users/z2", "")); strings.Contains(body, "null") || strings.Contains(body, "last_login") {
		t.Errorf("%s", body)
	}
	var failure struct{ Message, Detail string }
	if err := json.Unmarshal(request(http.StatusBadRequest, http.MethodGet, "/v3/users?"+conditions(`[{"slug":"none","operator":"checked"}]`), ""), &failure); err != nil || failure.Message == "" || failure.Message != failure.Detail {
		t.Errorf("%+v, %v", failure, err)
	}
}
