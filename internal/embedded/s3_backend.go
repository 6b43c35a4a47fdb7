package embedded

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
)

// openBackend opens the gateway's directories for objects and metadata. Neither name may be a
// prefix of the other: the gateway compares paths as text and would take "s3meta" for a
// subdirectory of "s3". The gateway changes the working directory to the first one and uses
// relative paths.
func openBackend(dir string, logger *slog.Logger) (backend.Backend, error) {
	objects, sidecar := filepath.Join(dir, "objects"), filepath.Join(dir, "sidecar")
	for _, d := range []string{objects, sidecar} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("create the storage directory: %w", err)
		}
	}
	metadata, err := meta.NewSideCar(sidecar)
	if err != nil {
		return nil, err
	}
	// PosixOpts.SideCarDir stays empty: the gateway only compares it and prints it to standard
	// output.
	var o posix.PosixOpts
	o.SetNewDirPerm(0o700)
	o.SetNewFilePerm(0o600)
	files, err := posix.New(objects, metadata, o)
	if err != nil {
		return nil, err
	}
	return quietBackend{files, logger}, nil
}
