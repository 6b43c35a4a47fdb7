package decode

import (
	"encoding/base64"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// byAttributesParam is the name of the parameter that ByAttributes parses.
const byAttributesParam = "search_by_attributes"

// The prefixes of the fields that the slugs of Zephr's parameters name.
const (
	attributePrefix = "attributes."
	grantPrefix     = "grant."
)

// maxByAttributesBytes is the maximum length of the parameter.
const maxByAttributesBytes = 64 << 10

// ByAttributes parses the filter in the parameter "search_by_attributes" of Zephr's list of users: a
// list of conditions that users must all meet, as a JSON array in Base64 (either alphabet, with or
// without padding):
//
//	{"slug": "country", "operator": "is", "value": "GB"}
//	{"slug": "age", "from": 18, "to": 30}
//	{"slug": "country", "operator": "is_one_of", "values": ["GB", "IE"]}
//	{"quantifier": "all", "grants": [{"slug": "expiry_state", "operator": "is", "value": "expired"}]}
//
// The last form is on grants: its slugs are names of fields of grants (grant.expiry_state), and one
// grant must meet all of its conditions at once. The operators are those of definitions. A condition without an operator is between, with from, to
// or both. Values may have the types that Zephr's clients send: a boolean for a checkbox, a number for
// text, and "" where there is no value (zephrValues). "", null and an empty array mean no filter. An error is an errs.CodeInvalidRequest whose
// Field begins with the parameter's name.
func ByAttributes(text string) (*export.Rule, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if len(text) > maxByAttributesBytes {
		return nil, errs.Invalid(byAttributesParam, "must have at most %d bytes", maxByAttributesBytes)
	}
	body, ok := decodeBase64(text)
	if !ok {
		return nil, errs.Invalid(byAttributesParam, "is not Base64")
	}
	root, err := Parse(body, byAttributesParam)
	if err != nil || root.IsNull() {
		return nil, err
	}
	d := &decoder{}
	group := export.Rule{Combinator: export.And}
	for item := range d.array(root) {
		rule := d.byAttributeOrGrants(item)
		if d.err != nil {
			break
		}
		group.Rules = append(group.Rules, rule)
	}
	if d.err != nil || len(group.Rules) == 0 {
		return nil, d.err
	}
	return &group, nil
}

// byAttributeOrGrants decodes a condition on an attribute, or a list of conditions on grants.
func (d *decoder) byAttributeOrGrants(v Value) export.Rule {
	if !v.has("grants") && !v.has("quantifier") {
		return d.byAttribute(v, attributePrefix)
	}
	if d.groups++; d.groups > export.MaxRules {
		d.fail(v.path, "exceeds the limit of %d groups in a filter", export.MaxRules)
		return export.Rule{}
	}
	o := d.object(v, "quantifier", "grants")
	r := export.Rule{Combinator: export.And, Rules: []export.Rule{}, Quantifier: d.quantifier(o.Get("quantifier"))}
	grants := o.Get("grants")
	if grants.Missing() {
		d.fail(grants.path, "is missing; a quantifier needs a list of conditions on grants")
	}
	for item := range d.array(grants) {
		rule := d.byAttribute(item, grantPrefix)
		if d.err != nil {
			return export.Rule{}
		}
		r.Rules = append(r.Rules, rule)
	}
	return r
}

// byAttribute decodes a condition on the field with a prefix before its slug.
func (d *decoder) byAttribute(v Value, prefix string) export.Rule {
	if !d.countRule(v) {
		return export.Rule{}
	}
	o := d.object(v, "slug", "operator", "value", "values", "from", "to")
	slug := o.Get("slug")
	field := prefix + d.name(slug)
	if len(field) > maxNameBytes {
		d.fail(slug.path, "must have at most %d bytes", maxNameBytes-len(prefix))
	}
	operator := export.Between
	if !o.Get("operator").IsNull() {
		operator = d.operator(o)
	}
	r := zephrValues(d.values(o, field, operator))
	d.checkValues(o, r)
	return r
}

// zephrValues returns a condition in the form of definitions:
//
//   - "" where the operator takes no value, and as from or to, is no value;
//   - is and is_not with a boolean, and checked and unchecked with one, are checked or unchecked;
//   - a number that is compared with an operator is its text, which fields of all types take.
func zephrValues(r export.Rule) export.Rule {
	empty := export.String("")
	for _, v := range []*export.Value{&r.From, &r.To} {
		if *v == empty {
			*v = export.Value{}
		}
	}
	if r.Value == empty && !r.Operator.TakesValue() {
		r.Value = export.Value{}
	}
	switch r.Value.Kind {
	case export.BoolValue:
		if operator, ok := checkedOperator(r.Operator, r.Value.Bool); ok {
			r.Operator, r.Value = operator, export.Value{}
		}
	case export.NumberValue:
		r.Value = export.String(r.Value.Text)
	case export.NoValue, export.StringValue:
	}
	for i, v := range r.Values {
		if v.Kind == export.NumberValue {
			r.Values[i] = export.String(v.Text)
		}
	}
	return r
}

// checkedOperator returns whether a checkbox is to be checked or unchecked, for an operator with a
// boolean value.
func checkedOperator(operator export.Operator, value bool) (_ export.Operator, ok bool) {
	switch operator {
	case export.Is, export.Checked:
	case export.IsNot, export.Unchecked:
		value = !value
	default:
		return "", false
	}
	if value {
		return export.Checked, true
	}
	return export.Unchecked, true
}

func decodeBase64(text string) ([]byte, bool) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(text); err == nil {
			return decoded, true
		}
	}
	return nil, false
}
