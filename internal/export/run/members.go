package run

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/export"
)

// members tells which state events are of users who are selected. Users are looked up for a block of events at once, so that
// the memory of a run does not grow with them.
type members struct {
	task *task
	ids  []string            // scratch
	seen map[string]struct{} // those among them who match; nil where everybody does
}

// look asks for the users of some events. Where every event belongs in the file, it asks nothing.
func (m *members) look(ctx context.Context, docs []byte, ends []int) error {
	if len(m.task.users) == 0 {
		return nil
	}
	m.ids = m.ids[:0]
	asked := map[string]struct{}{}
	from := 0
	for _, end := range ends {
		id := userOf(docs[from:end])
		from = end
		if _, twice := asked[id]; !twice {
			asked[id] = struct{}{}
			m.ids = append(m.ids, id)
		}
	}
	err := m.task.patiently(ctx, nil, func() (err error) {
		m.seen, err = m.task.runner.Users.Among(ctx, m.task.tenant, m.task.users, m.ids)
		return err
	})
	return failed(ctx, export.CodeDatabase, err, readFailed)
}

// has reports whether an event belongs in the file. It was among those of the last look.
func (m *members) has(doc bson.Raw) bool {
	if len(m.task.users) == 0 {
		return true
	}
	_, is := m.seen[userOf(doc)]
	return is
}

// userOf returns the id of an event's user, "" where it has none that is text.
func userOf(doc bson.Raw) string {
	id, _ := doc.Lookup("user_id").StringValueOK()
	return id
}
