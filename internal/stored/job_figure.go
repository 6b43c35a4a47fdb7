package stored

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// JobFigure is the part of a Job that figures need.
type JobFigure struct {
	ID      string        `bson:"_id"`
	Created time.Time     `bson:"created"`
	Outcome export.Status `bson:"outcome"`
	Expires *time.Time    `bson:"expires"`
	Files   string        `bson:"files"`
}

// Figure returns the figure of the job. It fails if the files of the document are damaged.
func (d *JobFigure) Figure() (jobs.Figure, error) {
	var files []export.File
	if d.Files != "" {
		if err := json.Unmarshal([]byte(d.Files), &files); err != nil {
			return jobs.Figure{}, fmt.Errorf("decode the files of job %s: %w", d.ID, err)
		}
	}
	return jobs.NewFigure(d.Created.UTC(), d.Outcome, utc(d.Expires), files), nil
}
