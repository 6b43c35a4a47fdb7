package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// The collections that bench reads by name.
const (
	usersCollection    = "users"
	schemaCollection   = "schema"
	productsCollection = "products"
	accountsCollection = "accounts"
)

// sampleUsers is the number of users from which bench derives a missing schema.
const sampleUsers = 1000

// tenantData is the part of a tenant, apart from its users, that affects the file.
type tenantData struct {
	Schema   users.Schema
	Registry users.Registry
	Products []users.Product
	Accounts bool // the tenant has accounts; otherwise bench invents their names
}

// inspect reads a tenant's data, and derives missing data from its users. It reads only collections
// that the server lists: a MongoDB stand-in may return users for any collection.
func inspect(ctx context.Context, db *mongo.DB, tenant string) (tenantData, error) {
	l, err := sampleTenant(ctx, db.TenantReads(tenant).Collection(usersCollection))
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

// sampleTenant derives a tenant's data from its first users.
func sampleTenant(ctx context.Context, c *driver.Collection) (tenantData, error) {
	var l tenantData
	cursor, err := c.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(sampleUsers))
	if err != nil {
		return l, err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	n := 0
	for ; cursor.Next(ctx); n++ {
		l.addUser(cursor.Current)
	}
	if n == 0 && cursor.Err() == nil {
		return l, fmt.Errorf("%s.%s has no users", c.Database().Name(), c.Name())
	}
	return l, cursor.Err()
}

// addUser records a user's attributes, foreign systems and products. It ignores malformed data,
// which the run will report.
func (l *tenantData) addUser(user bson.Raw) {
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
	grantList, err := list.Values()
	if err != nil {
		return
	}
	for _, grant := range grantList {
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

// definition returns the definition of an export with this shape.
func (s shape) definition(c export.Compression) export.Definition {
	if c == "" {
		c = export.CompressionNone
	}
	return export.Definition{
		Include: export.Include{Attributes: true, Grants: s == grants, ForeignKeys: s == allFields},
		Users:   export.Selection{UserStoreID: export.All},
		File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: c},
	}
}

// schema returns a schema with as many exported fields as the shape has columns for. The other
// fields become passwords, which have no column and cause no warning. Dates keep their full form,
// as in mongoexport.
func (l tenantData) schema(s shape) users.Schema {
	remaining := map[shape]int{scalars: 6, grants: 4, allFields: len(l.Schema)}[s]
	schema := slices.Clone(l.Schema)
	for i := range schema {
		switch f := &schema[i]; {
		case f.Type == users.Password:
		case remaining == 0:
			f.Type = users.Password
		default:
			remaining--
			if f.Type == users.Date || f.Type == users.Clock || f.Type == users.Week || f.Type == users.Month {
				f.Type = users.DateTime
			}
		}
	}
	return schema
}

func (l tenantData) columns(s shape) []export.Column {
	return csv.Columns(s.definition(""), l.schema(s), l.Registry)
}

// directory is an exporter.Directory that returns fixed data.
type directory struct {
	data     tenantData
	shape    shape
	accounts pipeline.Accounts
}

var (
	_ exporter.Directory = directory{}
	_ pipeline.Accounts  = directory{}
)

// Schema implements exporter.Directory.
func (d directory) Schema(context.Context, string) (users.Schema, error) {
	return d.data.schema(d.shape), nil
}

// Registry implements exporter.Directory.
func (d directory) Registry(context.Context, string) (users.Registry, error) {
	return d.data.Registry, nil
}

// Stores implements exporter.Directory. Stores without titles are shown by their ids, as in
// mongoexport.
func (d directory) Stores(context.Context, string) ([]users.Store, error) { return nil, nil }

// Products implements exporter.Directory.
func (d directory) Products(context.Context, string) ([]users.Product, error) {
	return d.data.Products, nil
}

// AccountNames implements pipeline.Accounts.
func (d directory) AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	if d.data.Accounts {
		return d.accounts.AccountNames(ctx, tenant, ids)
	}
	names := make(map[string]string, len(ids))
	for _, id := range ids {
		names[id] = "Account " + id[:min(len(id), 8)]
	}
	return names, nil
}

// userReader reads users as Egress does, also from servers that cannot sort in descending order.
type userReader struct{ pipeline.Users }

// NonStringIDType implements pipeline.Users.
func (p userReader) NonStringIDType(ctx context.Context, tenant string) (string, error) {
	bsonType, err := p.Users.NonStringIDType(ctx, tenant)
	if _, refused := errors.AsType[driver.CommandError](err); refused {
		return "", nil
	}
	return bsonType, err
}
