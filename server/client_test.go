package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"
)

// client is the HTTP client of an admin: a session cookie and a tenant.
type client struct {
	t      testing.TB
	url    string
	tenant string
	http   *http.Client
}

// job is the part of a job that the tests check.
type job struct {
	JobID         string `json:"jobId"`
	Status        string `json:"status"`
	Outcome       string `json:"outcome"`
	Mode          string `json:"mode"`
	Attempt       int64  `json:"attempt"`
	Resumes       int    `json:"resumes"`
	Version       int64  `json:"version"`
	QueuePosition *int   `json:"queuePosition"`
	DownloadURL   string `json:"downloadUrl"`
	StreamURL     string `json:"streamUrl"`
	Progress      struct {
		Phase   string `json:"phase"`
		Percent int    `json:"percent"`
		Users   struct {
			Bytes           int64 `json:"bytes"`
			BytesTotal      int64 `json:"bytesTotal"`
			BytesTotalExact bool  `json:"bytesTotalExact"`
			Rows            int64 `json:"rows"`
			Users           int64 `json:"users"`
			UsersTotal      int64 `json:"usersTotal"`
		} `json:"users"`
	} `json:"progress"`
	Files []struct {
		Kind        string `json:"kind"`
		Name        string `json:"name"`
		Compression string `json:"compression"`
		Bytes       int64  `json:"bytes"`
		CSVBytes    int64  `json:"csvBytes"`
		Rows        int64  `json:"rows"`
		SHA256      string `json:"sha256"`
		DownloadURL string `json:"downloadUrl"`
	} `json:"files"`
	Warnings []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"warnings"`
	Error *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// final reports whether the job has ended.
func (j job) final() bool { return j.Outcome != "" }

// logIn logs in with the first admin's login that the terminal shows.
func (p *process) logIn() *client {
	p.t.Helper()
	return p.logInAs(p.login())
}

// logInAs signs an admin in.
func (p *process) logInAs(email, password string) *client {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := &client{t: p.t, url: p.url, http: &http.Client{Jar: jar, Timeout: time.Minute}}
	body := map[string]any{"identifiers": map[string]string{"email_address": email}, "validators": map[string]string{"password": password}}
	if status := c.call(http.MethodPost, "/v3/admin/login", body, nil); status != http.StatusOK {
		p.t.Fatalf("login answers %d", status)
	}
	var me struct{ Tenants []struct{ ID string } }
	c.call(http.MethodGet, "/v4/me", nil, &me)
	if len(me.Tenants) > 1 { // one has to be named
		c.tenant = me.Tenants[0].ID
	}
	return c
}

// call sends JSON and decodes the response into out if out is not nil.
func (c *client) call(method, path string, in, out any, header ...string) int {
	c.t.Helper()
	status, body := c.raw(method, path, in, header...)
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			c.t.Fatalf("%s %s answers %d %s: %v", method, path, status, body, err)
		}
	}
	return status
}

func (c *client) raw(method, path string, in any, header ...string) (int, []byte) {
	c.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			c.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(c.t.Context()), method, c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.tenant != "" {
		req.Header.Set("Egress-Tenant", c.tenant)
	}
	if method == http.MethodGet { // a cookie alone starts nothing
		req.Header.Set("Sec-Fetch-Site", "none")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, b
}

// export starts an export and fails the test if it is not accepted.
func (c *client) export(definition any) job {
	c.t.Helper()
	var j job
	status, body := c.raw(http.MethodPost, "/v4/user-export-jobs", definition)
	if status != http.StatusAccepted {
		c.t.Fatalf("POST /v4/user-export-jobs answers %d %s", status, body)
	}
	if err := json.Unmarshal(body, &j); err != nil {
		c.t.Fatal(err)
	}
	return j
}

// job returns a job.
func (c *client) job(id string) job {
	c.t.Helper()
	var j job
	if status := c.call(http.MethodGet, "/v4/user-export-jobs/"+id, nil, &j); status != http.StatusOK {
		c.t.Fatalf("GET job answers %d", status)
	}
	return j
}

// wait polls a job until it has ended, and returns it.
func (c *client) wait(id string, limit time.Duration) job {
	c.t.Helper()
	var j job
	until(c.t, "an ended job", limit, func() bool { j = c.job(id); return j.final() })
	return j
}

// completed waits until a job completes and downloads its users file.
func (c *client) completed(id string, limit time.Duration) (job, []byte) {
	c.t.Helper()
	j := c.wait(id, limit)
	if j.Status != "completed" {
		c.t.Fatalf("the job ended as %s: %+v", j.Status, j.Error)
	}
	return j, c.download(j.DownloadURL)
}

// download fetches a presigned URL without cookies.
func (c *client) download(url string) []byte {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("the download answers %d, %d bytes, %v", res.StatusCode, len(b), err)
	}
	return b
}

// everything returns a definition with all columns of all users.
func everything() map[string]any {
	return map[string]any{
		"include": map[string]any{"attributes": true, "extendedProfiles": map[string]any{"appIds": []string{"all"}}, "foreignKeys": true, "grants": true},
		"users":   map[string]any{"userStoreId": "all"},
	}
}
