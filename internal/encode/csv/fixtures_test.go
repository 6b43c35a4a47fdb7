package csv

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// allGroups is a definition that includes all groups.
var allGroups = export.Definition{
	Include: export.Include{
		Attributes: true, ForeignKeys: true, Grants: true,
		ExtendedProfiles: &export.Profiles{AppIDs: []string{export.All}},
	},
	Users: export.Selection{UserStoreID: export.All},
	File:  export.FileFormat{Dialect: export.DialectRFC4180, Compression: export.CompressionNone},
}

func spreadsheet(def export.Definition) export.Definition {
	def.File.Dialect = export.DialectSpreadsheet
	return def
}

var testSchema = users.Schema{
	{Slug: "first_name", Type: users.Text},
	{Slug: "surname", Type: users.Text},
	{Slug: "country", Type: users.Select},
	{Slug: "age", Type: users.Number},
	{Slug: "newsletter", Type: users.Checkbox},
	{Slug: "birthday", Type: users.Date},
	{Slug: "secret", Type: users.Password},
	{Slug: "score", Type: users.Range},
	{Slug: "phone", Type: users.Tel},
	{Slug: "visits", Type: users.Number},
	{Slug: "about", Type: users.Textarea},
}

var testRegistry = users.Registry{ForeignSystems: []string{"crm", "billing"}, AppIDs: []string{"quiz", "app.example"}}

var testLabels = Labels{
	Stores:   map[string]string{"store-0": "Main", "store-1": "North, South", "store-2": "=East"},
	Products: map[string]string{"product-0": "Digital", "product-1": `The "Daily"`, "product-2": "Weekend, print"},
}

func testOptions(def export.Definition) Options {
	return Options{
		Definition: def, Columns: Columns(def, testSchema, testRegistry),
		Passwords: PasswordSlugs(testSchema), Labels: testLabels,
	}
}

// makeUsers returns n users of about one kilobyte. The same seed gives the same users.
func makeUsers(tb testing.TB, n int, seed uint64) []bson.Raw {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, seed))
	docs := make([]bson.Raw, n)
	for i := range docs {
		raw, err := bson.Marshal(makeUser(r, i))
		if err != nil {
			tb.Fatal(err)
		}
		docs[i] = raw
	}
	return docs
}

func makeUser(r *rand.Rand, i int) bson.D {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	when := func() time.Time { return time.UnixMilli(1_500_000_000_000 + r.Int64N(250_000_000_000)).UTC() }
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.Uint32N(1<<16), r.Uint32N(1<<12), r.Uint32N(1<<12), r.Uint64N(1<<48))
	}
	handle := fmt.Sprintf("reader%d", r.IntN(1_000_000))
	attributes := bson.D{
		{Key: "first_name", Value: pick("Ana", "José", "Mary", "Łukasz", "美咲", "John")},
		{Key: "surname", Value: pick("Smith", "O'Brien", "van der Berg", "Đặng", "Lee, Jr.")},
		{Key: "country", Value: pick("GB", "US", "FR", "SE")},
		{Key: "age", Value: int32(18 + r.IntN(70))},
		{Key: "newsletter", Value: r.IntN(2) == 0},
		{Key: "birthday", Value: when().Truncate(24 * time.Hour)},
		{Key: "score", Value: float64(r.IntN(100_000)) / 1000},
		{Key: "phone", Value: fmt.Sprintf("+44 7%09d", r.IntN(1_000_000_000))},
		{Key: "visits", Value: r.Int64N(5_000_000_000)},
	}
	if r.IntN(3) == 0 {
		attributes = append(attributes, bson.E{Key: "about", Value: pick("Gardener, baker", "says \"hi\"", "=1+2", "two\r\nlines", "plain", "Sunday reader")})
	}
	doc := bson.D{
		{Key: "_id", Value: fmt.Sprintf("%012d-%s", i, uuid()[14:])},
		{Key: "user_store_id", Value: fmt.Sprintf("store-%d", r.IntN(4))},
		{Key: "identifiers", Value: bson.D{{Key: "email_address", Value: handle + "@example.com"}, {Key: "username", Value: handle}}},
		{Key: "email_verified", Value: r.IntN(5) > 0},
		{Key: "registered", Value: when()},
	}
	if r.IntN(20) > 0 {
		doc = append(doc, bson.E{Key: "last_login", Value: when()})
	}
	doc = append(doc,
		bson.E{Key: "attributes", Value: attributes},
		bson.E{Key: "foreign_keys", Value: bson.D{
			{Key: "crm", Value: fmt.Sprintf("CRM-%010d", r.Int64N(10_000_000_000))},
			{Key: "billing", Value: bson.NewDecimal128(0x3040000000000000, r.Uint64N(100_000_000))},
		}})
	switch r.IntN(5) {
	case 0:
		doc = append(doc, bson.E{Key: "extended_profiles", Value: bson.D{{Key: "quiz", Value: `{"taken":"2024-05-01","result":7,"answers":["yes","no"]}`}}})
	case 1:
		doc = append(doc, bson.E{Key: "extended_profiles", Value: bson.D{{Key: "app%2Eexample", Value: bson.D{
			{Key: "taken", Value: when()}, {Key: "result", Value: int32(r.IntN(20))}, {Key: "tags", Value: bson.A{"sport", "arts & culture"}},
		}}}})
	}
	grants := bson.A{}
	account := fmt.Sprintf("account-%04d", r.IntN(1000))
	for range []int{0, 0, 1, 1, 1, 1, 1, 2, 2, 3}[r.IntN(10)] {
		start := when()
		g := bson.D{
			{Key: "grantId", Value: uuid()},
			{Key: "account_id", Value: account},
			{Key: "expiry_state", Value: pick("active", "active", "expired", "pending")},
			{Key: "entitlement_type", Value: "bundle"},
			{Key: "entitlement_id", Value: uuid()},
			{Key: "product_id", Value: fmt.Sprintf("product-%d", r.IntN(4))},
			{Key: "startTime", Value: start},
		}
		if r.IntN(10) > 0 {
			g = append(g, bson.E{Key: "endTime", Value: start.AddDate(1, 0, 0)})
		}
		grants = append(grants, append(g, bson.E{Key: "createdAt", Value: start.Add(-time.Hour)}))
	}
	return append(doc, bson.E{Key: "grants", Value: grants})
}

// accountNames returns names for most of the accounts that makeUser uses.
func accountNames(ids []string) map[string]string {
	names := map[string]string{}
	for _, id := range ids {
		if id != "" && id[len(id)-1] != '7' {
			names[id] = "Account " + id
		}
	}
	return names
}

// encodeFile encodes docs as a run does.
func encodeFile(tb interface {
	Helper()
	Fatal(args ...any)
}, o Options, docs []bson.Raw) (*Encoder, []byte, int) {
	tb.Helper()
	e := mustNew(o)
	out := e.Header(nil)
	total := 0
	for len(docs) > 0 {
		batch := docs[:min(len(docs), 7)]
		docs = docs[len(batch):]
		e.Reset()
		var block []byte
		for _, doc := range batch {
			var rows int
			var err error
			if block, rows, err = e.Append(block, doc); err != nil {
				tb.Fatal(err)
			}
			total += rows
		}
		if ids := e.UnknownAccounts(); len(ids) > 0 {
			e.SetNames(ids, accountNames(ids))
		}
		out = e.FillNames(out, block, 0, len(block))
	}
	return e, out, total
}

func mustNew(o Options) *Encoder {
	e, err := New(o)
	if err != nil {
		panic(err)
	}
	return e
}
