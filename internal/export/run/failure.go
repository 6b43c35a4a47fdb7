package run

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/export"
)

// The sentences of failures that are not more special.
const (
	readFailed  = "The user database failed while users were read."
	storeFailed = "The file storage failed while the file was written."
	proveFailed = "The file storage failed while the stored file was read back."
)

// failed turns err into what a job says: an export.Error stays what it is, and so does ErrFenced. The end of ctx comes before
// whatever it caused.
func failed(ctx context.Context, code export.Code, err error, message string) error {
	switch _, known := errors.AsType[*export.Error](err); {
	case err == nil:
		return nil
	case errors.Is(err, ErrFenced):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case known:
		return err
	default:
		return export.Wrap(code, err, message)
	}
}
