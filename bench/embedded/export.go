package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// The metrics of an export.
const (
	exportTotal    = "export of all users with attributes and grants"
	exportQueue    = "… queued"
	exportPrepare  = "… prepare"
	exportWrite    = "… write"
	exportVerify   = "… complete and verify"
	exportMemory   = "… peak memory of the server"
	exportAnon     = "… highest anonymous memory of it, sampled"
	exportDownload = "download of the file"
)

// pollInterval is how often the state of the job is read. Each request takes time from the export.
const pollInterval = 100 * time.Millisecond

// job is the part of a job that is measured.
type job struct {
	ID          string     `json:"jobId"`
	Outcome     string     `json:"outcome"` // "" while the job is live
	CreatedAt   time.Time  `json:"createdAt"`
	StartedAt   *time.Time `json:"startedAt"`
	CompletedAt *time.Time `json:"completedAt"`
	DownloadURL string     `json:"downloadUrl"`
	Files       []struct {
		Rows int64 `json:"rows"`
	} `json:"files"`
	History []struct {
		Kind string    `json:"kind"`
		Time time.Time `json:"time"`
	} `json:"history"`
}

// at returns when an event of the history happened.
func (j *job) at(kind string) (time.Time, error) {
	for _, e := range j.History {
		if e.Kind == kind {
			return e.Time, nil
		}
	}
	return time.Time{}, fmt.Errorf("the history of the job has no event %q: %+v", kind, j.History)
}

// measureExport runs an export, and downloads its file.
func (r *round) measureExport(ctx context.Context, s *server, admin *client) error {
	if _, err := admin.call(ctx, http.MethodPut, "/v4/features/feature.asyncUserExport.enabled", map[string]bool{"enabled": true}, nil); err != nil {
		return err
	}
	highest := 0.0
	if measure.HasProc() {
		if err := s.clearPeak(); err != nil {
			return err
		}
	}
	j, err := runJob(ctx, admin, func() error {
		if !measure.HasProc() {
			return nil
		}
		mib, err := s.memory(measure.Anonymous)
		highest = max(highest, mib)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.addPhases(j); err != nil {
		return err
	}
	if measure.HasProc() {
		if err := r.addMemory(s, exportMemory, measure.Peak); err != nil {
			return err
		}
		r.report.add(exportAnon, mebibytes, highest)
	}
	began := time.Now()
	rows, err := countRows(ctx, j.DownloadURL)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	r.report.add(exportDownload, seconds, time.Since(began).Seconds())
	if rows != r.data.rows || len(j.Files) != 1 || j.Files[0].Rows != rows {
		return fmt.Errorf("the file has %d rows, want %d; the job says %+v", rows, r.data.rows, j.Files)
	}
	return nil
}

// runJob starts an export, and waits until it has completed. It calls sample while it waits.
func runJob(ctx context.Context, admin *client, sample func() error) (*job, error) {
	var j job
	if _, err := admin.call(ctx, http.MethodPost, "/v4/user-export-jobs", definition(nil), &j); err != nil {
		return nil, err
	}
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for id := j.ID; j.Outcome == ""; {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if err := sample(); err != nil {
			return nil, err
		}
		j = job{}
		if _, err := admin.call(ctx, http.MethodGet, "/v4/user-export-jobs/"+id, nil, &j); err != nil {
			return nil, err
		}
	}
	if j.Outcome != "completed" {
		return nil, fmt.Errorf("the job ended as %s: %+v", j.Outcome, j.History)
	}
	return &j, nil
}

// addPhases adds the time of each phase, by the clock of the server.
func (r *round) addPhases(j *job) error {
	prepared, err1 := j.at("prepared")
	written, err2 := j.at("written")
	verified, err3 := j.at("verified")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if j.StartedAt == nil || j.CompletedAt == nil {
		return errors.New("a completed job has no time of its start or end")
	}
	r.report.add(exportTotal, seconds, j.CompletedAt.Sub(j.CreatedAt).Seconds())
	r.report.add(exportQueue, seconds, j.StartedAt.Sub(j.CreatedAt).Seconds())
	r.report.add(exportPrepare, seconds, prepared.Sub(*j.StartedAt).Seconds())
	r.report.add(exportWrite, seconds, written.Sub(prepared).Seconds())
	r.report.add(exportVerify, seconds, verified.Sub(written).Seconds())
	return nil
}

// countRows downloads a file and counts its records, without the header.
func countRows(ctx context.Context, link string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, errors.New(res.Status)
	}
	records := csv.NewReader(res.Body)
	records.ReuseRecord = true
	for n := int64(-1); ; n++ {
		_, err := records.Read()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
