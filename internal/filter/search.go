package filter

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Search matches the users whom a text finds: those in whom every word of it stands somewhere, be it in the e-mail address,
// the user name or an attribute that is a part of names, and the one whose id is the whole text. A word is found inside
// longer ones and whatever its case; it is never a pattern. No text matches everyone.
//
// What is wrong with the text is CodeInvalid, and path is where it stands in the request.
func Search(text, path string, schema users.Schema) (bson.D, error) {
	text, err := export.CheckSearch(text, path)
	if err != nil || text == "" {
		return bson.D{}, err
	}
	places := searched(schema)
	words := strings.Fields(text)
	found := make([]bson.D, len(words))
	for i, word := range words {
		somewhere := make([]bson.D, len(places))
		for j, place := range places {
			somewhere[j] = matchText(place, export.Contains, word)
		}
		found[i] = anyOf(somewhere...)
	}
	return anyOf(equal("_id", text), all(found...)), nil
}

// searched are the paths in which words are looked for.
func searched(schema users.Schema) []string {
	places := []string{EmailAddress, Username}
	for _, f := range schema {
		if isName(f) {
			places = append(places, users.AttributePath(f.Slug))
		}
	}
	return places
}

// isName reports whether an attribute is a part of people's names, as far as a slug can tell: first_name, last-name,
// fullname, surname.
func isName(f users.Field) bool {
	return f.Type == users.Text && strings.Contains(strings.ToLower(f.Slug), "name")
}
