package config

import (
	"os"
	"strings"
)

// UnsetEmpty removes empty EGRESS_ variables from the environment of the process: Docker Compose,
// systemd and others pass an unset variable as an empty one. Call it before parsing the command
// line.
func UnsetEmpty() error {
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" || !strings.HasPrefix(name, "EGRESS_") {
			continue
		}
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	return nil
}
