package export_test

import (
	"bytes"
	"testing"

	"github.com/egress-io/egress/internal/export"
)

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
