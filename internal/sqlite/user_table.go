package sqlite

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// putUser adds a user, or replaces the one with the same id, which keeps its seq. It reports whether
// the user is new.
func putUser(c *conn, doc bson.Raw) (created bool, err error) {
	r, err := newUserRow(doc)
	if err != nil {
		return false, err
	}
	created, err = r.insertWithKeys(c)
	if created || err != nil {
		return created, err
	}
	return false, r.replace(c)
}

// putUsers does for many users what putUser does for one, and returns the number of new ones. It
// writes in the order of the indexes, so that it changes each page once.
func putUsers(c *conn, docs []bson.Raw) (created int, err error) {
	rows := make([]userRow, len(docs))
	for i, doc := range docs {
		if rows[i], err = newUserRow(doc); err != nil {
			return 0, err
		}
	}
	slices.SortFunc(rows, func(a, b userRow) int { return strings.Compare(a.id, b.id) })
	var keys userKeys
	for i := range rows {
		r := &rows[i]
		isNew, err := r.insert(c)
		if err != nil {
			return 0, err
		}
		if !isNew {
			if err := r.replace(c); err != nil {
				return 0, err
			}
			continue
		}
		created++
		keys.add(r, c.raw.LastInsertRowID())
	}
	return created, keys.insert(c)
}

// replaceUser replaces the user with the same id, which keeps its seq.
func replaceUser(c *conn, doc bson.Raw) error {
	r, err := newUserRow(doc)
	if err != nil {
		return err
	}
	return r.replace(c)
}

// insertUser adds a user, or returns errDuplicate if the id exists.
func insertUser(c *conn, doc bson.Raw) error {
	r, err := newUserRow(doc)
	if err != nil {
		return err
	}
	created, err := r.insertWithKeys(c)
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

// insert adds the row of a user in table users, unless the id exists.
func (r *userRow) insert(c *conn) (created bool, err error) {
	n, err := c.change(`INSERT INTO users (id, store, email, username, registered, last_login, updated, odd, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		r.id, r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, r.doc)
	return n > 0, err
}

// insertWithKeys adds all rows of a user, unless the id exists.
func (r *userRow) insertWithKeys(c *conn) (created bool, err error) {
	if created, err = r.insert(c); err != nil || !created {
		return false, err
	}
	return true, r.insertKeys(c, c.raw.LastInsertRowID())
}

// replace replaces the rows of the user with the same id. It writes only what differs, because users
// are often imported again unchanged.
func (r *userRow) replace(c *conn) error {
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
	sameDocument := bytes.Equal(old, r.doc)
	switch {
	case sameColumns && sameDocument:
		return nil
	case sameColumns:
		if err := c.exec("UPDATE users SET doc = ? WHERE seq = ?", r.doc, seq); err != nil {
			return err
		}
	default:
		// Without RETURNING, for which SQLite would copy all pages that the statement changes.
		if err := c.exec(`UPDATE users SET store = ?, email = ?, username = ?, registered = ?, last_login = ?, updated = ?, odd = ?, doc = ?
			WHERE seq = ?`, r.store, r.email, r.username, r.registered, r.lastLogin, r.updated, r.odd, r.doc, seq); err != nil {
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
	var keys userKeys
	keys.add(r, seq)
	return keys.insert(c)
}

// userKeys are rows of foreign_keys and account_users.
type userKeys struct {
	foreign  []foreignKeyRow
	accounts []accountRow
}

type foreignKeyRow struct {
	foreignKey

	user int64
}

type accountRow struct {
	account string
	user    int64
}

// add adds the rows of the user with the given seq.
func (k *userKeys) add(r *userRow, seq int64) {
	for _, key := range r.foreignKeys {
		k.foreign = append(k.foreign, foreignKeyRow{key, seq})
	}
	for _, account := range r.accounts {
		k.accounts = append(k.accounts, accountRow{account, seq})
	}
}

// insert sorts the rows by primary key and inserts them.
func (k *userKeys) insert(c *conn) error {
	slices.SortFunc(k.foreign, func(a, b foreignKeyRow) int {
		return cmp.Or(strings.Compare(a.system, b.system), strings.Compare(a.key, b.key), cmp.Compare(a.user, b.user))
	})
	for _, row := range k.foreign {
		if err := c.exec("INSERT INTO foreign_keys (system, key, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row.system, row.key, row.user); err != nil {
			return err
		}
	}
	slices.SortFunc(k.accounts, func(a, b accountRow) int {
		return cmp.Or(strings.Compare(a.account, b.account), cmp.Compare(a.user, b.user))
	})
	for _, row := range k.accounts {
		if err := c.exec("INSERT INTO account_users (account, user) VALUES (?, ?) ON CONFLICT DO NOTHING", row.account, row.user); err != nil {
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
