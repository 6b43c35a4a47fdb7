package sqlite

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"

	"github.com/egress-io/egress/internal/stored"
)

// addFunctions adds the SQL functions that the steps of the schemas call:
//   - accounts_of_grants(doc) is the JSON array of the grant accounts of a user's row.
//   - email_of_job(doc) and text_of_job(doc) are the columns email and search of a job; "" for a
//     damaged document, which lists omit.
func addFunctions(c *conn) error {
	for name, f := range map[string]func(doc bson.Raw) (string, error){
		"accounts_of_grants": func(doc bson.Raw) (string, error) {
			r, err := newUserRow(doc)
			return jsonList(append([]string{}, r.grantAccounts...)), err
		},
		"email_of_job": func(doc bson.Raw) (string, error) { return textOf(doc, "email"), nil },
		"text_of_job": func(doc bson.Raw) (string, error) {
			var d stored.Job
			if err := bson.Unmarshal(doc, &d); err != nil {
				return "", nil //nolint:nilerr // one damaged job must not stop the start
			}
			job, err := d.Job()
			if err != nil {
				return "", nil //nolint:nilerr // likewise
			}
			return stored.JobText(job), nil
		},
	} {
		err := c.raw.CreateFunction(name, &sqlite.FunctionImpl{
			NArgs: 1, Deterministic: true,
			Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
				text, err := f(bson.Raw(args[0].Blob()))
				return sqlite.TextValue(text), err
			},
		})
		if err != nil {
			return fmt.Errorf("add an SQL function: %w", err)
		}
	}
	return nil
}
