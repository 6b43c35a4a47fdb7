package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/peers"
)

// join registers this process among those that share the control database, and compares their
// settings. An embedded database needs no join: its data directory is locked by one process.
func (s *system) join(ctx context.Context, cfg *config.Config) error {
	settings, err := s.sharedSettings(cfg)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	process := peers.Process{ID: ulid.Make().String(), Name: fmt.Sprintf("process %d on %s", os.Getpid(), host), Settings: settings}
	member, err := peers.Register(ctx, s.stores.peers, process, s.log, time.Now)
	if err != nil {
		return err
	}
	heartbeatCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var heartbeat sync.WaitGroup
	heartbeat.Go(func() { member.Run(heartbeatCtx) })
	s.leave = func() {
		stop()
		heartbeat.Wait()
	}
	return nil
}

// sharedSettings returns the settings that all processes on one control database must share. URIs
// that may contain passwords are compared by a fingerprint of their hosts.
func (s *system) sharedSettings(cfg *config.Config) (peers.Settings, error) {
	key, err := secretKey(cfg)
	if err != nil {
		return nil, err
	}
	location := s.storage.Location()
	hosts := func(uri config.Secret) string { return peers.Fingerprint(nil, "hosts", hostsOf(uri.Reveal())...) }
	return peers.Settings{
		{Variable: "EGRESS_S3_BUCKET", Value: location.Bucket, Required: true},
		{Variable: "EGRESS_S3_ENDPOINT", Value: location.Endpoint, Required: true},
		{Variable: "EGRESS_SECRET_KEY", Value: peers.Fingerprint(key, "secret key"), Hidden: true, Required: true},
		{Variable: "EGRESS_S3_REGION", Value: s.storage.Region()},
		{Variable: "EGRESS_S3_PATH_STYLE", Value: fmt.Sprint(cfg.S3PathStyle)},
		{Variable: "EGRESS_S3_PUBLIC_ENDPOINT", Value: cfg.S3PublicEndpoint},
		{Variable: "EGRESS_USERS_MONGODB_URI", Value: hosts(cfg.UsersMongoDBURI), Hidden: true},
		{Variable: "EGRESS_REDIS_URL", Value: hosts(cfg.RedisURL), Hidden: true},
	}, nil
}

// hostsOf returns the hosts of a URI without user and password, followed by the path. A MongoDB URI
// may have several hosts.
func hostsOf(uri string) []string {
	_, rest, _ := strings.Cut(uri, "://")
	rest, _, _ = strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
	}
	if decoded, err := url.PathUnescape(authority); err == nil {
		authority = decoded
	}
	hosts := strings.Split(strings.ToLower(authority), ",")
	slices.Sort(hosts)
	return append(hosts, path)
}
