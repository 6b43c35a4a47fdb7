package export_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

func TestWithDownload(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ada := export.Requester{ID: "admin:ada", Email: "ada@example.com"}
	pair := export.Requester{ID: "key:AK1", Email: "ada@example.com"}
	queued := []export.Event{{Time: at, Kind: "queued"}}
	once := export.WithDownload(queued, ada, export.UsersFile, at)
	h := export.WithDownload(once, ada, export.UsersFile, at.Add(time.Minute))
	h = export.WithDownload(h, ada, export.StateEventsFile, at.Add(2*time.Minute))
	h = export.WithDownload(h, pair, export.UsersFile, at.Add(3*time.Minute))
	want := []string{
		"queued ", "downloaded By ada@example.com. 2 09:01", "downloaded By ada@example.com: the state events. 1 09:02",
		"downloaded By ada@example.com with the key pair AK1. 1 09:03",
	}
	if got := lines(h); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
	if len(queued) != 1 || once[1].Download.Count != 1 {
		t.Error("an earlier history was changed")
	}
}

// Downloads never displace the other events of a job.
func TestDownloadsAreBounded(t *testing.T) {
	t.Parallel()
	h := []export.Event{{Kind: "queued"}, {Kind: "completed"}}
	for i := range 120 {
		h = export.WithDownload(h, export.Requester{ID: fmt.Sprint("admin:", i), Email: "x"}, export.UsersFile, time.Unix(int64(i), 0))
	}
	if len(h) != 52 || h[0].Kind != "queued" || h[1].Kind != "completed" || h[51].Download.RequesterID != "admin:119" {
		t.Errorf("%d events, %+v", len(h), h[:3])
	}
}

func lines(h []export.Event) (all []string) {
	for _, e := range h {
		line := e.Kind + " " + e.Message
		if d := e.Download; d != nil {
			line += fmt.Sprintf(" %d %s", d.Count, d.Last.Format("15:04"))
		}
		all = append(all, line)
	}
	return all
}
