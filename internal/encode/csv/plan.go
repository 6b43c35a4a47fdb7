package csv

import (
	"fmt"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// plan is the compiled form of a file's columns: it maps stored fields to slots, and slots to
// cells.
type plan struct {
	root  *level // the user document
	grant *level // a grant document; nil if the file has no grant columns

	userCells  []cell // columns of the user, in file order
	grantCells []cell // columns of a grant; they follow the user's

	userSlots, grantSlots int
	grantsSlot            int32 // of the array of grants
}

// cell is one column: the slot of its value and the text form.
type cell struct {
	slot int32
	form form
}

// form selects the text form of a value where its BSON type leaves a choice.
type form uint8

const (
	plainForm form = iota
	dateForm       // an exact date; the next three: an exact time, week or month
	clockForm
	weekForm
	monthForm
	storeForm   // the title of a store
	productForm // the label of a product
	accountForm // the name of an account, which may be filled in later
)

// level lists the fields of one document that have slots or children.
//
// Documents usually have their fields in the same order as the previous document. Each field
// therefore remembers its last two successors, and walk looks up a name only if it is neither of
// them.
type level struct {
	fields []field // fields[0] represents the start of the document
	index  map[string]int32
	group  export.ColumnSource // unknown fields count as misses of this group; "": they are ignored
}

// field is one named field of a level.
type field struct {
	key   string   // the name with its final zero byte, as in BSON
	slot  int32    // for the value, or noSlot
	child *level   // for an embedded document; nil for a plain value
	next  [2]int32 // the last two successors
}

const noSlot = -1

func newLevel(group export.ColumnSource) *level {
	// The start of a document has no name. This placeholder is invalid UTF-8; a real field with it
	// is ignored.
	return &level{fields: []field{{key: "\xff\x00", slot: noSlot}}, index: map[string]int32{}, group: group}
}

// add returns the field with the given name, and creates it if necessary. A new field is the
// expected successor of the field created before.
func (l *level) add(name string) *field {
	i, ok := l.index[name]
	if !ok {
		i = int32(len(l.fields))
		l.fields = append(l.fields, field{key: name + "\x00", slot: noSlot})
		l.index[name] = i
		l.fields[i-1].next = [2]int32{i, i}
	}
	return &l.fields[i]
}

// value returns the slot of the field with the given name. A new field gets the next slot.
func (l *level) value(name string, slots *int) int32 {
	f := l.add(name)
	if f.slot == noSlot {
		f.slot = int32(*slots)
		*slots++
	}
	return f.slot
}

// document returns the child level of the field with the given name.
func (l *level) document(name string, group export.ColumnSource) *level {
	f := l.add(name)
	if f.child == nil {
		f.child = newLevel(group)
	}
	return f.child
}

// compile compiles columns to a plan. It returns an error for unknown columns, and for columns in
// another order than that of Columns.
func compile(def export.Definition, columns []export.Column, passwords []string) (*plan, error) {
	p := &plan{root: newLevel(""), grantsSlot: noSlot}
	for _, group := range groups(def) {
		p.root.document(string(group), group)
	}
	for _, c := range columns {
		add := p.addUser
		if c.Source == export.FromGrant {
			add = p.addGrant
		} else if p.grant != nil {
			return nil, fmt.Errorf("csv: column %q follows the columns of grants", c.Name)
		}
		if err := add(c); err != nil {
			return nil, err
		}
	}
	if apps := def.Include.ExtendedProfiles; apps != nil && !apps.AllApps() {
		p.root.document(string(export.FromProfile), "").group = "" // other apps are left out on purpose
	}
	for _, slug := range passwords {
		f := p.root.document(string(export.FromAttribute), export.FromAttribute).add(slug)
		f.slot = noSlot // also if the field had another type when the columns were frozen
	}
	return p, nil
}

func (p *plan) addUser(c export.Column) error {
	var slot int32
	form := plainForm
	switch c.Source {
	case export.FromUser, export.FromStore:
		path := userPath(c)
		switch path {
		case "":
			return fmt.Errorf("csv: unknown column %q", c.Name)
		case "identifiers.email_address", "identifiers.username":
			slot = p.root.document("identifiers", "").value(path[len("identifiers."):], &p.userSlots)
		default:
			slot = p.root.value(path, &p.userSlots)
		}
		if c.Source == export.FromStore {
			form = storeForm
		}
	case export.FromEvent:
		field := eventField(c)
		if field == "" {
			return fmt.Errorf("csv: unknown column %q", c.Name)
		}
		slot = p.root.value(field, &p.userSlots)
		if c.Key == productKey {
			form = productForm
		}
	case export.FromAttribute:
		slot = p.root.document(string(c.Source), c.Source).value(c.Key, &p.userSlots)
		form = formOf(users.InputType(c.Type))
	case export.FromForeignKey:
		slot = p.root.document(string(c.Source), c.Source).value(c.Key, &p.userSlots)
	case export.FromProfile:
		l := p.root.document(string(c.Source), c.Source)
		slot = l.value(users.EscapeAppID(c.Key), &p.userSlots)
		l.add(c.Key).slot = slot // other writers may store the app id without escaping
	default:
		return fmt.Errorf("csv: column %q has the unknown source %q", c.Name, c.Source)
	}
	p.userCells = append(p.userCells, cell{slot, form})
	return nil
}

func (p *plan) addGrant(c export.Column) error {
	if p.grant == nil {
		p.grant = newLevel("")
		p.grantsSlot = p.root.value("grants", &p.userSlots)
	}
	name := grantField(c)
	if name == "" {
		return fmt.Errorf("csv: unknown column %q", c.Name)
	}
	form := plainForm
	switch c.Key {
	case productKey:
		form = productForm
	case accountKey:
		form = accountForm
	}
	p.grantCells = append(p.grantCells, cell{p.grant.value(name, &p.grantSlots), form})
	return nil
}

func formOf(t users.InputType) form {
	switch t {
	case users.Date:
		return dateForm
	case users.Clock:
		return clockForm
	case users.Week:
		return weekForm
	case users.Month:
		return monthForm
	default:
		return plainForm
	}
}
