package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

// Events reads tenants' state events. It implements run.Documents. The order of their ids is that of their times.
type Events struct{ documents }

var _ run.Documents = (*Events)(nil)

// NewEvents returns the state events of db.
func NewEvents(db *DB) *Events {
	return &Events{documents{db: db, name: eventsCollection, noun: "state events", order: eventOrder}}
}

var errNoStateEvents = errors.New("the definition asks for no state events")

// Match implements run.Documents. The times that a definition asks for are a range of ids. Whose events they are is not
// for it to say.
func (e *Events) Match(_ context.Context, _ string, def export.Definition) (bson.D, error) {
	times := def.StateEvents
	if times == nil {
		return nil, errNoStateEvents
	}
	ids := bson.D{}
	if times.From != nil {
		ids = append(ids, bson.E{Key: "$gte", Value: users.FirstEventID(times.From.Time)})
	}
	if times.To != nil {
		ids = append(ids, bson.E{Key: "$lt", Value: users.BehindEventIDs(times.To.Time)})
	}
	if len(ids) == 0 {
		return bson.D{}, nil
	}
	return bson.D{{Key: "_id", Value: ids}}, nil
}

// eventOrder is the index of ids. A match is nothing but bounds in it.
func eventOrder(match bson.D) (bounds, index bson.D) {
	return match, bson.D{{Key: "_id", Value: 1}}
}
