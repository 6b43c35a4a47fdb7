package api

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// The longest credentials that are looked at, in bytes.
const (
	maxEmail    = 320
	maxPassword = 1024
)

// Login answers POST /v3/admin/login.
func (s *server) Login(c *fiber.Ctx) error {
	body, err := decode(c, "identifiers", "validators")
	if err != nil {
		return err
	}
	identifiers, err := body.object("identifiers", "email_address")
	if err != nil {
		return err
	}
	email, err := identifiers.requiredText("email_address", maxEmail)
	if err != nil {
		return err
	}
	validators, err := body.object("validators", "password")
	if err != nil {
		return err
	}
	password, err := validators.requiredText("password", maxPassword)
	if err != nil {
		return err
	}
	token, session, err := s.auth.Login(c.UserContext(), email, password, s.address(c).String())
	if err != nil {
		if export.CodeOf(err) == export.CodeUnauthenticated {
			s.noteSignIn(c, audit.SignInFailed, email)
		}
		return err
	}
	s.noteSignIn(c, audit.SignedIn, email)
	return s.answerSession(c, token, session)
}

// answerSession answers with the cookie of a session that begins. One that the browser had ends: nobody else's goes on under it.
func (s *server) answerSession(c *fiber.Ctx, token string, session *auth.Session) error {
	if old := c.Cookies(auth.CookieName); old != "" {
		if err := s.end(c, old); err != nil {
			s.logger.WarnContext(c.UserContext(), "a session that was replaced has not ended yet", "request_id", requestID(c), "error", err)
		}
	}
	cookie := s.cookie(token)
	cookie.Expires = session.Created.Add(auth.AbsoluteLimit)
	c.Cookie(cookie)
	return s.answer(c, fiber.StatusOK, gen.LoggedIn{Cookie: auth.CookieName + "=" + token, Message: "You are signed in."})
}

// noteSignIn notes a sign-in in the audit logs of the tenants of the admin. Of an account that there is not it does as much: an answer
// that took less would tell.
func (s *server) noteSignIn(c *fiber.Ctx, kind audit.Kind, email string) {
	ctx := c.UserContext()
	r := s.by(c, kind, "", "")
	admin, memberships, err := s.auth.Account(ctx, email)
	if admin != nil {
		r.AdminID, r.Email = admin.ID, admin.Email
	}
	records := []audit.Record{r} // in no tenant's log
	if len(memberships) > 0 {
		records = records[:0]
	}
	for _, m := range memberships {
		r.Tenant = m.Tenant.ID
		records = append(records, r)
	}
	if err = errors.Join(err, s.audit.Append(ctx, records...)); err != nil {
		s.logger.ErrorContext(ctx, "the audit log lacks a record", "kind", kind, "admin", r.AdminID, "request_id", requestID(c), "error", err)
	}
}

// Logout answers POST /v3/admin/logout.
func (s *server) Logout(c *fiber.Ctx) error {
	if token := c.Cookies(auth.CookieName); token != "" {
		ctx := c.UserContext()
		if who, err := s.auth.Authenticate(ctx, token); err == nil {
			s.noteSignIn(c, audit.SignedOut, who.Admin.Email)
		}
		if err := s.end(c, token); err != nil {
			return err
		}
	}
	cookie := s.cookie("")
	cookie.Expires = time.Unix(0, 0)
	c.Cookie(cookie)
	return s.answer(c, fiber.StatusOK, gen.Message{Message: "You are signed out."})
}

// end ends the session of a token, with its sockets.
func (s *server) end(c *fiber.Ctx, token string) error {
	ctx := c.UserContext()
	id, err := s.auth.Logout(ctx, token)
	if err != nil {
		return err
	}
	s.hub.EndSession(id)
	s.tell(c, jobs.ControlMessage{Kind: jobs.ControlSessionEnded, SessionID: id})
	return nil
}

// tell has the other servers close sockets too. Where they do not hear it, they find out by themselves.
func (s *server) tell(c *fiber.Ctx, m jobs.ControlMessage) {
	ctx := c.UserContext()
	if err := s.control.Control(ctx, m); err != nil {
		s.logger.WarnContext(ctx, "could not tell other servers", "kind", m.Kind, "request_id", requestID(c), "error", err)
	}
}

func (s *server) cookie(value string) *fiber.Cookie {
	return &fiber.Cookie{
		Name: auth.CookieName, Value: value, Path: "/", HTTPOnly: true, Secure: s.https,
		SameSite: fiber.CookieSameSiteLaxMode,
	}
}

// GetMe answers GET /v4/me. An admin without any tenant has one too few to work with, and still learns who he is.
func (s *server) GetMe(c *fiber.Ctx) error {
	who := callerOf(c)
	ctx := c.UserContext()
	all, err := s.memberships(ctx, who)
	if err != nil {
		return err
	}
	me := gen.Me{UserID: who.admin.ID, Email: who.admin.Email, Name: who.admin.Name, Tenants: []gen.Membership{}, Outbox: s.outbox != nil}
	for _, m := range all {
		me.Tenants = append(me.Tenants, gen.Membership{
			ID: m.Tenant.ID, Name: m.Tenant.Name, Role: m.Role, RetentionSeconds: s.retention(m.Tenant),
		})
	}
	if name := c.Get(tenantHeader); name != "" || len(all) > 0 {
		m, err := s.enter(ctx, who, name)
		if err != nil {
			return err
		}
		me.Tenant, me.Role = &m.Tenant.ID, &m.Role
	}
	return s.answer(c, fiber.StatusOK, me)
}
