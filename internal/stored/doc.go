// Package stored contains the documents that the databases store, and their conversions to and from
// the types of the domain. Packages mongo and sqlite store the same documents, so that data moves
// from one to the other by copying documents.
package stored
