package pipeline

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/errs"
)

// NonStringIDError returns the error for documents whose ids are not strings. The noun names the
// documents in the plural; types lists the BSON types found.
func NonStringIDError(noun, types string) *errs.Error {
	return errs.Errorf(errs.CodeNonStringID,
		"The tenant has %s whose id is not a string (found: %s). Egress exports only documents with string ids, and never skips "+
			"users silently. Convert these ids to strings, then retry: see \"Ids that are not strings\" in docs/operations.md.", noun, types)
}

// IsString reports whether MongoDB compares values of type t as strings. It compares a symbol (a
// type of old drivers) like the string with the same text, also in the _id index.
func IsString(t bson.Type) bool { return t == bson.TypeString || t == bson.TypeSymbol }

// typeNames are the names that MongoDB's $type operator accepts.
var typeNames = map[bson.Type]string{
	bson.TypeDouble: "double", bson.TypeString: "string", bson.TypeEmbeddedDocument: "object", bson.TypeArray: "array", bson.TypeBinary: "binData",
	bson.TypeUndefined: "undefined", bson.TypeObjectID: "objectId", bson.TypeBoolean: "bool", bson.TypeDateTime: "date", bson.TypeNull: "null",
	bson.TypeRegex: "regex", bson.TypeDBPointer: "dbPointer", bson.TypeJavaScript: "javascript", bson.TypeSymbol: "symbol",
	bson.TypeCodeWithScope: "javascriptWithScope", bson.TypeInt32: "int", bson.TypeTimestamp: "timestamp", bson.TypeInt64: "long",
	bson.TypeDecimal128: "decimal", bson.TypeMinKey: "minKey", bson.TypeMaxKey: "maxKey",
}

// BSONTypeName returns MongoDB's name of a value's type, or "UUID" for a UUID.
func BSONTypeName(v bson.RawValue) string {
	if subtype, _, ok := v.BinaryOK(); ok && (subtype == bson.TypeBinaryUUID || subtype == bson.TypeBinaryUUIDOld) {
		return "UUID"
	}
	if name, known := typeNames[v.Type]; known {
		return name
	}
	return "an unknown type"
}

// documentID returns the _id of a document, and whether it is a string. It is fast where _id is the
// first field, as MongoDB stores it.
func documentID(doc bson.Raw) ([]byte, bool) {
	const head = 4 + 1 + len("_id\x00") // the document's length, the type, the name
	if len(doc) > head+5 && IsString(bson.Type(doc[4])) && string(doc[5:head]) == "_id\x00" {
		n := int(uint32(doc[head]) | uint32(doc[head+1])<<8 | uint32(doc[head+2])<<16 | uint32(doc[head+3])<<24)
		if n >= 1 && n <= len(doc)-head-4 {
			return doc[head+4 : head+4+n-1], true
		}
		return nil, false
	}
	id, ok := StringValue(doc.Lookup("_id"))
	return []byte(id), ok
}

// StringValue returns the text of a string or symbol, and whether v is one.
func StringValue(v bson.RawValue) (string, bool) {
	if s, ok := v.StringValueOK(); ok {
		return s, true
	}
	return v.SymbolOK()
}

// isUserID reports whether v can be the user of a state event: a string, or none.
func isUserID(v bson.RawValue) bool {
	return v.IsZero() || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined || IsString(v.Type)
}
