package mongo

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

// commandRecorder records the commands sent to the database.
type commandRecorder struct {
	mu  sync.Mutex
	all []bson.Raw
}

// takeTimeLimits returns the time limits of the recorded commands with a name, 0 for no limit, and
// clears the recorder.
func (c *commandRecorder) takeTimeLimits(name string) (limits []time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, command := range c.all {
		if elements, err := command.Elements(); err != nil || elements[0].Key() != name {
			continue
		}
		ms, _ := command.Lookup("maxTimeMS").AsInt64OK()
		limits = append(limits, time.Duration(ms)*time.Millisecond)
	}
	c.all = nil
	return limits
}

// connectRecorded opens a new database whose reads are recorded.
func connectRecorded(t *testing.T) (*DB, *commandRecorder) {
	t.Helper()
	db, _ := connect(t)
	return recordReads(t, db, embeddedtest.Engine(t))
}

// recordReads returns a database whose reads of tenants are recorded. The URI is that of db.
func recordReads(t *testing.T, db *DB, uri string) (*DB, *commandRecorder) {
	t.Helper()
	recorder := &commandRecorder{}
	client, err := driver.Connect(options.Client().ApplyURI(uri).
		SetMonitor(&event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
			recorder.mu.Lock()
			defer recorder.mu.Unlock()
			recorder.all = append(recorder.all, append(bson.Raw(nil), e.Command...))
		}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.WithoutCancel(t.Context())) })
	recorded := *db
	recorded.tenantReads = client
	return &recorded, recorder
}

// take returns the recorded commands with the given names, and clears the recorder.
func (c *commandRecorder) take(names ...string) (found []bson.Raw) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, command := range c.all {
		if elements, err := command.Elements(); err == nil && slices.Contains(names, elements[0].Key()) {
			found = append(found, command)
		}
	}
	c.all = nil
	return found
}

// takeNames returns the names of the recorded commands, and clears the recorder.
func (c *commandRecorder) takeNames() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, command := range c.all {
		if elements, err := command.Elements(); err == nil {
			names = append(names, elements[0].Key())
		}
	}
	c.all = nil
	return names
}
