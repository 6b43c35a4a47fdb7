package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/importer"
)

// catalog stores products and accounts in memory.
type catalog struct {
	products []users.Product
	accounts []users.Account
}

func (c *catalog) AddProducts(_ context.Context, _ string, list []users.Product) (int, error) {
	c.products = append(c.products, list...)
	return len(list), nil
}

func (c *catalog) AddAccounts(_ context.Context, _ string, list []users.Account) (int, error) {
	c.accounts = append(c.accounts, list...)
	return len(list), nil
}

const accountsFile = `{"results":[{"account_id":"a1","name":"Library","number_of_seats":7},
	{"name":"without an id"},
	{"id":"a2","email_address":"desk@library.example"}],"total":3}`

func TestImportAccounts(t *testing.T) {
	t.Parallel()
	var c catalog
	var refused []string
	options := importer.Options{OnRefusal: func(r importer.Refusal) {
		refused = append(refused, fmt.Sprintf("%d %s (%s)", r.Line, r.Reason, r.Skipped))
	}}
	report, err := importer.RunAccounts(t.Context(), &c, "acme", importer.Bytes([]byte(accountsFile)), options)
	if err != nil || report.Read != 3 || report.Created != 2 || report.Refused != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	want := []users.Account{{ID: "a1", Name: "Library", Members: `{"number_of_seats":7}`}, {ID: "a2", Name: "a2", Members: `{"email_address":"desk@library.example"}`}}
	if !slices.Equal(c.accounts, want) {
		t.Errorf("%+v, want %+v", c.accounts, want)
	}
	if len(refused) != 1 || !strings.HasPrefix(refused[0], "2 must have an id") || !strings.HasSuffix(refused[0], "(account)") {
		t.Errorf("%q", refused)
	}
}

func TestImportProducts(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range 1203 {
		fmt.Fprintf(&file, `{"id":"p%04d","label":"Product","entitlement":{"type":"bundle"}}`+"\n", i)
	}
	var c catalog
	report, err := importer.RunProducts(t.Context(), &c, "acme", importer.Bytes([]byte(file.String())), importer.Options{})
	if err != nil || report.Read != 1203 || report.Created != 1203 || len(c.products) != 1203 {
		t.Errorf("%+v, %d products, %v", report, len(c.products), err)
	}
	if last := (users.Product{ID: "p1202", Label: "Product", Members: `{"entitlement":{"type":"bundle"}}`}); c.products[1202] != last {
		t.Errorf("%+v", c.products[1202])
	}
}

func TestCatalogImportStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		o    importer.Options
	}{
		"an invalid account with stop": {accountsFile, importer.Options{OnError: importer.Stop}},
		"a truncated file":             {`[{"id":"a1"},`, importer.Options{}},
		"an empty file":                {"", importer.Options{}},
	} {
		var w catalog
		c.o.CreateTenant = func(context.Context) error { t.Errorf("%s creates the tenant", name); return nil }
		_, err := importer.RunAccounts(t.Context(), &w, "acme", importer.Bytes([]byte(c.file)), c.o)
		if errs.CodeOf(err) != errs.CodeInvalidRequest || len(w.accounts) > 0 {
			t.Errorf("%s: %v, %v", name, w.accounts, err)
		}
	}
}
