//go:build !linux

package main

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
)

type listeners struct {
	collectors []*collector
	counters   counters
	phase      atomic.Int32
	failure    error
}

func (ls *listeners) listen(context.Context, netip.AddrPort, int, protocol, *schedule) error {
	return errors.New("this benchmark needs Linux")
}

func (ls *listeners) close() error { return nil }
