// Package csv defines the users file and the state events file: their columns, and how raw BSON
// becomes rows of CSV. The comments say "users", and apply to state events too: each event is one
// row.
//
// A file follows RFC 4180: comma, CRLF after every record, UTF-8. A cell is quoted if it contains a
// comma, a quote, CR or LF, or if it begins or ends with a space, since some readers trim unquoted
// cells. A quote inside is doubled. A missing value, null and the empty string are empty cells.
//
// # Text forms
//
// Every BSON type has one text form:
//
//	string, symbol     unchanged; bytes that are not UTF-8 become U+FFFD, with a warning
//	int32, int64       decimal digits
//	double             shortest decimal that reads back as the same double, as in JavaScript: with
//	                   an exponent below 1e-6 and from 1e21; NaN, Infinity, -Infinity, -0
//	decimal128         all its digits, as in the MongoDB shell ("12.50", "1E+3"); NaN, Infinity,
//	                   -Infinity
//	bool               true, false
//	date               2006-01-02T15:04:05.000Z; years outside 0 to 9999 with a sign and at least
//	                   six digits, as in JavaScript ("+010000-01-01T00:00:00.000Z")
//	date, by schema    1990-05-04, 14:30:00, 1990-W18 or 1990-05, if the attribute's input-type is
//	                   date, time, week or month and the instant lies exactly on one. A time of day
//	                   lies on 1 January 1970
//	objectId           24 hexadecimal digits
//	binary             subtype 4 with 16 bytes: a UUID; otherwise standard base64
//	document, array    compact JSON, keys in stored order. Finite numbers are JSON numbers with all
//	                   their digits, even beyond the precision of a double; true, false and null are
//	                   literals; all other values are JSON strings of their text form
//	regex              /pattern/options
//	timestamp          Timestamp(seconds, increment), as in the MongoDB shell
//	code               the source; with a scope: {"$code":"…","$scope":{…}}
//	dbPointer          {"$ref":"…","$id":"…"}
//	minKey, maxKey     MinKey, MaxKey
//	null, undefined    empty (null inside JSON)
//
// An extended profile that is stored as a string already contains JSON, and is written unchanged.
//
// # The spreadsheet dialect
//
// The file begins with a UTF-8 byte-order mark. No cell can run as a formula, whichever of these
// separators a reader uses: , ; TAB | and line ends. A reader with another separator than the comma
// does not interpret our quotes, so an apostrophe (the guard mark) precedes every position at which
// such a reader could start a cell with a formula:
//
//   - at the start of a text that begins with = + - @ TAB CR LF NUL, with a full-width form ＝ ＋ － ＠
//     (a formula in East Asian locales), or with an apostrophe;
//   - after , ; TAB | CR LF in a text, if one of these characters follows. Exceptions: the two bytes
//     of CRLF, and LF, which end a row;
//   - in both cases also if blanks, control characters or quotes come between, since readers may skip
//     them;
//   - at the end of a quoted text, if only blanks and quotes follow its last separator: the closing
//     quote of our cell would open a cell there.
//
// To undo the guard, remove one apostrophe at the start of every cell, and one after each , ; | TAB
// CR LF. RemoveGuard does this. Numbers, booleans and dates get a guard mark only if they begin
// with a sign and a spreadsheet does not read them as numbers: -Infinity, and dates outside the
// years 0 to 9999.
//
// # Values without a column
//
// The encoder counts a user's values that have no column, by name, and Warnings reports them: an
// attribute that is not in the schema, a foreign system or app id without a column, a second value
// under one name. It ignores fields that are not part of a user's data.
package csv
