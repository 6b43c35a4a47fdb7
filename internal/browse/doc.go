// Package browse answers what the console and the API ask about users: pages, look-ups, counts and
// single users. It works the same over each store of users.
package browse
