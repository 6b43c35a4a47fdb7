package jobstest_test

import (
	"testing"

	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/jobs/jobstest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	jobstest.TestStore(t, func(*testing.T) jobs.Store { return jobstest.NewMemory() })
}
