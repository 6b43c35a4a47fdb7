package auth

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// Attempt is one attempt to prove a password.
type Attempt struct {
	Email     string
	Password  string
	Address   string // IP address of the client
	UserAgent string // of the request; stored with the session
	Device    string // device cookie from Service.Device, set after an earlier log-in; "" for none
}

// limitedKey is a throttle key and its limit.
type limitedKey struct {
	key   string
	limit Limit
}

// throttleKeys holds the throttle keys of an attempt.
type throttleKeys struct {
	refuse []limitedKey // each of these limits may refuse the attempt
	delay  string       // key whose failures delay the attempt; "" for none
	reset  string       // key that a success resets; "" for none
}

// attemptLimits limits attempts and delays them.
type attemptLimits struct {
	throttle      Throttle
	deviceCookies *deviceCookies
	waiting       waitingRoom
	wait          func(context.Context, time.Duration) error
	logger        *slog.Logger
}

// throttleKeysOf returns the throttle keys of an attempt. A device on which the admin has logged in
// before has its own limit: failures of strangers do not affect it. Every other attempt counts
// towards three limits: e-mail address with IP address, IP address alone, and e-mail address alone.
// The last one delays attempts but never refuses them. The keys do not depend on whether the
// account exists.
//
// If an e-mail address has several accounts, devices are not recognized and a success resets no
// limit. Otherwise the holder of one account could guess the password of another without limit by
// logging in to the own account between guesses.
func (s *attemptLimits) throttleKeysOf(accounts []Admin, a Attempt) throttleKeys {
	if len(accounts) == 1 {
		if id, ok := s.deviceCookies.id(&accounts[0], a.Device); ok {
			key := deviceKey(id)
			return throttleKeys{refuse: []limitedKey{{key, deviceLimit}}, reset: key}
		}
	}
	account := accountAddressKey(a.Email, a.Address)
	b := throttleKeys{
		refuse: []limitedKey{{account, accountAddressLimit}, {addressKey(a.Address), addressLimit}},
		delay:  accountKey(a.Email), reset: account,
	}
	if len(accounts) > 1 {
		b.reset = ""
	}
	return b
}

// checkLimits returns CodeRateLimited after too many failures of the device, of the e-mail address
// from this IP address, or of the IP address. If the throttle fails, only the number of concurrent
// checks is limited: a Redis outage locks nobody out.
func (s *attemptLimits) checkLimits(ctx context.Context, b throttleKeys) error {
	var wait time.Duration
	for _, c := range b.refuse {
		left, err := s.throttle.RetryAfter(ctx, c.key, c.limit)
		if err != nil {
			s.logThrottleError(ctx, err)
			return nil
		}
		wait = max(wait, left)
	}
	if wait <= 0 {
		return nil
	}
	return errTooManyAttempts(wait)
}

func errTooManyAttempts(wait time.Duration) error {
	e := errs.Errorf(errs.CodeRateLimited, "Too many attempts. Wait a while, then try again.")
	e.Details = map[string]any{"retryAfterSeconds": int(math.Ceil(wait.Seconds()))}
	return e
}

// countFailure counts a wrong password.
func (s *attemptLimits) countFailure(ctx context.Context, b throttleKeys) {
	var failures []error
	for _, c := range b.refuse {
		failures = append(failures, s.throttle.CountFailure(ctx, c.key, c.limit))
	}
	if b.delay != "" {
		failures = append(failures, s.throttle.CountFailure(ctx, b.delay, accountDelayLimit))
	}
	if err := errors.Join(failures...); err != nil {
		s.logThrottleError(ctx, err)
	}
}

// resetLimit resets the limit after a correct password. It keeps the count of the e-mail address
// over all IP addresses: otherwise a script that logs in every minute would reset the count of
// attackers every minute.
func (s *attemptLimits) resetLimit(ctx context.Context, b throttleKeys) {
	if b.reset == "" {
		return
	}
	if err := s.throttle.ResetCount(ctx, b.reset); err != nil {
		s.logThrottleError(ctx, err)
	}
}

func (s *attemptLimits) logThrottleError(ctx context.Context, err error) {
	s.logger.WarnContext(ctx, "cannot limit log-ins: the throttle failed", "error", err)
}
