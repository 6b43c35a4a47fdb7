// Package decode reads JSON of requests strictly: definitions, filters, and any other body that is
// an object. It imports only export and errs.
//
// ParseObject and its accessors are the one reader. They refuse what encoding/json accepts or
// changes without an error: unknown members, repeated members (only the last would count), names in
// another case, invalid UTF-8 and unpaired surrogates (both would become U+FFFD). Such a request may
// not mean what its sender intended. Numbers keep their digits.
//
// Every error is an *errs.Error with CodeInvalidRequest. Its Field is the path of the value
// ("users.filter.rules[2].operator"; "" for the body), and its Message completes a sentence that
// begins with the path.
//
// Definition, Rule, Attr and ByAttributes read the forms of definitions and filters.
package decode
