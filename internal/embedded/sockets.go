package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSocketPath is how long the path of a socket may be, with the final zero: 104 bytes on BSD and macOS, 108 on Linux.
const maxSocketPath = 104

// sockets is where the parts listen that have no passwords: in a directory that only their own user can enter.
type sockets struct {
	dir       string
	temporary bool
}

// openSockets uses the data directory, or, where its path is too long, a private temporary directory.
func openSockets(dataDir string) (*sockets, error) {
	const longest = "mongodb.sock"
	if len(filepath.Join(dataDir, longest)) < maxSocketPath {
		return &sockets{dir: dataDir}, nil
	}
	dir, err := os.MkdirTemp("", "egress-") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("make a directory for sockets: %w", err)
	}
	return &sockets{dir: dir, temporary: true}, nil
}

// path returns where to listen. What a killed process left there is removed: the data directory is locked, so nobody
// listens on it.
func (s *sockets) path(name string) (string, error) {
	path := filepath.Join(s.dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("remove an old socket: %w", err)
	}
	return path, nil
}

// Close removes the temporary directory.
func (s *sockets) Close() error {
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.dir)
}
