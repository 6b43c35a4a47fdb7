package csv

import (
	"bytes"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// Folded text serves comparisons only: the file contains the original text, and folded text counts
// as no miss.
func TestFoldedTextIsNotExported(t *testing.T) {
	t.Parallel()
	u := users.User{
		ID: "u", Identifiers: users.Identifiers{EmailAddress: "Anna@Example.test"}, AccountIDs: []string{"ACC"},
		Attributes: map[string]any{"name": "Zoe\u0308"},
	}
	raw, err := users.Encode(u)
	if err != nil {
		t.Fatal(err)
	}
	var d, plain bson.D
	if err := bson.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	for _, e := range d {
		if e.Key != users.FoldedKey {
			plain = append(plain, e)
		}
	}
	if len(plain) == len(d) {
		t.Fatal("the user has no folded text")
	}
	schema := users.Schema{{Slug: "name", Type: users.Text}}
	o := Options{Definition: allGroups, Columns: Columns(allGroups, schema, users.Registry{})}
	with, got, _ := encodeFile(t, o, []bson.Raw{raw})
	_, want, _ := encodeFile(t, o, []bson.Raw{marshal(t, plain)})
	if !bytes.Equal(got, want) || !bytes.Contains(got, []byte("Anna@Example.test")) || !bytes.Contains(got, []byte("Zoe\u0308")) {
		t.Errorf("%s, without folded text %s", got, want)
	}
	if w := warnings(with); len(w) > 0 {
		t.Errorf("warnings %v", w)
	}
	for _, e := range Projection(allGroups, o.Columns) {
		if e.Key == users.FoldedKey {
			t.Error("exports read it")
		}
	}
}
