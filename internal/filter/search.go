package filter

import (
	"strings"

	"github.com/egress-io/egress/internal/errs"
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
	return compileSearch(text, text, searchedPaths(schema, isNameField), func(valuePath, word string) []Condition {
		return []Condition{NewText(valuePath, export.Contains, word)}
	}), nil
}

// wildcard stands for any text, at the beginning and the end of a word of ZephrSearch.
const wildcard = "*"

// maxZephrSearchSize limits the words of a search times the fields that are searched, so that no query
// grows beyond the size that databases accept.
const maxZephrSearchSize = 3000

// ZephrSearch compiles the search of Zephr's list of users. It is Search over all attributes of text
// kinds, with wildcards: a word that only ends with * is found at the beginning of a value or of a
// word in it, a word that only begins with * at the end, and other words anywhere. * alone matches
// every user.
func ZephrSearch(text, path string, schema users.Schema) (Condition, error) {
	text, err := export.CheckSearch(text, path)
	if err != nil || text == "" {
		return nil, err
	}
	paths := searchedPaths(schema, isTextField)
	if len(strings.Fields(text))*len(paths) > maxZephrSearchSize {
		return nil, errs.Invalid(path, "The search text has too many words for the number of fields that are searched (%d).", len(paths))
	}
	return compileSearch(text, strings.Trim(text, wildcard), paths, zephrWord), nil
}

// zephrWord compares the value at a path with a word of ZephrSearch.
func zephrWord(path, word string) []Condition {
	literal := strings.Trim(word, wildcard)
	begins, ends := strings.HasPrefix(word, wildcard), strings.HasSuffix(word, wildcard)
	switch {
	case literal == "":
		return nil
	case begins == ends:
		return []Condition{NewText(path, export.Contains, literal)}
	case ends:
		return []Condition{NewText(path, export.StartsWith, literal), NewText(path, export.Contains, " "+literal)}
	default:
		return []Condition{NewText(path, export.EndsWith, literal), NewText(path, export.Contains, literal+" ")}
	}
}

// compileSearch matches users with this id, and users of whom each word of the text matches a value
// at one of the paths. compare returns the alternatives for one value, none if every value matches.
func compileSearch(text, id string, paths []string, compare func(path, word string) []Condition) Condition {
	var byWord []Condition
	for word := range strings.FieldsSeq(text) {
		var byPath []Condition
		for _, p := range paths {
			byPath = append(byPath, compare(p, word)...)
		}
		byWord = append(byWord, AnyOf(byPath...))
	}
	return AnyOf(Equal{"_id", id}, AllOf(byWord...))
}

// searchedPaths returns the paths that a search compares with its words.
func searchedPaths(schema users.Schema, attribute func(users.Field) bool) []string {
	paths := []string{EmailAddress, Username}
	for _, f := range schema {
		if attribute(f) {
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

func isTextField(f users.Field) bool { return f.Kind() == users.TextKind && !f.Secret() }
