package exporter

import (
	"context"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// Start starts an export and records it. The job begins with the warnings, and its definition has dates
// in place of relative ones. An earlier request with
// the same idempotency key ("" for none) returns its job again. Errors: those of jobs.Service.Create; CodeInvalidRequest with the field if
// the definition does not fit the tenant or needs a feature that is off; CodeNonStringID.
func (e *Exporter) Start(
	ctx context.Context, c Caller, def export.Definition, idempotencyKey string, warnings ...export.Warning,
) (*export.Job, error) {
	r := jobs.Request{
		Tenant: c.Tenant, Requester: c.Requester, Origin: c.Origin, Definition: def, Fingerprint: def.Fingerprint(), IdempotencyKey: idempotencyKey, Warnings: warnings,
	}
	if earlier, err := e.jobs.Replay(ctx, r); earlier != nil || err != nil {
		return earlier, err
	}
	features, err := e.allow(ctx, c.Tenant, def)
	if err != nil {
		return nil, err
	}
	r.Mode = export.Sync
	if features[export.FeatureAsync] {
		r.Mode = export.Async
	}
	kinds := []export.FileKind{export.UsersFile} // the users select the state events
	if !def.HasUsersFile() {                     // otherwise the users file is useful without state events
		kinds = append(kinds, export.StateEventsFile)
	}
	if err := e.users.CheckIDs(ctx, c.Tenant, kinds...); err != nil {
		return nil, err
	}
	compiled, err := e.definitions.Compile(ctx, c.Tenant, def)
	if err != nil {
		return nil, err
	}
	r.Definition, r.Words = compiled.Definition, compiled.Words
	job, replayed, err := e.jobs.Create(ctx, r)
	if err == nil && !replayed {
		audit.RecordAction(ctx, e.audit, e.logger, c.record(audit.ExportStarted, job.ID, job.Words))
	}
	return job, err
}

// allow evaluates the tenant's features and refuses a definition that needs one that is off.
func (e *Exporter) allow(ctx context.Context, tenant string, def export.Definition) (map[export.Feature]bool, error) {
	features, err := e.features.Features(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if def.StateEvents != nil && !features[export.FeatureStateEvents] {
		return nil, errs.Invalid("stateEvents", "State events are not enabled for this tenant (%s).", export.FeatureStateEvents)
	}
	return features, nil
}
