package peers

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

const (
	// HeartbeatInterval is the heartbeat interval of a process.
	HeartbeatInterval = 10 * time.Second
	// HeartbeatTimeout is how long a process counts as running after its last heartbeat. It tolerates clock
	// differences of a few seconds.
	HeartbeatTimeout = 35 * time.Second
	// deleteAfter is the age at which the record of an ended process is deleted.
	deleteAfter = 24 * time.Hour

	deregisterTimeout   = 2 * time.Second
	maxRegisterAttempts = 10
)

// Process is a running process.
type Process struct {
	ID            string
	Name          string // for people: "worker on host-1 (pid 4711)"
	Started       time.Time
	LastHeartbeat time.Time
	Settings      Settings
}

// Agreement holds the settings that all processes must have. Only the one with the highest number
// is valid.
type Agreement struct {
	Number   int64
	At       time.Time
	By       string // name of the process that created it
	Settings Settings
}

// Store stores processes and agreements in the control database. Each write is atomic on every
// engine.
type Store interface {
	// Agreement returns the agreement with the highest number, nil if there is none.
	Agreement(ctx context.Context) (*Agreement, error)
	// Agree stores an agreement, and reports whether its number was free. Each number is used once.
	Agree(ctx context.Context, a Agreement) (won bool, err error)
	// Heartbeat inserts or replaces a process.
	Heartbeat(ctx context.Context, p Process) error
	// DeleteProcess deletes a process. A missing process is no error.
	DeleteProcess(ctx context.Context, id string) error
	// Processes returns the processes with a heartbeat at or after since. It may delete those
	// without a heartbeat since forget.
	Processes(ctx context.Context, since, forget time.Time) ([]Process, error)
}

// Registration is the record of this process among its peers.
type Registration struct {
	store Store
	me    Process
	log   *slog.Logger
	now   func() time.Time
}

// Register registers a process and compares its settings with those of the running processes on the
// same control database. If a required setting differs, the error is a CodeInvalidRequest whose field is
// the variable. Other differences are logged. If no other process runs, the settings of this
// process become the valid ones. Call Run after a successful Register.
func Register(ctx context.Context, store Store, me Process, log *slog.Logger, now func() time.Time) (*Registration, error) {
	m := &Registration{store: store, me: me, log: log.With("component", "peers"), now: now}
	m.me.Started, m.me.LastHeartbeat = now(), now()
	// Register first, so that of two processes that start together each sees the other.
	if err := store.Heartbeat(ctx, m.me); err != nil {
		return nil, err
	}
	for range maxRegisterAttempts {
		done, err := m.checkSettings(ctx)
		if err != nil {
			m.deregister(ctx)
			return nil, err
		}
		if done {
			return m, nil
		}
	}
	m.deregister(ctx)
	return nil, errs.Errorf(errs.CodeUnavailable, "Other processes keep changing the shared settings. Start this process again.")
}

// checkSettings reports whether the settings of this process are accepted. The result false without
// an error means that another process was faster: try again.
func (m *Registration) checkSettings(ctx context.Context) (done bool, err error) {
	agreed, err := m.store.Agreement(ctx)
	if err != nil {
		return false, err
	}
	if agreed == nil {
		return m.store.Agree(ctx, m.proposal(1))
	}
	differ := m.me.Settings.differences(agreed.Settings)
	if len(differ) == 0 {
		return true, nil
	}
	processes, err := m.store.Processes(ctx, m.now().Add(-HeartbeatTimeout), m.now().Add(-deleteAfter))
	if err != nil {
		return false, err
	}
	for _, p := range processes {
		if p.ID == m.me.ID || len(requiredOnly(p.Settings.differences(agreed.Settings))) > 0 {
			continue // it will be refused itself
		}
		if mismatches := requiredOnly(differ); len(mismatches) > 0 {
			return false, m.differenceError(mismatches, p)
		}
		for _, d := range differ {
			m.log.WarnContext(ctx, "this setting differs from that of other processes on the same database", "difference", d.String(), "process", p.Name)
		}
		return true, nil
	}
	won, err := m.store.Agree(ctx, m.proposal(agreed.Number+1))
	if won && err == nil {
		for _, d := range differ {
			m.log.WarnContext(ctx, "this setting has changed since the last start", "difference", d.String(), "before", agreed.By)
		}
	}
	return won, err
}

func (m *Registration) proposal(n int64) Agreement {
	return Agreement{Number: n, At: m.now(), By: m.me.Name, Settings: m.me.Settings}
}

// differenceError returns an error of one line: what differs, from which process, and how to change
// it.
func (m *Registration) differenceError(wrong []difference, p Process) error {
	texts := make([]string, len(wrong))
	for i, d := range wrong {
		texts[i] = d.String()
	}
	ago := max(m.now().Sub(p.LastHeartbeat), 0).Round(time.Second)
	return errs.Invalid(wrong[0].Variable, "%s", fmt.Sprintf(
		"Other processes on this database have different settings: %s (%s, last heartbeat %s ago). Use the same value in all processes. To change it, stop all processes first; if one was killed, wait %s.",
		strings.Join(texts, ", and "), p.Name, ago, HeartbeatTimeout))
}

// Run sends heartbeats until ctx is done, then deletes the process.
func (m *Registration) Run(ctx context.Context) {
	ticker := time.NewTicker(HeartbeatInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			m.deregister(ctx)
			return
		case <-ticker.C:
			m.sendHeartbeat(ctx)
		}
	}
}

func (m *Registration) sendHeartbeat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, HeartbeatInterval)
	defer cancel()
	m.me.LastHeartbeat = m.now()
	if err := m.store.Heartbeat(ctx, m.me); err != nil {
		m.log.DebugContext(ctx, "cannot store the heartbeat of this process", "error", err)
	}
}

func (m *Registration) deregister(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deregisterTimeout)
	defer cancel()
	if err := m.store.DeleteProcess(ctx, m.me.ID); err != nil {
		m.log.DebugContext(ctx, "cannot delete the record of this process", "error", err)
	}
}
