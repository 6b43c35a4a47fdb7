package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/redis"
)

// secretKey is what seals stored secrets: what is configured, or with the embedded database a key that is made once and
// kept beside it.
func secretKey(cfg *config.Config) ([]byte, error) {
	if cfg.SecretKey != "" {
		return config.ParseSecretKey(cfg.SecretKey.Reveal())
	}
	path := filepath.Join(cfg.DataDir, "secret-key")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		text = []byte(config.NewSecretKey() + "\n")
		err = writeOnce(path, text)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the secret key: %w", err)
	}
	key, err := config.ParseSecretKey(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold 32 bytes in base64", path)
	}
	return key, nil
}

// writeOnce writes a file that is there as a whole or not at all: half a key would be the end of every secret.
func writeOnce(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// keys issues key pairs and checks signatures.
func (s *system) keys(cfg *config.Config) (*auth.Keys, error) {
	key, err := secretKey(cfg)
	if err != nil {
		return nil, err
	}
	sealer, err := auth.NewSealer(key)
	if err != nil {
		return nil, err
	}
	o := auth.KeysOptions{
		Store: s.accounts, Keys: s.accounts, Nonces: redis.NewNonces(s.redis), Throttle: redis.NewThrottle(s.redis), Sealer: sealer,
		Limit: auth.Limit{Events: cfg.KeyRequests, Window: time.Minute}, Logger: s.log,
	}
	if cfg.EmbeddedParts().Redis {
		o.NotBefore = time.Now() // it forgets nonces when it ends
	}
	return auth.NewKeys(o), nil
}
