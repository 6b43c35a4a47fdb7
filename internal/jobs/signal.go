package jobs

import "fmt"

// signal wakes one goroutine. Raising it several times before it is received wakes the goroutine
// once.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func wrap(err error, action string) error { return fmt.Errorf("%s: %w", action, err) }
