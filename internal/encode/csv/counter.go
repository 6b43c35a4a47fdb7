package csv

import "bytes"

// Counter counts CSV records. It implements io.Writer, and accepts chunks of any size. It does not
// depend on the Encoder: a line feed outside of quotes ends a record.
type Counter struct {
	records int64
	quoted  bool
	last    byte // 0 before the first write
}

// Write always succeeds.
func (c *Counter) Write(p []byte) (int, error) {
	n := len(p)
	if n == 0 {
		return 0, nil
	}
	c.last = p[n-1]
	for {
		i := bytes.IndexByte(p, '"')
		piece := p
		if i >= 0 {
			piece = p[:i]
		}
		if !c.quoted {
			c.records += int64(bytes.Count(piece, []byte{'\n'}))
		}
		if i < 0 {
			return n, nil
		}
		c.quoted = !c.quoted // a doubled quote toggles twice
		p = p[i+1:]
	}
}

// Records returns the number of complete records, including the header.
func (c *Counter) Records() int64 { return c.records }

// AtRecordEnd reports whether the data ends with a complete record.
func (c *Counter) AtRecordEnd() bool { return !c.quoted && (c.last == '\n' || c.last == 0) }
