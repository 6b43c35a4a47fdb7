package mongo

import "sync"

// writeCounter counts this process's writes of users, by tenant. A write invalidates the tenant's
// cached results.
type writeCounter struct {
	mu sync.Mutex
	n  map[string]uint64
}

func (db *DB) addUserWrite(tenant string) {
	w := db.userWrites
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == nil {
		w.n = map[string]uint64{}
	}
	w.n[tenant]++
}

func (db *DB) userWriteCount(tenant string) uint64 {
	w := db.userWrites
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n[tenant]
}
