package mail

import (
	"context"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/auth"
)

// SendInvitation sends an invitation's link to the invited address. It returns when the mail server
// has accepted the message. The error is or wraps a *jobs.MailError.
func (m *Mailer) SendInvitation(ctx context.Context, i auth.InvitationMail) error {
	name := singleLine(i.Tenant.Name)
	l := letter{
		Success: true, Subject: "You are invited to " + name, Title: "You are invited to " + name, To: singleLine(i.Invitation.Email),
		Paragraphs: []string{
			singleLine(i.InvitedBy) + " invited you to work with the users of " + name + " in Egress, as " + string(i.Invitation.Role) + ".",
			"The link is valid once, until " + formatTime(i.Invitation.Expires) + ".",
		},
		Links:  []letterLink{{"Accept the invitation", i.Link}},
		Footer: []string{"Do not forward this email: anyone with the link can accept the invitation.", "If you did not expect this invitation, ignore this email."},
	}
	l.Preheader = l.Paragraphs[0]
	msg, err := m.message("invitation."+ulid.Make().String(), i.Invitation.Email, &l)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, msg)
}

// sendReset sends the links of a password reset.
func (m *Mailer) sendReset(ctx context.Context, r auth.ResetMail) error {
	l := letter{
		Success: true, Subject: "Reset your Egress password", Title: "Reset your Egress password", To: singleLine(r.To),
		Paragraphs: []string{"Someone, probably you, asked to reset the password of this address. Each link is valid once, for one hour."},
		Footer:     []string{"Do not forward this email: anyone with a link can change the password.", "If you did not request this, ignore this email: your password does not change."},
	}
	for _, reset := range r.Links {
		l.Links = append(l.Links, letterLink{resetAction(reset, len(r.Links)), reset.Link})
	}
	l.Preheader = l.Paragraphs[0]
	msg, err := m.message("reset."+ulid.Make().String(), r.To, &l)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, msg)
}

// resetAction returns the label of a reset link. If the address has several accounts, the label
// names the account by its tenants.
func resetAction(r auth.ResetLink, accounts int) string {
	if accounts == 1 {
		return "Choose a new password"
	}
	names := make([]string, len(r.Tenants))
	for i, t := range r.Tenants {
		names[i] = singleLine(t.Name)
	}
	if len(names) == 0 {
		return "Choose a new password for your account without a tenant"
	}
	return "Choose a new password for " + strings.Join(names, ", ")
}
