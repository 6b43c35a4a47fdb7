package sqlite

import (
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
	var seq int64
	err := c.query("DELETE FROM users WHERE id = ? RETURNING seq", func(r *row) error { seq = r.ColumnInt64(0); return nil }, id)
	if err != nil || c.raw.Changes() == 0 {
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

// replace replaces the rows of the user with the same id.
func (r *userRow) replace(c *conn, doc bson.Raw) error {
	seq, err := c.integer(`UPDATE users SET store = ?, email = ?, username = ?, registered = ?, last_login = ?, updated = ?, odd = ?, doc = ?
		WHERE id = ? RETURNING seq`,
		r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, doc, r.id)
	if err != nil {
		return err
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
