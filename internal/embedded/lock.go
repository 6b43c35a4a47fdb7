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

// ErrRunning matches every [*RunningError] in errors.Is.
var ErrRunning = errors.New("Egress is running")

// RunningError means that another process has locked the data directory.
type RunningError struct {
	PID int // the other process; 0 if unknown
}

func (e *RunningError) Error() string {
	if e.PID == 0 {
		return "Egress is running; stop it first"
	}
	return fmt.Sprintf("Egress is running (pid %d); stop it first", e.PID)
}

// Is reports whether target is ErrRunning.
func (e *RunningError) Is(target error) bool { return target == ErrRunning }

// lock is the lock of a data directory. It excludes other processes and other stacks of this
// process. The kernel releases it when the process ends for any reason. The lock file stays.
type lock struct{ file *flock.Flock }

// heldLocks keeps references to held locks. Services keep running if the program drops its
// reference to their Stack, and the lock must stay too: the garbage collector would close, and
// thereby unlock, an unreferenced file.
var heldLocks sync.Map // of *lock

func acquireLock(path string) (*lock, error) {
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
	heldLocks.Store(l, nil)
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
	heldLocks.Delete(l)
	if err := l.file.Unlock(); err != nil {
		return fmt.Errorf("unlock the data directory: %w", err)
	}
	return nil
}
