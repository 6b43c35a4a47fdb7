package sqlite

import (
	"bytes"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// putUser adds a user, or replaces the one with the same id, which keeps its seq. It reports whether
// the user is new.
func putUser(c *conn, doc bson.Raw) (created bool, err error) {
	r, err := newUserRow(doc)
	if err != nil {
		return false, err
	}
	created, err = r.insert(c, doc)
	if created || err != nil {
		return created, err
	}
	return false, r.replace(c, doc)
}

// replaceUser replaces the user with the same id, which keeps its seq.
func replaceUser(c *conn, doc bson.Raw) error {
	r, err := newUserRow(doc)
	if err != nil {
		return err
	}
	return r.replace(c, doc)
}

// insertUser adds a user, or returns errDuplicate if the id exists.
func insertUser(c *conn, doc bson.Raw) error {
	r, err := newUserRow(doc)
	if err != nil {
		return err
	}
	created, err := r.insert(c, doc)
	if err == nil && !created {
		err = errDuplicate
	}
	return err
}

// deleteUser deletes a user, and reports whether the user existed.
func deleteUser(c *conn, id string) (bool, error) {
	seq, err := c.integer("SELECT seq FROM users WHERE id = ?", id)
	if err != nil || seq == 0 {
		return false, err
	}
	if err := c.exec("DELETE FROM users WHERE seq = ?", seq); err != nil {
		return false, err
	}
	return true, deleteKeys(c, seq)
}

// insert adds the rows of a user, unless the id exists.
func (r *userRow) insert(c *conn, doc bson.Raw) (created bool, err error) {
	n, err := c.change(`INSERT INTO users (id, store, email, username, registered, last_login, updated, odd, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		r.id, r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, doc)
	if err != nil || n == 0 {
		return false, err
	}
	return true, r.insertKeys(c, c.raw.LastInsertRowID())
}

// replace replaces the rows of the user with the same id. It writes only what differs, because users
// are often imported again unchanged.
func (r *userRow) replace(c *conn, doc bson.Raw) error {
	var seq int64
	var sameColumns bool
	var old bson.Raw
	if err := c.query(`SELECT seq, store IS ? AND email IS ? AND username IS ? AND registered IS ? AND last_login IS ? AND updated IS ? AND odd IS ?, doc
		FROM users WHERE id = ?`, func(found *row) error {
		seq, sameColumns, old = found.ColumnInt64(0), found.ColumnBool(1), found.bytes(2)
		return nil
	}, r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, r.id); err != nil {
		return err
	}
	sameDocument := bytes.Equal(old, doc)
	switch {
	case sameColumns && sameDocument:
		return nil
	case sameColumns:
		if err := c.exec("UPDATE users SET doc = ? WHERE seq = ?", doc, seq); err != nil {
			return err
		}
	default:
		// Without RETURNING, for which SQLite would copy all pages that the statement changes.
		if err := c.exec(`UPDATE users SET store = ?, email = ?, username = ?, registered = ?, last_login = ?, updated = ?, odd = ?, doc = ?
			WHERE seq = ?`, r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, doc, seq); err != nil {
			return err
		}
	}
	if was, err := newUserRow(old); err == nil && slices.Equal(was.foreignKeys, r.foreignKeys) && slices.Equal(was.accounts, r.accounts) {
		return nil
	}
	if err := deleteKeys(c, seq); err != nil {
		return err
	}
	return r.insertKeys(c, seq)
}

func (r *userRow) insertKeys(c *conn, seq int64) error {
	for _, k := range r.foreignKeys {
		if err := c.exec("INSERT INTO foreign_keys (system, key, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", k.system, k.key, seq); err != nil {
			return err
		}
	}
	for _, account := range r.accounts {
		if err := c.exec("INSERT INTO account_users (account, user) VALUES (?, ?) ON CONFLICT DO NOTHING", account, seq); err != nil {
			return err
		}
	}
	return nil
}

func deleteKeys(c *conn, seq int64) error {
	if err := c.exec("DELETE FROM foreign_keys WHERE user = ?", seq); err != nil {
		return err
	}
	return c.exec("DELETE FROM account_users WHERE user = ?", seq)
}
