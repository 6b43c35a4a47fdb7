package main

import (
	"context"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/mail"
	"github.com/egress-io/egress/internal/mongo"
)

// mailer tells admins how their exports ended: by the mail server that is configured, or else into the console's outbox.
func (s *system) mailer(cfg *config.Config, public string) (*mail.Mailer, error) {
	server, err := cfg.MailServer()
	if err != nil {
		return nil, err
	}
	var sender mail.Sender = mail.Kept{Outbox: mongo.NewOutbox(s.db)}
	if server != nil {
		sender = mail.NewSMTP(mail.SMTPOptions{
			Host: server.Host, Port: server.Port, Security: security(server), User: server.User, Password: server.Password.Reveal(),
			From: cfg.MailFrom,
		})
	}
	return mail.New(mail.Options{PublicURL: public, Sender: sender, TenantName: func(ctx context.Context, id string) (string, error) {
		t, err := s.accounts.Tenant(ctx, id)
		if err != nil {
			return "", err
		}
		return t.Name, nil
	}})
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
