package config

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/export"
)

// The ports of mail submission where the URL names none.
const (
	submissionPort  = 587
	submissionsPort = 465
)

// MailServer is what EGRESS_SMTP_URL says.
type MailServer struct {
	Host             string
	Port             int
	TLS              bool // from the first byte
	STARTTLSRequired bool // without TLS: nothing is sent where STARTTLS is not offered
	User             string
	Password         Secret
}

// MailServer returns where mails are sent, nil where they are kept for the outbox. Once the Config is valid there is no error.
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

func (c *Config) checkMail() *export.Error {
	switch {
	case c.SMTPURL == "" && c.MailFrom != "":
		return export.Invalid("EGRESS_SMTP_URL", "Must be set too when EGRESS_MAIL_FROM is.")
	case c.SMTPURL == "":
		return nil
	case c.MailFrom == "":
		return export.Invalid("EGRESS_MAIL_FROM", "Must be set too when EGRESS_SMTP_URL is.")
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil || strings.ContainsAny(c.MailFrom, "\r\n") {
		return export.Invalid("EGRESS_MAIL_FROM", "Must be one e-mail address, with or without a name: Egress <egress@example.com>.")
	}
	_, err := parseSMTP(c.SMTPURL)
	return err
}

// parseSMTP reads the URL. What it says of one that is wrong quotes nothing of it: it holds a password.
func parseSMTP(text Secret) (*MailServer, *export.Error) {
	wrong := func(message string) (*MailServer, *export.Error) {
		return nil, export.Invalid("EGRESS_SMTP_URL", "%s", message)
	}
	if !hasScheme(text, "smtp", "smtps") {
		return wrong("Must begin with smtp:// or smtps://.")
	}
	u, err := url.Parse(text.Reveal())
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return wrong("Must be like smtp://user:password@mail.example.com:587, with what is special in user and password percent-encoded.")
	}
	m := &MailServer{Host: u.Hostname(), Port: submissionPort, TLS: u.Scheme == "smtps", User: u.User.Username()}
	if m.TLS {
		m.Port = submissionsPort
	}
	if port := u.Port(); port != "" {
		if m.Port, err = strconv.Atoi(port); err != nil || m.Port < 1 || m.Port > 65535 {
			return wrong("The port must be a number from 1 to 65535.")
		}
	}
	password, _ := u.User.Password()
	if m.Password = Secret(password); (m.User == "") != (password == "") {
		return wrong("Must hold both a user and a password, or neither.")
	}
	for name, values := range u.Query() {
		switch {
		case name != "starttls" || m.TLS:
			return wrong("May have no option but starttls, for smtp:// only.")
		case len(values) != 1 || values[0] != "required" && values[0] != "offered":
			return wrong("The option starttls must be required or offered.")
		}
		m.STARTTLSRequired = values[0] == "required"
	}
	return m, nil
}
