// Package auth authenticates requests: admins and their roles, passwords, second factors, sessions,
// key pairs, and the protection against cross-site requests.
package auth

import "slices"

// Role is what an admin may do in a tenant.
type Role string

// The roles. Each one includes the roles below it. The zero Role allows nothing.
const (
	Owner    Role = "owner"    // also manages files and jobs of others, and features
	Exporter Role = "exporter" // also exports
	Viewer   Role = "viewer"   // reads users and jobs
)

var ascending = []Role{Viewer, Exporter, Owner}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(ascending, r) }

// Includes reports whether r allows everything that least allows.
func (r Role) Includes(least Role) bool {
	return r.Valid() && least.Valid() && slices.Index(ascending, r) >= slices.Index(ascending, least)
}

// Higher returns the higher of two roles.
func (r Role) Higher(other Role) Role {
	if other.Includes(r) || !r.Valid() {
		return other
	}
	return r
}
