package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/egress-io/egress/internal/errs"
)

// maxItemBytes is the size of the largest accepted item, in bytes of JSON. It is larger than
// users.MaxDocumentBytes, since the JSON text of a document may be longer than the document
// (escapes, white space).
const maxItemBytes = 32 << 20

// maxNesting is the maximum depth of nested arrays and objects. It equals that of encoding/json.
const maxNesting = 10_000

// item is one record of a file.
type item struct {
	line   int64  // the line on which it starts, from 1
	raw    []byte // a JSON object in valid UTF-8, valid until the next item; nil if the item is refused
	reason string // why the item is refused
}

// reader splits a file into its items. It holds one item in memory.
type reader struct {
	in           *bufio.Reader
	noun         string // the plural noun for items, for error messages
	line         int64  // the line of the next byte, from 1
	buf          []byte // the value being copied
	tooLarge     bool   // the value exceeds maxItemBytes; the reader skips the rest of it
	openBrackets []byte // the closing brackets that the value still needs, outermost first
}

func newReader(r io.Reader, noun string) *reader {
	return &reader{in: bufio.NewReaderSize(r, 256<<10), noun: noun, line: 1}
}

// forEach calls yield for every item. It returns an errs.CodeInvalidRequest that names the line if the
// file is malformed, and otherwise the first error of yield or of the file.
func (r *reader) forEach(yield func(item) error) error {
	if err := r.skipBOM(); err != nil {
		return err
	}
	for empty := true; ; empty = false {
		c, err := r.peekToken()
		switch {
		case errors.Is(err, io.EOF) && empty:
			return r.syntaxError("the file is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		var perLine bool
		switch c {
		case '[':
			r.skipByte()
			err = r.readArray(1, yield)
		case '{':
			perLine, err = r.readObject(yield)
		default:
			err = r.syntaxError("expected a JSON object or an array of " + r.noun)
		}
		if err != nil {
			return err
		}
		if perLine {
			return r.forEachLine(yield)
		}
	}
}

func (r *reader) skipBOM() error {
	mark, err := r.in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read import file: %w", err)
	}
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		_, err = r.in.Discard(3)
		return err
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return r.syntaxError("the file is UTF-16; save it as UTF-8")
	case bytes.HasPrefix(mark, []byte("\x1f\x8b")):
		return r.syntaxError("the file is compressed; give it a name that ends in .gz")
	}
	return nil
}

// readArray reads the items of an array whose bracket has been read; arrays in it are flattened.
func (r *reader) readArray(depth int, yield func(item) error) error {
	const maxDepth = 4 // "results" of an export have one nested level
	for first := true; ; first = false {
		c, err := r.mustPeekToken()
		if err != nil {
			return err
		}
		switch {
		case c == ']' && first:
			r.skipByte()
			return nil
		case c == '[' && depth < maxDepth:
			r.skipByte()
			err = r.readArray(depth+1, yield)
		default:
			line := r.line
			if err = r.copyNewValue(); err == nil {
				err = yield(r.newItem(line))
			}
		}
		if err != nil {
			return err
		}
		if c, err = r.mustPeekToken(); err != nil {
			return err
		}
		line := r.line
		r.skipByte()
		switch c {
		case ',':
		case ']':
			return nil
		default:
			return syntaxErrorAt(line, "expected a comma or the end of the array")
		}
	}
}

// readObject reads a top-level object: a page, whose results it reads item by item, or a single
// item. perLine reports whether the object was an item alone on its line, so that the rest of the
// file is NDJSON.
func (r *reader) readObject(yield func(item) error) (perLine bool, err error) {
	start, page, user := r.line, false, false
	r.buf, r.tooLarge = append(r.buf[:0], '{'), false
	r.skipByte()
	for first := true; ; first = false {
		c, err := r.mustPeekToken()
		if err != nil {
			return false, err
		}
		if c == '}' && first {
			r.copyByte(c)
			break
		}
		if c != '"' {
			return false, r.syntaxError("expected a member name in double quotes")
		}
		at := len(r.buf)
		if err := r.copyValue(); err != nil {
			return false, err
		}
		name := string(r.buf[min(at, len(r.buf)):])
		user = user || name == `"user"` || name == `"user_id"`
		if c, err = r.mustPeekToken(); err != nil {
			return false, err
		}
		if c != ':' {
			return false, r.syntaxError("expected a colon")
		}
		r.copyByte(c)
		if c, err = r.mustPeekToken(); err != nil {
			return false, err
		}
		if c == '[' && name == `"results"` && !user {
			page = true
			r.skipByte()
			err = r.readArray(1, yield)
		} else {
			err = r.copyValue()
		}
		if err != nil {
			return false, err
		}
		if c, err = r.mustPeekToken(); err != nil {
			return false, err
		}
		if page {
			r.buf, r.tooLarge = r.buf[:0], false
		}
		r.copyByte(c)
		if c == '}' {
			break
		}
		if c != ',' {
			return false, r.syntaxError("expected a comma or the end of the object")
		}
	}
	if page {
		return false, nil
	}
	if err := yield(r.newItem(start)); err != nil {
		return false, err
	}
	return r.line == start && r.atLineEnd(), nil
}

// forEachLine reads one item per line. It refuses an invalid line and continues with the next one.
func (r *reader) forEachLine(yield func(item) error) error {
	for {
		line := r.line
		r.buf, r.tooLarge = r.buf[:0], false
		end, err := r.copyLine()
		if err != nil {
			return err
		}
		r.buf = bytes.TrimSpace(r.buf)
		if len(r.buf) > 0 || r.tooLarge {
			if err := yield(r.newItem(line)); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
	}
}

// newItem returns the copied value as an item that starts on the given line.
func (r *reader) newItem(line int64) item {
	switch {
	case r.tooLarge:
		return item{line: line, reason: fmt.Sprintf("is larger than %d MiB of JSON", maxItemBytes>>20)}
	case !utf8.Valid(r.buf):
		return item{line: line, reason: "is not valid UTF-8"}
	case !validJSON(r.buf):
		return item{line: line, reason: "is not valid JSON"}
	case r.buf[0] != '{':
		return item{line: line, reason: "is not an object"}
	default:
		return item{line: line, raw: r.buf}
	}
}

func (r *reader) syntaxError(reason string) error { return syntaxErrorAt(r.line, reason) }

func syntaxErrorAt(line int64, reason string) error {
	return errs.Invalid(fmt.Sprintf("line %d", line), "%s", reason)
}
