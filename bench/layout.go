package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/csv"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/users"
)

// The collections of a tenant that bench reads by name.
const (
	usersCollection    = "users"
	schemaCollection   = "schema"
	productsCollection = "products"
	accountsCollection = "accounts"
)

// sampleUsers is from how many users a missing schema is made up.
const sampleUsers = 1000

// layout is what a tenant has beside its users, as far as it changes the file.
type layout struct {
	Schema   users.Schema
	Registry users.Registry
	Products []users.Product
	Accounts bool // the tenant has accounts; else their names are made up
}

// look asks a tenant what it has, and its users for the rest. What is not listed is not asked for: a server that stands in for
// MongoDB may answer every collection with users.
func look(ctx context.Context, db *mongo.DB, tenant string) (layout, error) {
	l, err := sample(ctx, db.TenantReads(tenant).Collection(usersCollection))
	if err != nil {
		return l, err
	}
	listed, err := db.TenantReads(tenant).ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return l, err
	}
	d := mongo.NewDirectory(db)
	if slices.Contains(listed, schemaCollection) {
		if l.Schema, err = d.Schema(ctx, tenant); err != nil {
			return l, err
		}
	}
	if slices.Contains(listed, productsCollection) {
		if l.Products, err = d.Products(ctx, tenant); err != nil {
			return l, err
		}
	}
	l.Accounts = slices.Contains(listed, accountsCollection)
	return l, nil
}

// sample makes up a layout from the first users.
func sample(ctx context.Context, c *driver.Collection) (layout, error) {
	var l layout
	found, err := c.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(sampleUsers))
	if err != nil {
		return l, err
	}
	defer func() { _ = found.Close(context.WithoutCancel(ctx)) }()
	n := 0
	for ; found.Next(ctx); n++ {
		l.add(found.Current)
	}
	if n == 0 && found.Err() == nil {
		return l, fmt.Errorf("%s.%s has no users", c.Database().Name(), c.Name())
	}
	return l, found.Err()
}

// add notes what a user has. What is not well-formed is for the run to say.
func (l *layout) add(user bson.Raw) {
	for _, e := range elements(user, "attributes") {
		if _, known := l.Schema.Field(e.Key()); !known && users.ValidSlug(e.Key()) && e.Value().Type != bson.TypeNull {
			l.Schema = append(l.Schema, users.Field{Slug: e.Key(), Label: e.Key(), Type: inputType(e.Value().Type), Order: len(l.Schema)})
		}
	}
	for _, e := range elements(user, "foreign_keys") {
		l.Registry.ForeignSystems = append(l.Registry.ForeignSystems, e.Key())
	}
	slices.Sort(l.Registry.ForeignSystems)
	l.Registry.ForeignSystems = slices.Compact(l.Registry.ForeignSystems)
	list, _ := user.Lookup("grants").ArrayOK()
	held, err := list.Values()
	if err != nil {
		return
	}
	for _, grant := range held {
		doc, _ := grant.DocumentOK()
		id, ok := doc.Lookup("product_id").StringValueOK()
		if ok && !slices.ContainsFunc(l.Products, func(p users.Product) bool { return p.ID == id }) {
			l.Products = append(l.Products, users.Product{ID: id, Label: "The " + id})
		}
	}
}

func elements(user bson.Raw, group string) []bson.RawElement {
	doc, _ := user.Lookup(group).DocumentOK()
	all, err := doc.Elements()
	if err != nil {
		return nil
	}
	return all
}

func inputType(t bson.Type) users.InputType {
	switch t {
	case bson.TypeBoolean:
		return users.Checkbox
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128:
		return users.Number
	case bson.TypeDateTime:
		return users.DateTime
	default:
		return users.Text
	}
}

// definition returns what an export of the shape asks for.
func (s shape) definition(c export.Compression) export.Definition {
	if c == "" {
		c = export.CompressionNone
	}
	return export.Definition{
		Include: export.Include{Attributes: true, Grants: s == grants, ForeignKeys: s == every},
		Users:   export.Selection{UserStoreID: export.All},
		File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: c},
	}
}

// schema returns as many fields as the shape has columns for. The others become fields of the kind that has no column and
// gives no warning. Dates are written in full, as mongoexport writes them.
func (l layout) schema(s shape) users.Schema {
	left := map[shape]int{scalars: 6, grants: 4, every: len(l.Schema)}[s]
	schema := slices.Clone(l.Schema)
	for i := range schema {
		switch f := &schema[i]; {
		case f.Type == users.Password:
		case left == 0:
			f.Type = users.Password
		default:
			left--
			if f.Type == users.Date || f.Type == users.Clock || f.Type == users.Week || f.Type == users.Month {
				f.Type = users.DateTime
			}
		}
	}
	return schema
}

func (l layout) columns(s shape) []export.Column {
	return csv.Columns(s.definition(""), l.schema(s), l.Registry)
}

// directory answers a run from a layout.
type directory struct {
	layout layout
	shape  shape
	real   run.Directory // for the names of accounts
}

var _ run.Directory = directory{}

// Schema implements run.Directory.
func (d directory) Schema(context.Context, string) (users.Schema, error) {
	return d.layout.schema(d.shape), nil
}

// Registry implements run.Directory.
func (d directory) Registry(context.Context, string) (users.Registry, error) {
	return d.layout.Registry, nil
}

// Stores implements run.Directory. Without titles a store is named by its id, which mongoexport writes too.
func (d directory) Stores(context.Context, string) ([]users.Store, error) { return nil, nil }

// Products implements run.Directory.
func (d directory) Products(context.Context, string) ([]users.Product, error) {
	return d.layout.Products, nil
}

// AccountNames implements run.Directory.
func (d directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	if d.layout.Accounts {
		return d.real.AccountNames(ctx, tenant, ids)
	}
	names := make(map[string]string, len(ids))
	for _, id := range ids {
		names[id] = "Account " + id[:min(len(id), 8)]
	}
	return names, nil
}

// people reads users as Egress does, also from servers that cannot sort downwards.
type people struct{ run.Users }

// ForeignIDs implements run.Users.
func (p people) ForeignIDs(ctx context.Context, tenant string) (string, error) {
	bsonType, err := p.Users.ForeignIDs(ctx, tenant)
	if _, refused := errors.AsType[driver.CommandError](err); refused {
		return "", nil
	}
	return bsonType, err
}
