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

	"github.com/egress-io/egress/bench/measure"
	"github.com/egress-io/egress/internal/export"
)

// fields returns the stored fields of a shape's columns, for mongoexport's flag --fields.
func fields(l tenantData, s shape) []string {
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

// mongoexport returns the command that writes the fields of all users to a file. It writes a
// configuration file to dir, since the command line would expose a password in the URI.
func mongoexport(ctx context.Context, o flags, dir string, paths []string, to string, sorted bool) (*exec.Cmd, error) {
	program, err := exec.LookPath("mongoexport")
	if err != nil {
		return nil, fmt.Errorf("%w: mongoexport is not on the PATH", errUnavailable)
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
	return exec.CommandContext(ctx, program, args...), nil //nolint:gosec // the operator's own mongoexport
}

// withoutDatabase moves the database in a MongoDB URI to authSource. mongoexport accepts the
// database only once, in its flag --db.
func withoutDatabase(uri string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest, "/")
	if database != "" && !strings.Contains(query, "authSource=") {
		query = strings.TrimPrefix(query+"&authSource="+url.QueryEscape(database), "&")
	}
	return scheme + "://" + hosts + "/?" + query
}

var exportedPattern = regexp.MustCompile(`exported (\d+) record`)

// runMongoexport measures mongoexport with the null device as its output.
func runMongoexport(ctx context.Context, o flags, paths []string) (f measurement, err error) {
	dir, err := os.MkdirTemp(o.dir, "egress-bench-")
	if err != nil {
		return measurement{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cmd, err := mongoexport(ctx, o, dir, paths, os.DevNull, false)
	if err != nil {
		return measurement{}, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if f.Usage, err = measure.Run(cmd); err != nil {
		return f, fmt.Errorf("%w: %s", err, stderr.String())
	}
	n := exportedPattern.FindSubmatch(stderr.Bytes())
	if n == nil {
		return f, fmt.Errorf("mongoexport did not report the number of records: %s", stderr.String())
	}
	f.Rows, err = strconv.ParseInt(string(n[1]), 10, 64)
	f.Users, f.Columns, f.Total = f.Rows, len(paths), f.Wall
	return f, cmp.Or(err, ctx.Err())
}
