package pipeline

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/egress-io/egress/internal/export"
)

// No frame has a content size. A decoder of a single frame then fails, instead of returning a part
// of the file as the whole; a stream decoder reads all frames.
func TestZstdFramesHaveNoContentSize(t *testing.T) {
	t.Parallel()
	p, err := newCompressor(export.CompressionZstd)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var file, want []byte
		for range rapid.IntRange(1, 3).Draw(t, "frames") {
			size := rapid.OneOf(rapid.IntRange(1, 300), rapid.IntRange(65_000, 66_000), rapid.IntRange(1<<20-2, memberSize+maxOverrun)).Draw(t, "size")
			plain := []byte(sampleText(size))
			if rapid.Bool().Draw(t, "the same byte") {
				plain = bytes.Repeat([]byte{','}, size)
			}
			start := len(file)
			if file, err = p.compress(file, plain); err != nil {
				t.Fatal(err)
			}
			var h zstd.Header
			if err := h.Decode(file[start:]); err != nil || h.HasFCS || h.SingleSegment || h.WindowSize != zstdWindow || !h.HasCheckSum {
				t.Fatalf("%+v, %v", h, err)
			}
			want = append(want, plain...)
		}
		r, err := newDecompressor(export.CompressionZstd, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes instead of %d, %v", len(got), len(want), err)
		}
	})
}

// removeContentSize does not change frames with another header than ours.
func TestRemoveContentSizeRejectsOtherFrames(t *testing.T) {
	t.Parallel()
	for _, frame := range [][]byte{nil, []byte("no frame at all"), {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}} {
		if out, err := removeContentSize(frame); err == nil {
			t.Errorf("%x became %x", frame, out)
		}
	}
}
