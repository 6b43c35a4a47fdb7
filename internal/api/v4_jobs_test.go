package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/open-feature/go-sdk/openfeature/memprovider"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/jobs"
)

const everything = `{"include":{"attributes":true}}`

func TestCreateJob(t *testing.T) {
	t.Parallel()

	t.Run("passes the request to the service and returns the job", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var got jobs.Request
		b.jobs.create = func(r jobs.Request) (*export.Job, bool, error) {
			got = r
			job := testJob("01exporter")
			job.Status, job.Outcome, job.Files, job.CompletedAt = export.Queued, "", nil, nil
			return job, false, nil
		}
		a := b.call("exporter", "POST", "/v4/user-export-jobs", everything, "Idempotency-Key", "k-1")
		a.expect(202, "", "")
		if a.Header.Get("Location") != "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE" {
			t.Errorf("Location %q", a.Header.Get("Location"))
		}
		if got.Tenant != "meridian" || got.Requester.ID != "admin:01exporter" || got.Requester.Email != "exporter@example.com" ||
			got.Origin != export.FromConsole || got.Mode != export.Async || got.IdempotencyKey != "k-1" || got.Words != "Everyone" || !got.Definition.Include.Attributes {
			t.Errorf("request %+v", got)
		}
		if a.json("queuePosition") != 2.0 || a.json("outcome") != nil || a.json("createdAt") != "2026-11-23T08:31:28.000Z" {
			t.Errorf("job %s", a.body)
		}
	})

	t.Run("returns the same job again before it checks anything", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(o *Options) { o.Features = fakeFeatures{export.FeatureAsync: false} })
		b.jobs.replay = func(r jobs.Request) *export.Job {
			if r.IdempotencyKey != "k-1" || r.Tenant != "meridian" || r.Requester.ID != "admin:01exporter" || !r.Definition.Include.Attributes {
				t.Errorf("request %+v", r)
			}
			return testJob("01exporter")
		}
		a := b.call("exporter", "POST", "/v4/user-export-jobs", everything, "Idempotency-Key", "k-1")
		a.expect(202, "", "")
		if a.json("jobId") != "01JDB7V2M9QKX3W8ZP5T6R4NHE" {
			t.Errorf("job %s", a.body)
		}
	})

	t.Run("names the live job", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.jobs.create = func(jobs.Request) (*export.Job, bool, error) {
			return nil, false, &errs.Error{Code: errs.CodeExportInProgress, Message: "One runs.", Details: map[string]any{"jobId": "j1"}}
		}
		a := b.call("exporter", "POST", "/v4/user-export-jobs", everything)
		a.expect(409, errs.CodeExportInProgress, "")
		if a.json("jobId") != "j1" || a.json("jobUrl") != "/v4/user-export-jobs/j1" || a.json("instance") != "/v4/user-export-jobs" || a.json("detail") != "One runs." {
			t.Errorf("%s", a.body)
		}
	})

	for name, c := range map[string]struct {
		body, field string
		flags       map[export.Feature]bool
		status      int
		code        errs.Code
	}{
		"refuses a definition and names the field":  {body: `{"include":{"attributes":"yes"}}`, status: 400, code: errs.CodeInvalidRequest, field: "include.attributes"},
		"refuses an unknown member":                 {body: `{"include":{"attributes":true},"filters":1}`, status: 400, code: errs.CodeInvalidRequest, field: "filters"},
		"refuses an empty body":                     {body: "", status: 400, code: errs.CodeInvalidRequest},
		"refuses state events if they are disabled": {body: `{"include":{"attributes":true},"stateEvents":{"from":null}}`, status: 400, code: errs.CodeInvalidRequest, field: "stateEvents"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(o *Options) {
				if c.flags != nil {
					o.Features = fakeFeatures(c.flags)
				}
			})
			b.call("exporter", "POST", "/v4/user-export-jobs", c.body).expect(c.status, c.code, c.field)
		})
	}

	t.Run("refuses features that the tenant does not have", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.defs.words = func(string, export.Definition) (string, error) {
			return "", errs.Invalid("users.filter.field", "is not a field of the user schema")
		}
		a := b.call("exporter", "POST", "/v4/user-export-jobs", everything)
		a.expect(400, errs.CodeInvalidRequest, "users.filter.field")
		if a.json("detail") != "users.filter.field is not a field of the user schema." {
			t.Errorf("detail %q", a.json("detail"))
		}
	})
}

// unavailableFeatures returns an error instead of the features.
type unavailableFeatures struct{ fakeFeatures }

func (unavailableFeatures) Features(context.Context, string) (map[export.Feature]bool, error) {
	return nil, errs.Errorf(errs.CodeUnavailable, "The provider is away.")
}

// Features are read when a job is admitted, and never again: the job continues as admitted.
func TestFeaturesAreReadAtAdmissionOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Features = unavailableFeatures{} })
	b.call("exporter", "POST", "/v4/user-export-jobs", everything).expect(503, errs.CodeUnavailable, "")
	b.call("viewer", "GET", "/v4/features", "").expect(503, errs.CodeUnavailable, "")

	running := testJob("01exporter")
	running.Status, running.Outcome, running.Files, running.CompletedAt = export.Downloading, "", nil, nil
	b.jobs.replay = func(r jobs.Request) *export.Job {
		if r.IdempotencyKey == "k-1" {
			return running
		}
		return nil
	}
	b.jobs.job = func(string, string) (*export.Job, error) { return running, nil }
	b.jobs.list = func(string, jobs.ListQuery) ([]*export.Job, string, error) { return []*export.Job{running}, "", nil }
	b.jobs.cancel = func(string, string, string) (*export.Job, error) { return running, nil }
	const job = "/v4/user-export-jobs/01JDB7V2M9QKX3W8ZP5T6R4NHE"
	a := b.call("exporter", "GET", job, "")
	a.expect(200, "", "")
	if a.json("mode") != "async" {
		t.Errorf("%s", a.body)
	}
	b.call("exporter", "POST", "/v4/user-export-jobs", everything, "Idempotency-Key", "k-1").expect(202, "", "")
	b.call("exporter", "GET", "/v4/user-export-jobs", "").expect(200, "", "")
	b.call("exporter", "DELETE", job, "").expect(200, "", "")
}

// Any OpenFeature provider can replace ours.
func TestFeaturesOfAnotherProvider(t *testing.T) {
	t.Parallel()
	flag := func(on bool) memprovider.InMemoryFlag {
		return memprovider.InMemoryFlag{State: memprovider.Enabled, DefaultVariant: "it", Variants: map[string]any{"it": on}}
	}
	provider := memprovider.NewInMemoryProvider(map[string]memprovider.InMemoryFlag{
		string(export.FeatureAsync): flag(true), string(export.FeatureStateEvents): flag(true),
	})
	features, err := flags.Open(t.Context(), provider)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := features.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	b := setup(t, func(o *Options) { o.Features = features })
	a := b.call("viewer", "GET", "/v4/features", "")
	a.expect(200, "", "")
	if a.json(string(export.FeatureAsync)) != true || a.json(string(export.FeatureStateEvents)) != true {
		t.Errorf("%s", a.body)
	}
	a = b.call("owner", "PUT", "/v4/features/"+string(export.FeatureStateEvents), `{"enabled":false}`)
	a.expect(501, errs.CodeUnsupported, "")
	if detail, _ := a.json("detail").(string); !strings.Contains(detail, "InMemoryProvider") {
		t.Errorf("detail %q", detail)
	}
	provider.UpdateFlags(nil)
	b.call("exporter", "POST", "/v4/user-export-jobs", everything).expect(503, errs.CodeUnavailable, "")
}

func TestListJobs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var got jobs.ListQuery
	b.jobs.list = func(_ string, q jobs.ListQuery) ([]*export.Job, string, error) {
		got = q
		return nil, "n", nil
	}
	a := b.call("viewer", "GET", "/v4/user-export-jobs", "")
	a.expect(200, "", "")
	if got.Limit != defaultJobsPage || got.RequesterID != "" || a.json("next") != "n" || len(a.json("results").([]any)) != 0 {
		t.Errorf("query %+v, page %s", got, a.body)
	}
	b.call("viewer", "GET", "/v4/user-export-jobs?limit=7&cursor=c&requester=me", "").expect(200, "", "")
	if !reflect.DeepEqual(got, jobs.ListQuery{Limit: 7, Cursor: "c", RequesterID: "admin:01viewer"}) {
		t.Errorf("query %+v", got)
	}
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for query, want := range map[string]jobs.ListQuery{
		"requester=Ada@Example.com":                             {Email: "ada@example.com"},
		"status=failed&status=cancelled":                        {Statuses: []export.Status{export.Failed, export.Cancelled}},
		"search=Country%20is":                                   {Search: "Country is"},
		"from=2026-11-23&to=2026-11-23":                         {From: day, To: day.AddDate(0, 0, 1).Add(-time.Millisecond)},
		"from=2026-11-23T08:00:00Z":                             {From: day.Add(8 * time.Hour)},
		"from=2026-11-23&to=2026-11-24&timeZone=Asia%2FKolkata": {From: day.Add(-330 * time.Minute), To: day.AddDate(0, 0, 2).Add(-330*time.Minute - time.Millisecond)},
		"to=2026-10-25&timeZone=Europe%2FBerlin":                {To: time.Date(2026, 10, 25, 22, 59, 59, 999e6, time.UTC)}, // a day of 25 hours
	} {
		want.Limit = defaultJobsPage
		b.call("viewer", "GET", "/v4/user-export-jobs?"+query, "").expect(200, "", "")
		if got.From, got.To = got.From.UTC(), got.To.UTC(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", query, got, want)
		}
	}
	for query, field := range map[string]string{
		"status=done": "status", "status=": "status", "requester=ada": "requester", "from=yesterday": "from", "to=2026-13-01": "to",
		"from=2026-11-24&to=2026-11-23": "to", "timeZone=Mars": "timeZone", "timeZone=Local": "timeZone", "timeZone=..%2Fetc": "timeZone", "state=failed": "state",
	} {
		b.call("viewer", "GET", "/v4/user-export-jobs?"+query, "").expect(400, errs.CodeInvalidRequest, field)
	}
	for _, limit := range []string{"0", "-1", "x", "101", "1e1"} {
		b.call("viewer", "GET", "/v4/user-export-jobs?limit="+limit, "").expect(400, errs.CodeInvalidRequest, "limit")
	}
	b.call("viewer", "GET", "/v4/user-export-jobs?requester=you", "").expect(400, errs.CodeInvalidRequest, "requester")
	b.call("viewer", "GET", "/v4/user-export-jobs?reqester=me", "").expect(400, errs.CodeInvalidRequest, "reqester")
}

func TestCancelJobOfClosedTab(t *testing.T) {
	t.Parallel()
	b := setup(t)
	job := testJob("01exporter")
	job.Mode, job.Status = export.Sync, export.Downloading
	b.jobs.job = func(string, string) (*export.Job, error) { return job, nil }
	b.jobs.cancelTabClosed = func(string, string) (*export.Job, error) {
		ended := *job
		ended.Status, ended.CancelReason = export.Cancelled, export.CancelTabClosed
		return &ended, nil
	}
	const path = "/v4/user-export-jobs/j"
	a := b.call("exporter", "DELETE", path+"?reason=tab_closed", "")
	a.expect(200, "", "")
	if a.json("cancelReason") != "tab_closed" || a.json("cancelledBy") != nil {
		t.Errorf("%s", a.body)
	}
	b.call("owner", "DELETE", path+"?reason=tab_closed", "").expect(403, errs.CodeForbidden, "")
	b.call("exporter", "DELETE", path+"?reason=boredom", "").expect(400, errs.CodeInvalidRequest, "reason")
	b.call("exporter", "DELETE", path+"?resaon=tab_closed", "").expect(400, errs.CodeInvalidRequest, "resaon")
	job.Mode = export.Async
	b.call("exporter", "DELETE", path+"?reason=tab_closed", "").expect(400, errs.CodeInvalidRequest, "reason")
}

func TestCancelJob(t *testing.T) {
	t.Parallel()
	for token, allowed := range map[string]bool{"exporter": true, "owner": true} {
		for requester, own := range map[string]bool{"01exporter": token == "exporter", "01else": false} {
			b := setup(t)
			cancelled := false
			b.jobs.job = func(string, string) (*export.Job, error) { return testJob(requester), nil }
			b.jobs.cancel = func(_, _, by string) (*export.Job, error) {
				cancelled = true
				job := testJob(requester)
				job.CancelledBy = by
				return job, nil
			}
			a := b.call(token, "DELETE", "/v4/user-export-jobs/j", "")
			if cancelled && a.json("cancelledBy") != token+"@example.com" {
				t.Errorf("%s: %s", token, a.body)
			}
			if want := allowed && (own || token == "owner"); cancelled != want || (a.StatusCode == http.StatusOK) != want {
				t.Errorf("%s, job of %s: cancelled %v, status %d", token, requester, cancelled, a.StatusCode)
			}
		}
	}
}
