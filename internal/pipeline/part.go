package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding"
	"hash"
	"slices"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// part is a complete part of the file, with the checkpoint after it.
type part struct {
	body       []byte
	checkpoint export.Checkpoint
	midUser    bool // the part ends inside of a user: a run cannot resume from its checkpoint
}

// partAssembler hashes chunks in order and assembles them into parts. It is not safe for concurrent
// use.
type partAssembler struct {
	partSize func(n int) int
	pool     *bufferPool // part buffers; nil if each chunk is a part
	meter    *meter
	emit     func(ctx context.Context, p part) error
	maxParts int // 0: no limit

	checkpoint export.Checkpoint // after the last part
	buf        []byte            // the current part
	hash       hash.Hash

	midUser          bool   // the last chunk ended inside of a user
	largestUserID    []byte // of the users that span chunks
	largestUserBytes int64  // of CSV
}

// newPartAssembler returns an assembler that resumes after cp.
func newPartAssembler(cp export.Checkpoint, partSize func(int) int, m *meter, emit func(context.Context, part) error) (*partAssembler, error) {
	// Clones: the job still owns cp.
	a := &partAssembler{partSize: partSize, meter: m, emit: emit, checkpoint: cp, hash: sha256.New()}
	a.checkpoint.Missed, a.checkpoint.Heaviest = cp.Missed.Clone(), slices.Clone(cp.Heaviest)
	var err error
	if cp.Parts > 0 {
		a.hash, err = restoreHash(cp.Hash)
	}
	return a, err
}

// add appends a chunk. If the assembler has a pool, add copies the body and the caller keeps its
// buffer.
func (a *partAssembler) add(ctx context.Context, c chunk) error {
	_, _ = a.hash.Write(c.body) // a hash never returns an error
	a.checkpoint.Users += c.users
	a.checkpoint.Rows += c.rows
	a.checkpoint.Plain += c.plainBytes
	a.checkpoint.Bytes += int64(len(c.body))
	if c.users > 0 {
		a.checkpoint.LastID = c.lastID
	}
	a.checkpoint.Missed.Add(c.missed)
	a.checkpoint.Heaviest.AddAll(c.heaviest)
	if a.midUser = c.midUser; c.userBytes > a.largestUserBytes {
		a.largestUserID, a.largestUserBytes = c.userID, c.userBytes
	}
	a.meter.addStored(c, int64(len(c.body)))
	if a.pool == nil {
		a.buf = c.body
		return a.cut(ctx)
	}
	if a.buf == nil {
		var err error
		if a.buf, err = a.pool.get(ctx, a.partSize(a.checkpoint.Parts+1)); err != nil {
			return err
		}
	}
	a.buf = append(a.buf, c.body...)
	if len(a.buf) < a.partSize(a.checkpoint.Parts+1) {
		return nil
	}
	return a.cut(ctx)
}

func (a *partAssembler) cut(ctx context.Context) error {
	if len(a.buf) == 0 {
		return nil
	}
	if a.maxParts > 0 && a.checkpoint.Parts == a.maxParts {
		if a.largestUserID != nil && 2*a.largestUserBytes > a.checkpoint.Plain {
			return userTooLargeError(a.largestUserID)
		}
		return fileTooLargeError()
	}
	a.checkpoint.Parts++
	state, err := a.hash.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	a.checkpoint.Hash = state
	checkpoint := a.checkpoint
	checkpoint.Missed, checkpoint.Heaviest = a.checkpoint.Missed.Clone(), slices.Clone(a.checkpoint.Heaviest)
	p := part{body: a.buf, checkpoint: checkpoint, midUser: a.midUser}
	a.buf = nil
	return a.emit(ctx, p)
}

// The size of parts grows by firstPart every partStep parts.
const (
	firstPart = 8 << 20
	partStep  = 1000
)

// PartSize returns the size in bytes at which part n (from 1) is cut, after the user that reaches
// it: 8 MiB for parts 1 to 1,000, 16 MiB for the next thousand, and so on up to 80 MiB. MaxParts
// parts hold 440,000 MiB (461 GB): the maximum size of a file.
func PartSize(n int) int { return firstPart * (1 + (n-1)/partStep) }

func fileTooLargeError() error {
	return errs.Errorf(errs.CodeFileTooLarge,
		"The file would be larger than the storage can hold. Narrow the export down with a filter.")
}
