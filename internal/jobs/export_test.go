package jobs

import "context"

// Reconcile checks every live job once.
func (s *Service) Reconcile(ctx context.Context, all bool) error {
	return s.reconciler.reconcile(ctx, all)
}

// PublishNow publishes what is pending.
func (s *Service) PublishNow(ctx context.Context) error { return s.updates.drain(ctx) }
