package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/errs"
)

// applicationID marks the files of Egress (PRAGMA application_id): "Egrs".
const applicationID = 0x45677273

// migrate applies the steps of a schema that a file does not have yet, each in a transaction. The
// version of a file (PRAGMA user_version) is the number of steps that it has.
func migrate(c *conn, steps []string, owner string) error {
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	id, err := c.integer("PRAGMA application_id")
	if err != nil {
		return err
	}
	switch {
	case version > 0 && id != applicationID:
		return settingsError("The file %s is an SQLite database of another program.", "Set EGRESS_DATA_DIR to a directory of Egress.")
	case version > int64(len(steps)):
		return settingsError("The file %s was written by a newer version of Egress.", "Start that version again, or restore a backup of this version.")
	}
	for n := int(version); n < len(steps); n++ {
		if err := applyStep(c, n, steps[n], owner); err != nil {
			return err
		}
	}
	stored, err := c.text("SELECT owner FROM file")
	if err == nil && stored != owner {
		err = settingsError("The file %s belongs to another tenant.", "Restore it under its own name.")
	}
	return err
}

func applyStep(c *conn, n int, step, owner string) (err error) {
	defer func() { err = errors.Join(err, c.rollback()) }()
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := c.script(step); err != nil {
		return fmt.Errorf("step %d of the schema: %w", n+1, err)
	}
	if n == 0 {
		if err := c.exec("INSERT INTO file (owner) VALUES (?)", owner); err != nil {
			return err
		}
		if err := c.exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return err
		}
	}
	if err := c.exec(fmt.Sprintf("PRAGMA user_version = %d", n+1)); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// checkIntegrity compares the structure of a file, without its indexes, with what SQLite expects.
func checkIntegrity(ctx context.Context, c *conn) error {
	return runCheck(ctx, c, "PRAGMA quick_check(1)")
}

// runCheck runs a statement that returns "ok", or else a fault of the file.
func runCheck(ctx context.Context, c *conn, statement string) error {
	defer c.interruptWith(ctx)()
	fault := ""
	err := c.query(statement, func(r *row) error {
		if text := r.ColumnText(0); text != "ok" {
			fault = text
		}
		return nil
	})
	if err == nil && fault != "" {
		err = fmt.Errorf("%w: %s", sqlite.ResultCorrupt.ToError(), fault)
	}
	return err
}

// fileMessageError is an error whose sentence gets the name of the file.
type fileMessageError struct{ errs.OutageError }

func settingsError(message, advice string) error {
	return &fileMessageError{errs.OutageError{Kind: errs.OutageSettingsRefused, Message: message, Advice: advice}}
}
