package fromzephr

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/egress-io/egress/internal/users"
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

// parseField parses a field. Its slug is valid even with an error, if it has one.
func parseField(raw json.RawMessage, r *Report) (field users.Field, err error) {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m == nil {
		return field, errors.New("is not an object")
	}
	if textMember(m, "label") == "" {
		m["label"] = m["slug"]
	}
	if textMember(m, "input-type") == "" {
		m["input-type"] = json.RawMessage(`"` + string(users.Text) + `"`)
	}
	if field, err = decodeField(m); err == nil {
		return field, countLost(r, "schema", m, field)
	}
	options, readable := parseOptions(m["select-options"]) // in Zephr they may be text that holds JSON
	if !readable {
		r.addNotKept("schema.select-options")
	}
	m["select-options"], _ = encode(options) // options are always encoded
	if field, err = decodeField(m); err != nil {
		return field, err
	}
	return field, countLost(r, "schema", m, field)
}

// decodeField returns the field with the members of m. The slug is set even with an error.
func decodeField(m map[string]json.RawMessage) (field users.Field, err error) {
	b, err := encode(m)
	if err == nil {
		err = json.Unmarshal(b, &field)
	}
	field.Slug = textMember(m, "slug")
	if err != nil {
		return field, errors.New("is not a schema field")
	}
	return field, field.Validate()
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
	}.each(f, r, visit)
}

// EachAccount calls visit with each account. It adds accounts without a valid id to the report.
func EachAccount(f *Folder, r *Report, visit func(users.Account) error) error {
	return titles[users.Account]{
		kind: Accounts, noun: "account", idNames: []string{"account_id", "id", "company_id"}, titleNames: []string{"name", "label"},
		minimal: func(id, title string) users.Account { return users.Account{ID: id, Name: title} },
	}.each(f, r, visit)
}

// titles reads things that have an id and a title.
type titles[T any] struct {
	kind                Kind
	noun                string
	idNames, titleNames []string                 // in Zephr; Egress has "id" and the first of titleNames
	minimal             func(id, title string) T // a thing that has nothing else
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
		for _, name := range slices.Concat(t.idNames, t.titleNames) {
			delete(m, name)
		}
		m["id"], _ = encode(id) // text is always encoded
		m[t.titleNames[0]], _ = encode(title)
		v := t.minimal(id, title)
		if b, err := encode(m); err == nil {
			var full T
			if json.Unmarshal(b, &full) == nil {
				v = full
			}
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
