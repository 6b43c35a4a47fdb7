// Package seed makes demo data: two publishers and their readers. It is deterministic: the n-th user of a tenant is the
// same every time and on every machine, so seeding again changes nothing. Nobody in it exists; all e-mail addresses are
// under the domains that RFC 2606 keeps for examples.
package seed
