package importer

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/internal/export"
)

const (
	batchDocs     = 1000
	batchBytes    = 8 << 20
	progressEvery = 1000
	maxIgnored    = 100 // paths in a report
	maxShown      = 100 // bytes of each
	otherIgnored  = "…"
)

// passes reads a source as often as an import needs it, and tells who asked how far it is and what was refused.
type passes struct {
	src  Source
	noun string // what it holds, in the plural
	o    Options
}

// read visits the items of the source.
func (p passes) read(ctx context.Context, writing bool, visit func(item) error) error {
	in, err := p.src.open()
	if err != nil {
		return err
	}
	defer in.Close()
	progress := func(records int64) {
		if p.o.Progress != nil {
			p.o.Progress(Progress{Writing: writing, BytesRead: in.n, BytesTotal: p.src.Size, Records: records})
		}
	}
	var records int64
	err = newReader(in, p.noun).each(func(it item) error {
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

// refuse tells that an item is refused.
func (p passes) refuse(it item, userID string, err error) {
	if p.o.Refused == nil {
		return
	}
	r := Refusal{Line: it.line, UserID: userID, Reason: err.Error()}
	if e, ok := errors.AsType[*export.Error](err); ok {
		r.Field, r.Reason = e.Field, e.Message
	}
	p.o.Refused(r)
}

// beside runs read in this goroutine and, in another one, write for each batch that read sends, in their order. It
// returns once both have ended.
func beside[B any](ctx context.Context, write func(context.Context, B) error, read func(ctx context.Context, send func(B) error) error) error {
	group, ctx := errgroup.WithContext(ctx)
	full := make(chan B)
	group.Go(func() error {
		for b := range full {
			if err := write(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	err := read(ctx, func(b B) error {
		select {
		case full <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	close(full)
	// The writer's error is the cause where both have one: it cancelled the reading.
	if werr := group.Wait(); werr != nil {
		return werr
	}
	return err
}

// ignored counts the members that nothing was made of, by path.
type ignored map[string]int64

func (n ignored) add(paths []string) {
	for _, path := range paths {
		path = shown(path)
		if _, there := n[path]; !there && len(n) >= maxIgnored {
			path = otherIgnored
		}
		n[path]++
	}
}

// shown makes a path fit for a report, whatever names the file has: bounded, and without control characters.
func shown(path string) string {
	if len(path) > maxShown {
		path = strings.ToValidUTF8(path[:maxShown], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, path)
}
