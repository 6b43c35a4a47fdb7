package export

// Feature is a flag of a tenant, by the name that Zephr gives it.
type Feature string

// The features.
const (
	FeatureAsync       Feature = "feature.asyncUserExport.enabled"   // exports run in a worker and are stored; default on
	FeatureStateEvents Feature = "feature.stateEventsExport.enabled" // an export may have a second file; default off
)
