package fromzephr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
	"github.com/egress-io/egress/internal/users/fieldjson"
)

// Fields returns the fields of the schema in their order. It adds fields that Egress refuses to the
// report.
func Fields(f *Folder, r *Report) (fields users.Schema, err error) {
	err = f.each(Schema, func(_ Page, raw json.RawMessage) error {
		field, err := parseField(raw, r)
		switch _, repeated := fields.Field(field.Slug); {
		case err == nil && repeated:
			err = errors.New("appears twice")
		case err == nil:
			field.Order = len(fields)
			fields = append(fields, field)
			return nil
		}
		r.Add(Difference{Kind: "field", ID: field.Slug, Problem: Refused, Reason: err.Error()})
		return nil
	})
	return fields, err
}

// parseField parses a field. Its slug is set even with an error, if it has one. Members that Egress
// refuses are left out and counted: the field is more useful without them than not at all.
func parseField(raw json.RawMessage, r *Report) (field users.Field, err error) {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m == nil {
		return field, errors.New("is not an object")
	}
	slug := textMember(m, "slug")
	if textMember(m, "input-type") == "" {
		m["input-type"], _ = encode(users.Text) // text is always encoded
		raw, _ = encode(m)
	}
	for converted := false; ; {
		field, notes, err := fieldjson.Decode(raw, slug)
		if err == nil {
			for _, note := range notes {
				r.Notes = append(r.Notes, "Field "+slug+": "+note)
			}
			return field, nil
		}
		name := refusedMember(err)
		switch _, given := m[name]; {
		case !given || name == "slug" || name == "input-type":
			return users.Field{Slug: slug}, err
		case name == "select-options" && !converted:
			converted = true
			options, readable := parseOptions(m[name])
			if m[name], _ = encode(options); !readable { // options are always encoded
				r.addNotKept("schema." + name)
			}
		default:
			delete(m, name)
			r.addNotKept("schema." + name)
		}
		if raw, err = encode(m); err != nil {
			return users.Field{Slug: slug}, err
		}
	}
}

// refusedMember returns the name of the member that an error of fieldjson.Decode concerns.
func refusedMember(err error) string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(e.Field, "[")
	return name
}

// parseOptions returns the options of a field: an array of texts, or of objects with value and
// label, as JSON or as text that holds it.
func parseOptions(raw json.RawMessage) (options []users.Option, readable bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		raw = json.RawMessage(s)
	}
	if s = strings.TrimSpace(string(raw)); s == "" || s == "null" {
		return nil, true
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, false
	}
	for _, item := range list {
		var m map[string]json.RawMessage
		var o users.Option
		if json.Unmarshal(item, &m) == nil {
			o = users.Option{Value: textMember(m, "value", "id", "key"), Label: textMember(m, "label", "name", "text")}
		} else {
			var t text
			if t.UnmarshalJSON(item) != nil {
				return nil, false
			}
			o.Value = string(t)
		}
		if o.Label == "" {
			o.Label = o.Value
		}
		if !slices.ContainsFunc(options, func(have users.Option) bool { return have.Value == o.Value }) {
			options = append(options, o)
		}
	}
	return options, true
}

// EachProduct calls visit with each product. It adds products without a valid id to the report.
func EachProduct(f *Folder, r *Report, visit func(users.Product) error) error {
	return titles[users.Product]{
		kind: Products, noun: "product", idNames: []string{"id", "product_id"}, titleNames: []string{"label", "name"},
		minimal: func(id, title string) users.Product { return users.Product{ID: id, Label: title} },
		isValid: func(p users.Product, id, title string) bool { return p.ID == id && p.Label == title },
	}.each(f, r, visit)
}

// EachAccount calls visit with each account. It adds accounts without a valid id to the report.
func EachAccount(f *Folder, r *Report, visit func(users.Account) error) error {
	return titles[users.Account]{
		kind: Accounts, noun: "account", idNames: []string{"account_id", "id", "company_id"}, titleNames: []string{"name", "label"},
		minimal: func(id, title string) users.Account { return users.Account{ID: id, Name: title} },
		isValid: func(a users.Account, id, title string) bool { return a.ID == id && a.Name == title },
	}.each(f, r, visit)
}

// titles reads things that have an id and a title.
type titles[T any] struct {
	kind                Kind
	noun                string
	idNames, titleNames []string                             // in Zephr; Egress has "id" and the first of titleNames
	minimal             func(id, title string) T             // a thing that has nothing else
	isValid             func(thing T, id, title string) bool // reports whether it has this id and title
}

// each calls visit with each thing once, although a page may repeat a thing of another one.
func (t titles[T]) each(f *Folder, r *Report, visit func(T) error) error {
	seen := map[string]bool{}
	return f.each(t.kind, func(page Page, raw json.RawMessage) error {
		var m map[string]json.RawMessage // stays nil if the item is not an object
		_ = json.Unmarshal(raw, &m)
		id, title := textMember(m, t.idNames...), textMember(m, t.titleNames...)
		if !users.ValidID(id) {
			r.Add(Difference{Kind: t.noun, ID: page.name(), Problem: Refused, Reason: "has no valid id"})
			return nil
		}
		if seen[id] {
			return nil
		}
		seen[id] = true
		if title == "" {
			title = id
		}
		m["id"], _ = encode(id) // text is always encoded
		m[t.titleNames[0]], _ = encode(title)
		var v T
		if b, err := encode(m); err != nil || json.Unmarshal(b, &v) != nil || !t.isValid(v, id, title) {
			v = t.minimal(id, title)
		}
		for _, name := range slices.Concat(t.idNames, t.titleNames) { // kept under other names
			delete(m, name)
		}
		if err := countLost(r, string(t.kind), m, v); err != nil {
			return err
		}
		return visit(v)
	})
}

// countLost counts the members of an item that the kept value lacks.
func countLost(r *Report, path string, m map[string]json.RawMessage, kept any) error {
	b, err := json.Marshal(kept)
	var has map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(b, &has)
	}
	if err != nil {
		return fmt.Errorf("compare the members of %s: %w", path, err)
	}
	for name, value := range m {
		if _, ok := has[name]; !ok && string(value) != "null" && string(value) != `"null"` && string(value) != `""` {
			r.addNotKept(path + "." + name)
		}
	}
	return nil
}
