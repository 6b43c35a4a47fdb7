// Package export defines the core types of Egress: the Definition of an export, the Job that runs
// it, its Status, Progress and Files. Package decode reads definitions and filters from requests.
// The package imports only errs.
package export
