package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/stored"
)

// InsertSession adds a session.
func (s *sessionStore) InsertSession(ctx context.Context, session *auth.Session) error {
	if _, err := s.writes.Collection(sessionsCollection).InsertOne(ctx, stored.Session(*session)); err != nil {
		return fmt.Errorf("insert a session: %w", err)
	}
	return nil
}

// Session returns a session by id, expired or not, or auth.ErrNotFound.
func (s *sessionStore) Session(ctx context.Context, id string) (*auth.Session, error) {
	d, err := findOne[stored.Session](ctx, s.reads.Collection(sessionsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	session := auth.Session(*d)
	return &session, nil
}

// SessionsOf returns the sessions of an admin, including expired ones, in no order.
func (s *sessionStore) SessionsOf(ctx context.Context, adminID string) ([]auth.Session, error) {
	cursor, err := s.reads.Collection(sessionsCollection).Find(ctx, bson.D{{Key: "admin_id", Value: adminID}})
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	var docs []stored.Session
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	list := make([]auth.Session, len(docs))
	for i, d := range docs {
		list[i] = auth.Session(d)
	}
	return list, nil
}

// TouchSession records a use of a session. It does nothing if the session does not exist.
func (s *sessionStore) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	_, err := s.writes.Collection(sessionsCollection).UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "seen", Value: seen}, {Key: "expires", Value: expires}}}})
	if err != nil {
		return fmt.Errorf("touch a session: %w", err)
	}
	return nil
}

// ConfirmSession records when a session's credentials were last proven, and whether with a second
// factor. It does nothing if the session does not exist.
func (s *sessionStore) ConfirmSession(ctx context.Context, id string, at time.Time, secondFactor bool) error {
	_, err := s.writes.Collection(sessionsCollection).UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "confirmed", Value: at}, {Key: "second_factor", Value: secondFactor}}}})
	if err != nil {
		return fmt.Errorf("confirm a session: %w", err)
	}
	return nil
}

// DropSecondFactor marks all sessions of an admin as without a second factor.
func (s *sessionStore) DropSecondFactor(ctx context.Context, adminID string) error {
	_, err := s.writes.Collection(sessionsCollection).UpdateMany(ctx,
		bson.D{{Key: "admin_id", Value: adminID}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "second_factor", Value: false}}}})
	if err != nil {
		return fmt.Errorf("remove the second factor from sessions: %w", err)
	}
	return nil
}

// DeleteSession removes a session, if it exists.
func (s *sessionStore) DeleteSession(ctx context.Context, id string) error {
	if _, err := s.writes.Collection(sessionsCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
		return fmt.Errorf("delete a session: %w", err)
	}
	return nil
}

// DeleteSessions removes the sessions that have expired by now, and returns their number.
func (s *sessionStore) DeleteSessions(ctx context.Context, now time.Time) (int64, error) {
	r, err := s.writes.Collection(sessionsCollection).DeleteMany(ctx,
		bson.D{{Key: "expires", Value: bson.D{{Key: "$lte", Value: now}}}})
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return r.DeletedCount, nil
}
