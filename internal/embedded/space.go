package embedded

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
)

// MinFree is the number of bytes that must be free in the file system of the data directory. With
// less, writes of SQLite and of export files may fail, so the server is not ready.
const MinFree = 256 << 20

// freeSpace is the free space of a file system.
type freeSpace struct {
	bytes uint64 // available to unprivileged users
	files uint64 // the number of files that can be created; ^0 for no limit
}

// minFiles is the number of files that it must be possible to create.
const minFiles = 1000

// CheckSpace returns an errs.OutageError if the file system of the data directory is full or nearly
// full.
func (s *Stack) CheckSpace(context.Context) error { return checkSpace(s.dir, statFreeSpace) }

func checkSpace(dir string, space func(dir string) (freeSpace, error)) error {
	free, err := space(dir)
	if err != nil {
		return fmt.Errorf("get the free space of the data directory: %w", err)
	}
	if free.bytes < MinFree {
		return diskIsFull("%d bytes are free, %d are required", free.bytes, uint64(MinFree))
	}
	if free.files < minFiles {
		return diskIsFull("it has room for %d more files, %d are required", free.files, uint64(minFiles))
	}
	return nil
}

func diskIsFull(format string, args ...any) error {
	return &errs.OutageError{
		Kind: errs.OutageOutOfMemory, Message: "The disk of the data directory is full.",
		Advice: "Free space on the disk of EGRESS_DATA_DIR.", Err: fmt.Errorf(format, args...),
	}
}
