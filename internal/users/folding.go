package users

import (
	"context"
	"errors"
	"log/slog"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// FoldingVersion identifies how text is folded: the rule, and the Unicode tables.
const FoldingVersion = "1, " + norm.Version + ", " + unicode.Version

// ScanResult is the registry after a scan, and what the scan corrected.
type ScanResult struct {
	Registry
	Folded int64 // number of users and accounts whose folded text was missing or wrong
}

// The pause before a retry doubles from firstFoldingRetry to lastFoldingRetry.
const (
	firstFoldingRetry = time.Minute
	lastFoldingRetry  = time.Hour
)

// RunFolding calls fold for each tenant, one at a time. It blocks until fold has succeeded for every
// tenant, retrying after errors, or until ctx ends.
func RunFolding(
	ctx context.Context, tenants func(context.Context) ([]string, error), fold func(ctx context.Context, tenant string) error, logger *slog.Logger,
) {
	for pause := firstFoldingRetry; ; pause = min(2*pause, lastFoldingRetry) {
		err := foldTenants(ctx, tenants, fold)
		if err == nil || ctx.Err() != nil {
			return
		}
		logger.WarnContext(ctx, "cannot fold the text of users yet; until then, filters may miss text that differs only in case or Unicode composition",
			"error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func foldTenants(ctx context.Context, tenants func(context.Context) ([]string, error), fold func(context.Context, string) error) error {
	list, err := tenants(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, tenant := range list {
		errs = append(errs, fold(ctx, tenant))
	}
	return errors.Join(errs...)
}
