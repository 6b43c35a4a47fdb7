package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
)

func TestJobs(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		jobstest.TestStore(t, func(t *testing.T) jobs.Store { return NewJobs(open(t)) })
	})
}
