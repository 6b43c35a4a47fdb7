package main

import (
	"context"

	"github.com/egress-io/egress/internal/api/webui"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/mail"
)

// mailer returns the mailer that notifies admins about finished exports. It uses the configured
// mail server; without one it stores the e-mails in the console's outbox.
func (s *system) mailer(cfg *config.Config, public string) (*mail.Mailer, error) {
	server, err := cfg.MailServer()
	if err != nil {
		return nil, err
	}
	var sender mail.Sender = mail.OutboxSender{Outbox: s.stores.outbox}
	if server != nil {
		sender = mail.NewSMTP(mail.SMTPOptions{
			Host: server.Host, Port: server.Port, Security: security(server), User: server.User, Password: server.Password.Reveal(),
			From: cfg.MailFrom,
		})
	}
	return mail.New(mail.Options{PublicURL: public, JobPath: webui.JobPath, Sender: sender, TenantName: func(ctx context.Context, id string) (string, error) {
		t, err := s.stores.admins.Tenant(ctx, id)
		if err != nil {
			return "", err
		}
		return t.Name, nil
	}})
}

// backgroundMailer returns the sender of invitations and password resets; nil without a configured
// mail server. The outbox never holds these e-mails: its readers could use their links.
func (s *system) backgroundMailer(cfg *config.Config, public string) (*mail.BackgroundMailer, error) {
	if cfg.SMTPURL == "" {
		return nil, nil
	}
	mailer, err := s.mailer(cfg, public)
	if err != nil {
		return nil, err
	}
	return mail.NewBackgroundMailer(mailer, s.log), nil
}

func security(server *config.MailServer) mail.Security {
	switch {
	case server.TLS:
		return mail.ImplicitTLS
	case server.STARTTLSRequired:
		return mail.StartTLSRequired
	default:
		return mail.StartTLSOffered
	}
}
