// Package mailtest runs an SMTP server in the test's process, which keeps the messages that it
// receives, and contains the conformance suite of the outbox.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log" //nolint:depguard // the SMTP library requires it
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The login that a server with Auth accepts.
const (
	User     = "egress"
	Password = "hunter2"
)

// Options configure a Server.
type Options struct {
	TLS   bool // from the first byte
	Start bool // STARTTLS is offered
	Auth  bool // only User with Password may send
	// Answer returns the answer to the nth message, from 1; nil: accept all.
	Answer func(n int) error
	// RefuseTo returns the answer to a recipient; nil: accept all.
	RefuseTo func(address string) error
}

// Server is an SMTP server on loopback.
type Server struct {
	Port   int
	CA     *x509.CertPool // trusts the server's certificate, for 127.0.0.1 and localhost
	CAPEM  []byte
	o      Options
	mu     sync.Mutex
	tries  int
	mails  []Mail
	arrive chan Mail
}

// Mail is a message that the server accepted.
type Mail struct {
	From, To string // of the SMTP envelope
	TLS      bool
	User     string // the authenticated user
	Header   mail.Header
	Subject  string // decoded
	Text     string
	HTML     string
	Raw      string
}

// Start starts a server that runs until the test ends.
func Start(t *testing.T, o Options) *Server {
	t.Helper()
	s := &Server{o: o, arrive: make(chan Mail, 100)}
	certificate := s.certify(t)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.ReadTimeout, server.WriteTimeout = "mail.test", time.Minute, time.Minute
	output := &testOutput{w: t.Output()}
	server.ErrorLog = log.New(output, "mail server: ", 0)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if o.Start {
		server.TLSConfig = config
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = ln.Addr().(*net.TCPAddr).Port
	if o.TLS {
		ln = tls.NewListener(ln, config)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ln); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("the mail server: %v", err)
		}
	})
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
		output.end()
	})
	return s
}

// testOutput is the output of a test until the test ends. The server does not wait for its connections when it
// is closed, and they may report an error later.
type testOutput struct {
	mu sync.Mutex
	w  io.Writer // nil after the test
}

func (o *testOutput) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.w == nil {
		return len(b), nil
	}
	return o.w.Write(b)
}

func (o *testOutput) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.w = nil
}

// Mails returns the messages accepted so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Next waits for the next message, up to limit.
func (s *Server) Next(t *testing.T, limit time.Duration) Mail {
	t.Helper()
	select {
	case m := <-s.arrive:
		return m
	case <-time.After(limit):
		t.Fatalf("no mail within %s", limit)
		return Mail{}
	}
}

func (s *Server) certify(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s.CAPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.CA = x509.NewCertPool()
	s.CA.AppendCertsFromPEM(s.CAPEM)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// session is one SMTP session.
type session struct {
	server   *Server
	conn     *smtp.Conn
	user     string
	from, to string
}

func (s *session) AuthMechanisms() []string {
	if s.server.o.Auth {
		return []string{sasl.Plain}
	}
	return nil
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such login"}
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.o.Auth && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.server.o.RefuseTo != nil {
		return s.server.o.RefuseTo(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.tries++
	if s.server.o.Answer != nil {
		if err := s.server.o.Answer(s.server.tries); err != nil {
			return err
		}
	}
	m, err := parse(string(raw))
	if err != nil {
		return err
	}
	_, m.TLS = s.conn.TLSConnectionState()
	m.From, m.To, m.User = s.from, s.to, s.user
	s.server.mails = append(s.server.mails, m)
	s.server.arrive <- m
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// parse parses a message with two alternative parts.
func parse(raw string) (m Mail, err error) {
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return m, err
	}
	m.Raw, m.Header = raw, msg.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return m, err
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return m, err
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(text)
		} else {
			m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
}
