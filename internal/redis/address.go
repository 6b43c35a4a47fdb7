package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultPort  = "6379"
	sentinelPort = "26379"
)

// address is a parsed Redis URL.
type address struct {
	hosts              []string // host:port
	username, password string
	master             string // the master name for Sentinel, else ""
	db                 int
	cluster, tls       bool
}

// parse parses a Redis URL. It does not use net/url, which accepts one host only and repeats
// passwords in its errors.
func parse(text string) (address, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return address{}, errors.New("a Redis URL begins with redis://, rediss://, redis+sentinel:// or redis+cluster://")
	}
	base, kind, _ := strings.Cut(scheme, "+")
	if base != "redis" && base != "rediss" || kind != "" && kind != "sentinel" && kind != "cluster" ||
		strings.HasSuffix(scheme, "+") {
		return address{}, fmt.Errorf(
			"the Redis URL's scheme %q is not one of redis, rediss, redis+sentinel, redis+cluster", clip(scheme))
	}
	if strings.ContainsAny(rest, "?#") {
		return address{}, errors.New(
			"a Redis URL must not contain ? or #; write them as %3F and %23 in a password")
	}
	a := address{tls: base == "rediss", cluster: kind == "cluster"}
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		if err := a.credentials(authority[:at]); err != nil {
			return address{}, err
		}
		authority = authority[at+1:]
	}
	port := defaultPort
	if kind == "sentinel" {
		port = sentinelPort
	}
	for host := range strings.SplitSeq(authority, ",") {
		h, err := withPort(host, port)
		if err != nil {
			return address{}, err
		}
		a.hosts = append(a.hosts, h)
	}
	if kind == "" && len(a.hosts) > 1 {
		return address{}, errors.New("the Redis URL names several hosts: use redis+sentinel:// or redis+cluster://")
	}
	return a, a.path(kind, path)
}

func (a *address) credentials(text string) error {
	user, password, both := strings.Cut(text, ":")
	if !both {
		user, password = "", user // redis://secret@host is a common form
	}
	var err1, err2 error
	a.username, err1 = url.PathUnescape(user)
	a.password, err2 = url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		return errors.New("the Redis URL's user or password contains an invalid percent-encoding; write % as %25")
	}
	return nil
}

func (a *address) path(kind, path string) error {
	path = strings.TrimSuffix(path, "/")
	switch kind {
	case "cluster":
		if path != "" {
			return errors.New("a Redis cluster has no databases: the URL ends after the hosts")
		}
		return nil
	case "sentinel":
		a.master, path, _ = strings.Cut(path, "/")
		if a.master == "" {
			return errors.New("the Redis URL names no master: redis+sentinel://host,host/master")
		}
	}
	if path == "" {
		return nil
	}
	db, err := strconv.Atoi(path)
	if err != nil || db < 0 {
		return fmt.Errorf("the Redis URL's database %q is not a number", clip(path))
	}
	a.db = db
	return nil
}

func withPort(host, port string) (string, error) {
	if host == "" {
		return "", errors.New("the Redis URL names no host")
	}
	h, p, err := net.SplitHostPort(host)
	if err != nil {
		h, p = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), port
	}
	if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || h == "" || strings.ContainsAny(h, "[] \t") {
		return "", fmt.Errorf("the Redis URL's host %q is not host or host:port", clip(host))
	}
	return net.JoinHostPort(h, p), nil
}

// clip shortens s for an error message.
func clip(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
