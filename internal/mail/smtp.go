package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// Security is how a connection to the mail server is kept from being read.
type Security string

// The securities.
const (
	StartTLSOffered  Security = "offered"  // STARTTLS where the server offers it
	StartTLSRequired Security = "required" // STARTTLS, or nothing is sent
	ImplicitTLS      Security = "tls"      // TLS from the first byte
)

// sendTimeout bounds one conversation with a mail server, however slowly it answers.
const sendTimeout = 30 * time.Second

// SMTPOptions say where mails are handed over.
type SMTPOptions struct {
	Host     string
	Port     int
	Security Security
	User     string // "": without signing in
	Password string
	From     string         // the sender's address, with or without a name
	RootCAs  *x509.CertPool // nil: the system's
	Timeout  time.Duration  // of one conversation; 0: 30 s
}

// SMTP hands messages to a mail server, each over a connection of its own.
type SMTP struct{ o SMTPOptions }

// NewSMTP returns the sender. It does not connect.
func NewSMTP(o SMTPOptions) *SMTP {
	if o.Timeout == 0 {
		o.Timeout = sendTimeout
	}
	return &SMTP{o}
}

// Send implements Sender. A password is sent over TLS only, but in a form that does not show it.
func (s *SMTP) Send(ctx context.Context, m *export.Message) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	msg, err := s.message(m)
	if err != nil {
		return err
	}
	// The library bounds each step and leaves connections that failed early open: this one ends with its context.
	var open *connection
	defer func() { open.close() }()
	// Not by the context that the dialler is given: that one ends when the connection stands.
	client, err := s.client(func(_ context.Context, network, _ string) (conn net.Conn, err error) {
		open, conn, err = s.dial(ctx, network)
		return conn, err
	})
	if err != nil {
		return fmt.Errorf("prepare to send an e-mail: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what fails after the server has taken it, fails nobody
		return nil
	}
	return classify(err)
}

func (s *SMTP) message(m *export.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(s.o.From); err != nil {
		return nil, fmt.Errorf("the sender's address: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, &jobs.MailError{Permanent: true, Problem: "The admin's address is not one that mail can be sent to.", Err: errors.New("no address")}
	}
	msg.Subject(line(m.Subject))
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Time)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office answers
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

func (s *SMTP) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	policy := gomail.TLSOpportunistic
	if s.o.Security == StartTLSRequired {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(s.o.Port), gomail.WithTimeout(s.o.Timeout), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.tls()),
		gomail.WithDialContextFunc(dial), gomail.WithoutNoop(),
	}
	if s.o.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.o.User), gomail.WithPassword(s.o.Password))
	}
	return gomail.NewClient(s.o.Host, options...)
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.o.Host, RootCAs: s.o.RootCAs, MinVersion: tls.VersionTLS12}
}

// dial connects. It does TLS from the first byte itself, so that the client sees a connection that is encrypted.
func (s *SMTP) dial(ctx context.Context, network string) (*connection, net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, network, net.JoinHostPort(s.o.Host, strconv.Itoa(s.o.Port)))
	if err != nil {
		return nil, nil, err
	}
	open := newConnection(ctx, raw)
	if s.o.Security != ImplicitTLS {
		return open, open, nil
	}
	secure := tls.Client(open, s.tls())
	if err := secure.HandshakeContext(ctx); err != nil {
		return open, nil, err
	}
	return open, secure, nil
}

// connection is a connection that ends with a context: the library's own deadlines begin anew at each step.
type connection struct {
	net.Conn
	unhook func() bool
}

func newConnection(ctx context.Context, raw net.Conn) *connection {
	return &connection{Conn: raw, unhook: context.AfterFunc(ctx, func() { _ = raw.Close() })}
}

func (c *connection) close() {
	if c != nil {
		c.unhook()
		_ = c.Conn.Close()
	}
}

// classify says of a failure whether another try may help. Of what the server says only the code is kept: its words may
// name the admin's address.
func classify(err error) error {
	if refusal, ok := errors.AsType[*gomail.SendError](err); ok {
		return refused(refusal.ErrorCode())
	}
	// Before the message itself is spoken of, no server knows the address of an admin, so that these may be logged.
	problem := "The mail server did not answer as it should."
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		return refused(max(e.Code, 1)) // of greeting and signing in
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		problem = "The mail server's certificate is not to be trusted."
	}
	if errors.Is(err, gomail.ErrNoSupportedAuthDiscovered) {
		problem = "The mail server takes no login without showing the password."
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		problem = "The mail server cannot be reached."
	}
	return &jobs.MailError{Problem: problem, Err: err}
}

// loginCodes are answers about signing in: the operator can help, and the mail waits.
var loginCodes = []int{530, 534, 535, 538}

func refused(code int) *jobs.MailError {
	switch {
	case slices.Contains(loginCodes, code):
		return &jobs.MailError{Problem: fmt.Sprintf("The mail server wants another login (%d).", code)}
	case code >= 500:
		return &jobs.MailError{Permanent: true, Problem: fmt.Sprintf("The mail server refused the e-mail (%d).", code)}
	case code >= 400:
		return &jobs.MailError{Problem: fmt.Sprintf("The mail server put the e-mail off (%d).", code)}
	default:
		return &jobs.MailError{Problem: "The connection to the mail server broke off."}
	}
}
