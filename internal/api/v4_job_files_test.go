package api

import (
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestJobLinks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, requester string
		link             func(*export.Job, export.File) (string, time.Time, error)
		want             bool
	}{
		"are for the requester": {token: "exporter", requester: "01exporter", want: true},
		"are for owners":        {token: "owner", requester: "01exporter", want: true},
		"are not for others":    {token: "exporter", requester: "01owner"},
		"are null if files were deleted": {token: "exporter", requester: "01exporter", link: func(*export.Job, export.File) (string, time.Time, error) {
			return "", time.Time{}, errs.Errorf(errs.CodeNotFound, "gone")
		}},
		"are null if they cannot be signed": {token: "exporter", requester: "01exporter", link: func(*export.Job, export.File) (string, time.Time, error) {
			return "", time.Time{}, errDown
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.link != nil {
				b.jobs.link = c.link
			}
			b.jobs.job = func(tenant, id string) (*export.Job, error) {
				if tenant != "meridian" || id != "a/b" {
					t.Errorf("asked for %q in %q", id, tenant)
				}
				return testJob(c.requester), nil
			}
			b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) {
				return []*export.Job{testJob(c.requester)}, "", nil
			}
			one := b.call(c.token, "GET", "/v4/user-export-jobs/a%2Fb", "")
			one.expect(200, "", "")
			url, _ := one.json("downloadUrl").(string)
			if (url != "") != c.want || strings.Contains(string(one.body), "?signed") != c.want {
				t.Errorf("job %s", one.body)
			}
			list := b.call(c.token, "GET", "/v4/user-export-jobs", "")
			list.expect(200, "", "")
			if strings.Contains(string(list.body), "?signed") {
				t.Errorf("list %s", list.body)
			}
			if strings.Contains(b.log.String(), "signed") {
				t.Error("a link is in the log")
			}
		})
	}
}

// A download is recorded before its link is given; a client chooses between a redirect and JSON.
func TestDownloadFile(t *testing.T) {
	t.Parallel()
	const path = "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE/files/users/download"
	start := func(t *testing.T) (*testServer, *[]string) {
		t.Helper()
		b := setup(t)
		recorded := &[]string{}
		b.jobs.job = func(tenant, _ string) (*export.Job, error) {
			if tenant != "meridian" {
				return nil, errs.Errorf(errs.CodeNotFound, "This export job does not exist.")
			}
			return testJob("01exporter"), nil
		}
		b.jobs.download = func(tenant, id string, kind export.FileKind, by export.Requester) error {
			*recorded = append(*recorded, strings.Join([]string{tenant, id, string(kind), by.ID}, " "))
			return nil
		}
		return b, recorded
	}
	t.Run("is a redirect", func(t *testing.T) {
		t.Parallel()
		b, recorded := start(t)
		for range 2 {
			a := b.call("exporter", "GET", path, "")
			a.expect(302, "", "")
			if a.Header.Get("Location") != "https://files.example/k1?signed" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v", a.Header)
			}
		}
		if len(*recorded) != 2 || (*recorded)[0] != "meridian 01JDB7V2M9QKX3W8ZP5T6R4NHE users admin:01exporter" {
			t.Errorf("%q", *recorded)
		}
		list := b.audit.ofKind(audit.FileDownloaded)
		if len(list) != 2 || list[0].Email != "exporter@example.com" || list[0].Words != "users.csv" {
			t.Errorf("%+v", list)
		}
	})
	t.Run("is JSON for a client that asks for it", func(t *testing.T) {
		t.Parallel()
		b, recorded := start(t)
		a := b.call("owner", "GET", path, "", "Accept", "application/json")
		a.expect(200, "", "")
		if a.json("url") != "https://files.example/k1?signed" || a.json("expiresAt") != "2026-11-23T09:00:00.000Z" || len(*recorded) != 1 {
			t.Errorf("%s, %q", a.body, *recorded)
		}
	})
	t.Run("is refused", func(t *testing.T) {
		t.Parallel()
		b, recorded := start(t)
		b.call("viewer", "GET", path, "").expect(403, errs.CodeForbidden, "")
		b.call("", "GET", path, "").expect(401, errs.CodeUnauthenticated, "")
		b.call("", "GET", path, "", "Authorization", signedBy("exporter")).expect(403, errs.CodeForbidden, "") // another requester
		b.call("exporter", "GET", strings.Replace(path, "users/", "state_events/", 1), "").expect(404, errs.CodeNotFound, "")
		b.call("exporter", "GET", strings.Replace(path, "users/", "x/", 1), "").expect(400, errs.CodeInvalidRequest, "kind")
		b.call("exporter", "HEAD", path, "").expect(405, "", "")
		b.call("exporter", "GET", path, "", "Sec-Fetch-Site", "cross-site").expect(403, errs.CodeCrossSiteRequest, "")
		b.jobs.link = func(*export.Job, export.File) (string, time.Time, error) {
			return "", time.Time{}, errs.Errorf(errs.CodeNotFound, "The files of this export were deleted. Run it again to make new ones.")
		}
		b.call("exporter", "GET", path, "").expect(404, errs.CodeNotFound, "")
		if list := b.audit.ofKind(audit.FileDownloaded); len(list) != 0 || len(*recorded) != 0 {
			t.Errorf("%+v, %q", list, *recorded)
		}
	})
	t.Run("needs the audit log", func(t *testing.T) {
		t.Parallel()
		b, recorded := start(t)
		b.audit.setDown(true)
		if b.call("exporter", "GET", path, "").expect(503, errs.CodeUnavailable, ""); len(*recorded) != 0 {
			t.Errorf("%q", *recorded)
		}
	})
}
