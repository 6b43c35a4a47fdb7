package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// peekToken skips white space and returns the next byte without consuming it.
func (r *reader) peekToken() (byte, error) {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return 0, fileError(err)
		}
		switch c {
		case '\n':
			r.line++
		case ' ', '\t', '\r':
		default:
			return c, r.in.UnreadByte()
		}
	}
}

// mustPeekToken is like peekToken, but the end of the file is a syntax error.
func (r *reader) mustPeekToken() (byte, error) {
	c, err := r.peekToken()
	if errors.Is(err, io.EOF) {
		return 0, r.truncated()
	}
	return c, err
}

func (r *reader) truncated() error { return r.syntaxError("the file ends in the middle of a record") }

// skipByte consumes the byte that peekToken returned.
func (r *reader) skipByte() { _, _ = r.in.Discard(1) } // one byte is buffered: cannot fail

// copyByte consumes the byte that peekToken returned and appends it to the buffer.
func (r *reader) copyByte(c byte) {
	r.skipByte()
	r.appendByte(c)
}

func (r *reader) appendByte(c byte) {
	if len(r.buf) >= maxItemBytes {
		r.tooLarge = true
		return
	}
	r.buf = append(r.buf, c)
}

// atLineEnd reports whether only blanks remain on the line, and consumes them with the line break.
func (r *reader) atLineEnd() bool {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return true // the next read returns the error again
		}
		switch c {
		case ' ', '\t', '\r':
		case '\n':
			r.line++
			return true
		default:
			_ = r.in.UnreadByte() // follows a ReadByte: cannot fail
			return false
		}
	}
}

// copyLine appends the rest of the line to the buffer. end reports whether the line was the last.
func (r *reader) copyLine() (end bool, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.buf)+len(part) > maxItemBytes {
			r.tooLarge = true
		} else {
			r.buf = append(r.buf, part...)
		}
		switch {
		case err == nil:
			r.line++
			return false, nil
		case errors.Is(err, io.EOF):
			return true, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, fileError(err)
		}
	}
}

// copyNewValue clears the buffer and copies one JSON value into it.
func (r *reader) copyNewValue() error {
	r.buf, r.tooLarge = r.buf[:0], false
	return r.copyValue()
}

// copyValue appends one JSON value to the buffer, without its white space. It only finds the end of
// the value: it requires matching brackets and strings that end on their line. newItem checks that
// the value is valid JSON.
func (r *reader) copyValue() error {
	r.openBrackets = r.openBrackets[:0]
	for {
		c, err := r.mustPeekToken()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			if len(r.openBrackets) == maxNesting {
				return r.syntaxError("arrays and objects are nested too deeply")
			}
			r.openBrackets = append(r.openBrackets, c+2) // the closing bracket: '{'+2 is '}', and '['+2 is ']'
			r.copyByte(c)
			continue
		case '}', ']':
			if len(r.openBrackets) == 0 || r.openBrackets[len(r.openBrackets)-1] != c {
				return r.syntaxError(fmt.Sprintf("%q does not match an opening bracket", c))
			}
			r.openBrackets = r.openBrackets[:len(r.openBrackets)-1]
			r.copyByte(c)
		case '"':
			r.copyByte(c)
			if err := r.copyString(); err != nil {
				return err
			}
		case ',', ':':
			if len(r.openBrackets) == 0 {
				return r.syntaxError("expected a value")
			}
			r.copyByte(c)
			continue
		default:
			if n := len(r.buf); n > 0 && !strings.ContainsRune("{[,:", rune(r.buf[n-1])) {
				r.appendByte(' ') // white space is dropped, but "1 2" must not become 12
			}
			if err := r.copyLiteral(); err != nil {
				return err
			}
		}
		if len(r.openBrackets) == 0 {
			return nil
		}
	}
}

func (r *reader) copyString() error {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return r.truncatedOr(err)
		}
		if c == '\n' {
			return r.syntaxError("a string does not end on its line")
		}
		r.appendByte(c)
		switch c {
		case '"':
			return nil
		case '\\':
			if c, err = r.in.ReadByte(); err != nil {
				return r.truncatedOr(err)
			}
			if c == '\n' {
				return r.syntaxError("a string does not end on its line")
			}
			r.appendByte(c)
		}
	}
}

// copyLiteral appends a number, true, false or null to the buffer.
func (r *reader) copyLiteral() error {
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fileError(err)
		}
		switch c {
		case ',', ':', '}', ']', '{', '[', '"', ' ', '\t', '\r', '\n':
			return r.in.UnreadByte()
		}
		r.appendByte(c)
	}
}

func (r *reader) truncatedOr(err error) error {
	if errors.Is(err, io.EOF) {
		return r.truncated()
	}
	return fileError(err)
}

// fileError wraps an error of the file, except io.EOF.
func fileError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("read import file: %w", err)
}
