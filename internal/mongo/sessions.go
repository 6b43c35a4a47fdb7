package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/auth"
)

type sessionDocument struct {
	ID      string    `bson:"_id"`
	AdminID string    `bson:"admin_id"`
	Created time.Time `bson:"created"`
	Seen    time.Time `bson:"seen"`
	Expires time.Time `bson:"expires"`
}

// InsertSession adds a session.
func (s *Accounts) InsertSession(ctx context.Context, session *auth.Session) error {
	if _, err := s.writes.Collection(sessionsCollection).InsertOne(ctx, sessionDocument(*session)); err != nil {
		return fmt.Errorf("insert a session: %w", err)
	}
	return nil
}

// Session returns a session by id, ended or not, or auth.ErrNotFound.
func (s *Accounts) Session(ctx context.Context, id string) (*auth.Session, error) {
	d, err := findOne[sessionDocument](ctx, s.reads.Collection(sessionsCollection), bson.D{{Key: "_id", Value: id}})
	if err != nil {
		return nil, err
	}
	session := auth.Session(*d)
	return &session, nil
}

// TouchSession notes that a session was used. That it is gone is no error, and does not bring it back.
func (s *Accounts) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	_, err := s.writes.Collection(sessionsCollection).UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "seen", Value: seen}, {Key: "expires", Value: expires}}}})
	if err != nil {
		return fmt.Errorf("touch a session: %w", err)
	}
	return nil
}

// DeleteSession ends a session. That there is none is no error.
func (s *Accounts) DeleteSession(ctx context.Context, id string) error {
	if _, err := s.writes.Collection(sessionsCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}}); err != nil {
		return fmt.Errorf("delete a session: %w", err)
	}
	return nil
}

// DeleteSessions removes the sessions that had ended by now, and returns how many.
func (s *Accounts) DeleteSessions(ctx context.Context, now time.Time) (int64, error) {
	r, err := s.writes.Collection(sessionsCollection).DeleteMany(ctx,
		bson.D{{Key: "expires", Value: bson.D{{Key: "$lte", Value: now}}}})
	if err != nil {
		return 0, fmt.Errorf("delete ended sessions: %w", err)
	}
	return r.DeletedCount, nil
}
