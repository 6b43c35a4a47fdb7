package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LoadOrCreateSecret returns the secret in the file name of the data directory, a line of text. If
// the file does not exist, LoadOrCreateSecret creates it with the result of generate, readable only
// for its owner, and created is true.
func (s *Stack) LoadOrCreateSecret(name string, generate func() string) (text string, created bool, err error) {
	return loadOrCreate(filepath.Join(s.dir, name), generate)
}

func loadOrCreate(path string, generate func() string) (text string, created bool, err error) {
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		return strings.TrimSpace(string(b)), false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", false, fmt.Errorf("read the secret file: %w", err)
	}
	text = generate()
	if err := writeFileAtomically(path, []byte(text+"\n")); err != nil {
		return "", false, fmt.Errorf("write the secret file %s: %w", path, err)
	}
	return text, true, nil
}

// writeFileAtomically creates or replaces a file: after a failure or a crash it has either its old
// or its new content.
func writeFileAtomically(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
