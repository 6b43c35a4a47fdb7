package export

// Feature is a feature flag of a tenant, with the name that Zephr uses.
type Feature string

// The features.
const (
	FeatureAsync       Feature = "feature.asyncUserExport.enabled"   // workers run exports and store the files; default on
	FeatureStateEvents Feature = "feature.stateEventsExport.enabled" // exports may have a state events file; default off
)

// Features returns all features.
func Features() []Feature { return []Feature{FeatureAsync, FeatureStateEvents} }

// Default reports whether the feature is on for a tenant that has not set it.
func (f Feature) Default() bool { return f == FeatureAsync }
