package sqlite

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"zombiezen.com/go/sqlite"
)

// addFunctions adds the SQL functions that the steps of the schemas call:
//   - accounts_of_grants(doc) is the JSON array of the grant accounts of a user's row.
func addFunctions(c *conn) error {
	err := c.raw.CreateFunction("accounts_of_grants", &sqlite.FunctionImpl{
		NArgs: 1, Deterministic: true,
		Scalar: func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			r, err := newUserRow(bson.Raw(args[0].Blob()))
			return sqlite.TextValue(jsonList(append([]string{}, r.grantAccounts...))), err
		},
	})
	if err != nil {
		return fmt.Errorf("add an SQL function: %w", err)
	}
	return nil
}
