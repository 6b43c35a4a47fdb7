// Package users defines the users of a tenant: the user schema and the storage of its values, the
// names of foreign systems and apps, state events, and the database documents of users.
//
// Coerce converts a JSON scalar to the BSON type of its field's kind, or refuses it with a reason.
// It never rounds or guesses; it only truncates times to milliseconds. Format converts a stored
// value back to text.
package users
