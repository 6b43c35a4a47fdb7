package csv_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/encode/csv"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// An Encoder turns raw users into rows: here one row per subscription.
func ExampleEncoder() {
	def := export.Definition{
		Include: export.Include{Attributes: true, Grants: true},
		File:    export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
	}
	schema := users.Schema{{Slug: "country", Label: "Country", Type: users.Select}}
	columns := csv.Columns(def, schema, users.Registry{})
	columns = slices.DeleteFunc(columns, func(c export.Column) bool {
		return !slices.Contains([]string{"user_id", "attributes.country", "grant.product_id"}, c.Name)
	})
	encoder, err := csv.New(csv.Options{Definition: def, Columns: columns})
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := bson.Marshal(bson.D{
		{Key: "_id", Value: "u1"},
		{Key: "registered", Value: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{Key: "attributes", Value: bson.D{{Key: "country", Value: "Bosnia, Herzegovina"}}},
		{Key: "grants", Value: bson.A{bson.D{{Key: "product_id", Value: "daily"}}, bson.D{{Key: "product_id", Value: "weekend"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, rows, err := encoder.Append(encoder.Header(nil), user)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(file), "\r\n", "\n"))
	fmt.Println(rows, "rows")
	// Output:
	// user_id,attributes.country,grant.product_id
	// u1,"Bosnia, Herzegovina",daily
	// u1,"Bosnia, Herzegovina",weekend
	// 2 rows
}
