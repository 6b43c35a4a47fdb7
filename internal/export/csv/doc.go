// Package csv lays out the users file and the state events file: which columns each has, and how raw BSON becomes rows of
// CSV. What is said of users here holds for state events, each of which is one row.
//
// A file is RFC 4180: comma, CRLF after every record, UTF-8. A cell is quoted when it holds a comma, a quote, CR or LF,
// or begins or ends with a space (readers that trim unquoted cells exist); a quote inside is doubled. A missing value, null
// and the empty string are all an empty cell.
//
// # Text forms
//
// Every BSON type has one text form in a cell:
//
//	string, symbol     as it is; bytes that are not UTF-8 become U+FFFD and are counted as a warning; NUL is kept
//	int32, int64       decimal digits
//	double             shortest decimal that reads back to the same double; an exponent below 1e-6 and from 1e21 on, as
//	                   in JavaScript; NaN, Infinity, -Infinity, -0
//	decimal128         all its digits, as the MongoDB shell writes them ("12.50", "1E+3"); NaN, Infinity, -Infinity
//	bool               true, false
//	date               2006-01-02T15:04:05.000Z; years outside 0 to 9999 with a sign and at least six digits, as in
//	                   JavaScript ("+010000-01-01T00:00:00.000Z")
//	date, by schema    where an attribute's input-type is date, time, week or month and the instant lies exactly on one:
//	                   1990-05-04, 14:30:00, 1990-W18, 1990-05. A time of day lies on 1 January 1970
//	objectId           24 hexadecimal digits
//	binary             subtype 4 of 16 bytes: a UUID; everything else: standard base64
//	document, array    compact JSON, its keys in stored order: a nested value is its text form, as a JSON number where it
//	                   is a finite number, as true, false or null where it is that, and as a JSON string otherwise.
//	                   Numbers keep all their digits, also those that a double cannot hold
//	regex              /pattern/options
//	timestamp          Timestamp(seconds, increment), as in the MongoDB shell
//	code               its source; with a scope: {"$code":"…","$scope":{…}}
//	dbPointer          {"$ref":"…","$id":"…"}
//	minKey, maxKey     MinKey, MaxKey
//	null, undefined    empty (null inside JSON)
//
// An extended profile that is stored as text is JSON text already, and is written as it is.
//
// # The spreadsheet dialect
//
// The file begins with a UTF-8 byte-order mark, and text that a spreadsheet could run as a formula gets a leading
// apostrophe: text that begins with = + - @ TAB CR LF, with one of their full-width forms ＝ ＋ － ＠ (which spreadsheets set
// to an East Asian language take for the plain ones), or with an apostrophe itself. So the rule to undo it is: take one
// apostrophe off every cell that begins with one. Numbers, booleans and dates are never marked.
//
// # Nothing vanishes unsaid
//
// Values that belong to a user and have no column (an attribute that the schema does not have, a foreign system or app id
// that is not among the columns, a second value under one name) are counted by name, and Warnings tells of them. Fields
// that are no part of a user's data are passed over.
package csv
