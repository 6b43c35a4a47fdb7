package faults

import (
	"bytes"
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/users"
)

// Users wraps a reader of users, and its cursors.
func (p *Plan) Users(inner run.Users) run.Users { return people{p, inner} }

type people struct {
	p     *Plan
	inner run.Users
}

func (u people) Match(ctx context.Context, tenant string, def export.Definition) (bson.D, error) {
	return ask(ctx, u.p, Users, "match", func(ctx context.Context) (bson.D, error) { return u.inner.Match(ctx, tenant, def) })
}

func (u people) Count(ctx context.Context, tenant string, match bson.D) (int64, error) {
	return ask(ctx, u.p, Users, "count", func(ctx context.Context) (int64, error) { return u.inner.Count(ctx, tenant, match) })
}

func (u people) ForeignIDs(ctx context.Context, tenant string) (string, error) {
	return ask(ctx, u.p, Users, "foreign ids", func(ctx context.Context) (string, error) { return u.inner.ForeignIDs(ctx, tenant) })
}

func (u people) Boundary(ctx context.Context, tenant string, match bson.D, after string, n int) (string, error) {
	kind := u.p.next(Users, "boundary", Loses, Swapped)
	id, err := meet(ctx, u.p, kind, func(ctx context.Context) (string, error) { return u.inner.Boundary(ctx, tenant, match, after, n) })
	switch {
	case kind == Loses:
		return "", lost()
	case kind == Swapped && err == nil:
		return after, nil
	}
	return id, err
}

func (u people) Among(ctx context.Context, tenant string, match bson.D, ids []string) (map[string]struct{}, error) {
	return ask(ctx, u.p, Users, "among", func(ctx context.Context) (map[string]struct{}, error) {
		return u.inner.Among(ctx, tenant, match, ids)
	})
}

func (u people) Read(ctx context.Context, tenant string, match, projection bson.D, span run.Span) (run.Cursor, error) {
	kind := u.p.next(Users, "read", Loses)
	if kind == Loses {
		return nil, lost()
	}
	inner, err := meet(ctx, u.p, kind, func(ctx context.Context) (run.Cursor, error) {
		return u.inner.Read(ctx, tenant, match, projection, span)
	})
	if err != nil {
		return nil, err
	}
	return &cursor{p: u.p, inner: inner}, nil
}

func lost() error { return fmt.Errorf("%w: %w", run.ErrCursorLost, ErrBroken) }

type cursor struct {
	p     *Plan
	inner run.Cursor
	last  bson.Raw // returned by the call before; nil: none was
	owed  bson.Raw // to be returned by the next call
}

func (c *cursor) Next(ctx context.Context) (bson.Raw, error) {
	can := []Kind{Loses, Torn, Swapped}
	if c.last != nil {
		can = append(can, Repeated)
	}
	kind := c.p.next(Users, "next", can...)
	switch kind {
	case Loses:
		return nil, lost()
	case Repeated:
		return c.last, nil
	}
	doc, err := meet(ctx, c.p, kind, c.read)
	switch {
	case err != nil:
		return nil, err
	case kind == Torn:
		return doc[: len(doc)/2 : len(doc)/2], nil
	case kind == Swapped:
		if next, err := c.read(ctx); err == nil {
			c.owed, doc = doc, next
		}
	}
	c.last = doc
	return doc, nil
}

// read returns a document in memory of its own.
func (c *cursor) read(ctx context.Context) (bson.Raw, error) {
	if doc := c.owed; doc != nil {
		c.owed = nil
		return doc, nil
	}
	doc, err := c.inner.Next(ctx)
	return bytes.Clone(doc), err
}

func (c *cursor) Close() error { return c.inner.Close() }

// Directory wraps a directory.
func (p *Plan) Directory(inner run.Directory) run.Directory { return directory{p, inner} }

type directory struct {
	p     *Plan
	inner run.Directory
}

func (d directory) Schema(ctx context.Context, tenant string) (users.Schema, error) {
	return ask(ctx, d.p, Directory, "schema", func(ctx context.Context) (users.Schema, error) { return d.inner.Schema(ctx, tenant) })
}

func (d directory) Registry(ctx context.Context, tenant string) (users.Registry, error) {
	return ask(ctx, d.p, Directory, "registry", func(ctx context.Context) (users.Registry, error) { return d.inner.Registry(ctx, tenant) })
}

func (d directory) Stores(ctx context.Context, tenant string) ([]users.Store, error) {
	return ask(ctx, d.p, Directory, "stores", func(ctx context.Context) ([]users.Store, error) { return d.inner.Stores(ctx, tenant) })
}

func (d directory) Products(ctx context.Context, tenant string) ([]users.Product, error) {
	return ask(ctx, d.p, Directory, "products", func(ctx context.Context) ([]users.Product, error) { return d.inner.Products(ctx, tenant) })
}

func (d directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	return ask(ctx, d.p, Directory, "account names", func(ctx context.Context) (map[string]string, error) {
		return d.inner.AccountNames(ctx, tenant, ids)
	})
}
