package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/egress-io/egress/bench/measure"
)

// The names of the servers.
const (
	egressName = "egress"
	peerName   = "centrifuge"
)

// series measures one load in rounds. In each round every server has a turn, in a new process.
type series struct {
	flags
	load

	egress  *egress
	peer    *peer // nil: none
	sizes   sizes // of Egress's states, which centrifuge's have too
	results map[string]values
}

func (s *series) run(ctx context.Context) error {
	s.results[egressName], s.results[peerName] = values{}, values{}
	for n := range s.runs {
		fmt.Fprintf(os.Stderr, "%d sockets, %d jobs: round %d of %d\n", s.sockets, s.jobs, n+1, s.runs)
		if err := s.round(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// round runs the turns. They change places from round to round, after the first has shown the sizes.
func (s *series) round(ctx context.Context, n int) error {
	alone, err := s.measureAlone(ctx, false)
	if err != nil {
		return err
	}
	unheard, err := s.measureAlone(ctx, true)
	if err != nil {
		return err
	}
	turns := []func(context.Context) error{s.turnOfEgress}
	if s.peer != nil {
		turns = append(turns, s.turnOfPeer)
		if n%2 == 1 {
			turns[0], turns[1] = turns[1], turns[0]
		}
	}
	for _, turn := range turns {
		if err := turn(ctx); err != nil {
			return err
		}
	}
	for _, v := range s.results {
		if with := v[exportTime]; len(with) > 0 {
			v.add(exportAlone, alone)
			v.add(exportUnheard, unheard)
			v.add(slowdown, 100*(with[len(with)-1]/alone-1))
			v.add(socketSlow, 100*(with[len(with)-1]/unheard-1))
		}
	}
	return nil
}

// measureAlone returns the median of exports while there are no sockets, in seconds; 0 if none are to
// be measured. With publishing, the states of all jobs are published meanwhile, and nobody receives
// them: the publisher, Redis and decoding need the same cores.
func (s *series) measureAlone(ctx context.Context, publishing bool) (middle float64, err error) {
	if s.exportRuns == 0 {
		return 0, nil
	}
	server, err := s.egress.start(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	if err := sleep(ctx, settleTime); err != nil { // the other exports do not run right after a start either
		return 0, err
	}
	if publishing {
		stop, err := s.publishUnheard(ctx)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	seconds, err := s.egress.exports(ctx, server.url(), s.exportRuns)
	if err != nil {
		return 0, err
	}
	_, middle, _ = measure.Spread(seconds)
	return middle, nil
}

// publishUnheard publishes the states of all jobs until stop is called.
func (s *series) publishUnheard(ctx context.Context) (stop func() error, err error) {
	publisher, err := s.egress.publisher(ctx, s.jobs, false)
	if err != nil {
		return nil, err
	}
	plan := newSchedule(s.jobs, s.rate, time.Duration(s.exportRuns+2)*exportLimit)
	finish, published := make(chan struct{}), make(chan error, 1)
	go func() { published <- plan.run(ctx, publisher, finish) }()
	return func() error {
		close(finish)
		return errors.Join(<-published, publisher.stop())
	}, nil
}

func (s *series) turnOfEgress(ctx context.Context) (err error) {
	server, err := s.egress.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	publisher, err := s.egress.publisher(ctx, s.jobs, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, publisher.stop()) }()
	s.sizes, err = s.turn(egressName, server, s.egress, server).run(ctx, publisher)
	return err
}

// turnOfPeer loads centrifuge. The exports run in a server of Egress without sockets: they show what
// the load takes from a program that has no part in it.
func (s *series) turnOfPeer(ctx context.Context) (err error) {
	exporter, err := s.egress.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, exporter.stop()) }()
	server, err := s.peer.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	publisher, err := s.peer.publisher(ctx, s.sizes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, publisher.stop()) }()
	_, err = s.turn(peerName, server, s.peer, exporter).run(ctx, publisher)
	return err
}

func (s *series) turn(name string, server *process, p protocol, exporter *process) *turn {
	return &turn{
		flags: s.flags, load: s.load, server: server, protocol: p, values: s.results[name],
		exports: func(ctx context.Context) ([]float64, error) {
			return s.egress.exports(ctx, exporter.url(), s.exportRuns)
		},
	}
}
