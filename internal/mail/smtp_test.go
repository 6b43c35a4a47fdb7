package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mail/mailtest"
)

// senderTo returns a sender for a server. Change may modify its options.
func senderTo(s *mailtest.Server, change ...func(*SMTPOptions)) *SMTP {
	o := SMTPOptions{
		Host: "127.0.0.1", Port: s.Port, Security: StartTLSOffered, From: "Egress <egress@example.com>", RootCAs: s.CA, Timeout: 20 * time.Second,
	}
	for _, f := range change {
		f(&o)
	}
	return NewSMTP(o)
}

func login(o *SMTPOptions) { o.User, o.Password = mailtest.User, mailtest.Password }

func TestSMTP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server mailtest.Options
		change func(*SMTPOptions)
		tls    bool
		user   string
	}{
		"plain":                      {mailtest.Options{}, func(*SMTPOptions) {}, false, ""},
		"STARTTLS is taken":          {mailtest.Options{Start: true}, func(*SMTPOptions) {}, true, ""},
		"STARTTLS and a login":       {mailtest.Options{Start: true, Auth: true}, func(o *SMTPOptions) { login(o); o.Security = StartTLSRequired }, true, mailtest.User},
		"TLS from the first byte":    {mailtest.Options{TLS: true}, func(o *SMTPOptions) { o.Security = ImplicitTLS }, true, ""},
		"TLS and a login":            {mailtest.Options{TLS: true, Auth: true}, func(o *SMTPOptions) { login(o); o.Security = ImplicitTLS }, true, mailtest.User},
		"a name in the certificate":  {mailtest.Options{Start: true}, func(o *SMTPOptions) { o.Host = "localhost" }, true, ""},
		"a login that is not wanted": {mailtest.Options{Start: true, Auth: true}, login, true, mailtest.User},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, c.server)
			m := testMailer(t, "Mérîdian", senderTo(server, c.change))
			for range 2 { // the second time as after the death of a process
				if err := m.Send(t.Context(), testJob()); err != nil {
					t.Fatal(err)
				}
			}
			mails := server.Mails()
			if len(mails) != 2 {
				t.Fatalf("%d mails", len(mails))
			}
			want := send(t, "Mérîdian", testJob())
			for _, got := range mails {
				if got.From != "egress@example.com" || got.To != "amelia@example.com" || got.TLS != c.tls || got.User != c.user {
					t.Errorf("from %s to %s, TLS %v, as %q", got.From, got.To, got.TLS, got.User)
				}
				if got.Subject != want.Subject || got.Text != want.Text || strings.ReplaceAll(got.HTML, "\r\n", "\n") != want.HTML {
					t.Errorf("got %q\n%s\n%s", got.Subject, got.Text, got.HTML)
				}
				if id := got.Header.Get("Message-ID"); id != "<01JDB7V2M9QKX3W8ZP5T6R4NHE.completed@egress.example.com>" {
					t.Errorf("Message-ID %s", id)
				}
				if got.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(got.Header.Get("From"), "Egress") {
					t.Errorf("header %v", got.Header)
				}
			}
		})
	}
}

// The content of names stays in the subject: it adds no header and no recipient.
func TestOnlyExpectedHeaders(t *testing.T) {
	t.Parallel()
	server := mailtest.Start(t, mailtest.Options{})
	job := testJob()
	job.Files[0].Name = "a.csv\r\n.\r\nRCPT TO:<eve@evil.example>\r\n"
	if err := testMailer(t, "X\r\nBcc: eve@evil.example\r\nX-Evil: 1", senderTo(server)).Send(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	mails := server.Mails()
	if len(mails) != 1 || mails[0].To != "amelia@example.com" || mails[0].Header.Get("Bcc") != "" || mails[0].Header.Get("X-Evil") != "" ||
		!strings.Contains(mails[0].Subject, "Bcc: eve@evil.example") {
		t.Errorf("%+v", mails)
	}
	for _, address := range []string{"amelia@example.com\r\nBcc: eve@evil.example", "amelia", ""} {
		job := testJob()
		job.Requester.Email = address
		e, ok := errors.AsType[*jobs.MailError](testMailer(t, "X", senderTo(server)).Send(t.Context(), job))
		if !ok || !e.Permanent || strings.Contains(e.Error(), "amelia") {
			t.Errorf("to %q: %v", address, e)
		}
	}
	if len(server.Mails()) != 1 {
		t.Errorf("%d mails", len(server.Mails()))
	}
}

func TestSMTPFailures(t *testing.T) {
	t.Parallel()
	answer := func(code int) mailtest.Options {
		err := &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: "<amelia@example.com> no"}
		return mailtest.Options{Answer: func(int) error { return err }}
	}
	refuse := mailtest.Options{RefuseTo: func(address string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: address + " is unknown"}
	}}
	for name, c := range map[string]struct {
		server    mailtest.Options
		change    func(*SMTPOptions)
		permanent bool
		problem   string
	}{
		"an unknown recipient":        {refuse, nil, true, "The mail server refused the email (550)."},
		"refused content":             {answer(554), nil, true, "The mail server refused the email (554)."},
		"put off":                     {answer(451), nil, false, "The mail server deferred the email (451)."},
		"a wrong password":            {mailtest.Options{TLS: true, Auth: true}, func(o *SMTPOptions) { login(o); o.Security, o.Password = ImplicitTLS, "wrong" }, false, "The mail server requires a valid login (535)."},
		"no login where one is due":   {mailtest.Options{Start: true, Auth: true}, nil, false, "The mail server requires a valid login (530)."},
		"no STARTTLS, and demanded":   {mailtest.Options{}, func(o *SMTPOptions) { o.Security = StartTLSRequired }, false, "The mail server gave an unexpected answer."},
		"a password without TLS":      {mailtest.Options{Auth: true}, login, false, ""},
		"a certificate of a stranger": {mailtest.Options{Start: true}, func(o *SMTPOptions) { o.RootCAs = nil }, false, "The mail server's certificate is not trusted."},
		"TLS where none is spoken":    {mailtest.Options{}, func(o *SMTPOptions) { o.Security = ImplicitTLS }, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Start(t, c.server)
			change := c.change
			if change == nil {
				change = func(*SMTPOptions) {}
			}
			err := testMailer(t, "X", senderTo(server, change)).Send(t.Context(), testJob())
			e, ok := errors.AsType[*jobs.MailError](err)
			if !ok || e.Permanent != c.permanent || c.problem != "" && e.Problem != c.problem {
				t.Errorf("got %+v, want %v %q", e, c.permanent, c.problem)
			}
			if strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), mailtest.Password) {
				t.Errorf("the error names somebody: %v", err)
			}
			if len(server.Mails()) != 0 {
				t.Error("the mail was taken")
			}
		})
	}
}

func TestServerUnreachable(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	s := NewSMTP(SMTPOptions{Host: "127.0.0.1", Port: port, From: "egress@example.com"})
	e, ok := errors.AsType[*jobs.MailError](testMailer(t, "X", s).Send(t.Context(), testJob()))
	if !ok || e.Permanent || e.Problem != "The mail server cannot be reached." {
		t.Errorf("%+v", e)
	}
}

// A server that stops answering at any step costs at most the time of one session, and nothing
// after ctx ends.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	for name, script := range map[string][]string{
		"at once":             nil,
		"after the greeting":  {"220 hi"},
		"after the recipient": {"220 hi", "250 mail", "250 ok", "250 ok"},
		"after the data":      {"220 hi", "250 mail", "250 ok", "250 ok", "354 go"},
	} {
		for _, how := range []string{"by time", "by context"} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				port, reached := hangingServer(t, script)
				o := SMTPOptions{Host: "127.0.0.1", Port: port, From: "egress@example.com", Timeout: 300 * time.Millisecond}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if how == "by context" {
					o.Timeout = time.Hour
					go func() { <-reached; cancel() }()
				}
				done := make(chan error, 1)
				go func() { done <- testMailer(t, "X", NewSMTP(o)).Send(ctx, testJob()) }()
				select {
				case err := <-done:
					if e, ok := errors.AsType[*jobs.MailError](err); !ok || e.Permanent {
						t.Errorf("%v", err)
					}
				case <-time.After(time.Minute):
					t.Fatal("it still waits")
				}
			})
		}
	}
}

// An error after the server has accepted the message is ignored: a retry would deliver the message
// twice.
func TestServerHangsAfterData(t *testing.T) {
	t.Parallel()
	port, _ := hangingServer(t, []string{"220 hi", "250 mail", "250 ok", "250 ok", "354 go", "250 taken"})
	s := NewSMTP(SMTPOptions{Host: "127.0.0.1", Port: port, From: "egress@example.com", Timeout: 300 * time.Millisecond})
	if err := testMailer(t, "X", s).Send(t.Context(), testJob()); err != nil {
		t.Errorf("%v", err)
	}
}

// hangingServer is a server that sends one line per received line, and then stops answering.
func hangingServer(t *testing.T, script []string) (port int, reached <-chan struct{}) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	quiet := make(chan struct{})
	var serving sync.WaitGroup
	serving.Go(func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		heard := make([]byte, 64<<10)
		for i, line := range script {
			if i > 0 {
				if _, err := conn.Read(heard); err != nil {
					break
				}
			}
			if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
				break
			}
		}
		close(quiet)
		_, _ = io.Copy(io.Discard, conn)
	})
	t.Cleanup(func() {
		ln.Close()
		serving.Wait()
	})
	return ln.Addr().(*net.TCPAddr).Port, quiet
}
