// Package users is the vocabulary of the people in a tenant: the user schema and how its values are kept, the names of
// foreign systems and apps, and the document that a user is in the database.
//
// A value comes in as a JSON scalar and is stored in the BSON type of its field's kind (Coerce), or refused with a
// sentence that says why: nothing is rounded, cut or guessed. Format is the way back.
package users
