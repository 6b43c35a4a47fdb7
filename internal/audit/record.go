package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/egress-io/egress/internal/errs"
)

// Writer writes audit records; *Recorder.
type Writer interface {
	// Append appends records of actions that happened now.
	Append(ctx context.Context, records ...Record) error
	// AppendOnce appends a record of an access, unless the same access was recorded within the
	// hour.
	AppendOnce(ctx context.Context, r Record) error
}

// RecordAction appends a record of a completed action. If that fails, it logs the record without
// personal data.
func RecordAction(ctx context.Context, log Writer, logger *slog.Logger, r Record) {
	if err := log.Append(ctx, r); err != nil {
		logger.ErrorContext(ctx, "cannot write an audit record", "kind", r.Kind, "tenant", r.Tenant, "admin", r.AdminID,
			"access_key", r.AccessKey, "subject", r.Subject, "request_id", r.RequestID, "error", err)
	}
}

// RecordAccess records an access to personal data, once an hour. Call it before the data is shown. If
// it returns an error, which has CodeUnavailable, the data must not be shown. Accesses with different
// values of distinct get separate records, also if their words are equal.
func RecordAccess(ctx context.Context, log Writer, r Record, distinct ...any) error {
	if len(distinct) > 0 {
		text, err := json.Marshal(distinct)
		if err != nil {
			return fmt.Errorf("distinguish accesses: %w", err)
		}
		sum := sha256.Sum256(append(text, r.Words...))
		r.DedupKey = hex.EncodeToString(sum[:16])
	}
	return Unavailable(log.AppendOnce(ctx, r))
}

// Unavailable returns the error for clients if an audit record could not be written, else nil.
func Unavailable(err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(errs.CodeUnavailable, err, "The audit log cannot be written, so personal data cannot be shown. Wait a moment, then retry.")
}
