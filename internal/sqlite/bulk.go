package sqlite

import (
	"context"
	"errors"
	"fmt"
)

// WriteManyUsers implements importer.BulkWriter. While write runs for a tenant without users, table
// users lacks its indexes; then it builds them. Sorting all values is faster than inserting them at
// random places, and each transaction changes fewer pages. Meanwhile the connection that writes has a
// large cache. Lookups by id do not need these indexes.
func (w *UserWriter) WriteManyUsers(ctx context.Context, tenant string, write func() error) (err error) {
	f, err := w.db.tenant(ctx, tenant)
	if err != nil {
		return err
	}
	if err := f.setWriterCache(ctx, importCache); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.setWriterCache(context.WithoutCancel(ctx), cacheSize)) }()
	err = f.write(ctx, func(c *conn) error {
		found, err := c.integer("SELECT 1 FROM users LIMIT 1")
		if err != nil || found == 1 {
			return err
		}
		return dropUserIndexes(c)
	})
	if err != nil {
		return fmt.Errorf("drop the indexes of users: %w", err)
	}
	err = write()
	// Also after an error or the end of ctx: users may have been written.
	return errors.Join(err, f.write(context.WithoutCancel(ctx), buildUserIndexes))
}

// dropUserIndexes drops the indexes of table users, and stores their definitions in the same
// transaction. The unique index of ids stays, and so does users_odd, which is almost always empty:
// building it would read all users.
func dropUserIndexes(c *conn) error {
	var names []string
	if err := c.query("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'users' AND sql IS NOT NULL AND name <> 'users_odd'", func(r *row) error {
		names = append(names, r.ColumnText(0))
		return nil
	}); err != nil {
		return err
	}
	for _, name := range names {
		if err := c.exec("INSERT INTO dropped_indexes (name, sql) SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name = ?", name); err != nil {
			return err
		}
		if err := c.script(fmt.Sprintf("DROP INDEX %q", name)); err != nil {
			return err
		}
	}
	return nil
}

// buildUserIndexes builds the indexes that dropUserIndexes dropped.
func buildUserIndexes(c *conn) error {
	var statements []string
	if err := c.query("SELECT sql FROM dropped_indexes ORDER BY name", func(r *row) error {
		statements = append(statements, r.ColumnText(0))
		return nil
	}); err != nil {
		return err
	}
	for _, statement := range statements {
		if err := c.script(statement); err != nil {
			return fmt.Errorf("build an index of users: %w", err)
		}
	}
	return c.exec("DELETE FROM dropped_indexes")
}
