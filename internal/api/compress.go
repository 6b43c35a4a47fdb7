package api

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
)

// minCompressed is the smallest body that is compressed, in bytes. A smaller response fits in one
// packet anyway.
const minCompressed = 1400

// gzipWriters keeps the writers, which have large buffers. The fastest level takes a third of the
// time of the default.
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil { // the level is a constant, and valid
		panic("api: " + err.Error())
	}
	return w
}}

// setUncompressed keeps a response from being compressed because it contains a secret that stays
// valid.
func setUncompressed(c *fiber.Ctx) { c.Locals(uncompressedKey, true) }

// compressResponse compresses the body of a response to a GET, if it is JSON or YAML and the client
// accepts gzip.
//
// The length of a compressed body tells who sees the traffic whether two of its parts are alike
// (BREACH). Responses to writes are therefore left as they are: they contain passwords, secret keys
// and links once. So are GETs that call setUncompressed. Links to files in other responses are
// signed again for each response.
//
// Streams are not compressed: a proxy or client would see their rows late, and the CSV has its own
// compression.
func compressResponse(c *fiber.Ctx) error {
	if m := c.Method(); m != fiber.MethodGet && m != fiber.MethodHead {
		return nil
	}
	r := c.Response()
	if r.IsBodyStream() || len(r.Body()) < minCompressed || !isCompressible(string(r.Header.ContentType())) ||
		len(r.Header.ContentEncoding()) > 0 || c.Locals(uncompressedKey) != nil {
		return nil
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	// Fiber takes a request without the header for one that accepts everything.
	if c.Get(fiber.HeaderAcceptEncoding) == "" || c.AcceptsEncodings("gzip") == "" {
		return nil
	}
	body, err := compress(r.Body())
	if err != nil {
		return err
	}
	r.SetBodyRaw(body)
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return nil
}

func compress(plain []byte) ([]byte, error) {
	w, _ := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("compress a response: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress a response: %w", err)
	}
	return b.Bytes(), nil
}

func isCompressible(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media == fiber.MIMEApplicationJSON || media == problemType || media == "application/yaml"
}
