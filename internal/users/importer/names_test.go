package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/users"
)

func TestInvalidNamesGetReadableSlugs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"first name": "first_name", "prénom": "prenom", "Straße": "Strasse", " e-mail (work) ": "e-mail_work", "a.b": "a_b", "Łódź": "Lodz", "ﬁrst": "first",
		"имя": "attribute_", "名前": "attribute_", "имя x": "x_", "m²": "m2", "😀": "attribute_", "$$$": "attribute_", " ": "attribute_",
		strings.Repeat("long", 60): strings.Repeat("long", 25) + "_",
	} {
		m := newMemoryWriter()
		rep, refusals := mustImport(t, m, fmt.Sprintf(`{"user_id":"a","attributes":{%q:"v"}}`, name), Options{})
		if len(m.schema) != 1 || len(refusals) > 0 || len(rep.Renamed) != 1 {
			t.Fatalf("%q: schema %+v, report %+v, refused %+v", name, m.schema, rep, refusals)
		}
		f := m.schema[0]
		hashed := strings.HasSuffix(want, "_")
		if f.Slug != want && !(hashed && strings.HasPrefix(f.Slug, want) && len(f.Slug) == len(want)+8) || f.Label != name {
			t.Errorf("%q became %s with the label %q", name, f.Slug, f.Label)
		}
		if rep.Renamed[0] != (Renaming{"attributes", name, f.Slug}) {
			t.Errorf("renamed %+v", rep.Renamed)
		}
	}
}

// For any names in a file, every value gets a valid slug, no two names share a slug, and a second
// import finds the same fields.
func TestNamesNeverCollide(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"a", "b", "A", " ", "_", "-", ".", "é", "e\u0301", "я", "ß", "ss", "名", "1", "ſ"})
	names := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts"), "")
	}), 1, 8, norm.NFC.String)
	rapid.Check(t, func(t *rapid.T) {
		list := names.Draw(t, "names")
		var members []string
		for _, name := range list {
			members = append(members, fmt.Sprintf("%q:%q", name, "value of "+name))
		}
		in, raw := newInference(nil, true), []byte(`{"user_id":"a","attributes":{`+strings.Join(members, ",")+`}}`)
		if err := in.addItem(raw); err != nil {
			t.Fatal(err)
		}
		schema := in.newFields(nil)
		if err := schema.Validate(); err != nil {
			t.Fatalf("%q: %v in %+v", list, err, schema)
		}
		rec, err := newParser(schema, "default").parse(raw)
		if err != nil || len(rec.problems) > 0 || len(rec.user.Attributes) != len(list) {
			t.Fatalf("%q: attributes %q, problems %+v, %v", list, rec.user.Attributes, rec.problems, err)
		}
		second := newInference(schema, true)
		if err := second.addItem(raw); err != nil || len(second.newNames) > 0 {
			t.Fatalf("a second import needs %q, %v", second.newNames, err)
		}
		slices.Reverse(members)
		reversed := newInference(nil, true)
		if err := reversed.addItem([]byte(`{"user_id":"a","attributes":{` + strings.Join(members, ",") + `}}`)); err != nil {
			t.Fatal(err)
		}
		slugs := map[string]string{}
		for i, f := range schema {
			slugs[in.newNames[i]] = f.Slug
		}
		for i, f := range reversed.newFields(nil) {
			if name := reversed.newNames[i]; slugs[name] != f.Slug {
				t.Fatalf("the slug of %q depends on the order: %s or %s", name, f.Slug, slugs[name])
			}
		}
	})
}

// A name has the same field in every file, even if another name appears first and would get the
// same slug.
func TestNameHasSameFieldInEveryFile(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	mustImport(t, m, `{"user_id":"a","attributes":{"first name":"A"}}`, Options{})
	mustImport(t, m, `{"user_id":"b","attributes":{"first.name":"B","first name":"C"}}`, Options{ExtendSchema: true})
	mustImport(t, m, `{"user_id":"c","attributes":{"first name":"D","first.name":"E"}}`, Options{})
	a, b, c := m.users["a"].Attributes, m.users["b"].Attributes, m.users["c"].Attributes
	other, _ := m.schema.Field(hashedName("first.name", fallbackSlug, false))
	if a["first_name"] != "A" || b["first_name"] != "C" || c["first_name"] != "D" || other.Label != "first.name" || b[other.Slug] != "B" || c[other.Slug] != "E" {
		t.Errorf("schema %+v, users %v %v %v", m.schema, a, b, c)
	}
}

func TestAttributeIsFoundByLabel(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter(users.Field{Slug: "fn", Label: "pre\u0301nom", Type: users.Text})
	if _, refusals := mustImport(t, m, `{"user_id":"a","attributes":{"prénom":"A"}}`, Options{}); len(refusals) > 0 || m.users["a"].Attributes["fn"] != "A" {
		t.Errorf("attributes %v, refused %+v", m.users["a"].Attributes, refusals)
	}
}

// Foreign systems and apps have no labels, so the new name depends only on the original name.
func TestInvalidSystemAndAppNamesAreRenamed(t *testing.T) {
	t.Parallel()
	m := newMemoryWriter()
	rep, refusals := mustImport(t, m, `{"user_id":"a","foreign_keys":{"sales force":"1","sales_force":"2","$where":"3"},"profiles":{"my app":{"n": 1}}}`, Options{})
	u := m.users["a"]
	keys := map[string]string{hashedName("sales force", "name", false): "1", "sales_force": "2", hashedName("$where", "name", false): "3"}
	if !maps.Equal(u.ForeignKeys, keys) || string(u.ExtendedProfiles[hashedName("my app", "name", true)]) != `{"n":1}` || len(refusals) > 0 || len(rep.Renamed) != 3 {
		t.Errorf("user %+v, report %+v, refused %+v", u, rep, refusals)
	}
	for name := range m.registry {
		if !users.ValidAppID(name) {
			t.Errorf("the registry has %q", name)
		}
	}
}
