package mongo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
)

// maxElements is more than the number of grants of each user of the tests.
const maxElements = 6

// connectForGrants opens a new database on FerretDB 1, which has no $elemMatch on documents: a proxy
// replaces it by the same condition on each of the first elements.
func connectForGrants(t testing.TB) *DB {
	t.Helper()
	db, _ := connectRewriting(t, expandElementMatches)
	return db
}

// expandElementMatches rewrites the command of a message of type OP_MSG.
func expandElementMatches(message []byte) []byte {
	const opcode, body = 12, 21 // after the header, the flags and the kind of the section
	if !bytes.Contains(message, []byte("$elemMatch")) || binary.LittleEndian.Uint32(message[opcode:]) != 2013 {
		return message
	}
	size := binary.LittleEndian.Uint32(message[body:])
	var command bson.D
	if err := bson.Unmarshal(message[body:body+int(size)], &command); err != nil {
		panic(err)
	}
	changed, err := bson.Marshal(expandElements(command))
	if err != nil {
		panic(err)
	}
	rewritten := slices.Concat(message[:body], changed, message[body+int(size):])
	binary.LittleEndian.PutUint32(rewritten, uint32(len(rewritten)))
	return rewritten
}

// expandElements replaces each {path: {$elemMatch: query}} in a value.
func expandElements(v any) any {
	switch v := v.(type) {
	case bson.A:
		list := make(bson.A, len(v))
		for i := range v {
			list[i] = expandElements(v[i])
		}
		return list
	case bson.D:
		d := make(bson.D, 0, len(v))
		for _, e := range v {
			operators, ok := e.Value.(bson.D)
			if !ok || len(operators) != 1 || operators[0].Key != "$elemMatch" {
				d = append(d, bson.E{Key: e.Key, Value: expandElements(e.Value)})
				continue
			}
			query, _ := operators[0].Value.(bson.D)
			alternatives := bson.A{}
			for i := range maxElements {
				element := fmt.Sprintf("%s.%d", e.Key, i)
				alternatives = append(alternatives, bson.D{{Key: "$and", Value: bson.A{
					bson.D{{Key: element, Value: bson.D{{Key: "$type", Value: "object"}}}}, prefixed(query, element),
				}}})
			}
			d = append(d, bson.E{Key: "$or", Value: alternatives})
		}
		return d
	default:
		return v
	}
}

// prefixed returns a query with a path before each of its own.
func prefixed(query bson.D, prefix string) bson.D {
	moved := make(bson.D, 0, len(query))
	for _, e := range query {
		if !strings.HasPrefix(e.Key, "$") {
			moved = append(moved, bson.E{Key: prefix + "." + e.Key, Value: e.Value})
			continue
		}
		list, _ := e.Value.(bson.A)
		members := make(bson.A, len(list))
		for i := range list {
			member, _ := list[i].(bson.D)
			members[i] = prefixed(member, prefix)
		}
		moved = append(moved, bson.E{Key: e.Key, Value: members})
	}
	return moved
}

// A condition on grants is one $elemMatch, whose paths are those within a grant, and never a condition on
// the paths of all grants, which several grants could meet together.
func TestElementIsOneElementMatch(t *testing.T) {
	t.Parallel()
	c := filter.And{
		filter.Element{Path: "grants"},
		filter.Not{Of: filter.Element{Path: "grants", Of: filter.Not{Of: filter.Equal{Path: "expiry_state", Value: "expired"}}}},
		filter.Element{Path: "grants", Of: filter.And{filter.OneOf{Path: "product_id", Values: []string{"a"}}, filter.Known{Path: "endTime"}}},
	}
	const want = `{"$and":[{"grants":{"$elemMatch":{}}},` +
		`{"$nor":[{"grants":{"$elemMatch":{"$nor":[{"expiry_state":{"$eq":"expired"}}]}}}]},` +
		`{"grants":{"$elemMatch":{"$and":[{"product_id":{"$in":["a"]}},{"endTime":{"$nin":[null,""]}}]}}}]}`
	if got, err := bson.MarshalExtJSON(queryOf(c), false, false); err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
