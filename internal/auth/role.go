// Package auth knows who asks: admins and their roles, passwords, sessions, and which requests another web site caused.
package auth

import "slices"

// Role is what an admin may do in a tenant.
type Role string

// The roles, each including what follows it. The zero Role may do nothing.
const (
	Owner    Role = "owner"    // fetches everyone's files, cancels everyone's jobs, switches features
	Exporter Role = "exporter" // exports
	Viewer   Role = "viewer"   // sees users and jobs
)

var ascending = []Role{Viewer, Exporter, Owner}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(ascending, r) }

// Includes reports whether r may do what least may.
func (r Role) Includes(least Role) bool {
	return r.Valid() && least.Valid() && slices.Index(ascending, r) >= slices.Index(ascending, least)
}

// Higher returns the greater of two roles.
func (r Role) Higher(other Role) Role {
	if other.Includes(r) || !r.Valid() {
		return other
	}
	return r
}
