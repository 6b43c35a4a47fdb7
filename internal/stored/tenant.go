package stored

import (
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// Tenant is an auth.Tenant with the features that were set for it.
type Tenant struct {
	ID          string    `bson:"_id"`
	Name        string    `bson:"name"`
	Created     time.Time `bson:"created"`
	Async       *bool     `bson:"async_user_export,omitempty"`   // missing: on
	StateEvents *bool     `bson:"state_events_export,omitempty"` // missing: off
	Retention   int64     `bson:"retention_seconds,omitempty"`   // missing: the server's setting
	Legacy      bool      `bson:"legacy_signatures,omitempty"`   // missing: not allowed
	Factor      bool      `bson:"second_factor_required,omitempty"`
	RefuseZephr bool      `bson:"refuse_zephr,omitempty"`  // missing: Zephr's signatures are accepted
	Store       string    `bson:"default_store,omitempty"` // missing: the first user store
}

// NewTenant returns the document of a tenant that is created at a time.
func NewTenant(t auth.Tenant, created time.Time) *Tenant {
	return &Tenant{
		ID: t.ID, Name: t.Name, Created: created, Retention: Seconds(t.Retention), Legacy: t.LegacySignatures,
		Factor:      t.SecondFactorRequired,
		RefuseZephr: t.RefuseZephr,
		Store:       t.DefaultStore,
	}
}

// Tenant returns the tenant of the document.
func (d *Tenant) Tenant() auth.Tenant {
	return auth.Tenant{
		ID: d.ID, Name: d.Name, Retention: time.Duration(d.Retention) * time.Second, LegacySignatures: d.Legacy,
		SecondFactorRequired: d.Factor,
		RefuseZephr:          d.RefuseZephr,
		DefaultStore:         d.Store,
	}
}

// Features returns the features that were set for the tenant, and only those.
func (d *Tenant) Features() map[export.Feature]bool {
	features := map[export.Feature]bool{}
	for f, on := range map[export.Feature]*bool{export.FeatureAsync: d.Async, export.FeatureStateEvents: d.StateEvents} {
		if on != nil {
			features[f] = *on
		}
	}
	return features
}

// SetFeature switches a feature of the tenant, and reports whether the feature exists.
func (d *Tenant) SetFeature(f export.Feature, on bool) bool {
	switch f {
	case export.FeatureAsync:
		d.Async = &on
	case export.FeatureStateEvents:
		d.StateEvents = &on
	default:
		return false
	}
	return true
}

// Seconds returns a duration as it is stored: rounded down to seconds.
func Seconds(d time.Duration) int64 { return int64(d / time.Second) }
