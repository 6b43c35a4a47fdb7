package browse

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/pipeline"
)

// A check is cached for idTypesAgeFactor times its duration, at most maxIDTypesAge. On MongoDB,
// where the check takes two index look-ups, that is some milliseconds.
const (
	maxIDTypesAge    = time.Minute
	idTypesAgeFactor = 20
)

func newIDTypesCache() *singleFlight[string] {
	return &singleFlight[string]{ttl: func(took time.Duration) time.Duration { return min(idTypesAgeFactor*took, maxIDTypesAge) }}
}

// CheckIDs returns errs.CodeNonStringID if users of a tenant, or documents of the other kinds, have
// ids that are not strings. Every request that reads users calls it first, so that no response
// omits such users silently.
func (u *Users) CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error {
	for _, kind := range kinds {
		noun, documents := "users", pipeline.Documents(u.source)
		if kind == export.StateEventsFile {
			noun, documents = "state events", u.events
		}
		types, err := u.idTypes.do(ctx, tenant, noun, func(ctx context.Context) (string, error) {
			return documents.NonStringIDType(ctx, tenant)
		})
		if err != nil {
			return err
		}
		if types != "" {
			return pipeline.NonStringIDError(noun, types)
		}
	}
	return nil
}
