// Package transfer copies the documents of one store into another. Both stores keep the same BSON
// documents in collections of the same names, so a copy is exact, and it is verified by counts and
// hashes.
package transfer
