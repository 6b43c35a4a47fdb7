package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
)

// The counts of a job.
const (
	rowsTotal   = 2_000_000
	rowsPerTick = 2_500
	bytesPerRow = 300
)

// newJob returns a running job of an admin: all users with attributes and grants.
func newJob(tenant string, a auth.Admin) export.Job {
	began := time.Now().UTC().Truncate(time.Millisecond)
	definition := export.Definition{
		Include: export.Include{Attributes: true, Grants: true},
		Users: export.Selection{UserStoreID: export.All, Filter: &export.Rule{Combinator: export.And, Rules: []export.Rule{
			{Field: "attributes.country", Operator: export.Is, Value: export.String("GB")},
		}}},
		File: export.FileFormat{Dialect: export.DialectSpreadsheet, Compression: export.CompressionNone},
	}
	j := export.Job{
		ID: ulid.Make().String(), Tenant: tenant, Requester: export.Requester{ID: export.AdminRequester + a.ID, UserID: a.ID, Email: a.Email},
		Origin: export.FromConsole, Mode: export.Async, Definition: definition, Words: "Users whose country is GB, with attributes and grants",
		Fingerprint: definition.Fingerprint(), Status: export.Downloading, CreatedAt: began, StartedAt: &began, Heartbeat: began, Attempt: attempt,
		Progress: export.Progress{Phase: export.Downloading, Users: export.FileProgress{
			BytesTotal: rowsTotal * bytesPerRow, RowsTotal: rowsTotal, UsersTotal: rowsTotal,
		}},
		History: []export.Event{
			{Time: began, Kind: "queued", Message: "The export was requested."},
			{Time: began, Kind: "attempt", Message: "The export started."},
			{Time: began, Kind: "prepared", Message: fmt.Sprintf("The export has 20 columns and about %d users.", rowsTotal)},
		},
	}
	for i := range 20 {
		name := fmt.Sprintf("field_%d", i)
		j.Columns = append(j.Columns, export.Column{Name: "attributes." + name, Source: export.FromAttribute, Key: name, Type: "text"})
	}
	samples := int64(4 * rowsPerTick)
	j.Progress.Throughput = &export.Throughput{From: export.NewTime(began), IntervalMS: 1000, Rows: slices.Repeat([]*int64{&samples}, 30)}
	j.Uploads = []string{fmt.Sprintf("%s/%s/users.csv", tenant, j.ID)}
	return j
}

// earlierJob returns a finished job of an admin, for the snapshots of the admin's sockets.
func earlierJob(tenant string, a auth.Admin) *export.Job {
	j := stateOf(newJob(tenant, a), 1, true)
	j.Attempt = 1
	return &j
}

// stateOf returns a state of a job. It shares with the job what does not change.
func stateOf(j export.Job, sequence int64, final bool) export.Job {
	j.Sequence = sequence
	rows := min(sequence*rowsPerTick, rowsTotal)
	if final {
		rows = rowsTotal
	}
	p := &j.Progress
	p.Users.Rows, p.Users.Users, p.Users.Bytes = rows, rows, rows*bytesPerRow
	p.Percent = int(min(99, rows*100/rowsTotal))
	p.RowsPerSecond = 4 * rowsPerTick
	left := (rowsTotal - rows) / (4 * rowsPerTick)
	p.ETASeconds = &left
	if final {
		now := time.Now().UTC().Truncate(time.Millisecond)
		expires := now.Add(7 * 24 * time.Hour)
		j.Status, j.Outcome, j.CompletedAt, j.ExpiresAt = export.Completed, export.Completed, &now, &expires
		p.Phase, p.Percent, p.ETASeconds, p.Users.BytesTotalExact = export.Completed, 100, nil, true
		j.Files = []export.File{{
			Kind: export.UsersFile, Name: "users_" + j.Tenant + "_20261129T120000Z.csv", Key: j.Uploads[0], Bytes: rows * bytesPerRow, Rows: rows, Users: rows,
			Columns: len(j.Columns), SHA256: strings.Repeat("0f", 32), Matched: rows, ProvenAt: now, Attempts: 1,
		}}
		j.History = append(slices.Clip(j.History),
			export.Event{Time: now, Kind: "written", Message: "The file was written."},
			export.Event{Time: now, Kind: "completed", Message: "The export is complete."})
	}
	return j
}
