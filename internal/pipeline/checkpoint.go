package pipeline

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"hash"

	"github.com/egress-io/egress/internal/export"
)

// checkpointer records the uploaded parts. Parts finish out of order: it publishes a checkpoint
// only when all earlier parts are stored, and only for a part that ends between two users.
type checkpointer struct {
	publish func(export.Checkpoint)

	parts      []StoredPart         // by number; empty while a part is not stored
	waiting    map[int]uploadedPart // stored parts that follow a gap
	digest     hash.Hash            // of the ETags of the parts up to checkpoint
	checkpoint export.Checkpoint    // after the last part without a gap before it
}

// newCheckpointer returns a checkpointer that starts after cp, whose parts are already stored.
func newCheckpointer(cp export.Checkpoint, parts []StoredPart, publish func(export.Checkpoint)) *checkpointer {
	c := &checkpointer{publish: publish, parts: parts, waiting: map[int]uploadedPart{}, digest: sha256.New(), checkpoint: cp}
	for _, p := range parts {
		c.digest.Write(etagLine(p.ETag))
	}
	return c
}

// partStored records a part. Calls must not overlap.
func (c *checkpointer) partStored(p uploadedPart) {
	for len(c.parts) < p.checkpoint.Parts {
		c.parts = append(c.parts, StoredPart{})
	}
	c.parts[p.checkpoint.Parts-1] = p.stored
	c.waiting[p.checkpoint.Parts] = p
	var reached *export.Checkpoint
	for {
		next, ok := c.waiting[c.checkpoint.Parts+1]
		if !ok {
			break
		}
		delete(c.waiting, next.checkpoint.Parts)
		c.digest.Write(etagLine(next.stored.ETag))
		next.checkpoint.ETags = c.digest.Sum(nil)
		next.checkpoint.Checksums = appendChecksum(c.checkpoint.Checksums, next.checkpoint.Parts, next.stored.Checksum)
		c.checkpoint = next.checkpoint
		if !next.midUser {
			reached = &next.checkpoint
		}
	}
	if reached != nil {
		c.publish(*reached)
	}
}

// etagDigest returns the digest of the parts' ETags that a Checkpoint stores.
func etagDigest(parts []StoredPart) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(etagLine(p.ETag))
	}
	return h.Sum(nil)
}

// appendChecksum returns the checksums of parts 1 to n, given those of the earlier parts. It
// returns nil as long as no part has a checksum. It never writes to the elements of all, which a
// checkpoint may share.
func appendChecksum(all []string, n int, checksum string) []string {
	if checksum == "" && len(all) == 0 {
		return nil
	}
	for len(all) < n-1 {
		all = append(all, "")
	}
	return append(all, checksum)
}

func etagLine(etag string) []byte { return append([]byte(etag), '\n') }

// restoreHash returns a SHA-256 with the given marshaled state.
func restoreHash(state []byte) (hash.Hash, error) {
	h := sha256.New()
	return h, h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
}

// hexSHA256 returns the sum of a marshaled SHA-256 state, in hex.
func hexSHA256(state []byte) string {
	h, err := restoreHash(state)
	if err != nil {
		panic("pipeline: invalid SHA-256 state: " + err.Error())
	}
	return hex.EncodeToString(h.Sum(nil))
}
