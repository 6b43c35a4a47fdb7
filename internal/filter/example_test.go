package filter_test

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// Users compiles a definition once. The selection is then described, translated by an adapter, or
// evaluated on raw documents.
func ExampleUsers() {
	def, err := decode.Definition([]byte(`{
		"include": {"attributes": true},
		"users": {"userStoreId": "uk", "filter": {"field": "attributes.country", "operator": "is", "value": "gb"}}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	schema := users.Schema{{Slug: "country", Label: "Country", Type: users.Select}}
	stores := []users.Store{{ID: "uk", Title: "Meridian UK"}}
	selection, err := filter.Users(context.Background(), def, schema, stores, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filter.Sentence(filter.Describe(def, schema, stores)))
	for _, country := range []string{"GB", "SE"} {
		user, err := bson.Marshal(bson.D{
			{Key: "user_store_id", Value: "uk"}, {Key: "attributes", Value: bson.D{{Key: "country", Value: country}}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(country, selection.Matches(user))
	}
	// Output:
	// Country is gb, in Meridian UK
	// GB true
	// SE false
}
