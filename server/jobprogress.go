package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/export"
)

// jobProgress shows the progress of a job: a progress bar on a terminal, elsewhere a line for each
// phase and each 10 percent.
type jobProgress struct {
	err          io.Writer
	bar          progressBar
	phase        export.Status
	tenth        int
	retryMessage string // why the job waits for a retry, or ""
}

func newJobProgress(term terminal) *jobProgress {
	return &jobProgress{err: term.err, bar: newProgressBar(term, "Preparing user export...", 100, progressbar.OptionShowCount())}
}

// phaseTexts are the texts of the toast.
var phaseTexts = map[export.Status]string{
	export.Queued: "Waiting", export.Preparing: "Preparing user export...", export.DownloadingStateEvents: "Downloading state events...",
}

// update shows the state of a job. It prints no line if neither phase nor tenth has changed.
func (f *jobProgress) update(j *apiclient.Job) {
	if f.bar.terminalBar != nil {
		f.bar.terminalBar.Describe(f.text(j))
		f.bar.set(int64(j.Progress.Percent))
		return
	}
	tenth, retryMessage := j.Progress.Percent/10, ""
	if j.Retry != nil {
		retryMessage = j.Retry.Message
	}
	if retryMessage == f.retryMessage && (retryMessage != "" || j.Status == f.phase && tenth == f.tenth) {
		return
	}
	f.phase, f.tenth, f.retryMessage = j.Status, tenth, retryMessage
	if j.Outcome == "" {
		fmt.Fprintln(f.err, f.text(j))
	}
}

// text returns the line for a job, in the words of the toast.
func (f *jobProgress) text(j *apiclient.Job) string {
	u := j.Progress.Users
	switch {
	case j.Retry != nil && j.Outcome == "":
		return j.Retry.Message + " The export resumes automatically."
	case j.Status == export.Queued && j.QueuePosition > 0:
		return fmt.Sprintf("Waiting, position %d in the queue", j.QueuePosition)
	case j.Status == export.Downloading:
		return fmt.Sprintf("Downloading: %.1fMB / %.1fMB", float64(u.Bytes)/1e6, float64(u.BytesTotal)/1e6)
	default:
		return phaseTexts[j.Status]
	}
}

func (f *jobProgress) finish() { f.bar.finish() }
