// Package seed generates demo data: two publishers and their readers. It is deterministic: the n-th
// user of a tenant is the same on every run and every machine, so seeding again adds nobody. Only the
// times of those who registered in the last 30 days follow the time of seeding. All persons are
// fictitious, and their e-mail addresses use the example domains of RFC 2606.
package seed
