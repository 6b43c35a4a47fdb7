package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/users"
)

// manyUsers answers every list with users of 40 kB in JSON.
func manyUsers(o *Options) {
	o.Users = &fakeUsers{list: func(context.Context, string, users.Query, string, int) (users.Page, error) {
		page := users.Page{}
		for i := range 200 {
			page.Users = append(page.Users, users.User{ID: fmt.Sprintf("01user%04d", i)})
		}
		return page, nil
	}}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("An export of yours is ready. ", 200)
	mail := func(o *Options) {
		withOutbox(o)
		for _, m := range o.Outbox.(fakeOutbox) {
			m.Text = long
		}
	}
	b, small := setup(t, manyUsers, mail), setup(t)
	b.jobs.create = func(jobs.Request) (*export.Job, bool, error) {
		job := testJob("01owner")
		job.Words = long
		return job, true, nil
	}
	plain := b.call("owner", "GET", "/v4/users", "")
	plain.expect(200, "", "")
	if len(plain.body) < 10*minCompressed {
		t.Fatalf("the list has only %d bytes", len(plain.body))
	}
	for name, c := range map[string]struct {
		server         *testServer
		target, accept string
		want           string // Content-Encoding
	}{
		"gzip":                    {b, "/v4/users", "gzip, deflate, br", "gzip"},
		"a document in YAML":      {b, "/v4/openapi.yaml", "gzip", "gzip"},
		"no Accept-Encoding":      {b, "/v4/users", "", ""},
		"other codings only":      {b, "/v4/users", "br, zstd", ""},
		"gzip refused":            {b, "/v4/users", "gzip;q=0, identity", ""},
		"a small answer":          {small, "/v4/me", "gzip", ""},
		"an e-mail of the outbox": {b, "/v4/outbox/" + newestMail, "gzip", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			headers := []string{}
			if c.accept != "" {
				headers = []string{"Accept-Encoding", c.accept}
			}
			a := c.server.call("owner", "GET", c.target, "", headers...)
			if a.StatusCode != http.StatusOK || a.Header.Get("Content-Encoding") != c.want {
				t.Errorf("status %d, Content-Encoding %q, want 200 and %q", a.StatusCode, a.Header.Get("Content-Encoding"), c.want)
			}
		})
	}

	t.Run("keeps the content, and says that it depends on the request", func(t *testing.T) {
		t.Parallel()
		a := b.call("owner", "GET", "/v4/users", "", "Accept-Encoding", "gzip")
		if !bytes.Equal(a.body, plain.body) {
			t.Error("the compressed answer differs from the plain one")
		}
		if len(a.sent) > len(a.body)/4 || a.ContentLength != int64(len(a.sent)) {
			t.Errorf("%d of %d bytes are sent, Content-Length %d", len(a.sent), len(a.body), a.ContentLength)
		}
		if vary := plain.Header.Get("Vary"); !strings.Contains(vary, fiber.HeaderAcceptEncoding) {
			t.Errorf("Vary %q without Accept-Encoding", vary)
		}
	})

	t.Run("leaves answers to writes alone", func(t *testing.T) {
		t.Parallel()
		a := b.call("owner", "POST", "/v4/user-export-jobs", `{"include": {"attributes": true}}`, "Accept-Encoding", "gzip")
		if a.StatusCode != http.StatusAccepted || len(a.body) < minCompressed || a.Header.Get("Content-Encoding") != "" {
			t.Errorf("status %d, %d bytes, Content-Encoding %q", a.StatusCode, len(a.body), a.Header.Get("Content-Encoding"))
		}
	})
}
