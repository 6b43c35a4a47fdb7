package api

import (
	"golang.org/x/sync/singleflight"
)

// maxArrivalReads is the maximum of concurrent reads of sessions for new sockets. More would delay other
// requests.
const maxArrivalReads = 4

// arrivals identifies the callers of new sockets. After the restart of a server thousands of tabs come back at
// once: those of one session in one tenant that arrive before a read begins share it, and few reads run at a
// time.
type arrivals struct {
	reads   singleflight.Group
	permits chan struct{}
}

func newArrivals() *arrivals { return &arrivals{permits: make(chan struct{}, maxArrivalReads)} }

// share returns the caller that a read of a session in a tenant found. The read begins after this call, so it
// finds every change before. Read is not called if another call's read is shared.
func (a *arrivals) share(token, tenant string, read func() (*caller, error)) (*caller, error) {
	key := token + "\n" + tenant // a header has no line breaks
	shared, err, _ := a.reads.Do(key, func() (any, error) {
		a.permits <- struct{}{}
		defer func() { <-a.permits }()
		a.reads.Forget(key)
		return read()
	})
	if err != nil {
		return nil, err
	}
	who, _ := shared.(*caller)
	return who, nil
}
