package exporter

import (
	"cmp"
	"errors"
	"testing"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

func TestJobsOfOthersAreProtected(t *testing.T) {
	t.Parallel()
	e, f := setup()
	ctx := t.Context()
	if _, err := e.Cancel(ctx, stranger, "j1"); errs.CodeOf(err) != errs.CodeForbidden {
		t.Errorf("a stranger cancels: %v", err)
	}
	if e.Linker(stranger, f.job) != nil {
		t.Error("a stranger gets links")
	}
	owner := stranger
	owner.AllJobs = true
	if job, err := e.Cancel(ctx, owner, "j1"); err != nil || job == nil || len(f.records) != 1 || f.records[0].Kind != audit.ExportCancelled {
		t.Errorf("an owner cancels: %v, %v, records %v", job, err, f.records)
	}
	for name, c := range map[string]Caller{"a stranger": stranger, "an owner": owner} {
		if _, err := e.Stream(ctx, c, "j1", export.UsersFile); errs.CodeOf(err) != errs.CodeForbidden {
			t.Errorf("%s streams: %v", name, err)
		}
		if _, err := e.Confirm(ctx, c, "j1", jobs.Confirmation{}); errs.CodeOf(err) != errs.CodeForbidden {
			t.Errorf("%s confirms: %v", name, err)
		}
	}
	if f.calls["stream"]+f.calls["confirm"] != 0 {
		t.Errorf("calls %v", f.calls)
	}
	f.auditErr = errors.New("lost")
	if _, err := e.Stream(ctx, caller, "j1", export.UsersFile); errs.CodeOf(err) != errs.CodeUnavailable || f.calls["stream"] != 0 {
		t.Errorf("a stream without an audit log: %v", err)
	}
	if _, _, err := e.Linker(caller, f.job)(ctx, f.job, export.File{}); err == nil {
		t.Error("a link without an audit log")
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	gone := errs.Errorf(errs.CodeNotFound, "gone")
	owner := stranger
	owner.AllJobs = true
	for name, c := range map[string]struct {
		caller   Caller
		kind     export.FileKind
		fault    func(*fake)
		code     errs.Code // "": a link is given
		recorded bool      // in the audit log
	}{
		"by the requester":              {caller: caller, recorded: true},
		"by an owner":                   {caller: owner, recorded: true},
		"by a stranger":                 {caller: stranger, code: errs.CodeForbidden},
		"of a file that does not exist": {caller: caller, kind: export.StateEventsFile, code: errs.CodeNotFound},
		"of a deleted file":             {caller: caller, fault: func(f *fake) { f.linkErr = gone }, code: errs.CodeNotFound},
		"without an audit log":          {caller: caller, fault: func(f *fake) { f.auditErr = errors.New("lost") }, code: errs.CodeUnavailable},
		"that the history cannot record": {
			caller: caller, fault: func(f *fake) { f.historyErr = errs.Errorf(errs.CodeUnavailable, "busy") }, code: errs.CodeUnavailable, recorded: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, f := setup()
			f.job.Files = []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "k"}}
			if c.fault != nil {
				c.fault(f)
			}
			url, _, err := e.Download(t.Context(), c.caller, "j1", cmp.Or(c.kind, export.UsersFile))
			if errs.CodeOf(err) != c.code && (c.code != "" || err != nil) || (url != "") != (c.code == "") {
				t.Errorf("%q, %v", url, err)
			}
			if (len(f.records) == 1) != c.recorded {
				t.Errorf("records %+v", f.records)
			}
			if c.recorded && (f.records[0].Kind != audit.FileDownloaded || f.records[0].Subject != "j1" || f.records[0].Words != "users.csv") {
				t.Errorf("records %+v", f.records)
			}
			if n := f.calls["record "+c.caller.Tenant+" j1 users "+c.caller.Requester.ID]; (n == 1) != (c.recorded) {
				t.Errorf("calls %v", f.calls)
			}
		})
	}
}

func TestVerifyNeedsStoredFiles(t *testing.T) {
	t.Parallel()
	e, _ := setup()
	files := []export.File{{Name: "users.csv"}, {Name: "events.csv"}}
	for name, c := range map[string]struct {
		job  export.Job
		want errs.Code
	}{
		"stored":  {export.Job{Status: export.Completed, Files: files}, ""},
		"expired": {export.Job{Status: export.Expired, Files: files}, errs.CodeNotFound},
		"failed":  {export.Job{Status: export.Failed}, errs.CodeNotFound},
	} {
		var log verifyLog
		err := e.Verify(t.Context(), &c.job, &log)
		if errs.CodeOf(err) != c.want || (err == nil) != (len(log.verified) == 2) {
			t.Errorf("%s: %v, verified %v", name, err, log.verified)
		}
	}
}
