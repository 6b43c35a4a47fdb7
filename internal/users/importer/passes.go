package importer

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/egress-io/egress/internal/errs"

	"golang.org/x/sync/errgroup"
)

const (
	batchDocs     = 1000
	batchBytes    = 8 << 20
	progressEvery = 1000
	maxListed     = 100 // paths, or warnings, in a report
	maxPathBytes  = 100 // bytes of a path in a report
	otherPaths    = "…" // stands for all paths after the first maxListed
)

// passes reads a source several times and reports the progress and the refusals of an import.
type passes struct {
	src     Source
	noun    string // the plural noun for items, for error messages
	o       Options
	started *int // the number of passes that began
}

func newPasses(src Source, noun string, o Options) passes { return passes{src, noun, o, new(int)} }

// total returns the number of passes: to check the file and infer types, with Stop to validate, and
// to write.
func (p passes) total() int {
	if p.o.OnError == Stop {
		return 3
	}
	return 2
}

// read makes one pass over the source: it calls visit for each item.
func (p passes) read(ctx context.Context, writing bool, visit func(item) error) error {
	in, err := p.src.open()
	if err != nil {
		return err
	}
	defer in.Close()
	*p.started++
	progress := func(records int64) {
		if p.o.Progress != nil {
			p.o.Progress(Progress{
				Pass: *p.started, Passes: p.total(), Writing: writing, BytesRead: in.bytesRead, BytesTotal: p.src.Size, Records: records,
			})
		}
	}
	var records int64
	err = newReader(in, p.noun).forEach(func(it item) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(it); err != nil {
			return err
		}
		if records++; records%progressEvery == 0 {
			progress(records)
		}
		return nil
	})
	if err == nil {
		progress(records)
	}
	return err
}

// reportRefusal calls Options.OnRefusal.
func (p passes) reportRefusal(it item, userID string, skipped Skipped, cause problem) {
	if p.o.OnRefusal != nil {
		p.o.OnRefusal(Refusal{Line: it.line, UserID: userID, Field: cause.field, Reason: cause.reason, Skipped: skipped})
	}
}

// problemFrom returns the field and the message of an error.
func problemFrom(err error) problem {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return problem{e.Field, e.Message}
	}
	return problem{reason: err.Error()}
}

// pipeBatches runs read in the calling goroutine and write in another one, which receives the
// batches that read sends, in order. It returns when both have ended.
func pipeBatches[B any](ctx context.Context, write func(context.Context, B) error, read func(ctx context.Context, send func(B) error) error) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan B)
	group.Go(func() error {
		for b := range batches {
			if err := write(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	err := read(ctx, func(b B) error {
		select {
		case batches <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(batches)
	// If both fail, the writer's error is the cause: it cancelled the reading.
	if writeErr := group.Wait(); writeErr != nil {
		return writeErr
	}
	return err
}

// ignoredCounts counts unknown members by path. It has at most maxListed paths, then one for all
// others.
type ignoredCounts map[string]int64

func (n ignoredCounts) add(paths []string) {
	for _, path := range paths {
		path = sanitize(path)
		if _, exists := n[path]; !exists && len(n) >= maxListed {
			path = otherPaths
		}
		n[path]++
	}
}

// sanitize makes a name from the file safe to print: it bounds the length and replaces control
// characters.
func sanitize(path string) string {
	if len(path) > maxPathBytes {
		path = strings.ToValidUTF8(path[:maxPathBytes], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, path)
}
