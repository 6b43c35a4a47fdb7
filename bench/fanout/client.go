package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	pollInterval = 100 * time.Millisecond // between two reads of a job's state
	exportLimit  = 5 * time.Minute        // of one export
)

// call sends a request with a session, and decodes the response into out unless it is nil.
func call(ctx context.Context, method, url, tenant, cookie string, in, out any) (http.Header, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Egress-Tenant", tenant)
	req.Header.Set("Cookie", cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, res.Status, text)
	}
	if out == nil {
		return res.Header, nil
	}
	return res.Header, json.Unmarshal(text, out)
}

// logIn returns the header Cookie of a new session.
func logIn(ctx context.Context, url, email, password string) (string, error) {
	header, err := call(ctx, http.MethodPost, url+"/v3/admin/login", "", "", map[string]any{
		"identifiers": map[string]string{"email_address": email}, "validators": map[string]string{"password": password},
	}, nil)
	if err != nil {
		return "", err
	}
	var pairs []string
	for _, text := range header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(text, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; "), nil
}

// export runs an export of all users with attributes and grants, and returns how long it took from its
// start until it was verified, by the clock of the server.
func (e *egress) export(ctx context.Context, url string) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, exportLimit, fmt.Errorf("it takes longer than %s: pass fewer -users", exportLimit))
	defer cancel()
	var job struct {
		ID          string `json:"jobId"`
		Outcome     string // "" while the job is live
		StartedAt   time.Time
		CompletedAt time.Time
	}
	definition := map[string]any{"include": map[string]any{"attributes": true, "grants": true}}
	if _, err := call(ctx, http.MethodPost, url+"/v4/user-export-jobs", e.tenant, e.cookies[0], definition, &job); err != nil {
		return 0, err
	}
	for job.Outcome == "" {
		if err := sleep(ctx, pollInterval); err != nil {
			return 0, err
		}
		if _, err := call(ctx, http.MethodGet, url+"/v4/user-export-jobs/"+job.ID, e.tenant, e.cookies[0], nil, &job); err != nil {
			return 0, err
		}
	}
	if job.Outcome != "completed" {
		return 0, fmt.Errorf("the export ended as %s", job.Outcome)
	}
	return job.CompletedAt.Sub(job.StartedAt), nil
}

// exports runs n exports after an unmeasured one, and returns their seconds. It deletes the files of each: kept, they
// make later exports slower, because a virtual machine is slow when it uses memory for the first time.
func (e *egress) exports(ctx context.Context, url string, n int) ([]float64, error) {
	var took []float64
	for i := range n + 1 {
		d, err := e.export(ctx, url)
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		if err := os.RemoveAll(e.filesDir()); err != nil {
			return nil, err
		}
		if i > 0 {
			took = append(took, d.Seconds())
		}
	}
	return took, nil
}
