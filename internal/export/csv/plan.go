package csv

import (
	"fmt"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// plan is the columns of a file, compiled: which stored field fills which slot, and which slot each cell is made from.
type plan struct {
	root  *level // of a user
	grant *level // of one of its grants; nil where the file has no grant columns

	userCells  []cell // the columns of a user, in file order
	grantCells []cell // the columns of a grant, after them

	userSlots, grantSlots int
	grantsSlot            int32 // where the grants of a user are
}

// cell is one column: the slot of its value, and how that becomes text.
type cell struct {
	slot int32
	form form
}

// form is how a value becomes text, beside what its BSON type says.
type form uint8

const (
	plainForm form = iota
	dateForm       // the forms of date kinds: where the instant lies exactly on one
	clockForm
	weekForm
	monthForm
	storeForm   // a store's title
	productForm // a product's label
	accountForm // an account's name, which may be known only later
)

// level is one document of a user: the fields that matter in it.
//
// Stored documents mostly have their fields in the same order as the one before. So each field remembers which two fields
// followed it last, and only when neither is there is a name looked up.
type level struct {
	fields []field // fields[0] stands for the document's beginning
	index  map[string]int32
	group  export.ColumnSource // fields that are not here are counted under it; "" passes them over
}

// field is one name in a level.
type field struct {
	key   string   // the name and the zero byte that ends it, as BSON has them
	slot  int32    // where its value is kept; noSlot
	child *level   // the level of the document that it holds, nil for values
	next  [2]int32 // the fields that followed it last
}

const noSlot = -1

func newLevel(group export.ColumnSource) *level {
	// A document's beginning has no name. This one is not UTF-8, and a field that has it all the same is passed over.
	return &level{fields: []field{{key: "\xff\x00", slot: noSlot}}, index: map[string]int32{}, group: group}
}

// add returns the field called name, made if it is not there yet. A new one is expected after the one made before it.
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

// value returns the slot of the field called name; a new one takes the number *slots.
func (l *level) value(name string, slots *int) int32 {
	f := l.add(name)
	if f.slot == noSlot {
		f.slot = int32(*slots)
		*slots++
	}
	return f.slot
}

// document returns the level of the field called name.
func (l *level) document(name string, group export.ColumnSource) *level {
	f := l.add(name)
	if f.child == nil {
		f.child = newLevel(group)
	}
	return f.child
}

// compile refuses columns that are not such as Columns makes: every one known, those of grants last.
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
			return nil, fmt.Errorf("csv: column %q stands behind the columns of grants", c.Name)
		}
		if err := add(c); err != nil {
			return nil, err
		}
	}
	if apps := def.Include.ExtendedProfiles; apps != nil && !apps.AllApps() {
		p.root.document(string(export.FromProfile), "").group = "" // the others were left out on purpose
	}
	for _, slug := range passwords {
		f := p.root.document(string(export.FromAttribute), export.FromAttribute).add(slug)
		f.slot = noSlot // also where the field had another type when the columns were frozen
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
		l.add(c.Key).slot = slot // others may have stored it under its plain name
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
