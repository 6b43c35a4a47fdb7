package export_test

import (
	"bytes"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

// The fingerprints of definitions of earlier versions stay the same: they identify duplicates.
func TestFingerprintsOfEarlierVersions(t *testing.T) {
	t.Parallel()
	d := export.Definition{
		Include: export.Include{Attributes: true},
		Users: export.Selection{UserStoreID: "uk", Filter: &export.Rule{Combinator: export.And, Rules: []export.Rule{
			{Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
			{Combinator: export.Or, Rules: []export.Rule{{Field: "last_login", Operator: export.Between, From: export.String("2026-01-01")}, {Field: "email_verified", Operator: export.Checked}}},
		}}},
		File: export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
	}
	const canonical = `{"include":{"attributes":true,"extendedProfiles":null,"foreignKeys":false,"grants":false},"users":{"userStoreId":"uk","filter":` +
		`{"combinator":"and","rules":[{"field":"attributes.country","operator":"is","value":"GB"},{"combinator":"or","rules":[` +
		`{"field":"last_login","operator":"between","from":"2026-01-01","to":null},{"field":"email_verified","operator":"checked"}]}]},` +
		`"since":null,"registeredSince":null,"registeredBefore":null},"stateEvents":null,"file":{"dialect":"rfc4180","compression":"none"}}`
	if got := string(d.Canonical()); got != canonical {
		t.Errorf("%s\nwant %s", got, canonical)
	}
}

// Definitions with different searches have different fingerprints. A definition without a search
// has no member for it, so that old fingerprints stay valid.
func TestFingerprintIncludesSearch(t *testing.T) {
	t.Parallel()
	none := export.Definition{Include: export.Include{Grants: true}, Users: export.Selection{UserStoreID: export.All}}
	hart, amara := none, none
	hart.Users.Search, amara.Users.Search = "hart", "amara"
	if hart.Fingerprint() == none.Fingerprint() || hart.Fingerprint() == amara.Fingerprint() {
		t.Error("two searches have one fingerprint")
	}
	if bytes.Contains(none.Canonical(), []byte("search")) {
		t.Errorf("the canonical form without a search mentions it: %s", none.Canonical())
	}
}
