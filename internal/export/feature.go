package export

// Feature is a flag of a tenant, by the name that Zephr gives it.
type Feature string

// The features.
const (
	FeatureAsync       Feature = "feature.asyncUserExport.enabled"   // exports run in a worker and are stored; default on
	FeatureStateEvents Feature = "feature.stateEventsExport.enabled" // an export may have a second file; default off
)

// Features are all that there are.
func Features() []Feature { return []Feature{FeatureAsync, FeatureStateEvents} }

// Default is what a feature is where nobody has switched it.
func (f Feature) Default() bool { return f == FeatureAsync }
