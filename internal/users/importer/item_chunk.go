package importer

// chunkBytes is the size of a full itemChunk.
const chunkBytes = 256 << 10

// itemChunk holds copies of items for another goroutine.
type itemChunk struct {
	text []byte
	ends []int // the end of each item in text
}

// add adds a copy of an item, and reports whether the chunk is full.
func (c *itemChunk) add(raw []byte) (full bool) {
	if c.text == nil {
		c.text = make([]byte, 0, chunkBytes+chunkBytes/8)
	}
	c.text = append(c.text, raw...)
	c.ends = append(c.ends, len(c.text))
	return len(c.text) >= chunkBytes
}

// each calls visit for each item until it returns an error.
func (c *itemChunk) each(visit func(raw []byte) error) error {
	from := 0
	for _, end := range c.ends {
		if err := visit(c.text[from:end]); err != nil {
			return err
		}
		from = end
	}
	return nil
}
