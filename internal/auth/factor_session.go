package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// newFactorChallenge returns the challenge that an admin must answer after the password, nil if the
// account has no second factor.
func (s *Service) newFactorChallenge(ctx context.Context, admin *Admin, purpose, session string) (*FactorRequest, error) {
	if s.factors == nil {
		return nil, nil
	}
	return s.factors.newChallenge(ctx, admin, purpose, session)
}

// requireSecondFactor returns CodeSecondFactorRequired if the account has a second factor. The session
// begins in CompleteLogin.
func (s *Service) requireSecondFactor(ctx context.Context, admin *Admin) error {
	r, err := s.newFactorChallenge(ctx, admin, purposeLogin, "")
	if err != nil || r == nil {
		return err
	}
	e := errs.Errorf(errs.CodeSecondFactorRequired, "Enter the second factor of your account to log in.")
	e.Details = map[string]any{"secondFactor": r}
	return e
}

// FactorProof says which admin answered a challenge, and by which method.
type FactorProof struct {
	Admin  *Admin // nil if the challenge was invalid
	Method FactorMethod
}

var (
	errInvalidLogIn        = errs.Errorf(errs.CodeUnauthenticated, "This log-in is no longer valid. Enter your email address and password again.")
	errInvalidConfirmation = errs.Invalid("challenge", "This confirmation is no longer valid. Enter your password again.")
	errWrongConfirmation   = errs.Invalid("password", "The password is wrong.")
)

// CompleteLogin begins the session of a log-in that Login answered with CodeSecondFactorRequired. The
// error is CodeInvalidRequest for a wrong answer, CodeRateLimited for too many codes, and
// CodeUnauthenticated if the admin has to log in again. proof names the owner of the challenge
// even if the answer is wrong. Only the IP address and the User-Agent of from are used.
func (s *Service) CompleteLogin(ctx context.Context, a *FactorAnswer, from Attempt) (proof FactorProof, token string, session *Session, err error) {
	if s.factors == nil {
		return proof, "", nil, errInvalidLogIn
	}
	proof.Admin, proof.Method, err = s.factors.verifyAnswer(ctx, purposeLogin, "", a)
	if errors.Is(err, errInvalidChallenge) {
		return proof, "", nil, errInvalidLogIn
	}
	if err != nil {
		return proof, "", nil, err
	}
	token, session, err = s.startSession(ctx, proof.Admin, from, true)
	return proof, token, session, err
}

// Confirm proves the password of a session's admin again. It returns the time until which the
// session is confirmed, or a challenge if the account has a second factor. A wrong password is
// CodeInvalidRequest and counts towards the limits of log-ins.
func (s *Service) Confirm(ctx context.Context, id *Identity, a Attempt) (until time.Time, r *FactorRequest, err error) {
	if err := s.checkAccountPassword(ctx, id.Admin, a); err != nil {
		if errs.CodeOf(err) == errs.CodeUnauthenticated {
			err = errWrongConfirmation
		}
		return time.Time{}, nil, err
	}
	r, err = s.newFactorChallenge(ctx, id.Admin, purposeConfirm, id.Session.ID)
	if err != nil || r != nil {
		return time.Time{}, r, err
	}
	until, err = s.confirmSession(ctx, id, id.Session.SecondFactor)
	return until, nil, err
}

// CompleteConfirm answers the challenge of Confirm in the same session, and returns the time until
// which the session is confirmed. The session then has a second factor.
func (s *Service) CompleteConfirm(ctx context.Context, id *Identity, a *FactorAnswer) (proof FactorProof, until time.Time, err error) {
	if s.factors == nil {
		return proof, time.Time{}, errInvalidConfirmation
	}
	proof.Admin, proof.Method, err = s.factors.verifyAnswer(ctx, purposeConfirm, id.Session.ID, a)
	if errors.Is(err, errInvalidChallenge) {
		return proof, time.Time{}, errInvalidConfirmation
	}
	if err != nil {
		return proof, time.Time{}, err
	}
	until, err = s.confirmSession(ctx, id, true)
	return proof, until, err
}

func (s *Service) confirmSession(ctx context.Context, id *Identity, secondFactor bool) (time.Time, error) {
	id.Session.Confirmed, id.Session.SecondFactor = s.now(), secondFactor
	if err := s.store.ConfirmSession(ctx, id.Session.ID, id.Session.Confirmed, secondFactor); err != nil {
		return time.Time{}, fmt.Errorf("confirm a session: %w", err)
	}
	return id.Session.ConfirmedUntil(), nil
}

var errSecondFactorMissing = errs.Errorf(errs.CodeSecondFactorMissing,
	"This tenant requires a second factor. Set one up under Account, or log in with it.")

// FactorMissing reports whether a tenant requires a second factor and the session has none.
func FactorMissing(t *Tenant, s *Session) bool { return t.SecondFactorRequired && !s.SecondFactor }

// SessionMembership is Membership for a session. It returns CodeSecondFactorMissing if the tenant
// requires a second factor and the session has none.
func (s *sessionKeeper) SessionMembership(ctx context.Context, id *Identity, tenant string) (Membership, error) {
	m, err := s.Membership(ctx, id.Admin, tenant)
	if err != nil {
		return Membership{}, err
	}
	if FactorMissing(&m.Tenant, id.Session) {
		return Membership{}, errSecondFactorMissing
	}
	return m, nil
}

// hasSecondFactor reports whether an account has a second factor.
func (s *Service) hasSecondFactor(ctx context.Context, adminID string) (bool, error) {
	if s.factors == nil {
		return false, nil
	}
	have, err := s.factors.AccountFactors(ctx, adminID)
	if err != nil {
		return false, err
	}
	return have.Any(), nil
}
