package importer

import (
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// OnError selects what the import skips when a user has an invalid value.
type OnError string

// The choices. Some errors always skip the whole record: an invalid user id or user store id, a
// record that is too large, and invalid JSON, since the user cannot be identified. Any invalid
// value skips a whole state event.
const (
	SkipValue OnError = "skip-value" // skip the value and import the rest of the user
	SkipUser  OnError = "skip-user"  // skip the user and import the others
	Stop      OnError = "stop"       // import nothing
)

// Skipped is what an import skipped because of an error.
type Skipped string

// The kinds of skipped things. A Refusal with Stop has an empty one, since nothing is imported.
const (
	SkippedValue Skipped = "value"
	SkippedUser  Skipped = "user"
	SkippedEvent Skipped = "event"

	SkippedProduct Skipped = "product"
	SkippedAccount Skipped = "account"
)

// Refusal is a value or a record that was not imported, with the reason.
type Refusal struct {
	Line    int64   `json:"line"`    // the line on which the record starts, from 1
	UserID  string  `json:"user_id"` // empty if the record has no valid id
	Field   string  `json:"field"`   // the path of the invalid value; empty for the record as a whole
	Reason  string  `json:"reason"`  // completes a sentence that begins with the field
	Skipped Skipped `json:"skipped,omitempty"`
}

// Warning is an unlikely or unknown value that was imported unchanged.
type Warning struct {
	Field  string `json:"field"`  // the path, without array indexes
	Reason string `json:"reason"` // completes a sentence that begins with the field
	Count  int64  `json:"count"`  // the number of values
	Line   int64  `json:"line"`   // the line on which the first such record starts
}

// Widening is a change of a field's type, made because values in the file did not fit the old type.
type Widening struct {
	Slug      string          `json:"slug"`
	From      users.InputType `json:"from"`
	To        users.InputType `json:"to"`
	Converted int64           `json:"converted"` // the number of users whose stored value was converted
}

// Report is the result of an import. After an import without an error, Read = Created + Updated +
// Refused.
type Report struct {
	Read           int64            `json:"read"` // records in the file
	Created        int64            `json:"created"`
	Updated        int64            `json:"updated"`       // replaced; a repeated id in the file counts each time
	Refused        int64            `json:"refused"`       // records that were skipped
	SkippedValues  int64            `json:"skippedValues"` // values that were skipped in users who were imported
	Stores         int              `json:"stores"`        // stores created because users refer to them
	Products       int              `json:"products"`
	Accounts       int              `json:"accounts"`
	Fields         users.Schema     `json:"fields"`         // fields added to the schema
	Widened        []Widening       `json:"widened"`        // fields whose type changed
	Renamed        []Renaming       `json:"renamed"`        // names that are not valid in Egress
	Warnings       []Warning        `json:"warnings"`       // at most maxListed, then one for all others
	SecretsDropped int64            `json:"secretsDropped"` // values of password fields, which are never stored
	Ignored        map[string]int64 `json:"ignored"`        // counts of unknown members, by path
}

// warningList collects warnings and counts repeated ones. It holds at most maxListed, then one for
// all others.
type warningList struct {
	list  []Warning
	index map[problem]int // indexes in list
}

func (w *warningList) add(line int64, found []problem) {
	for _, p := range found {
		i, known := w.index[p]
		if !known && len(w.list) >= maxListed {
			p = problem{otherPaths, "stands for further warnings, which are not listed"}
			i, known = w.index[p]
		}
		if !known {
			if w.index == nil {
				w.index = map[problem]int{}
			}
			i = len(w.list)
			w.index[p] = i
			w.list = append(w.list, Warning{Field: p.field, Reason: p.reason, Line: line})
		}
		w.list[i].Count++
	}
}

// renamingList collects renamings, each once. It drops those after the first maxRenamings.
type renamingList struct {
	list []Renaming
	seen map[Renaming]bool
}

const maxRenamings = 10_000

func (r *renamingList) add(found []Renaming) {
	for _, renaming := range found {
		if r.seen[renaming] || len(r.list) >= maxRenamings {
			continue
		}
		if r.seen == nil {
			r.seen = map[Renaming]bool{}
		}
		r.seen[renaming] = true
		r.list = append(r.list, renaming)
	}
}

// stopError returns the error of an import that wrote nothing because of Stop.
func stopError(problems int64) error {
	const format = "Nothing was imported: %s cannot be imported."
	return errs.Errorf(errs.CodeInvalidRequest, format, export.Pluralize(problems, "value or record", "values or records"))
}
