package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"

	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/errs"
)

// errDuplicate is the error of an insert whose key exists.
var errDuplicate = errors.New("sqlite: the key exists already")

// errNone is the error of a look-up that finds no document.
var errNone = errors.New("sqlite: no document")

// duplicateOr returns errDuplicate if err says that a unique key exists, and else err.
func duplicateOr(err error) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return errDuplicate
	default:
		return err
	}
}

// fileError adds to an error of a file what the operator can do: an errs.OutageError. It returns
// errors of other causes unchanged.
func fileError(path string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*errs.OutageError](err); ok {
		return err
	}
	name := filepath.Base(path)
	if m, ok := errors.AsType[*fileMessageError](err); ok {
		o := m.OutageError
		o.Message = fmt.Sprintf(o.Message, name)
		return &o
	}
	outage := func(kind errs.OutageKind, message, advice string) error {
		return &errs.OutageError{Kind: kind, Message: message, Advice: advice, Err: err}
	}
	switch code := sqlite.ErrCode(err); code.ToPrimary() {
	case sqlite.ResultFull:
		return outage(errs.OutageOutOfMemory, "The disk with the database is full.", "Free space on the disk of EGRESS_DATA_DIR.")
	case sqlite.ResultCorrupt:
		return outage(errs.OutageSettingsRefused, "The database file "+name+" is damaged.", "Restore a backup: see \"Backups\" in docs/operations.md.")
	case sqlite.ResultNotADB:
		return outage(errs.OutageSettingsRefused, "The file "+name+" is not a database.", "Restore a backup: see \"Backups\" in docs/operations.md.")
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultCantOpen, sqlite.ResultAuth:
		return outage(errs.OutagePermissionMissing, "Egress cannot open or write the database file "+name+".", "Check the owner and the permissions of EGRESS_DATA_DIR.")
	case sqlite.ResultIOErr:
		return outage(errs.OutageUnreachable, "The disk with the database does not work.", "Check the disk of EGRESS_DATA_DIR; the log has the error.")
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return outage(errs.OutageUnreachable, "Another program holds a lock on the database file "+name+".", "Close that program.")
	default:
		return err
	}
}
