package mongo

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/peers"
)

const (
	processesCollection  = "processes"
	agreementsCollection = "settings" // shared by all processes; one document per change
)

// Peers stores the processes that use a control database, and the settings that they share.
type Peers struct{ db *DB }

var _ peers.Store = Peers{}

// NewPeers returns the process store of db.
func NewPeers(db *DB) Peers { return Peers{db} }

type processDocument struct {
	ID       string          `bson:"_id"`
	Name     string          `bson:"name"`
	Started  time.Time       `bson:"started"`
	Seen     time.Time       `bson:"seen"`
	Settings []peers.Setting `bson:"settings"`
}

type agreementDocument struct {
	Number   int64           `bson:"_id"`
	At       time.Time       `bson:"at"`
	By       string          `bson:"by"`
	Settings []peers.Setting `bson:"settings"`
}

func (p Peers) processes() *driver.Collection { return p.db.Control().Collection(processesCollection) }
func (p Peers) agreements() *driver.Collection {
	return p.db.Control().Collection(agreementsCollection)
}

// Agreement implements peers.Store.
func (p Peers) Agreement(ctx context.Context) (*peers.Agreement, error) {
	var d agreementDocument
	err := p.agreements().FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: newestFirst}})).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, wrapError(err, "read the settings of all processes")
	}
	return &peers.Agreement{Number: d.Number, At: d.At.UTC(), By: d.By, Settings: d.Settings}, nil
}

// Agree implements peers.Store.
func (p Peers) Agree(ctx context.Context, a peers.Agreement) (bool, error) {
	_, err := p.agreements().InsertOne(ctx, agreementDocument{a.Number, a.At, a.By, a.Settings})
	if driver.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, wrapError(err, "store the settings of all processes")
}

// Heartbeat implements peers.Store.
func (p Peers) Heartbeat(ctx context.Context, me peers.Process) error {
	_, err := p.processes().ReplaceOne(ctx, bson.D{{Key: "_id", Value: me.ID}},
		processDocument{me.ID, me.Name, me.Started, me.LastHeartbeat, me.Settings}, options.Replace().SetUpsert(true))
	return wrapError(err, "store a process")
}

// DeleteProcess implements peers.Store.
func (p Peers) DeleteProcess(ctx context.Context, id string) error {
	_, err := p.processes().DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return wrapError(err, "delete a process")
}

// Processes implements peers.Store. The collection has one document per running process, and a few
// of processes that were killed.
func (p Peers) Processes(ctx context.Context, since, forget time.Time) ([]peers.Process, error) {
	if _, err := p.processes().DeleteMany(ctx, bson.D{{Key: "seen", Value: bson.D{{Key: "$lt", Value: forget}}}}); err != nil {
		return nil, wrapError(err, "delete stale processes")
	}
	cursor, err := p.processes().Find(ctx, bson.D{{Key: "seen", Value: bson.D{{Key: "$gte", Value: since}}}})
	if err != nil {
		return nil, wrapError(err, "list processes")
	}
	var docs []processDocument
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, wrapError(err, "list processes")
	}
	all := make([]peers.Process, 0, len(docs))
	for _, d := range docs {
		all = append(all, peers.Process{ID: d.ID, Name: d.Name, Started: d.Started.UTC(), LastHeartbeat: d.Seen.UTC(), Settings: d.Settings})
	}
	return all, nil
}
