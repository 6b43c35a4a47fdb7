package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/egress-io/egress/internal/errs"
)

var errUnknownSession = errs.Errorf(errs.CodeNotFound, "There is no session with this ID.")

// Name returns the public id of a session, for lists. It is not a credential.
func (s *Session) Name() string {
	if s.PublicID != "" {
		return s.PublicID
	}
	const digits = 26 // sessions from before PublicID existed
	sum := sha256.Sum256([]byte(s.ID))
	return hex.EncodeToString(sum[:])[:digits]
}

// Sessions returns the active sessions of an account, last used first.
func (s *sessionKeeper) Sessions(ctx context.Context, adminID string) ([]Session, error) {
	list, err := s.store.SessionsOf(ctx, adminID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := s.now()
	list = slices.DeleteFunc(list, func(one Session) bool { return !now.Before(one.Expires) })
	slices.SortFunc(list, func(a, b Session) int { return b.LastUsed.Compare(a.LastUsed) })
	return list, nil
}

// EndSession ends the session of an account with a public id (Session.Name) and returns the
// session's id. CodeNotFound if the account has no such session.
func (s *sessionKeeper) EndSession(ctx context.Context, adminID, name string) (id string, err error) {
	list, err := s.Sessions(ctx, adminID)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(one Session) bool { return one.Name() == name })
	if i < 0 {
		return "", errUnknownSession
	}
	if err := s.store.DeleteSession(ctx, list[i].ID); err != nil {
		return "", fmt.Errorf("end a session: %w", err)
	}
	return list[i].ID, nil
}

// EndSessions ends every session of an account and returns their ids.
func (s *sessionKeeper) EndSessions(ctx context.Context, adminID string) (ids []string, err error) {
	list, err := s.store.SessionsOf(ctx, adminID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	for i := range list {
		if err := s.store.DeleteSession(ctx, list[i].ID); err != nil {
			return ids, fmt.Errorf("end a session: %w", err)
		}
		ids = append(ids, list[i].ID)
	}
	return ids, nil
}

// startSession stores a new session of an authenticated account.
func (s *sessionKeeper) startSession(ctx context.Context, admin *Admin, a Attempt, secondFactor bool) (string, *Session, error) {
	token, session := s.newSession(admin, a)
	session.SecondFactor = secondFactor
	if err := s.store.InsertSession(ctx, session); err != nil {
		return "", nil, fmt.Errorf("begin a session: %w", err)
	}
	// A concurrent password change may have ended the account's sessions just before this one was
	// stored.
	current, err := s.store.Admin(ctx, admin.ID)
	if err == nil && current.Password == admin.Password {
		return token, session, nil
	}
	if deleteErr := s.store.DeleteSession(ctx, session.ID); deleteErr != nil {
		return "", nil, fmt.Errorf("end a session that began with an old password: %w", deleteErr)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", nil, fmt.Errorf("read the account of a session: %w", err)
	}
	return "", nil, errWrongPassword
}
