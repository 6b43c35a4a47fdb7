// Package apiclient asks an Egress for exports over its API, with a key pair, and brings their files home: by pieces that are
// resumed, and proven by the hash that the job says.
package apiclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// Job is what a client looks at of a job.
type Job struct {
	ID            string           `json:"jobId"`
	Status        export.Status    `json:"status"`
	Outcome       export.Status    `json:"outcome"` // "" while it is live
	QueuePosition int              `json:"queuePosition"`
	StreamURL     string           `json:"streamUrl"`
	Words         string           `json:"words"`
	Progress      export.Progress  `json:"progress"`
	Files         []File           `json:"files"`
	Warnings      []export.Warning `json:"warnings"`
	Error         *export.Failure  `json:"error"`
}

// File is a file of a job.
type File struct {
	Kind        export.FileKind `json:"kind"`
	Name        string          `json:"name"`
	Bytes       int64           `json:"bytes"`
	Rows        int64           `json:"rows"`
	SHA256      string          `json:"sha256"`
	DownloadURL string          `json:"downloadUrl"`
}

// File returns the job's file of a kind, nil where there is none.
func (j *Job) File(kind export.FileKind) *File {
	for i := range j.Files {
		if j.Files[i].Kind == kind {
			return &j.Files[i]
		}
	}
	return nil
}

// Source knows jobs: a Client, or whatever else can tell of them. A job's links are fresh.
type Source interface {
	Job(ctx context.Context, id string) (*Job, error)
}

// Client asks one Egress.
type Client struct {
	URL       string // "https://egress.example.com"
	AccessKey string
	SecretKey string
}

// callTimeout is how long an answer that is no file may take.
const callTimeout = time.Minute

// Start asks for an export.
func (c *Client) Start(ctx context.Context, definition json.RawMessage) (*Job, error) {
	return c.job(ctx, http.MethodPost, "/v4/user-export-jobs", definition)
}

// Job returns a job as it is now.
func (c *Client) Job(ctx context.Context, id string) (*Job, error) {
	return c.job(ctx, http.MethodGet, "/v4/user-export-jobs/"+url.PathEscape(id), nil)
}

func (c *Client) job(ctx context.Context, method, target string, body []byte) (*Job, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := c.send(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var job Job
	if err := json.NewDecoder(res.Body).Decode(&job); err != nil {
		return nil, fmt.Errorf("read a job: %w", err)
	}
	return &job, nil
}

// send signs and sends a request. The answer is a 2xx; anything else is an error with the server's own words.
func (c *Client) send(ctx context.Context, method, target string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	path, query, _ := strings.Cut(target, "?")
	req.Header.Set("Authorization", auth.Sign(c.AccessKey, c.SecretKey, auth.Target{Method: method, Path: path, Query: query, Body: body}, time.Now(), rand.Text()))
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	return do(req)
}

// do sends a request; a file may take its time.
func do(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // its address may be a signed link
		}
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	if res.StatusCode >= http.StatusOK && res.StatusCode < http.StatusMultipleChoices {
		return res, nil
	}
	defer res.Body.Close()
	return nil, problem(res)
}

// maxProblem is how much of an answer is read that is no 2xx, in bytes.
const maxProblem = 64 << 10

// problem reads what the server says went wrong.
func problem(res *http.Response) error {
	var p struct {
		Code      export.Code `json:"code"`
		Detail    string      `json:"detail"`
		JobID     string      `json:"jobId"`
		RequestID string      `json:"requestId"`
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil || json.Unmarshal(body, &p) != nil || p.Detail == "" {
		return &RefusalError{Status: res.StatusCode, Detail: "The server answered with status " + res.Status + "."}
	}
	return &RefusalError{Status: res.StatusCode, Code: p.Code, Detail: p.Detail, JobID: p.JobID, RequestID: p.RequestID}
}

// RefusalError is an answer that is no 2xx.
type RefusalError struct {
	Status    int
	Code      export.Code // "" where the answer was not Egress's
	Detail    string
	JobID     string // of the export that is in progress
	RequestID string // finds the request in the server's log
}

// Error implements error.
func (r *RefusalError) Error() string {
	text := r.Detail
	if r.JobID != "" {
		text += " It is job " + r.JobID + "."
	}
	if r.RequestID != "" {
		text += " (request " + r.RequestID + ")"
	}
	return text
}

// passing reports whether trying again may help.
func passing(err error) bool {
	r, ok := errors.AsType[*RefusalError](err)
	return !ok || r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests
}
