package browse_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// scannedCounts is a source whose counts with a condition take some time. It sends each of them
// when it begins, and again when it is cancelled.
type scannedCounts struct {
	browse.Source
	took             time.Duration
	began, cancelled chan filter.Selection
}

func (c scannedCounts) Count(ctx context.Context, tenant string, s filter.Selection) (int64, error) {
	if s.Where == nil {
		return c.Source.Count(ctx, tenant, s)
	}
	c.began <- s
	select {
	case <-ctx.Done():
		c.cancelled <- s
		return 0, context.Cause(ctx)
	case <-time.After(c.took):
		return c.Source.Count(ctx, tenant, s)
	}
}

// openScanned returns a store of 6,000 users: a tenth of them are in the store "uk", a third of
// those are in "GB", and one of all is in "LI".
func openScanned(t *testing.T, took time.Duration) (*browse.Users, scannedCounts) {
	t.Helper()
	s := browsetest.OpenMemory(t)
	docs := make([]bson.Raw, 6000)
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(docs))
	for i := range docs {
		store, country := "main", "SE"
		if i%10 == 0 {
			store = "uk"
		}
		if i%30 == 0 {
			country = "GB"
		}
		if i == 31 {
			country = "LI"
		}
		var err error
		docs[i], err = bson.Marshal(bson.D{
			{Key: "_id", Value: fmt.Sprintf("u%05d", order[i])}, {Key: "user_store_id", Value: store}, {Key: "country", Value: country},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Writer.WriteUsers(t.Context(), browsetest.Tenant, docs); err != nil {
		t.Fatal(err)
	}
	counts := scannedCounts{s.Source, took, make(chan filter.Selection, 100), make(chan filter.Selection, 100)}
	s.Source = counts
	return s.Console(nil), counts
}

func fromCountry(store, country string) filter.Selection {
	return filter.Selection{Store: store, Where: filter.Equal{Path: "country", Value: country}}
}

// A count that is quick is exact at once; of another, the first answer is an estimate, and the exact
// number follows without a second count.
func TestEstimateBecomesExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took        time.Duration
		store       string
		country     string
		least, most int64
		want        users.Accuracy
		exact       int64
		counts      int
	}{
		{took: 100 * time.Millisecond, country: "GB", least: 200, most: 200, want: users.Exact, exact: 200, counts: 2},
		{took: 2 * time.Second, country: "GB", least: 140, most: 260, want: users.Estimate, exact: 200, counts: 1},
		{took: 2 * time.Second, store: "uk", country: "GB", least: 140, most: 260, want: users.Estimate, exact: 200, counts: 1},
		{took: 2 * time.Second, store: "main", country: "GB", least: 8, most: 10, want: users.UpperBound, exact: 0, counts: 1},
		{took: 2 * time.Second, store: "none", country: "GB", want: users.Exact, exact: 0, counts: 1},
		{took: 2 * time.Second, country: "FR", least: 9, most: 9, want: users.UpperBound, exact: 0, counts: 1},
	} {
		t.Run(fmt.Sprint(c.took, c.store, c.country), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				u, source := openScanned(t, c.took)
				s, began := fromCountry(c.store, c.country), time.Now()
				n, err := u.Estimate(t.Context(), browsetest.Tenant, s)
				if err != nil || n.Accuracy != c.want || n.Users < c.least || n.Users > c.most {
					t.Errorf("at first: %+v, %v", n, err)
				}
				if took := time.Since(began); took > 300*time.Millisecond {
					t.Errorf("the first answer took %s", took)
				}
				if exact, err := u.CachedCount(t.Context(), browsetest.Tenant, s); err != nil || exact != c.exact {
					t.Errorf("then: %d, %v", exact, err)
				}
				if c.took > time.Second {
					if n, err := u.Estimate(t.Context(), browsetest.Tenant, s); err != nil || n != (users.Count{Users: c.exact, Accuracy: users.Exact}) {
						t.Errorf("estimated again: %+v, %v", n, err)
					}
				}
				if len(source.began) != c.counts {
					t.Errorf("%d counts, want %d", len(source.began), c.counts)
				}
			})
		})
	}
}

// Without a condition an index knows the number, so it is never an estimate.
func TestStoresAreNotEstimated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, source := openScanned(t, time.Hour)
		for store, want := range map[string]int64{"": 6000, "uk": 600} {
			if n, err := u.Estimate(t.Context(), browsetest.Tenant, filter.InStore(store)); err != nil || n != (users.Count{Users: want, Accuracy: users.Exact}) {
				t.Errorf("%q: %+v, %v", store, n, err)
			}
		}
		if len(source.began) > 0 {
			t.Error("scanned")
		}
	})
}

// A count continues for a while after an estimate, and ends if nobody asks again. A client that
// keeps asking keeps it, and gets the exact number.
func TestCountLingersAfterEstimate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, source := openScanned(t, 25*time.Second)
		s := fromCountry("", "GB")
		estimate := func() users.Accuracy {
			n, err := u.Estimate(t.Context(), browsetest.Tenant, s)
			if err != nil {
				t.Error(err)
			}
			return n.Accuracy
		}
		estimate()
		<-time.After(11 * time.Second)
		if len(source.cancelled) != 1 {
			t.Fatalf("%d counts cancelled", len(source.cancelled))
		}
		for range 3 {
			if accuracy := estimate(); accuracy != users.Estimate {
				t.Errorf("%s before the count has ended", accuracy)
			}
			<-time.After(8 * time.Second)
		}
		<-time.After(time.Second)
		if accuracy := estimate(); accuracy != users.Exact || len(source.began) != 2 || len(source.cancelled) != 1 {
			t.Errorf("%s after %d counts, %d cancelled", accuracy, len(source.began), len(source.cancelled))
		}
	})
}

// A client that returns for the exact number and gives up ends the count.
func TestGivingUpEndsTheCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, source := openScanned(t, 25*time.Second)
		s := fromCountry("", "GB")
		if _, err := u.Estimate(t.Context(), browsetest.Tenant, s); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := u.CachedCount(ctx, browsetest.Tenant, s); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		if len(source.cancelled) != 1 {
			t.Errorf("%d counts cancelled", len(source.cancelled))
		}
	})
}

// At most three counts of a tenant continue without a caller: the latest.
func TestFewCountsLinger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, source := openScanned(t, 25*time.Second)
		for _, country := range []string{"GB", "SE", "LI", "FR", "IE"} {
			if _, err := u.Estimate(t.Context(), browsetest.Tenant, fromCountry("", country)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if len(source.cancelled) != 2 || (<-source.cancelled).Key() != fromCountry("", "GB").Key() || (<-source.cancelled).Key() != fromCountry("", "SE").Key() {
			t.Error("not the two oldest were cancelled")
		}
		<-time.After(time.Minute) // the others end before the bubble does
	})
}
