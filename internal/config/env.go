package config

import (
	"os"
	"strings"
)

// UnsetEmpty takes variables of ours that are empty out of the environment: to Docker Compose, systemd and others an
// empty variable is how one is not set. Call it before the command line is parsed.
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
