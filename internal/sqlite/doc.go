// Package sqlite stores users, jobs and admins in SQLite files: one control file, and one file per
// tenant, so that no query can read two tenants.
//
// Every document is stored as raw BSON, in the form that package mongo stores, next to columns for
// its indexes. Conditions that an index serves become SQL; package filter evaluates the others on
// the raw documents.
//
// A file has one connection that writes and many that read. Writes of one file follow one another,
// each in a transaction, so a check and the change that depends on it are atomic. Readers see the
// last commit and wait for no write. A commit is on the disk (PRAGMA synchronous = FULL) before the
// write returns, so an acknowledged write survives a power failure.
package sqlite
