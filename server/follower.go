package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/export"
)

// follower tells how far a job is: by a bar on a terminal, elsewhere by a line for every phase and every tenth of the way.
type follower struct {
	err   io.Writer
	bar   bar
	phase export.Status
	tenth int
}

func newFollower(term terminal) *follower {
	return &follower{err: term.err, bar: newBar(term, "Preparing user export...", 100, progressbar.OptionShowCount())}
}

// phases are the words of the toast.
var phases = map[export.Status]string{
	export.Queued: "Waiting", export.Preparing: "Preparing user export...", export.DownloadingStateEvents: "Downloading state events...",
}

func (f *follower) job(j *apiclient.Job) {
	if f.bar.b != nil {
		f.bar.b.Describe(f.words(j))
		f.bar.set(int64(j.Progress.Percent))
		return
	}
	tenth := j.Progress.Percent / 10
	if j.Status == f.phase && tenth == f.tenth {
		return
	}
	f.phase, f.tenth = j.Status, tenth
	if j.Outcome == "" {
		fmt.Fprintln(f.err, f.words(j))
	}
}

// words are those of the toast.
func (f *follower) words(j *apiclient.Job) string {
	u := j.Progress.Users
	switch {
	case j.Status == export.Queued && j.QueuePosition > 0:
		return fmt.Sprintf("Waiting, position %d in the queue", j.QueuePosition)
	case j.Status == export.Downloading:
		return fmt.Sprintf("Downloading: %.1fMB / %.1fMB", float64(u.Bytes)/1e6, float64(u.BytesTotal)/1e6)
	default:
		return phases[j.Status]
	}
}

func (f *follower) end() { f.bar.finish() }
