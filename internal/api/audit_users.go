package api

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// queryWords describes a query of users for the audit log.
func queryWords(ctx context.Context, exports DefinitionCompiler, tenant string, q users.Query) (string, error) {
	compiled, err := exports.Compile(ctx, tenant, export.Definition{
		Users: export.Selection{UserStoreID: q.StoreID, Filter: q.Filter, Search: q.Search},
	})
	if err != nil {
		return "", err
	}
	return compiled.Words, nil
}

// lookupWords describes a lookup of users for the audit log.
func lookupWords(ctx context.Context, exports DefinitionCompiler, tenant string, l users.Lookup) (string, error) {
	var conditions []string
	if l.Email != "" {
		conditions = append(conditions, "email address is "+l.Email)
	}
	if l.Username != "" {
		conditions = append(conditions, "username is "+l.Username)
	}
	for _, system := range slices.Sorted(maps.Keys(l.ForeignKeys)) {
		conditions = append(conditions, system+" is "+l.ForeignKeys[system])
	}
	if len(conditions) > 0 && l.Filter == nil && l.Search == "" {
		words := strings.Join(conditions, ", ")
		return strings.ToUpper(words[:1]) + words[1:], nil // the words begin with an ASCII letter: a field's name or a foreign system's
	}
	words, err := queryWords(ctx, exports, tenant, l.Query)
	return strings.Join(append([]string{words}, conditions...), ", "), err
}

// recordUserAccess is recordAccess for responses that depend on more than the words. Accesses with
// different values of distinct get separate records. Call it when the response is known, before it
// is sent.
func (a *auditor) recordUserAccess(c *fiber.Ctx, kind audit.Kind, subject, words string, distinct ...any) error {
	return audit.RecordAccess(c.UserContext(), a.audit, a.auditRecord(c, kind, subject, words), distinct...)
}
