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

// openFiles opens the gateway's two directories. The names must not begin alike: the gateway compares them as text, and
// takes "s3" to hold "s3meta". It makes the first its working directory, and uses relative paths from then on.
func openFiles(dir string, logger *slog.Logger) (backend.Backend, error) {
	objects, sidecar := filepath.Join(dir, "objects"), filepath.Join(dir, "sidecar")
	for _, d := range []string{objects, sidecar} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("make its directory: %w", err)
		}
	}
	metadata, err := meta.NewSideCar(sidecar)
	if err != nil {
		return nil, err
	}
	// PosixOpts.SideCarDir stays empty: it is only compared and printed to standard output.
	var o posix.PosixOpts
	o.SetNewDirPerm(0o700)
	o.SetNewFilePerm(0o600)
	files, err := posix.New(objects, metadata, o)
	if err != nil {
		return nil, err
	}
	return quietFiles{files, logger}, nil
}
