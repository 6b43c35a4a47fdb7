package sqlite

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// sortColumns are the columns of the values by which users are sorted. They are right for odd users
// too: a value of another type is NULL, as users.SortKey wants it.
var sortColumns = map[users.SortKey]string{
	users.SortByEmail: "email", users.SortByUsername: "username",
	users.SortByRegistered: "registered", users.SortByLastLogin: "last_login", users.SortByUpdated: "updated",
}

// FindSorted implements browse.Source.
func (u *Users) FindSorted(ctx context.Context, tenant string, s filter.Selection, w browse.SortedWindow) (found []bson.Raw, err error) {
	column := sortColumns[w.Sort.Key]
	err = u.read(ctx, tenant, func(l *lease) error {
		p, err := u.plan(l, s)
		if err != nil {
			return err
		}
		if p.look == p.span && p.spans(column) { // the index of the order serves the range too
			p.look = ""
		}
		found, err = w.Read(func(part browse.Part) ([]bson.Raw, error) {
			condition, args := column+" IS NOT NULL", p.args
			if part.After != nil {
				condition, args = "("+column+", id) "+beyond(part)+" (?, ?)", append(slices.Clip(args), part.After.Value, part.After.ID)
			}
			return collect(ctx, l, p, p.sorted(column, []string{column, "id"}, part, condition), args, 0, part.Limit)
		}, func(part browse.Part) ([]bson.Raw, error) {
			conditions, args := []string{column + " IS NULL"}, p.args
			if part.After != nil {
				conditions, args = append(conditions, "id "+beyond(part)+" ?"), append(slices.Clip(args), part.After.ID)
			}
			return collect(ctx, l, p, p.sorted(column, []string{"id"}, part, conditions...), args, 0, part.Limit)
		})
		return err
	})
	return found, err
}

// SortValue implements browse.Source.
func (u *Users) SortValue(key users.SortKey, doc bson.Raw) any {
	r, err := newUserRow(doc)
	if err != nil {
		return nil
	}
	return map[users.SortKey]any{
		users.SortByEmail: r.email, users.SortByUsername: r.username,
		users.SortByRegistered: r.registered, users.SortByLastLogin: r.lastLogin, users.SortByUpdated: r.updated,
	}[key]
}

// beyond returns the comparison of what follows a position of a part.
func beyond(part browse.Part) string {
	if part.Descending {
		return "<"
	}
	return ">"
}

// spans reports whether the time range of a plan is one of the column.
func (p *plan) spans(column string) bool {
	return p.span != "" && strings.HasPrefix(p.span, column+" ")
}

// sorted returns the statement that reads the documents of a part of a plan, ordered by columns. The
// index of the column serves the order. Where a look-up finds few documents, SQLite sorts them.
func (p *plan) sorted(column string, columns []string, part browse.Part, conditions ...string) string {
	sign, direction := "", ""
	if p.look != "" {
		sign = "+" // no index of a column
	}
	if part.Descending {
		direction = " DESC"
	}
	order := " ORDER BY " + sign + strings.Join(columns, direction+", "+sign) + direction
	if p.look != "" {
		return "SELECT doc FROM (SELECT seq AS found FROM " + p.table + p.clause(p.look, unindexed(conditions)...) + order + " LIMIT -1)" +
			" CROSS JOIN " + p.table + " ON seq = found"
	}
	indexed := ""
	if p.spans(column) {
		indexed = p.span
	}
	return "SELECT doc FROM " + p.table + p.clause(indexed, conditions...) + order
}

// unindexed returns conditions on columns in a form for which SQLite uses no index.
func unindexed(conditions []string) (list []string) {
	for _, c := range conditions {
		if !strings.HasPrefix(c, "(") { // SQLite compares rows of a look-up without an index
			c = "+" + c
		}
		list = append(list, c)
	}
	return list
}
