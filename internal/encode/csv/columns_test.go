package csv

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

func names(cols []export.Column) string {
	var s []string
	for _, c := range cols {
		s = append(s, c.Name)
	}
	return strings.Join(s, " ")
}

const baseNames = "user_id user_store identifiers.email_address identifiers.username email_verified registered last_login updated"

func TestColumns(t *testing.T) {
	t.Parallel()
	schema := users.Schema{{Slug: "zeta", Type: users.Text}, {Slug: "pin", Type: users.Password}, {Slug: "alpha", Type: users.Date}}
	reg := users.Registry{ForeignSystems: []string{"sap", "crm"}, AppIDs: []string{"quiz", "app.example"}}
	for _, test := range []struct {
		name    string
		include export.Include
		want    string
	}{
		{"every file", export.Include{}, ""},
		{"attributes in schema order, no passwords", export.Include{Attributes: true}, " attributes.zeta attributes.alpha"},
		{"foreign keys sorted", export.Include{ForeignKeys: true}, " foreign_keys.crm foreign_keys.sap"},
		{"all app ids sorted", export.Include{ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}}}, " extended_profiles.app.example extended_profiles.quiz"},
		{"app ids by name, known or not", export.Include{ExtendedProfiles: &export.Profiles{AppIDs: []string{"new", "app"}}}, " extended_profiles.app extended_profiles.new"},
		{"grants last", export.Include{Attributes: true, Grants: true}, " attributes.zeta attributes.alpha grant.id grant.product_id grant.product" +
			" grant.entitlement_type grant.entitlement_id grant.expiry_state grant.start grant.end grant.created grant.account_id grant.account"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := names(Columns(export.Definition{Include: test.include}, schema, reg)); got != baseNames+test.want {
				t.Errorf("got  %s\nwant %s", got, baseNames+test.want)
			}
		})
	}
}

func TestProjectionIsMinimal(t *testing.T) {
	t.Parallel()
	keys := func(d bson.D) (k []string) {
		for _, e := range d {
			k = append(k, e.Key)
		}
		return k
	}
	base := []string{"_id", "user_store_id", "identifiers.email_address", "identifiers.username", "email_verified", "registered", "last_login", "updated"}
	none := export.Definition{}
	if got := keys(Projection(none, Columns(none, nil, users.Registry{}))); !slices.Equal(got, base) {
		t.Errorf("got %v", got)
	}
	// The projection includes whole groups, even without columns, so that the encoder notices their
	// values.
	want := append(slices.Clone(base), "attributes", "foreign_keys", "extended_profiles", "grants")
	if got := keys(Projection(allGroups, Columns(allGroups, nil, users.Registry{}))); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}
