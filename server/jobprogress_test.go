package main

import (
	"bytes"
	"testing"

	"github.com/egress-io/egress/internal/apiclient"
	"github.com/egress-io/egress/internal/export"
)

// The reason of a retry is printed once, even if several attempts fail.
func TestJobProgressPrintsRetryReasonOnce(t *testing.T) {
	t.Parallel()
	var printed bytes.Buffer
	p := newJobProgress(terminal{&printed, &printed})
	waiting := func(status export.Status) *apiclient.Job {
		return &apiclient.Job{Status: status, Retry: &export.Retry{Reason: export.RetryStorage, Message: "The file storage is not responding."}}
	}
	for _, j := range []*apiclient.Job{
		{Status: export.Downloading}, waiting(export.Downloading), waiting(export.Downloading), waiting(export.Preparing), {Status: export.Downloading},
		{Status: export.Completed, Outcome: export.Completed},
	} {
		p.update(j)
	}
	p.finish()
	want := "Downloading: 0.0MB / 0.0MB\nThe file storage is not responding. The export resumes automatically.\nDownloading: 0.0MB / 0.0MB\n"
	if printed.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", printed.String(), want)
	}
}
