package s3

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/pipeline"
)

var checksumElements = regexp.MustCompile(`<Checksum[A-Za-z0-9]*>[^<]*</Checksum[A-Za-z0-9]*>`)

// seaweed makes the gateway behave as SeaweedFS does: ListParts omits the checksums of the parts,
// and CompleteMultipartUpload refuses a part without one.
func seaweed(t *testing.T) roundTripper {
	t.Helper()
	return func(r *http.Request) (*http.Response, error) {
		if isComplete(r) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			if bytes.Count(body, []byte("<PartNumber>")) != bytes.Count(body, []byte("<ChecksumCRC32>")) {
				return errorResponse(r, http.StatusBadRequest, "InvalidRequest"), nil
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil && r.Method == http.MethodGet && r.URL.Query().Has("uploadId") {
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return nil, err
			}
			body = checksumElements.ReplaceAll(body, nil)
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			resp.Header.Del("Content-Length")
		}
		return resp, err
	}
}

// errorResponse returns an S3 error response, or a proxy's error page if code is empty.
func errorResponse(r *http.Request, status int, code string) *http.Response {
	body := "<html><body><h1>" + http.StatusText(status) + "</h1></body></html>"
	header := http.Header{"Content-Type": {"text/html"}}
	if code != "" {
		body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>m</Message></Error>`
		header.Set("Content-Type", "application/xml")
	}
	if r.Method == http.MethodHead {
		body = ""
	}
	return &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// If ListParts omits the checksums, Complete uses those that UploadPart returned, even in another
// process that has them from a checkpoint.
func TestCompleteWithoutListedChecksums(t *testing.T) {
	t.Parallel()
	o := gatewayOptions(t)
	o.transport = seaweed(t)
	s, ctx := openStorage(t, o)
	key := embeddedtest.Prefix(t) + "users.csv"
	u, err := s.Create(ctx, key, "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	first, err := u.Part(ctx, 1, bytes.Repeat([]byte("a"), pipeline.MinPart))
	if err != nil {
		t.Fatal(err)
	}
	resumed := s.Resume(key, u.ID())
	listed, err := resumed.Parts(ctx)
	if err != nil || len(listed) != 1 || listed[0].Checksum != "" || first.Checksum == "" {
		t.Fatalf("listed %+v, stored %+v, %v", listed, first, err)
	}
	second, err := resumed.Part(ctx, 2, []byte("end"))
	if err != nil {
		t.Fatal(err)
	}
	if err := resumed.Complete(ctx, []pipeline.StoredPart{first, second}); err != nil {
		t.Fatal(err)
	}
}

// Parts from a checkpoint of an older version have no checksums: Complete uses the listed ones.
func TestCompleteWithListedChecksums(t *testing.T) {
	t.Parallel()
	s, ctx := openStorage(t, gatewayOptions(t))
	u, err := s.Create(ctx, embeddedtest.Prefix(t)+"users.csv", "text/csv")
	if err != nil {
		t.Fatal(err)
	}
	part, err := u.Part(ctx, 1, []byte("stored"))
	if err != nil {
		t.Fatal(err)
	}
	part.Checksum = ""
	if err := u.Complete(ctx, []pipeline.StoredPart{part}); err != nil {
		t.Fatal(err)
	}
}
