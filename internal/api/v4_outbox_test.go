package api

import (
	"context"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// fakeOutbox contains e-mails, newest first.
type fakeOutbox []*export.Message

func (f fakeOutbox) Messages(_ context.Context, tenant, userID, before string, limit int) (list []*export.Message, err error) {
	for _, m := range f {
		if m.Tenant == tenant && (userID == "" || m.UserID == userID) && (before == "" || m.OutboxID < before) && len(list) < limit {
			list = append(list, m)
		}
	}
	return list, nil
}

func (f fakeOutbox) Message(_ context.Context, tenant, id string) (*export.Message, error) {
	for _, m := range f {
		if m.Tenant == tenant && m.OutboxID == id {
			return m, nil
		}
	}
	return nil, errs.Errorf(errs.CodeNotFound, "There is no such email.")
}

const (
	newestMail = "01JDB7Y6TK3V5W8XJ2M4N9Q1RS"
	middleMail = "01JDB7Y6TK3V5W8XJ2M4N9Q1RR"
	oldestMail = "01JDB7Y6TK3V5W8XJ2M4N9Q1RQ"
)

func withOutbox(o *Options) {
	mail := func(id, user string) *export.Message {
		return &export.Message{
			ID: id + "@egress.test", OutboxID: id, Tenant: "meridian", JobID: "01JDB7V2M9QKX3W8ZP5T6R4NHE", UserID: user, To: user + "@example.com",
			Subject: "Your user export is ready", Text: "Your export.", HTML: "<p>Your export.</p>", Time: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		}
	}
	o.Outbox = fakeOutbox{mail(newestMail, "01owner"), mail(middleMail, "01exporter"), mail(oldestMail, "01exporter")}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	b := setup(t, withOutbox)
	ids := func(token, target string) (ids []string, next any) {
		t.Helper()
		a := b.call(token, "GET", target, "")
		a.expect(200, "", "")
		for _, m := range a.json("results").([]any) {
			ids = append(ids, m.(map[string]any)["mailId"].(string))
		}
		return ids, a.json("next")
	}
	if got, next := ids("owner", "/v4/outbox"); len(got) != 3 || got[0] != newestMail || next != nil {
		t.Errorf("an owner sees %v, then %v", got, next)
	}
	if got, _ := ids("exporter", "/v4/outbox"); len(got) != 2 || got[0] != middleMail {
		t.Errorf("an exporter sees %v", got)
	}
	got, next := ids("exporter", "/v4/outbox?limit=1")
	if len(got) != 1 || next != middleMail {
		t.Fatalf("the first page is %v, then %v", got, next)
	}
	if got, next := ids("exporter", "/v4/outbox?limit=1&cursor="+middleMail); len(got) != 1 || got[0] != oldestMail || next != nil {
		t.Errorf("the last page is %v, then %v", got, next)
	}
	for target, field := range map[string]string{"?cursor=x": "cursor", "?limit=0": "limit", "?limit=101": "limit", "?page=2": "page"} {
		b.call("owner", "GET", "/v4/outbox"+target, "").expect(400, errs.CodeInvalidRequest, field)
	}

	a := b.call("exporter", "GET", "/v4/outbox/"+middleMail, "")
	a.expect(200, "", "")
	if a.json("text") != "Your export." || a.json("html") != "<p>Your export.</p>" || a.json("messageId") != middleMail+"@egress.test" {
		t.Errorf("%s", a.body)
	}
	b.call("owner", "GET", "/v4/outbox/"+middleMail, "").expect(200, "", "")
	b.call("exporter", "GET", "/v4/outbox/"+newestMail, "").expect(404, errs.CodeNotFound, "")
	b.call("exporter", "GET", "/v4/outbox/nothing", "").expect(404, errs.CodeNotFound, "")
	if me := b.call("viewer", "GET", "/v4/me", ""); me.json("outbox") != true {
		t.Errorf("me: %s", me.body)
	}
}

// If a mail server is configured, /v4/me reports no outbox, and requests for it return the reason.
func TestNoOutboxWithMailServer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, target := range []string{"/v4/outbox", "/v4/outbox/" + newestMail} {
		a := b.call("owner", "GET", target, "")
		a.expect(404, errs.CodeNotFound, "")
		if a.json("detail") != errNoOutbox.Message {
			t.Errorf("%s: %s", target, a.body)
		}
	}
	if me := b.call("owner", "GET", "/v4/me", ""); me.json("outbox") != false {
		t.Errorf("me: %s", me.body)
	}
}

// A job contains the state of its e-mail.
func TestJobViewMail(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	b := setup(t)
	job := testJob("01owner")
	b.jobs.job = func(string, string) (*export.Job, error) { return job, nil }
	if a := b.call("owner", "GET", "/v4/user-export-jobs/x", ""); a.json("mail") != nil {
		t.Errorf("no mail: %s", a.body)
	}
	job.Mail = &export.Mail{State: export.MailDue, Tries: 3, Next: at, Problem: "The mail server cannot be reached."}
	if a := b.call("owner", "GET", "/v4/user-export-jobs/x", ""); a.json("mail", "state") != "due" || a.json("mail", "problem") != job.Mail.Problem {
		t.Errorf("a mail that waits: %s", a.body)
	}
	job.Mail = &export.Mail{State: export.MailSent, SentAt: &at}
	if a := b.call("owner", "GET", "/v4/user-export-jobs/x", ""); a.json("mail", "sentAt") != "2026-11-23T09:00:00.000Z" || a.json("mail", "problem") != nil {
		t.Errorf("a mail that is sent: %s", a.body)
	}
}
