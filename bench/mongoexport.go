package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/egress-io/egress/internal/export"
)

// fields returns the stored fields of a shape's columns, which is how mongoexport is asked for them.
func fields(l layout, s shape) []string {
	var paths []string
	for _, c := range l.columns(s) {
		switch {
		case c.Source == export.FromStore:
			paths = append(paths, "user_store_id")
		case c.Source == export.FromUser && c.Key == "user_id":
			paths = append(paths, "_id")
		default:
			paths = append(paths, c.Name)
		}
	}
	return paths
}

// mongoexport makes the command that writes the fields of all users to a file. The folder takes its configuration: the
// command line would show an address's password to everyone.
func mongoexport(ctx context.Context, o settings, dir string, paths []string, to string, sorted bool) (*exec.Cmd, error) {
	program, err := exec.LookPath("mongoexport")
	if err != nil {
		return nil, fmt.Errorf("%w: mongoexport is not on the PATH", errNotHere)
	}
	text, err := json.Marshal(map[string]string{"uri": withoutDatabase(o.uri)}) // JSON is YAML
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "mongoexport.yaml")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return nil, err
	}
	args := []string{
		"--config", config, "--db", o.database + "_t_" + o.tenant, "--collection", usersCollection,
		"--type", "csv", "--fields", strings.Join(paths, ","), "--out", to,
	}
	if sorted {
		args = append(args, "--sort", `{"_id": 1}`)
	}
	return exec.CommandContext(ctx, program, args...), nil //nolint:gosec // it is what the operator has on the PATH
}

// withoutDatabase takes the database out of an address, since mongoexport refuses two of them. It stays what credentials
// are looked up in.
func withoutDatabase(uri string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest, "/")
	if database != "" && !strings.Contains(query, "authSource=") {
		query = strings.TrimPrefix(query+"&authSource="+url.QueryEscape(database), "&")
	}
	return scheme + "://" + hosts + "/?" + query
}

var exported = regexp.MustCompile(`exported (\d+) record`)

// runMongoexport measures mongoexport, which writes to nowhere.
func runMongoexport(ctx context.Context, o settings, paths []string) (f figures, err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return figures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cmd, err := mongoexport(ctx, o, dir, paths, os.DevNull, false)
	if err != nil {
		return figures{}, err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if f, err = timed(cmd); err != nil {
		return f, fmt.Errorf("%w: %s", err, said.String())
	}
	n := exported.FindSubmatch(said.Bytes())
	if n == nil {
		return f, fmt.Errorf("mongoexport did not say how much it exported: %s", said.String())
	}
	f.Rows, err = strconv.ParseInt(string(n[1]), 10, 64)
	f.Users, f.Columns, f.Together = f.Rows, len(paths), f.wall
	return f, cmp.Or(err, ctx.Err())
}
