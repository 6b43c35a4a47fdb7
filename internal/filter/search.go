package filter

import (
	"strings"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// Search compiles a text search to a condition on users. A user matches if each word of the
// text occurs in the e-mail address, the user name or a name attribute, or if the user's id equals
// the whole text. Words match inside longer words and are compared after users.Fold; they are never
// patterns. Empty text compiles to nil.
//
// Invalid text is CodeInvalidRequest with path, the position of the text in the request, as its field.
func Search(text, path string, schema users.Schema) (Condition, error) {
	text, err := export.CheckSearch(text, path)
	if err != nil || text == "" {
		return nil, err
	}
	paths := searchedPaths(schema)
	words := strings.Fields(text)
	byWord := make([]Condition, len(words))
	for i, word := range words {
		byPath := make([]Condition, len(paths))
		for j, p := range paths {
			byPath[j] = NewText(p, export.Contains, word)
		}
		byWord[i] = AnyOf(byPath...)
	}
	return AnyOf(Equal{"_id", text}, AllOf(byWord...)), nil
}

// searchedPaths returns the paths that a search compares with its words.
func searchedPaths(schema users.Schema) []string {
	paths := []string{EmailAddress, Username}
	for _, f := range schema {
		if isNameField(f) {
			paths = append(paths, users.AttributePath(f.Slug))
		}
	}
	return paths
}

// isNameField reports whether an attribute holds part of a person's name, judged by its slug:
// first_name, last-name, fullname, surname.
func isNameField(f users.Field) bool {
	return f.Type == users.Text && strings.Contains(strings.ToLower(f.Slug), "name")
}
