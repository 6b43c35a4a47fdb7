package run

import "errors"

var (
	// ErrFenced means that the attempt no longer owns its job.
	ErrFenced = errors.New("run: a newer attempt owns the job")
	// ErrCursorLost means that the database forgot the cursor (fail-over, idle time); reading may go on after the last id.
	ErrCursorLost = errors.New("run: the database lost the cursor")
	// ErrNoUpload means that there is no such upload: it was completed, or aborted, or never begun.
	ErrNoUpload = errors.New("run: no such upload")
	// ErrNoObject means that there is nothing under the key.
	ErrNoObject = errors.New("run: no such object")
)
