package decode

import "github.com/egress-io/egress/internal/export"

// Rule decodes a filter from JSON. The Field of an error begins with path, the name of the request
// parameter. A null filter is nil. The filter package checks that fields and values exist in a
// tenant.
func Rule(body []byte, path string) (*export.Rule, error) {
	root, err := Parse(body, path)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	rule := d.filter(root)
	if d.err != nil {
		return nil, d.err
	}
	return rule, nil
}

// filter decodes a rule with all nested rules; null is nil.
func (d *decoder) filter(v Value) *export.Rule {
	if v.IsNull() {
		return nil
	}
	rule := d.rule(v, 1)
	return &rule
}

// rule decodes a group or a condition. depth is the number of enclosing groups plus one.
func (d *decoder) rule(v Value, depth int) export.Rule {
	if v.has("combinator") || v.has("quantifier") {
		return d.group(v, depth)
	}
	if !d.countRule(v) {
		return export.Rule{}
	}
	o := d.object(v, "field", "operator", "value", "values", "from", "to")
	return d.condition(o, d.name(o.Get("field")), d.operator(o))
}

func (d *decoder) group(v Value, depth int) export.Rule {
	if depth > export.MaxRuleDepth {
		d.fail(v.path, "is nested too deeply: groups may have at most %d levels", export.MaxRuleDepth)
		return export.Rule{}
	}
	if d.groups++; d.groups > export.MaxRules {
		d.fail(v.path, "exceeds the limit of %d groups in a filter", export.MaxRules)
		return export.Rule{}
	}
	o := d.object(v, "quantifier", "combinator", "rules")
	r := export.Rule{Combinator: oneOf(d, o.Get("combinator"), export.And, export.Or), Rules: []export.Rule{}}
	if q := o.Get("quantifier"); !q.IsNull() {
		r.Quantifier = d.quantifier(q)
	}
	rules := o.Get("rules")
	if rules.Missing() {
		d.fail(rules.path, "is missing; a group needs rules")
	}
	for item := range d.array(rules) {
		rule := d.rule(item, depth+1)
		if d.err != nil {
			return export.Rule{}
		}
		r.Rules = append(r.Rules, rule)
	}
	return r
}

// countRule counts a condition. It returns false if the filter has too many.
func (d *decoder) countRule(v Value) bool {
	d.rules++
	if d.rules > export.MaxRules {
		d.fail(v.path, "exceeds the limit of %d rules in a filter", export.MaxRules)
	}
	return d.err == nil
}

func (d *decoder) quantifier(v Value) export.Quantifier {
	return oneOf(d, v, export.AnyGrant, export.NoGrant, export.AllGrants)
}

func (d *decoder) operator(o Object) export.Operator {
	return oneOf(d, o.Get("operator"), export.Is, export.IsNot, export.IsOneOf, export.IsNoneOf, export.Contains, export.DoesNotContain,
		export.StartsWith, export.EndsWith, export.Between, export.Before, export.After, export.HasAnyValue, export.IsUnknown,
		export.Checked, export.Unchecked)
}

// condition decodes the values of a condition. It must have exactly those that its operator needs.
func (d *decoder) condition(o Object, field string, operator export.Operator) export.Rule {
	r := d.values(o, field, operator)
	d.checkValues(o, r)
	return r
}

// values decodes the values of a condition without checking that its operator needs them.
func (d *decoder) values(o Object, field string, operator export.Operator) export.Rule {
	return export.Rule{
		Field: field, Operator: operator,
		Value: d.scalar(o.Get("value")), Values: d.scalars(o.Get("values")), From: d.scalar(o.Get("from")), To: d.scalar(o.Get("to")),
	}
}

// checkValues fails unless a condition has exactly the values that its operator needs.
func (d *decoder) checkValues(o Object, r export.Rule) {
	value, list, bounds := r.Value.Kind != export.NoValue, len(r.Values) > 0, r.From.Kind != export.NoValue || r.To.Kind != export.NoValue
	switch {
	case r.Operator == export.Between && !bounds:
		d.fail(o.join("from"), "is missing; the operator between needs from, to or both")
	case r.Operator.TakesValue() && !value:
		d.fail(o.join("value"), "is missing; the operator %s needs a value", r.Operator)
	case r.Operator.TakesList() && !list:
		d.fail(o.join("values"), "is missing; the operator %s needs a list of values", r.Operator)
	case list && !r.Operator.TakesList():
		d.fail(o.join("values"), "must be absent; only is_one_of and is_none_of take values")
	case value && !r.Operator.TakesValue():
		d.fail(o.join("value"), "must be absent; the operator %s takes no value", r.Operator)
	case r.Operator != export.Between && r.From.Kind != export.NoValue:
		d.fail(o.join("from"), "must be absent; only the operator between takes from and to")
	case r.Operator != export.Between && r.To.Kind != export.NoValue:
		d.fail(o.join("to"), "must be absent; only the operator between takes from and to")
	}
}

// scalars decodes the list of values of a condition; null and an empty list are absent.
func (d *decoder) scalars(v Value) (list []export.Value) {
	if v.IsNull() {
		return nil
	}
	for item := range d.array(v) {
		if d.listed++; d.listed > export.MaxValues {
			d.fail(item.path, "exceeds the limit of %d values in the lists of a filter", export.MaxValues)
		}
		s := d.scalar(item)
		if s.Kind == export.NoValue {
			d.fail(item.path, "must be a string, a number or a boolean")
		}
		if d.err != nil {
			return nil
		}
		list = append(list, s)
	}
	return list
}

// scalar decodes a value of a condition; null is absent.
func (d *decoder) scalar(v Value) export.Value {
	s, err := v.Scalar()
	d.keep(err)
	if len(s.Text) > export.MaxValueBytes {
		d.fail(v.path, "must have at most %d bytes", export.MaxValueBytes)
	}
	return s
}
