package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSocketPathLen is the maximum length of the path of a Unix socket in bytes, with the final zero
// byte: 104 on BSD and macOS, 108 on Linux.
const maxSocketPathLen = 104

// socketDir is the directory of Unix sockets. Only the user of the process can enter it.
type socketDir struct {
	dir       string
	temporary bool
}

// openSocketDir creates the socket directory in the data directory, or as a temporary directory if
// the path would be too long. It does not rely on the mode of the data directory, which the
// operator may have created.
func openSocketDir(dataDir string) (*socketDir, error) {
	const longestName = "s3.sock"
	s := &socketDir{dir: filepath.Join(dataDir, "sockets")}
	var err error
	if len(filepath.Join(s.dir, longestName)) < maxSocketPathLen {
		if err = os.Mkdir(s.dir, privateDirMode); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	} else {
		s.temporary = true
		s.dir, err = os.MkdirTemp("", "egress-")
	}
	if err == nil {
		err = makePrivate(s.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("create the directory for sockets: %w", err)
	}
	return s, nil
}

// privateDirMode allows access only to the owner.
const privateDirMode = 0o700

// makePrivate sets privateDirMode, regardless of the umask and of who created the directory. It
// refuses a symbolic link, which could lead to a directory of another user.
func makePrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	return os.Chmod(dir, privateDirMode)
}

// path returns the path of a socket to listen on. It removes the old socket of a killed process.
// The data directory is locked, so no other process listens on it.
func (s *socketDir) path(name string) (string, error) {
	path := filepath.Join(s.dir, name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("remove an old socket: %w", err)
	}
	return path, nil
}

// Close removes the temporary directory.
func (s *socketDir) Close() error {
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.dir)
}
