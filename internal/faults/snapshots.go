package faults

import (
	"context"

	"github.com/egress-io/egress/internal/pipeline"
)

// Snapshots wraps a source of snapshots, and the users that they show. Nil stays nil.
func (p *Plan) Snapshots(inner pipeline.Snapshots) pipeline.Snapshots {
	if inner == nil {
		return nil
	}
	return snapshots{p, inner}
}

type snapshots struct {
	p     *Plan
	inner pipeline.Snapshots
}

func (s snapshots) Snapshot(ctx context.Context, tenant string, readers int) (pipeline.Snapshot, error) {
	inner, err := readCall(ctx, s.p, Snapshots, "snapshot", func(ctx context.Context) (pipeline.Snapshot, error) {
		return s.inner.Snapshot(ctx, tenant, readers)
	})
	if err != nil {
		return nil, err
	}
	return snapshot{inner, s.p}, nil
}

type snapshot struct {
	pipeline.Snapshot
	p *Plan
}

func (s snapshot) Users() pipeline.Users { return s.p.Users(s.Snapshot.Users()) }
