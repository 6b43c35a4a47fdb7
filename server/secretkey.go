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

// secretKey returns the key that encrypts stored secrets: the configured key or, with the embedded
// database, a key that the first start creates in the data directory.
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
		return nil, fmt.Errorf("store the secret key: %w", err)
	}
	key, err := config.ParseSecretKey(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s must contain 32 bytes in base64", path)
	}
	return key, nil
}

// writeOnce writes a file atomically. A truncated key would make all stored secrets unreadable.
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

// authority returns the service that signs admins in and manages their sessions.
func (s *system) authority(cfg *config.Config, factors *auth.Factors) (*auth.Service, error) {
	key, err := secretKey(cfg)
	if err != nil {
		return nil, err
	}
	throttle := auth.NewFallbackThrottle(redis.NewThrottle(s.redis), nil, s.log)
	return auth.New(auth.Options{
		Store: s.stores.admins, Throttle: throttle, Factors: factors, Key: key, Logger: s.log,
		PasswordChanged: func(email string) { s.removeFirstLogin(cfg, email) },
	})
}

// sealer returns a sealer that encrypts stored secrets with the secret key.
func sealer(cfg *config.Config) (*auth.Sealer, error) {
	key, err := secretKey(cfg)
	if err != nil {
		return nil, err
	}
	return auth.NewSealer(key)
}

// factors returns the service that enrols and verifies second factors.
func (s *system) factors(cfg *config.Config, public string) (*auth.Factors, error) {
	sealer, err := sealer(cfg)
	if err != nil {
		return nil, err
	}
	return auth.NewFactors(auth.FactorsOptions{
		Store: s.stores.admins, Factors: s.stores.admins, Throttle: redis.NewThrottle(s.redis), Sealer: sealer, PublicURL: public, Logger: s.log,
	})
}

// keys returns the service that issues key pairs and verifies signatures.
func (s *system) keys(cfg *config.Config) (*auth.Keys, error) {
	sealer, err := sealer(cfg)
	if err != nil {
		return nil, err
	}
	var nonces auth.Nonces = redis.NewNonces(s.redis)
	if cfg.EmbeddedServices().Redis { // it loses its data when it stops
		nonces = auth.NewStoredNonces(s.stores.admins)
	}
	return auth.NewKeys(auth.KeysOptions{
		Store: s.stores.admins, Keys: s.stores.admins, Nonces: nonces, Throttle: redis.NewThrottle(s.redis), Sealer: sealer,
		Limit: auth.Limit{Events: cfg.KeyRequests, Window: time.Minute}, OnRefusal: s.refusals.Signature, Logger: s.log,
	}), nil
}
