package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// firstRows is the metric of the users page.
const firstRows = "users page in Chromium until its first rows, warm"

// pageLoads is how often a round loads the page.
const pageLoads = 5

// measurePage loads the users page in Chromium. It runs in the root of the repository, where Node finds
// the packages of the front end.
func (r *round) measurePage(ctx context.Context, s *server, _ *client) error {
	login, err := r.readCredentials()
	if err != nil {
		return err
	}
	//nolint:gosec // the arguments are the server's address and the first admin's
	cmd := exec.CommandContext(ctx, "node", "bench/embedded/first_rows.mjs", s.url, tenant, login.email, strconv.Itoa(pageLoads))
	cmd.Stdin, cmd.Stderr = strings.NewReader(login.password), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("needs Node and Chromium (leave it out with -only 'again|requests|export'): %w", err)
	}
	var times []float64
	if err := json.Unmarshal(bytes.TrimSpace(out), &times); err != nil {
		return err
	}
	for _, ms := range times {
		r.addTime(firstRows, time.Duration(ms*float64(time.Millisecond)))
	}
	return nil
}
