package embedded

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

// ErrRunning is what a [*RunningError] is.
var ErrRunning = errors.New("Egress is running")

// RunningError says that another process has the data directory.
type RunningError struct {
	PID int // 0: it could not be read
}

func (e *RunningError) Error() string {
	if e.PID == 0 {
		return "Egress is running; stop it first"
	}
	return fmt.Sprintf("Egress is running (pid %d); stop it first", e.PID)
}

// Is makes errors.Is(err, ErrRunning) true.
func (e *RunningError) Is(target error) bool { return target == ErrRunning }

// lock keeps other processes, and other stacks of this one, out of the data directory. The kernel drops it with the
// process, however that ends; the file stays and is locked again.
type lock struct{ file *flock.Flock }

// held keeps locks in memory. The parts run on when nobody refers to their Stack any more, and so must the lock: the
// garbage collector closes, and thereby unlocks, a file that is no longer referred to.
var held sync.Map // of *lock

func acquire(path string) (*lock, error) {
	f := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := f.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if !ok {
		return nil, &RunningError{PID: readPID(path)}
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock file: %w", err), f.Unlock())
	}
	l := &lock{file: f}
	held.Store(l, nil)
	return l, nil
}

func readPID(path string) int {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}

// Release unlocks the directory.
func (l *lock) Release() error {
	held.Delete(l)
	if err := l.file.Unlock(); err != nil {
		return fmt.Errorf("unlock the data directory: %w", err)
	}
	return nil
}
