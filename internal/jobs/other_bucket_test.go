package jobs

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// recorder is a storage that records its calls.
type recorder struct{ deleted, signed []string }

func (r *recorder) Delete(_ context.Context, key string) error {
	r.deleted = append(r.deleted, key)
	return nil
}

func (*recorder) Abort(context.Context, string) error { return nil }

func (r *recorder) Presign(_ context.Context, key, _ string, _ time.Duration) (string, time.Time, error) {
	r.signed = append(r.signed, key)
	return "https://files.test/" + key, time.Time{}, nil
}

// A file in another bucket gets no link and is not treated as deleted. A file without a recorded
// bucket, or under a former endpoint, counts as being in this storage.
func TestFilesInAnotherBucket(t *testing.T) {
	t.Parallel()
	here := export.Location{Bucket: "now", Endpoint: "https://s3.example.com"}
	for _, test := range []struct {
		location export.Location
		reached  bool
	}{
		{here, true}, {export.Location{}, true}, {export.Location{Bucket: "now", Endpoint: "http://minio:9000"}, true},
		{export.Location{Bucket: "before", Endpoint: here.Endpoint}, false}, {export.Location{Bucket: "now"}, false},
		{export.Location{Bucket: "before", Endpoint: "http://minio:9000"}, false},
	} {
		storage := &recorder{}
		c := &core{
			storage: storage, reach: export.Reach{Current: here, Former: []string{"http://minio:9000"}},
			log: slog.New(slog.DiscardHandler), now: time.Now, set: Settings{}.withDefaults(),
		}
		s, j := &Service{core: c}, &janitor{core: c}
		file := export.File{Kind: export.UsersFile, Key: "t/j/1/users.csv", Location: test.location}
		job := &export.Job{ID: "j", Tenant: "t", Status: export.Completed, Files: []export.File{file}, Uploads: []string{file.Key, "t/j/2/users.csv"}}
		_, _, err := s.Link(t.Context(), job, file)
		if test.reached != (err == nil) || test.reached != (len(storage.signed) == 1) {
			t.Errorf("%v: link %v", test.location, err)
		}
		if !test.reached && (errs.CodeOf(err) != errs.CodeStoredElsewhere || !strings.Contains(err.Error(), test.location.Bucket) || !strings.Contains(err.Error(), "for bucket now")) {
			t.Errorf("%v: says %v", test.location, err)
		}
		if message := j.expiredMessage(job); test.reached != (message == "The retention period has ended; the files were deleted.") {
			t.Errorf("%v: says %q", test.location, message)
		}
		job.Status = export.Expired
		if err := j.remove(t.Context(), job); err != nil {
			t.Error(err)
		}
		if slices.Contains(storage.deleted, file.Key) != test.reached || !slices.Contains(storage.deleted, "t/j/2/users.csv") {
			t.Errorf("%v: deleted %v", test.location, storage.deleted)
		}
	}
}
