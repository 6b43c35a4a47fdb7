package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/mail/mailtest"
)

// mailState returns the state of a job's e-mail.
func (c *client) mailState(id string) string {
	c.t.Helper()
	var j struct{ Mail *struct{ State string } }
	c.call(http.MethodGet, "/v4/user-export-jobs/"+id, nil, &j)
	if j.Mail == nil {
		return ""
	}
	return j.Mail.State
}

// The requester receives an e-mail with a link to the completed job, over STARTTLS and after a
// login.
func TestMailOfAnExport(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{Start: true, Auth: true})
	dir := seeded(t, someUsers)
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, server.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	p := start(t, dir, []string{
		"EGRESS_PUBLIC_URL=http://egress.example.com:8080", "EGRESS_MAIL_FROM=Egress <egress@example.com>", "SSL_CERT_FILE=" + ca,
		fmt.Sprintf("EGRESS_SMTP_URL=smtp://%s:%s@127.0.0.1:%d?starttls=required", mailtest.User, mailtest.Password, server.Port),
	}, "--addr", address)
	p.url = "http://" + address
	c := p.logIn()
	definition := everything()
	definition["users"] = map[string]any{"userStoreId": "all", "filter": map[string]any{"combinator": "and", "rules": []any{
		map[string]any{"field": "attributes.country", "operator": "is", "value": "GB"},
	}}}
	id := c.export(definition).JobID
	m := server.Next(t, time.Minute)
	j := c.wait(id, time.Minute)
	link := "http://egress.example.com:8080/t/meridian/exports/" + id
	if m.To != "admin@example.com" || m.From != "egress@example.com" || !m.TLS || m.User != mailtest.User ||
		m.Header.Get("Message-ID") != "<"+id+".completed@egress.example.com>" {
		t.Errorf("from %s to %s, TLS %v, as %q, %v", m.From, m.To, m.TLS, m.User, m.Header)
	}
	if !strings.Contains(m.Text, "\n"+link+"\n") || !strings.Contains(m.HTML, `href="`+link+`"`) || !strings.Contains(m.Text, j.Files[0].Name) {
		t.Errorf("the mail says:\n%s\n%s", m.Text, m.HTML)
	}
	for _, secret := range []string{"GB", "X-Amz", "country"} {
		if strings.Contains(strings.ReplaceAll(m.Text+m.HTML, id, ""), secret) { // an id may have any letters
			t.Errorf("the mail holds %q:\n%s", secret, m.Text)
		}
	}
	until(t, "noted as sent", time.Minute, func() bool { return c.mailState(id) == "sent" })
	if log := p.out.String(); strings.Contains(log, mailtest.Password) || strings.Contains(log, "smtp://") {
		t.Error("the log holds the mail server's password")
	}
	if status, body := c.raw(http.MethodGet, "/v4/outbox", nil); status != http.StatusNotFound || !strings.Contains(string(body), "mail server") {
		t.Errorf("the outbox answers %d %s", status, body)
	}
	if len(server.Mails()) != 1 {
		t.Errorf("%d mails", len(server.Mails()))
	}
}

// freeAddress returns an unused address on loopback.
func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// Without a mail server the outbox stores the same e-mail. An unreachable mail server affects
// neither the export nor the readiness of Egress.
func TestMailWithoutAServer(t *testing.T) {
	t.Parallel()
	t.Run("is kept", func(t *testing.T) {
		t.Parallel()
		p := start(t, seeded(t, someUsers), nil)
		c := p.logIn()
		j, _ := c.completed(c.export(everything()).JobID, time.Minute)
		var page struct {
			Results []struct{ MailID, JobID, To, Subject string }
		}
		until(t, "in the outbox", time.Minute, func() bool {
			c.call(http.MethodGet, "/v4/outbox", nil, &page)
			return len(page.Results) == 1
		})
		var m struct{ Text, HTML string }
		c.call(http.MethodGet, "/v4/outbox/"+page.Results[0].MailID, nil, &m)
		if page.Results[0].JobID != j.JobID || page.Results[0].To != "admin@example.com" || !strings.Contains(m.Text, "\n"+p.url+"/t/meridian/exports/"+j.JobID+"\n") {
			t.Errorf("the outbox has %+v, %s", page.Results, m.Text)
		}
		until(t, "noted as sent", time.Minute, func() bool { return c.mailState(j.JobID) == "sent" })
	})
	t.Run("that answers", func(t *testing.T) {
		t.Parallel()
		p := start(t, seeded(t, someUsers), []string{"EGRESS_SMTP_URL=smtp://127.0.0.1:1", "EGRESS_MAIL_FROM=egress@example.com"})
		c := p.logIn()
		j, _ := c.completed(c.export(everything()).JobID, time.Minute)
		until(t, "tried", time.Minute, func() bool { return strings.Contains(p.out.String(), "cannot be reached") })
		if again := c.job(j.JobID); again.Status != "completed" || c.mailState(j.JobID) != "due" {
			t.Errorf("the job is %s, its mail %s", again.Status, c.mailState(j.JobID))
		}
		if status, body := c.raw(http.MethodGet, "/readyz", nil); status != http.StatusOK {
			t.Errorf("/readyz answers %d %s", status, body)
		}
	})
}
