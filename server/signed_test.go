package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Clients in three languages, each written from the API document, send the requests of Zephr's
// clients.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	dir := seeded(t, someUsers)
	env := []string{"EGRESS_LOG_FORMAT=json"}
	p := start(t, dir, env)
	owner := p.logIn()
	owner.tenant = "meridian"
	k := owner.issue("nightly")
	var secrets []string
	var said string // by processes that have ended

	for name, call := range map[string]signedCall{
		"go": signedByGo, "rfc9421": signedBy("sh", filepath.Join("testdata", "rfc9421.sh")), "node": signedBy("node", filepath.Join("testdata", "signed.mjs")), "shell": signedBy("sh", filepath.Join("testdata", "signed.sh")),
	} {
		t.Run(name, func(t *testing.T) {
			k := owner.issue(name) // one requester has one export at a time
			secrets = append(secrets, k.SecretKey)
			want := func(status int, scheme, method, target, body string) string {
				t.Helper()
				got, answer := call(t, p.url, k, method, target, body, scheme)
				if got != status {
					t.Fatalf("%s %s answers %d, want %d: %s", method, target, got, status, answer)
				}
				return answer
			}
			if me := want(http.StatusOK, zephr, http.MethodGet, "/v4/me", ""); !strings.Contains(me, `"tenant":"meridian"`) {
				t.Errorf("%s", me)
			}
			want(http.StatusOK, zephr, http.MethodGet, "/v4/users?search=a+b%20%c3%A9&limit=1", "")
			want(http.StatusNotFound, zephr, http.MethodGet, "/v4/users/a%2fb%20%C3%A9", "")
			want(http.StatusBadRequest, zephr, http.MethodPost, "/v4/user-export-counts", `{"include":{"attributes":"é"}}`)
			want(http.StatusUnauthorized, blaize, http.MethodGet, "/v4/users?limit=1", "")
			if roles := want(http.StatusOK, zephr, http.MethodGet, "/v3/admin/roles/", ""); !strings.Contains(roles, `"role":"owner"`) {
				t.Errorf("%s", roles)
			}
			if refused := want(http.StatusNotImplemented, zephr, http.MethodGet, "/v3/bundles?rpp=10&page=1", ""); !strings.Contains(refused, "not_served_here") {
				t.Errorf("%s", refused)
			}

			var j job
			answer := want(http.StatusAccepted, zephr, http.MethodPost, "/v4/user-export-jobs", `{"include":{"attributes":true,"grants":true}}`)
			until(t, "the export to end", time.Minute, func() bool {
				if err := json.Unmarshal([]byte(answer), &j); err != nil {
					t.Fatal(err)
				}
				answer = want(http.StatusOK, zephr, http.MethodGet, "/v4/user-export-jobs/"+j.JobID, "")
				return j.final()
			})
			file := owner.download(j.DownloadURL)
			sum := sha256.Sum256(file)
			if j.Status != "completed" || hex.EncodeToString(sum[:]) != j.Files[0].SHA256 {
				t.Errorf("%+v, a file of %d bytes", j, len(file))
			}
			var stores struct {
				Results []struct{ ID string } `json:"results"`
			}
			if err := json.Unmarshal([]byte(want(http.StatusOK, zephr, http.MethodGet, "/v4/user-stores", "")), &stores); err != nil || len(stores.Results) == 0 {
				t.Fatalf("user stores: %v", err)
			}
			user, email := "/v3/users/"+name+"%20%C3%A9", name+"+é@example.com"
			want(http.StatusCreated, zephr, http.MethodPost, "/v3/users", `{"user_id":"`+name+` é","identifiers":{"email_address":"`+email+
				`"},"validators":{"password":"secret"},"attributes":{"country":"GB"},"user_store_id":"`+stores.Results[0].ID+`"}`)
			want(http.StatusConflict, zephr, http.MethodPost, "/v3/users", `{"identifiers":{"email_address":"`+email+`"},"user_store_id":"`+stores.Results[0].ID+`"}`)
			want(http.StatusOK, zephr, http.MethodPatch, user+"/attributes", `{"country":"FR"}`)
			want(http.StatusOK, zephr, http.MethodPut, user+"/foreign-key/update/crm", name+" 1+1")
			want(http.StatusOK, zephr, http.MethodPut, user+"/profile/quiz.v1", `{"score": 1.50, "ä": []}`)
			if got := want(http.StatusOK, zephr, http.MethodGet, user+"/profile/quiz.v1", ""); got != `{"score":1.50,"ä":[]}` {
				t.Errorf("the profile came back as %s", got)
			}
			for _, query := range []string{
				"identifiers.email_address=" + name + "%2B%C3%A9@example.com", "foreign_key.crm=" + name + "+1%2B1",
				"search_by_attributes=W3sic2x1ZyI6ImNvdW50cnkiLCJvcGVyYXRvciI6ImlzIiwidmFsdWUiOiJGUiJ9XQ%3D%3D&search=" + name + "%2B&rpp=500",
			} {
				var found struct {
					Results []struct {
						UserID     string         `json:"user_id"`
						Attributes map[string]any `json:"attributes"`
					} `json:"results"`
					Total int `json:"total"`
				}
				answer := want(http.StatusOK, zephr, http.MethodGet, "/v3/users/?"+query, "")
				if err := json.Unmarshal([]byte(answer), &found); err != nil || found.Total != 1 || found.Results[0].UserID != name+" é" || found.Results[0].Attributes["country"] != "FR" {
					t.Errorf("by %s: %s", query, answer)
				}
			}
			want(http.StatusOK, zephr, http.MethodGet, user+"/accounts", "")
			signedAccounts(t, user, want)
			field := `{"label":"Score <\u00e9>","slug":"score-` + name + `","input-type":"number","range-start":0.0,"range-end":1E2,"select-options":"null","later":[1.50]}`
			want(http.StatusCreated, zephr, http.MethodPut, "/v3/schema/users/score-"+name, field)
			want(http.StatusOK, zephr, http.MethodPut, "/v3/schema/users/score-"+name, field)
			if got := want(http.StatusOK, zephr, http.MethodGet, "/v3/schema/users/score-"+name, ""); got != field {
				t.Errorf("the field came back as %s", got)
			}
			if got := want(http.StatusOK, zephr, http.MethodGet, "/v3/schema/users", ""); !strings.Contains(got, field) {
				t.Errorf("the schema came back as %s", got)
			}
			want(http.StatusBadRequest, zephr, http.MethodPatch, user+"/attributes", `{"score-`+name+`":101}`)
			want(http.StatusOK, zephr, http.MethodPut, user+"/attributes", `{"score-`+name+`":12}`)
			if got := want(http.StatusOK, zephr, http.MethodGet, user, ""); !strings.Contains(got, `"attributes":{"score-`+name+`":12}`) || !strings.Contains(got, `"foreign_keys":{"crm":"`+name+` 1+1"}`) {
				t.Errorf("the user is %s", got)
			}
			want(http.StatusOK, zephr, http.MethodDelete, user, "")
			want(http.StatusNotFound, zephr, http.MethodGet, user, "")
			want(http.StatusOK, zephr, http.MethodDelete, "/v3/schema/users/score-"+name, "")
			want(http.StatusOK, zephr, http.MethodGet, "/v3/accounts/?rpp=1", "")
			if status, _ := call(t, p.url, k, http.MethodHead, "/v3/schema/users", "", zephr); status != http.StatusOK {
				t.Errorf("HEAD answers %d", status)
			}

			answer = want(http.StatusAccepted, zephr, http.MethodGet, "/v4/user-export?attributes=true&attr=country.notEquals.XX", "")
			if !strings.Contains(answer, `"origin":"api"`) || !strings.Contains(answer, "country") {
				t.Errorf("%s", answer)
			}
		})
	}

	t.Run("are good once, as they were signed, until the pair is revoked", func(t *testing.T) {
		header := signature(k, http.MethodGet, "/v4/features", "", zephr)
		for i, status := range []int{http.StatusOK, http.StatusUnauthorized} {
			if got, answer := send(t, p.url, http.MethodGet, "/v4/features", "", header); got != status {
				t.Errorf("time %d: %d %s", i+1, got, answer)
			}
		}
		header = signature(k, http.MethodGet, "/v4/users?limit=1", "", zephr)
		if got, _ := send(t, p.url, http.MethodGet, "/v4/users?limit=2", "", header); got != http.StatusUnauthorized {
			t.Errorf("with another query: %d", got)
		}
		until(t, "the reasons in the log", time.Minute, func() bool {
			return strings.Contains(p.out.String(), "the nonce was used before") && strings.Contains(p.out.String(), "the hash does not match this request")
		})
		if status := owner.call(http.MethodPut, "/v4/settings", map[string]bool{"legacySignatures": true}, nil); status != http.StatusOK {
			t.Fatalf("PUT settings answers %d", status)
		}
		if got, answer := signedByGo(t, p.url, k, http.MethodGet, "/v4/users?limit=1", "", blaize); got != http.StatusOK {
			t.Errorf("a legacy signature where they are allowed: %d %s", got, answer)
		}
	})

	t.Run("of Zephr are refused where the tenant does not accept them", func(t *testing.T) {
		setting := func(on bool) {
			t.Helper()
			if status := owner.call(http.MethodPut, "/v4/settings", map[string]bool{"zephrSignatures": on}, nil); status != http.StatusOK {
				t.Fatalf("PUT settings answers %d", status)
			}
		}
		setting(false)
		for _, scheme := range []string{zephr, blaize} {
			if got, answer := signedByGo(t, p.url, k, http.MethodGet, "/v4/features", "", scheme); got != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", scheme, got, answer)
			}
		}
		if got, answer := signedByMessage(t, p.url, k, http.MethodGet, "/v4/features", "", ""); got != http.StatusOK {
			t.Errorf("HTTP Message Signatures: %d %s", got, answer)
		}
		until(t, "the reason in the log", time.Minute, func() bool { return strings.Contains(p.out.String(), "does not accept Zephr's signature schemes") })
		setting(true)
		if got, answer := signedByGo(t, p.url, k, http.MethodGet, "/v4/features", "", zephr); got != http.StatusOK {
			t.Errorf("accepted again: %d %s", got, answer)
		}
	})

	t.Run("are good once, even if the server is killed in between", func(t *testing.T) {
		const target = "/v4/features"
		used, fresh := map[string]http.Header{}, map[string]http.Header{}
		for clock, skew := range map[string]time.Duration{"is right": 0, "is four minutes fast": 4 * time.Minute, "is four minutes slow": -4 * time.Minute} {
			for _, headers := range []map[string]http.Header{used, fresh} {
				at := time.Now().Add(skew)
				headers["Zephr's scheme, the client's clock "+clock] = http.Header{"Authorization": {signatureAt(at, k, http.MethodGet, target, "", zephr)}}
				headers["HTTP Message Signatures, the client's clock "+clock] = messageSignatureAt(at, k, http.MethodGet, target, "")
			}
		}
		for name, header := range used {
			if got, answer := sendWith(t, p.url, http.MethodGet, target, "", header); got != http.StatusOK {
				t.Errorf("%s: %d %s", name, got, answer)
			}
		}
		p.kill()
		said += p.out.String()
		p = start(t, dir, env)
		for name, header := range used {
			if got, _ := sendWith(t, p.url, http.MethodGet, target, "", header); got != http.StatusUnauthorized {
				t.Errorf("%s, used before the kill: %d", name, got)
			}
		}
		for name, header := range fresh {
			if got, answer := sendWith(t, p.url, http.MethodGet, target, "", header); got != http.StatusOK {
				t.Errorf("%s, signed before the kill and not used: %d %s", name, got, answer)
			}
		}
		if info, err := os.Stat(filepath.Join(dir, "data", "secret-key")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the secret key: %v, %v", info, err)
		}
		again := p.logIn()
		again.tenant = "meridian"
		var me struct {
			UserID string `json:"user_id"`
		}
		again.call(http.MethodGet, "/v4/me", nil, &me)
		if status := again.call(http.MethodDelete, "/v3/admin/users/"+me.UserID+"/keypairs/"+k.AccessKey, nil, nil); status != http.StatusOK {
			t.Fatalf("DELETE keypairs answers %d", status)
		}
		if got, _ := signedByGo(t, p.url, k, http.MethodGet, "/v4/features", "", zephr); got != http.StatusUnauthorized {
			t.Errorf("a revoked pair: %d", got)
		}
	})

	for _, secret := range append(secrets, k.SecretKey) {
		if strings.Contains(said+p.out.String(), secret) {
			t.Error("a secret is in the log")
		}
	}
}

// With sync exports the response is the file, and sending the last chunk confirms the stream.
func TestStreamedByParameters(t *testing.T) {
	t.Parallel()
	dir := seeded(t, hundredsUsers)
	p := start(t, dir, []string{"EGRESS_LOG_LEVEL=warn"})
	owner := p.logIn()
	owner.tenant = "meridian"
	definition := map[string]any{"include": map[string]any{"attributes": true, "grants": true}}
	_, stored := owner.completed(owner.export(definition).JobID, time.Minute)
	owner.features(false, false)
	k := owner.issue("stream")

	status, file := signedByGo(t, p.url, k, http.MethodGet, "/v4/user-export?attributes=true&grants=true&rpp=40&page=1", "", zephr)
	if status != http.StatusOK || file != string(stored) {
		t.Fatalf("%d, %d bytes, want %d", status, len(file), len(stored))
	}
	var list struct {
		Results []job `json:"results"`
	}
	until(t, "the job to be completed", time.Minute, func() bool {
		owner.call(http.MethodGet, "/v4/user-export-jobs?limit=1", nil, &list)
		return list.Results[0].final()
	})
	j := list.Results[0]
	if j.Status != "completed" || j.Mode != "sync" || j.Files[0].Bytes != int64(len(file)) || j.DownloadURL != "" {
		t.Errorf("%+v", j)
	}
	// The page was ignored, and the job and the manifest say so.
	for _, address := range []string{"/v4/user-export-jobs/" + j.JobID, "/v4/user-export-jobs/" + j.JobID + "/manifest"} {
		if status, body := owner.raw(http.MethodGet, address, nil); status != http.StatusOK || !strings.Contains(string(body), "ignored rpp and page") {
			t.Errorf("%s answers %d %s", address, status, body)
		}
	}
}
