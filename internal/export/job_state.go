package export

import (
	"reflect"
	"time"
)

// SameState reports whether two versions of a job differ at most in their progress within a phase,
// and in what no client sees.
func (j *Job) SameState(other *Job) bool {
	return reflect.DeepEqual(j.withoutProgress(), other.withoutProgress())
}

func (j *Job) withoutProgress() Job {
	state := *j
	state.Progress = Progress{Phase: j.Progress.Phase}
	state.Sequence, state.Stalled, state.Heartbeat = 0, 0, time.Time{}
	state.Uploads, state.Dirty, state.Checkpoint = nil, false, nil
	return state
}

// SameSeries reports whether two series of one job are equal, or the newer one covers less than one
// more second.
func (t *Throughput) SameSeries(other *Throughput) bool {
	if t == nil || other == nil {
		return t == other
	}
	return t.From.Equal(other.From.Time) && t.IntervalMS == other.IntervalMS && t.seconds() == other.seconds()
}

func (t *Throughput) seconds() int64 { return int64(len(t.Rows)) * t.IntervalMS / 1000 }
