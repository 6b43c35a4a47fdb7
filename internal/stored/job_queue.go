package stored

import (
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// QueueEntry is the part of a Job that determines its position in the queue.
type QueueEntry struct {
	ID          string        `bson:"_id"`
	Tenant      string        `bson:"tenant"`
	RequesterID string        `bson:"requester_id"`
	Status      export.Status `bson:"status"`
	Stalled     int           `bson:"stalled"`
	Heartbeat   *time.Time    `bson:"heartbeat"`
}

// Entry returns the queue entry.
func (d *QueueEntry) Entry() jobs.Entry {
	e := jobs.Entry{ID: d.ID, Tenant: d.Tenant, RequesterID: d.RequesterID, Status: d.Status, Stalled: d.Stalled}
	if d.Heartbeat != nil {
		e.Heartbeat = d.Heartbeat.UTC()
	}
	return e
}

// Turn is the stored form of the last turn of a tenant.
type Turn struct {
	Tenant string `bson:"_id"`
	Turn   int64  `bson:"turn"`
}
