package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ErrInUse is the error of a copy into a store that holds other documents.
var ErrInUse = errors.New("the target is in use")

// markerID is the id of the only document of MarkerCollection.
const markerID = "copy"

// marker says that the documents of a target are a copy.
type marker struct {
	ID        string    `bson:"_id"`
	Source    string    `bson:"source"` // Options.Source
	Started   time.Time `bson:"started"`
	Completed time.Time `bson:"completed,omitempty"` // zero: the copy may be incomplete
}

// readMarker returns the marker of a target, nil without one.
func readMarker(ctx context.Context, to Reader) (found *marker, err error) {
	err = to.Each(ctx, "", MarkerCollection, "", func(id string, doc bson.Raw) error {
		if id != markerID {
			return nil
		}
		found = &marker{}
		return bson.Unmarshal(doc, found)
	})
	if err != nil {
		return nil, fmt.Errorf("read how far the copy is: %w", err)
	}
	return found, nil
}

func (m *marker) write(ctx context.Context, to Target) error {
	doc, err := bson.Marshal(m)
	if err == nil {
		err = to.Put(ctx, "", MarkerCollection, []bson.Raw{doc})
	}
	if err != nil {
		return fmt.Errorf("write how far the copy is: %w", err)
	}
	return nil
}

// State is how far the copy into a store is.
type State int

// The states.
const (
	None       State = iota // no copy into this store was started
	Incomplete              // a copy was started and not completed
	Complete                // a copy was completed
)

// StateOf returns how far the copy into a store is, from any source.
func StateOf(ctx context.Context, store Reader) (State, error) {
	m, err := readMarker(ctx, store)
	switch {
	case err != nil || m == nil:
		return None, err
	case m.Completed.IsZero():
		return Incomplete, nil
	default:
		return Complete, nil
	}
}
