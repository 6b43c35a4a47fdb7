package faults

import (
	"bytes"
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
)

// Users wraps a reader of users, and its cursors.
func (p *Plan) Users(inner pipeline.Users) pipeline.Users { return userReader{p, inner} }

type userReader struct {
	p     *Plan
	inner pipeline.Users
}

func (u userReader) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	return readCall(ctx, u.p, Users, "count", func(ctx context.Context) (int64, error) { return u.inner.Count(ctx, tenant, s) })
}

func (u userReader) NonStringIDType(ctx context.Context, tenant string) (string, error) {
	return readCall(ctx, u.p, Users, "id types", func(ctx context.Context) (string, error) { return u.inner.NonStringIDType(ctx, tenant) })
}

func (u userReader) SegmentEnd(ctx context.Context, tenant string, s filter.Selection, after string, n int) (string, error) {
	kind := u.p.nextFault(Users, "segment end", Loses, Swapped)
	id, err := inject(ctx, u.p, kind, func(ctx context.Context) (string, error) { return u.inner.SegmentEnd(ctx, tenant, s, after, n) })
	switch {
	case kind == Loses:
		return "", cursorLost()
	case kind == Swapped && err == nil:
		return after, nil
	}
	return id, err
}

func (u userReader) MatchingIDs(ctx context.Context, tenant string, s filter.Selection, ids []string) (map[string]struct{}, error) {
	return readCall(ctx, u.p, Users, "matching ids", func(ctx context.Context) (map[string]struct{}, error) {
		return u.inner.MatchingIDs(ctx, tenant, s, ids)
	})
}

func (u userReader) Read(ctx context.Context, tenant string, s filter.Selection, projection bson.D, span pipeline.IDRange) (pipeline.Cursor, error) {
	kind := u.p.nextFault(Users, "read", Loses)
	if kind == Loses {
		return nil, cursorLost()
	}
	inner, err := inject(ctx, u.p, kind, func(ctx context.Context) (pipeline.Cursor, error) {
		return u.inner.Read(ctx, tenant, s, projection, span)
	})
	if err != nil {
		return nil, err
	}
	return &cursor{p: u.p, inner: inner}, nil
}

func cursorLost() error { return fmt.Errorf("%w: %w", pipeline.ErrCursorLost, ErrBroken) }

type cursor struct {
	p        *Plan
	inner    pipeline.Cursor
	previous bson.Raw // returned by the previous call; nil: none
	swapped  bson.Raw // returned by the next call
}

func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	extra := []Kind{Loses, Torn, Swapped}
	if c.previous != nil {
		extra = append(extra, Repeated)
	}
	kind := c.p.nextFault(Users, "next", extra...)
	switch kind {
	case Loses:
		return nil, cursorLost()
	case Repeated:
		return c.previous, nil
	}
	doc, err := inject(ctx, c.p, kind, c.nextDocument)
	switch {
	case err != nil:
		return nil, err
	case kind == Torn:
		return doc[: len(doc)/2 : len(doc)/2], nil
	case kind == Swapped:
		if next, err := c.nextDocument(ctx); err == nil {
			c.swapped, doc = doc, next
		}
	}
	c.previous = doc
	return doc, nil
}

// nextDocument returns a copy of the next document.
func (c *cursor) nextDocument(ctx context.Context) (bson.Raw, error) {
	if doc := c.swapped; doc != nil {
		c.swapped = nil
		return doc, nil
	}
	doc, err := c.inner.Next(ctx)
	return bytes.Clone(doc), err
}

func (c *cursor) Close() error { return c.inner.Close() }

// TenantReader reads what a run needs of a tenant in addition to its users.
type TenantReader interface {
	pipeline.Planner
	pipeline.Accounts
}

// Directory wraps a reader of a tenant.
func (p *Plan) Directory(inner TenantReader) TenantReader { return directory{p, inner} }

type directory struct {
	p     *Plan
	inner TenantReader
}

func (d directory) Plan(ctx context.Context, tenant string, def export.Definition) (*pipeline.Plan, error) {
	return readCall(ctx, d.p, Directory, "plan", func(ctx context.Context) (*pipeline.Plan, error) { return d.inner.Plan(ctx, tenant, def) })
}

func (d directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	return readCall(ctx, d.p, Directory, "account names", func(ctx context.Context) (map[string]string, error) {
		return d.inner.AccountNames(ctx, tenant, ids)
	})
}
