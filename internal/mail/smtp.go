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
	"github.com/egress-io/egress/internal/jobs"
)

// Security is how a connection to the mail server is encrypted.
type Security string

// The values of Security.
const (
	StartTLSOffered  Security = "offered"  // STARTTLS if the server offers it
	StartTLSRequired Security = "required" // STARTTLS, or nothing is sent
	ImplicitTLS      Security = "tls"      // TLS from the first byte
)

// sendTimeout bounds one SMTP session, however slowly the server answers.
const sendTimeout = 30 * time.Second

// SMTPOptions configure an SMTP sender.
type SMTPOptions struct {
	Host     string
	Port     int
	Security Security
	User     string // "": no authentication
	Password string
	From     string         // the sender's address, with or without a display name
	RootCAs  *x509.CertPool // nil: the system's
	Timeout  time.Duration  // of one session; 0: 30 s
}

// SMTP sends messages to a mail server, each over its own connection.
type SMTP struct{ o SMTPOptions }

// NewSMTP returns an SMTP sender. It does not connect.
func NewSMTP(o SMTPOptions) *SMTP {
	if o.Timeout == 0 {
		o.Timeout = sendTimeout
	}
	return &SMTP{o}
}

// Send implements Sender. Without TLS, it sends a password only by a mechanism that does not reveal
// it.
func (s *SMTP) Send(ctx context.Context, m *export.Message) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	msg, err := s.message(m)
	if err != nil {
		return err
	}
	// The library limits each step, not the session, and leaves failed connections open. So this
	// connection closes when ctx ends.
	var opened *connection
	defer func() { opened.close() }()
	// The dialer's own context ends when the connection is established, so dial with ctx.
	client, err := s.client(func(_ context.Context, network, _ string) (conn net.Conn, err error) {
		opened, conn, err = s.dial(ctx, network)
		return conn, err
	})
	if err != nil {
		return fmt.Errorf("prepare to send an email: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // an error after the server has accepted the message does not matter
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
		return nil, &jobs.MailError{Permanent: true, Problem: "The admin's email address is invalid.", Err: errors.New("no address")}
	}
	msg.Subject(singleLine(m.Subject))
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

// dial connects. For ImplicitTLS it performs the TLS handshake itself, so that the client sees an
// encrypted connection.
func (s *SMTP) dial(ctx context.Context, network string) (*connection, net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, network, net.JoinHostPort(s.o.Host, strconv.Itoa(s.o.Port)))
	if err != nil {
		return nil, nil, err
	}
	conn := newConnection(ctx, raw)
	if s.o.Security != ImplicitTLS {
		return conn, conn, nil
	}
	secure := tls.Client(conn, s.tls())
	if err := secure.HandshakeContext(ctx); err != nil {
		return conn, nil, err
	}
	return conn, secure, nil
}

// connection closes when a context ends. The library's own deadlines restart at each step.
type connection struct {
	net.Conn
	stopWatching func() bool
}

func newConnection(ctx context.Context, raw net.Conn) *connection {
	return &connection{Conn: raw, stopWatching: context.AfterFunc(ctx, func() { _ = raw.Close() })}
}

func (c *connection) close() {
	if c != nil {
		c.stopWatching()
		_ = c.Conn.Close()
	}
}

// classify returns whether another try may help after a failure. It keeps only the code of the
// server's answer, because the answer's text may contain the admin's address.
func classify(err error) error {
	if refusal, ok := errors.AsType[*gomail.SendError](err); ok {
		return refusalError(refusal.ErrorCode())
	}
	// Until the message is sent, the server does not know the admin's address, so these errors can be
	// logged.
	problem := "The mail server gave an unexpected answer."
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		return refusalError(max(e.Code, 1)) // from the greeting or the authentication
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		problem = "The mail server's certificate is not trusted."
	}
	if errors.Is(err, gomail.ErrNoSupportedAuthDiscovered) {
		problem = "The mail server offers no authentication that protects the password."
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		problem = "The mail server cannot be reached."
	}
	return &jobs.MailError{Problem: problem, Err: err}
}

// loginCodes are answers about authentication. The operator can fix the settings, so the e-mail is
// retried.
var loginCodes = []int{530, 534, 535, 538}

func refusalError(code int) *jobs.MailError {
	switch {
	case slices.Contains(loginCodes, code):
		return &jobs.MailError{Problem: fmt.Sprintf("The mail server requires a valid login (%d).", code)}
	case code >= 500:
		return &jobs.MailError{Permanent: true, Problem: fmt.Sprintf("The mail server refused the email (%d).", code)}
	case code >= 400:
		return &jobs.MailError{Problem: fmt.Sprintf("The mail server deferred the email (%d).", code)}
	default:
		return &jobs.MailError{Problem: "The connection to the mail server was lost."}
	}
}
