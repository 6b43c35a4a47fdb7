package browse

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/users"
)

// pageCursor is a position between two users of a list. Clients treat its text form as opaque. It is
// bound to the order of its list.
type pageCursor struct {
	set       bool
	backwards bool
	at        Position
	isLong    bool // the value is too long for the text form, so it is read again
}

// maxCursorText is the maximum length of a value in a cursor, in bytes: the API limits cursors.
const maxCursorText = 1024

// The first byte of a cursor is its direction. Cursors of the order by ascending ids, which is that
// of older versions, continue with the id; others with the order, a NUL, the value and the id.
const (
	idForwards, idBackwards         = 'a', 'b'
	sortedForwards, sortedBackwards = 'c', 'd'
)

// The first byte of a value in a cursor.
const (
	noValue   = 'n'
	longValue = 'l'
	textValue = 's' // the length and the bytes follow
	timeValue = 't' // the milliseconds follow
)

func (p pageCursor) encode(sort users.Sort) string {
	isSorted := sort != (users.Sort{})
	b := []byte{direction(isSorted, p.backwards)}
	if isSorted {
		b = append(append(b, sort.String()...), 0)
		b = appendValue(b, p.at.Value)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, p.at.ID...))
}

func direction(isSorted, backwards bool) byte {
	switch {
	case isSorted && backwards:
		return sortedBackwards
	case isSorted:
		return sortedForwards
	case backwards:
		return idBackwards
	default:
		return idForwards
	}
}

func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		if len(v) > maxCursorText {
			return append(b, longValue)
		}
		b = binary.AppendUvarint(append(b, textValue), uint64(len(v)))
		return append(b, v...)
	case int64:
		return binary.AppendVarint(append(b, timeValue), v)
	default:
		return append(b, noValue)
	}
}

func errCursor() error {
	return errs.Invalid("cursor", "is not a cursor that a page of users returned")
}

// parsePageCursor parses a cursor of a list in the order sort.
func parsePageCursor(s string, sort users.Sort) (p pageCursor, err error) {
	if s == "" {
		return pageCursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) == 0 {
		return pageCursor{}, errCursor()
	}
	var stored users.Sort
	rest := string(raw[1:])
	p = pageCursor{set: true, backwards: raw[0] == idBackwards || raw[0] == sortedBackwards}
	switch raw[0] {
	case idForwards, idBackwards:
	case sortedForwards, sortedBackwards:
		name, after, _ := strings.Cut(rest, "\x00")
		order, known := users.ParseSort(name)
		if !known || order == (users.Sort{}) {
			return pageCursor{}, errCursor()
		}
		stored = order
		if rest, err = p.parseValue(after, stored.Key); err != nil {
			return pageCursor{}, err
		}
	default:
		return pageCursor{}, errCursor()
	}
	if stored != sort {
		return pageCursor{}, errs.Invalid("cursor", "is of a list with sort=%s; omit it for the first page of this one", stored)
	}
	p.at.ID = rest
	return p, nil
}

// parseValue parses the value at the beginning of s, and returns the rest.
func (p *pageCursor) parseValue(s string, key users.SortKey) (rest string, err error) {
	if s == "" {
		return "", errCursor()
	}
	kind, s := s[0], s[1:]
	hasText := key.IsText() && key != users.SortByID
	switch {
	case kind == noValue:
	case kind == longValue && hasText:
		p.isLong = true
	case kind == textValue && hasText:
		length, n := binary.Uvarint([]byte(s))
		if n <= 0 || length == 0 || length > uint64(len(s)-n) {
			return "", errCursor()
		}
		p.at.Value, s = s[n:n+int(length)], s[n+int(length):]
	case kind == timeValue && !key.IsText():
		at, n := binary.Varint([]byte(s))
		if n <= 0 {
			return "", errCursor()
		}
		p.at.Value, s = at, s[n:]
	default:
		return "", errCursor()
	}
	return s, nil
}

// readLongValue reads the value of the user at a cursor whose text form has none.
func (u *Users) readLongValue(ctx context.Context, tenant string, key users.SortKey, p *pageCursor) error {
	if !p.isLong {
		return nil
	}
	doc, err := u.source.Document(ctx, tenant, p.at.ID)
	if errs.CodeOf(err) == errs.CodeNotFound {
		return errs.Invalid("cursor", "is at a user who has been deleted; omit it for the first page")
	}
	if err == nil {
		p.at.Value = u.source.SortValue(key, doc)
	}
	return err
}

// idWindow returns the users on the cursor's side in an order by id.
func (p pageCursor) idWindow(descending bool) Window {
	w := Window{Backwards: p.backwards != descending}
	switch {
	case !p.set:
	case w.Backwards:
		w.Before = &p.at.ID
	default:
		w.After = &p.at.ID
	}
	return w
}
