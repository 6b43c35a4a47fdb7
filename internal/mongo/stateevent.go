package mongo

import (
	"github.com/egress-io/egress/internal/pipeline"
)

// Events reads tenants' state events. It implements pipeline.Documents. The order of the ids is the
// order of the events' times.
type Events struct{ documents }

var _ pipeline.Documents = (*Events)(nil)

// NewEvents returns the state events in db.
func NewEvents(db *DB) *Events {
	return &Events{documents{db: db, name: eventsCollection, noun: "state events"}}
}
