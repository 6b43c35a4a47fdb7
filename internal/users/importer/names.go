package importer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/egress-io/egress/internal/users"
)

// Renaming is a name in the file that is not valid in Egress, and the name that replaces it.
type Renaming struct {
	Kind string `json:"kind"` // attributes, foreign_keys or extended_profiles
	From string `json:"from"` // as in the file; for an attribute also the label of its field
	To   string `json:"to"`
}

// letterReplacer replaces letters by ASCII. It contains only letters that NFKD does not decompose.
var letterReplacer = strings.NewReplacer("ß", "ss", "ẞ", "SS", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L",
	"đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "Th", "ı", "i")

// maxPlainBytes is the maximum length of the readable part of a name.
const maxPlainBytes = 100

// plainName returns a valid name that resembles the given one: prenom for "prénom", first_name for
// "first name". dots allows dots in it. lossy reports whether plainName dropped letters, so that
// different names may give the same one.
func plainName(name string, dots bool) (plain string, lossy bool) {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(letterReplacer.Replace(name)) {
		switch {
		case r < unicode.MaxASCII && (r == '-' || r == '_' || r == '.' && dots || unicode.IsLetter(r) || unicode.IsDigit(r)):
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			gap = true
			lossy = lossy || r > unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r))
		}
	}
	plain = b.String()
	if len(plain) > maxPlainBytes {
		return plain[:maxPlainBytes], true
	}
	return plain, lossy || plain == ""
}

// hashedName returns a valid name: plainName, or fallback if that is empty, with a hash of the
// original name. The hash makes the name unique and independent of the file.
func hashedName(name, fallback string, dots bool) string {
	plain, _ := plainName(name, dots)
	sum := sha256.Sum256([]byte(norm.NFC.String(name)))
	return cmp.Or(plain, fallback) + "_" + hex.EncodeToString(sum[:4])
}

// maxNameBytes is the maximum length of a name that is not a slug. Such a name becomes the label of
// a field.
const maxNameBytes = 1000

// checkName returns why a name cannot be replaced by a valid one, or nil.
func checkName(name string) error {
	switch {
	case name == "":
		return errors.New("has no name")
	case len(name) > maxNameBytes:
		return errors.New("has a name of more than 1000 bytes")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("has a name with control characters")
	default:
		return nil
	}
}

// fieldIndex finds the field of an attribute by slug or label.
type fieldIndex struct {
	fields map[string]users.Field // by slug
	labels map[string]string      // slug by label, for labels that are not valid slugs
}

func newFieldIndex(schema users.Schema) fieldIndex {
	s := fieldIndex{fields: make(map[string]users.Field, len(schema)), labels: map[string]string{}}
	for _, f := range schema {
		s.add(f)
	}
	return s
}

func (s fieldIndex) add(f users.Field) {
	s.fields[f.Slug] = f
	label := norm.NFC.String(f.Label)
	if users.ValidSlug(label) {
		return
	}
	// Among fields with the same label, prefer the one that an import created for the name.
	plain, _ := plainName(label, false)
	_, exists := s.labels[label]
	if !exists || f.Slug == plain || f.Slug == hashedName(label, fallbackSlug, false) {
		s.labels[label] = f.Slug
	}
}

// fallbackSlug is the readable part of a slug for a name without any usable letter.
const fallbackSlug = "attribute"

// find returns the field of an attribute: by slug, or by label if the name is not a valid slug.
func (s fieldIndex) find(name string) (users.Field, bool) {
	slug := name
	if !users.ValidSlug(name) {
		slug = s.labels[norm.NFC.String(name)]
	}
	f, ok := s.fields[slug]
	return f, ok
}
