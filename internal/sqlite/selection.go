package sqlite

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/filter"
)

// plan says how the documents of a selection are found: SQL conditions on columns, and the rest of
// the selection, which is evaluated on each document that they let through.
type plan struct {
	table string
	odd   bool   // the table has odd users
	where []term // joined by AND
	args  []any
	rest  filter.Condition // nil: the SQL conditions decide alone

	// look is a condition that few documents meet and an index serves, or "". It is one of where.
	look string
	// span is the time range among where that an index serves, for which look may be replaced once
	// the number of its documents is known.
	span     string
	spanArgs []any
}

// term is a condition in SQL.
type term struct {
	text string
	// unindexed is the same condition in a form for which SQLite uses no index: a plus before the
	// column. So the plan decides about the index, not SQLite.
	unindexed string
}

// The paths whose values are columns of users.
var (
	textColumns = map[string]string{filter.EmailAddress: "email", filter.Username: "username"}
	timeColumns = map[string]string{filter.Registered: "registered", "last_login": "last_login", "updated": "updated"}
)

// inStore is the condition of a user store, which has an index by ids.
const inStore = "store = ?"

const (
	accountIDs = "account_ids"
	// ofAccounts is the condition of users with one of the accounts of a list.
	ofAccounts = "seq IN (SELECT user FROM account_users WHERE account IN (SELECT value FROM json_each(?)))"
	// ofGrants is a condition that all users with a grant of one of the accounts of a list meet. Users of
	// these accounts without a grant meet it too.
	ofGrants = "seq IN (SELECT user FROM account_users WHERE account IN (SELECT value FROM json_each(?))" +
		" UNION SELECT user FROM grant_accounts WHERE account IN (SELECT value FROM json_each(?)))"
)

// newPlan plans a selection of a table. If the table has odd users, whose columns say less than
// their documents, only ids become SQL.
func newPlan(table string, s filter.Selection, odd bool) plan {
	p := plan{table: table, odd: odd}
	p.ids(s.IDs)
	if table != usersTable || odd {
		p.rest = s.Where
		if s.Store != "" {
			p.rest = filter.AllOf(filter.Equal{Path: "user_store_id", Value: s.Store}, s.Where)
		}
		return p
	}
	if s.Store != "" {
		p.add(inStore, s.Store)
	}
	var rest []filter.Condition
	for _, c := range terms(s.Where) {
		if !p.translate(c) {
			rest = append(rest, c)
		}
	}
	p.rest = filter.AllOf(rest...)
	return p
}

// terms returns the conditions that a document must all meet.
func terms(c filter.Condition) (list []filter.Condition) {
	switch c := c.(type) {
	case nil:
		return nil
	case filter.And:
		for _, member := range c {
			list = append(list, terms(member)...)
		}
		return list
	default:
		return []filter.Condition{c}
	}
}

func (p *plan) add(condition string, args ...any) {
	p.where = append(p.where, term{condition, "+" + condition})
	p.args = append(p.args, args...)
}

// find adds a condition that few documents meet.
func (p *plan) find(condition string, args ...any) {
	p.look = condition
	p.add(condition, args...)
}

func (p *plan) ids(r filter.IDRange) {
	if r.From != "" {
		p.where, p.args = append(p.where, term{"id >= ?", "id >= ?"}), append(p.args, r.From)
	}
	if r.Before != "" {
		p.where, p.args = append(p.where, term{"id < ?", "id < ?"}), append(p.args, r.Before)
	}
}

// translate adds the SQL form of a condition, and reports whether that decides alone.
func (p *plan) translate(c filter.Condition) bool {
	switch c := c.(type) {
	case filter.Equal:
		text, ok := c.Value.(string)
		switch system, key := strings.CutPrefix(c.Path, "foreign_keys."); {
		case !ok:
			return false
		case c.Path == "_id":
			p.find("id = ?", text)
			return true
		case key && !strings.Contains(system, "."):
			p.find("seq IN (SELECT user FROM foreign_keys WHERE system = ? AND key = ?)", system, text)
			return true
		}
	case filter.Text:
		if column := textColumns[c.Path]; column != "" && c.Operator == export.Is {
			p.find(column+" = ?", c.Folded)
			return true
		}
	case filter.Or:
		if column, texts := sameColumn(c); column != "" {
			p.find(column+" IN (SELECT value FROM json_each(?))", jsonList(texts))
			return true
		}
	case filter.Element:
		if accounts := elementAccounts(c); accounts != nil {
			p.find(ofGrants, jsonList(accounts), jsonList(accounts))
		}
	case filter.OneOf:
		switch c.Path {
		case "_id":
			if slices.ContainsFunc(c.Values, hasNUL) {
				return false
			}
			p.find("id IN (SELECT value FROM json_each(?))", jsonList(c.Values))
			return true
		case accountIDs:
			p.find(ofAccounts, jsonList(c.Values))
			return true
		case filter.GrantAccountIDs:
			p.find(ofGrants, jsonList(c.Values), jsonList(c.Values))
		}
	case filter.Times:
		if column := timeColumns[c.Path]; column != "" {
			p.times(column, c)
			return true
		}
	}
	return false
}

// hasNUL reports whether a text has a NUL, which JSON in SQLite cannot hold.
func hasNUL(text string) bool { return strings.Contains(text, "\x00") }

// sameColumn returns the column that each of the alternatives compares with a text, and the texts; "" if
// there is none.
func sameColumn(alternatives filter.Or) (column string, texts []string) {
	for _, c := range alternatives {
		text, ok := c.(filter.Text)
		at := textColumns[text.Path]
		if !ok || text.Operator != export.Is || at == "" || column != "" && column != at || hasNUL(text.Folded) {
			return "", nil
		}
		column, texts = at, append(texts, text.Folded)
	}
	return column, texts
}

// elementAccounts returns the accounts of which a grant must have one to be the element that a condition
// on grants is looking for; nil if it may have any.
func elementAccounts(c filter.Element) []string {
	if c.Path != "grants" {
		return nil
	}
	for _, member := range terms(c.Of) {
		switch m := member.(type) {
		case filter.OneOf:
			if m.Path == "account_id" {
				return m.Values
			}
		case filter.Equal:
			if text, ok := m.Value.(string); ok && m.Path == "account_id" {
				return []string{text}
			}
		}
	}
	return nil
}

func (p *plan) times(column string, c filter.Times) {
	var bounds, unindexed []string
	var args []any
	bound := func(operator string, t time.Time) {
		bounds, unindexed = append(bounds, column+operator), append(unindexed, "+"+column+operator)
		args = append(args, int64(bson.NewDateTimeFromTime(t)))
	}
	if c.From != nil {
		bound(" >= ?", *c.From)
	}
	if c.Before != nil {
		bound(" < ?", *c.Before)
	}
	if len(bounds) == 0 {
		return
	}
	span := strings.Join(bounds, " AND ")
	if p.span == "" {
		p.span, p.spanArgs = span, args
	}
	p.where = append(p.where, term{span, strings.Join(unindexed, " AND ")})
	p.args = append(p.args, args...)
}

// exact reports whether SQL decides alone.
func (p *plan) exact() bool { return p.rest == nil }

// selected reports whether a document that the SQL conditions let through is selected.
func (p *plan) selected(doc bson.Raw) bool { return p.rest == nil || p.rest.Matches(doc) }

// clause returns the WHERE clause, or "". SQLite may use an index for the condition indexed, and for
// ids. More are further conditions.
func (p *plan) clause(indexed string, more ...string) string {
	var all []string
	for _, t := range p.where {
		if t.text == indexed {
			all = append(all, t.text)
		} else {
			all = append(all, t.unindexed)
		}
	}
	if all = append(all, more...); len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

// count returns the statement that counts the documents of an exact plan.
func (p *plan) count() string {
	return "SELECT count(*) FROM " + p.table + p.clause(cmp.Or(p.look, p.span, inStore))
}

// scan returns the statement that reads the documents of a plan in any order.
func (p *plan) scan() string { return "SELECT doc FROM " + p.table + p.clause(p.look) }

// ordered returns the statement that reads columns of the documents of a plan by their ids. More are
// further conditions.
func (p *plan) ordered(columns, direction string, more ...string) string {
	if p.look == "" {
		return "SELECT " + columns + " FROM " + p.table + p.clause(inStore, more...) + " ORDER BY id" + direction
	}
	// SQLite sorts the ids without the documents. LIMIT keeps it from merging the two queries.
	return "SELECT " + columns + " FROM (SELECT seq AS found FROM " + p.table + p.clause(p.look, more...) + " ORDER BY +id" + direction + " LIMIT -1)" +
		" CROSS JOIN " + p.table + " ON seq = found"
}
