package export

import "strconv"

// filter decodes a rule with all nested rules; null is nil.
func (d *decoder) filter(n node) *Rule {
	if n.isNull() {
		return nil
	}
	rule := d.rule(n, 1)
	return &rule
}

// rule decodes a group or a condition. depth is the number of enclosing groups plus one.
func (d *decoder) rule(n node, depth int) Rule {
	if d.err != nil {
		return Rule{}
	}
	if n.kind == objectNode && !n.object.get("combinator").missing() {
		return d.group(n, depth)
	}
	return d.condition(n)
}

func (d *decoder) group(n node, depth int) Rule {
	if depth > MaxRuleDepth {
		d.fail(n.path, "is nested too deeply: groups may have at most %d levels", MaxRuleDepth)
		return Rule{}
	}
	if d.groups++; d.groups > MaxRules {
		d.fail(n.path, "exceeds the limit of %d groups in a filter", MaxRules)
		return Rule{}
	}
	m := d.object(n, "combinator", "rules")
	r := Rule{Combinator: oneOf(d, m.get("combinator"), And, Or)}
	rules := m.get("rules")
	if rules.missing() {
		d.fail(rules.path, "is missing; a group needs rules")
		return Rule{}
	}
	items := d.array(rules)
	r.Rules = make([]Rule, 0, min(len(items), MaxRules))
	for _, item := range items {
		if d.err != nil {
			return Rule{}
		}
		r.Rules = append(r.Rules, d.rule(item, depth+1))
	}
	return r
}

func (d *decoder) condition(n node) Rule {
	if d.rules++; d.rules > MaxRules {
		d.fail(n.path, "exceeds the limit of %d rules in a filter", MaxRules)
		return Rule{}
	}
	m := d.object(n, "field", "operator", "value", "from", "to")
	for _, required := range []string{"field", "operator"} {
		if m.get(required).isNull() {
			d.fail(m.path(required), "is missing")
			return Rule{}
		}
	}
	r := Rule{
		Field: d.name(m.get("field")),
		Operator: oneOf(d, m.get("operator"), Is, IsNot, Contains, DoesNotContain, StartsWith, EndsWith,
			Between, HasAnyValue, IsUnknown, Checked, Unchecked),
		Value: d.scalar(m.get("value")),
		From:  d.scalar(m.get("from")),
		To:    d.scalar(m.get("to")),
	}
	d.checkOperands(r, m)
	return r
}

// checkOperands checks that a condition has exactly the values that its operator needs.
func (d *decoder) checkOperands(r Rule, m members) {
	value, bounds := r.Value.Kind != NoValue, r.From.Kind != NoValue || r.To.Kind != NoValue
	switch {
	case r.Operator == Between && !bounds:
		d.fail(m.path("from"), "is missing; the operator between needs from, to or both")
	case r.Operator.TakesValue() && !value:
		d.fail(m.path("value"), "is missing; the operator %s needs a value", r.Operator)
	case value && !r.Operator.TakesValue():
		d.fail(m.path("value"), "must be absent; the operator %s takes no value", r.Operator)
	case r.Operator != Between && r.From.Kind != NoValue:
		d.fail(m.path("from"), "must be absent; only the operator between takes from and to")
	case r.Operator != Between && r.To.Kind != NoValue:
		d.fail(m.path("to"), "must be absent; only the operator between takes from and to")
	}
}

// TakesValue reports whether a condition with this operator has a value.
func (o Operator) TakesValue() bool {
	switch o {
	case Is, IsNot, Contains, DoesNotContain, StartsWith, EndsWith:
		return true
	default:
		return false
	}
}

// scalar decodes a value of a condition; null is absent.
func (d *decoder) scalar(n node) Value {
	switch n.kind {
	case nullNode, missingNode:
		return Value{}
	case stringNode:
		return String(d.text(n, MaxValueBytes))
	case numberNode:
		if len(n.text) > MaxValueBytes {
			d.fail(n.path, "is longer than %d bytes", MaxValueBytes)
			return Value{}
		}
		return Number(n.text)
	case boolNode:
		return Bool(n.boolean)
	default:
		d.fail(n.path, "must be a string, a number or a boolean")
		return Value{}
	}
}

func elementPath(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
