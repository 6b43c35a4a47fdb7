package config

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/errs"
)

// The default ports of mail submission.
const (
	submissionPort  = 587
	submissionsPort = 465
)

// MailServer is the parsed EGRESS_SMTP_URL.
type MailServer struct {
	Host             string
	Port             int
	TLS              bool // implicit TLS
	STARTTLSRequired bool // without TLS: send nothing if the server does not offer STARTTLS
	User             string
	Password         Secret
}

// MailServer returns the server that sends e-mails, or nil if e-mails go to the outbox. It returns
// no error for a valid Config.
func (c *Config) MailServer() (*MailServer, error) {
	if c.SMTPURL == "" {
		return nil, nil
	}
	server, err := parseSMTP(c.SMTPURL)
	if err != nil {
		return nil, err
	}
	return server, nil
}

func (c *Config) checkMail() *errs.Error {
	switch {
	case c.SMTPURL == "" && c.MailFrom != "":
		return errs.Invalid("EGRESS_SMTP_URL", "Must be set if EGRESS_MAIL_FROM is set.")
	case c.SMTPURL == "":
		return nil
	case c.MailFrom == "":
		return errs.Invalid("EGRESS_MAIL_FROM", "Must be set if EGRESS_SMTP_URL is set.")
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil || strings.ContainsAny(c.MailFrom, "\r\n") {
		return errs.Invalid("EGRESS_MAIL_FROM", "Must be one email address, with or without a name: Egress <egress@example.com>.")
	}
	_, err := parseSMTP(c.SMTPURL)
	return err
}

// parseSMTP parses EGRESS_SMTP_URL. Its errors do not quote the URL, which contains a password.
func parseSMTP(text Secret) (*MailServer, *errs.Error) {
	invalid := func(message string) (*MailServer, *errs.Error) {
		return nil, errs.Invalid("EGRESS_SMTP_URL", "%s", message)
	}
	if !hasScheme(text, "smtp", "smtps") {
		return invalid("Must begin with smtp:// or smtps://.")
	}
	u, err := url.Parse(text.Reveal())
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return invalid("Must be like smtp://user:password@mail.example.com:587, with special characters in user and password percent-encoded.")
	}
	m := &MailServer{Host: u.Hostname(), Port: submissionPort, TLS: u.Scheme == "smtps", User: u.User.Username()}
	if m.TLS {
		m.Port = submissionsPort
	}
	if port := u.Port(); port != "" {
		if m.Port, err = strconv.Atoi(port); err != nil || m.Port < 1 || m.Port > 65535 {
			return invalid("The port must be a number from 1 to 65535.")
		}
	}
	password, _ := u.User.Password()
	if m.Password = Secret(password); (m.User == "") != (password == "") {
		return invalid("Must contain both a user and a password, or neither.")
	}
	for name, values := range u.Query() {
		switch {
		case name != "starttls" || m.TLS:
			return invalid("Must have no option other than starttls, and that only with smtp://.")
		case len(values) != 1 || values[0] != "required" && values[0] != "offered":
			return invalid("The option starttls must be required or offered.")
		}
		m.STARTTLSRequired = values[0] == "required"
	}
	return m, nil
}
