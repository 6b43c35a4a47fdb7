package sqlite

import (
	"bytes"
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/users"
)

// changedPerTransaction is how many users changeUsers reads in one transaction.
const changedPerTransaction = 1000

// changeUsers calls change for each user of a tenant and stores the document that it returns, unless
// that is nil. It returns the number of documents changed. It also corrects the columns of a user
// whose document it stores. Each transaction changes some of the users; the changes of a transaction
// are atomic.
func (w *UserWriter) changeUsers(ctx context.Context, tenant string, change func(bson.Raw) (bson.Raw, error)) (changed int64, err error) {
	var last int64 // seq of the last user read
	for more := true; more; {
		more = false
		var changes int64
		err := w.writeUsers(ctx, tenant, func(c *conn) error {
			return c.query("SELECT seq, doc FROM users WHERE seq > ? ORDER BY seq LIMIT ?", func(r *row) error {
				last, more = r.ColumnInt64(0), true
				old := bson.Raw(r.bytes(1))
				doc, err := change(old)
				if err != nil || doc == nil {
					return err
				}
				if !bytes.Equal(old, doc) {
					changes++
				}
				return replaceUser(c, doc)
			}, last, changedPerTransaction)
		})
		if err != nil {
			return changed, err
		}
		changed += changes
	}
	return changed, nil
}

// ConvertField converts the non-text values of a field to text, formatted as in export files, and
// returns the number of users changed. It changes nothing else but folded text. It converts some
// users per transaction, and is safe to call again after an error.
func (w *UserWriter) ConvertField(ctx context.Context, tenant string, f users.Field) (converted int64, err error) {
	if !users.ValidSlug(f.Slug) {
		return 0, fmt.Errorf("convert field: %q is no slug", f.Slug)
	}
	converted, err = w.changeUsers(ctx, tenant, func(doc bson.Raw) (bson.Raw, error) { return convertField(doc, f) })
	if err != nil {
		return converted, fmt.Errorf("convert the values of a field: %w", err)
	}
	return converted, nil
}

// convertField returns a user's document with the value of a field as text, or nil if the value is
// text or missing.
func convertField(doc bson.Raw, f users.Field) (bson.Raw, error) {
	old := doc.Lookup("attributes", f.Slug)
	if old.Type == 0 || old.Type == bson.TypeString || old.Type == bson.TypeNull { // 0: missing
		return nil, nil
	}
	u, err := users.Decode(doc)
	if err != nil {
		return nil, err
	}
	d, err := decodeDocument(doc)
	if err != nil {
		return nil, err
	}
	d, err = changeMember(d, "attributes", func(attributes bson.D) bson.D {
		return withMember(attributes, f.Slug, users.Format(f.Type, u.Attributes[f.Slug]))
	})
	if err != nil {
		return nil, err
	}
	return encodeFolded(d, users.FoldedUser)
}
