package pipeline

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
)

// userFilter decides which state events belong to selected users. It looks up the users of one
// block of events at a time, so its memory does not grow with the run.
type userFilter struct {
	task     *task
	ids      []string            // scratch
	matching map[string]struct{} // the ids whose users match
}

// load looks up the users of some events. It sends no request if the definition selects all users.
func (f *userFilter) load(ctx context.Context, docs []byte, ends []int) error {
	if f.task.users.IsAll() {
		return nil
	}
	f.ids = f.ids[:0]
	seen := map[string]struct{}{}
	from := 0
	for _, end := range ends {
		id := userOf(docs[from:end])
		from = end
		if _, twice := seen[id]; !twice {
			seen[id] = struct{}{}
			f.ids = append(f.ids, id)
		}
	}
	err := f.task.retryReads(ctx, nil, func() (err error) {
		f.matching, err = f.task.view.users.MatchingIDs(ctx, f.task.tenant, f.task.users, f.ids)
		return err
	})
	return wrapFailure(ctx, errs.CodeDatabaseUnavailable, err, msgReadFailed)
}

// matches reports whether an event belongs in the file. The event must be one of the last load.
func (f *userFilter) matches(doc bson.Raw) bool {
	if f.task.users.IsAll() {
		return true
	}
	_, is := f.matching[userOf(doc)]
	return is
}

// userOf returns the id of an event's user, "" if it has none.
func userOf(doc bson.Raw) string {
	id, _ := StringValue(doc.Lookup("user_id"))
	return id
}
