package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tenant is the id of the tenant.
const tenant = "bench"

// client is an admin with a session.
type client struct {
	url  string
	http *http.Client
}

// credentials are those of the first admin.
type credentials struct{ email, password string }

// readCredentials reads the file that the first start of the server writes.
func (r *round) readCredentials() (credentials, error) {
	text, err := os.ReadFile(filepath.Join(r.dataDir(), "first-admin"))
	if err != nil {
		return credentials{}, err
	}
	lines := strings.Fields(string(text))
	if len(lines) != 2 {
		return credentials{}, fmt.Errorf("first-admin has %d lines, want an e-mail address and a password", len(lines))
	}
	return credentials{lines[0], lines[1]}, nil
}

// logIn logs in.
func logIn(ctx context.Context, url string, c credentials) (*client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	admin := &client{url: url, http: &http.Client{Jar: jar}}
	_, err = admin.call(ctx, http.MethodPost, "/v3/admin/login", map[string]any{
		"identifiers": map[string]string{"email_address": c.email}, "validators": map[string]string{"password": c.password},
	}, nil)
	return admin, err
}

// call sends a request, decodes the response into out unless it is nil, and returns how long it took
// until the whole response was there.
func (c *client) call(ctx context.Context, method, path string, in, out any) (time.Duration, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Egress-Tenant", tenant)
	began := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return 0, fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if out == nil {
		return took, nil
	}
	return took, json.Unmarshal(text, out)
}
