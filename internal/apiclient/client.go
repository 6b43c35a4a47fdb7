// Package apiclient is a client of the Egress API. It starts exports with a key pair, follows their
// jobs and downloads their files. Downloads resume after an interruption and verify the SHA-256 of
// the file.
package apiclient

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/httpsig"
)

// Job contains the members of a job that the client uses.
type Job struct {
	ID            string           `json:"jobId"`
	Status        export.Status    `json:"status"`
	Outcome       export.Status    `json:"outcome"` // "" while the job is live
	QueuePosition int              `json:"queuePosition"`
	StreamURL     string           `json:"streamUrl"`
	Words         string           `json:"words"`
	Progress      export.Progress  `json:"progress"`
	Files         []File           `json:"files"`
	Warnings      []export.Warning `json:"warnings"`
	Error         *export.Failure  `json:"error"`
	Retry         *export.Retry    `json:"retry"` // why the job waits; nil if it does not wait
}

// File is a file of a job.
type File struct {
	Kind   export.FileKind `json:"kind"`
	Name   string          `json:"name"`
	Bytes  int64           `json:"bytes"`
	Rows   int64           `json:"rows"`
	SHA256 string          `json:"sha256"`
}

// File returns the job's file of a kind, or nil.
func (j *Job) File(kind export.FileKind) *File {
	for i := range j.Files {
		if j.Files[i].Kind == kind {
			return &j.Files[i]
		}
	}
	return nil
}

// Source returns jobs. Client implements it.
type Source interface {
	// Job returns the current state of a job.
	Job(ctx context.Context, id string) (*Job, error)
	// Link returns a newly signed link to a file of a job, after the download was recorded. A caller who
	// may not download the file, or a file that does not exist, is a *RefusalError.
	Link(ctx context.Context, id string, kind export.FileKind) (string, error)
}

// Client calls the API of an Egress server.
type Client struct {
	URL       string // "https://egress.example.com"
	AccessKey string
	SecretKey string
}

const jobsPath = "/v4/user-export-jobs"

// callTimeout is the timeout of requests that do not transfer a file.
const callTimeout = time.Minute

// Start starts an export.
func (c *Client) Start(ctx context.Context, definition json.RawMessage) (*Job, error) {
	return c.job(ctx, http.MethodPost, jobsPath, definition)
}

// Job implements Source.
func (c *Client) Job(ctx context.Context, id string) (*Job, error) {
	return c.job(ctx, http.MethodGet, jobsPath+"/"+url.PathEscape(id)+"?links=false", nil)
}

// Link implements Source.
func (c *Client) Link(ctx context.Context, id string, kind export.FileKind) (string, error) {
	var link struct {
		URL string `json:"url"`
	}
	target := jobsPath + "/" + url.PathEscape(id) + "/files/" + url.PathEscape(string(kind)) + "/download"
	if err := c.call(ctx, http.MethodGet, target, nil, &link); err != nil {
		return "", err
	}
	return link.URL, nil
}

func (c *Client) job(ctx context.Context, method, target string, body []byte) (*Job, error) {
	var job Job
	if err := c.call(ctx, method, target, body, &job); err != nil {
		return nil, err
	}
	return &job, nil
}

// call sends a request and decodes the JSON of the response.
func (c *Client) call(ctx context.Context, method, target string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	res, err := c.send(ctx, method, target, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("read the response: %w", err)
	}
	return nil
}

// send signs and sends a request. The response has a 2xx status and the caller closes its body. Any
// other status is a *RefusalError.
func (c *Client) send(ctx context.Context, method, target string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("create the request: %w", err)
	}
	path, query, _ := strings.Cut(target, "?")
	signature, err := httpsig.Sign(httpsig.Key{ID: c.AccessKey, Secret: c.SecretKey}, method, path, query, body, time.Now(), rand.Text())
	if err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	maps.Copy(req.Header, signature)
	req.Header.Set("Accept", "application/json, */*")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	return do(req)
}

// do sends a request without a timeout of its own, since files may be large. See send for the
// results.
func do(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // the URL in the message may be a presigned URL
		}
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	if res.StatusCode >= http.StatusOK && res.StatusCode < http.StatusMultipleChoices {
		return res, nil
	}
	defer res.Body.Close()
	return nil, readProblem(res)
}

// maxProblemBytes is the maximum number of bytes read from an error response.
const maxProblemBytes = 64 << 10

// readProblem reads the problem details of an error response.
func readProblem(res *http.Response) error {
	var p struct {
		Code      errs.Code `json:"code"`
		Detail    string    `json:"detail"`
		JobID     string    `json:"jobId"`
		RequestID string    `json:"requestId"`
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxProblemBytes))
	if err != nil || json.Unmarshal(body, &p) != nil || p.Detail == "" {
		return &RefusalError{Status: res.StatusCode, Detail: "The server responded with status " + res.Status + "."}
	}
	return &RefusalError{Status: res.StatusCode, Code: p.Code, Detail: p.Detail, JobID: p.JobID, RequestID: p.RequestID}
}

// RefusalError is an error response of the server.
type RefusalError struct {
	Status    int
	Code      errs.Code // "" if the response is not from Egress
	Detail    string
	JobID     string // the export in progress that the response names, or ""
	RequestID string // identifies the request in the server's log
}

// Error implements error.
func (r *RefusalError) Error() string {
	text := r.Detail
	if r.JobID != "" {
		text += " The export in progress is job " + r.JobID + "."
	}
	if r.RequestID != "" {
		text += " (request " + r.RequestID + ")"
	}
	return text
}

// isTemporary reports whether a retry may succeed.
func isTemporary(err error) bool {
	r, ok := errors.AsType[*RefusalError](err)
	return !ok || r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests
}
