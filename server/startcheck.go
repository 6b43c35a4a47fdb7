package main

import (
	"context"
	"errors"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/mongo"
)

// settingError returns a permanent outage as an error of the variable that causes it, and any other
// error unchanged.
func settingError(variable string, err error) error {
	o, ok := errors.AsType[*errs.OutageError](err)
	if !ok || !o.Kind.Permanent() {
		return err
	}
	message := o.Message
	if o.Advice != "" {
		message += " " + o.Advice
	}
	return errs.Invalid(variable, "%s", message)
}

// mongoSettingError is settingError for the MongoDB URIs.
func mongoSettingError(err error) error {
	if errors.Is(err, mongo.ErrUsersCluster) {
		return settingError("EGRESS_USERS_MONGODB_URI", err)
	}
	return settingError("EGRESS_MONGODB_URI", mongo.Outage(err))
}

// checkRedis checks that Redis accepts work. It returns an error if EGRESS_REDIS_URL is invalid.
// Any other outage is logged and set as redisOutage: exports wait until it is over.
func (s *system) checkRedis(ctx context.Context, cfg *config.Config) error {
	err := s.redis.Probe(ctx)
	if err == nil || cfg.RedisURL == "" {
		return err
	}
	if err := settingError("EGRESS_REDIS_URL", err); errs.CodeOf(err) == errs.CodeInvalidRequest {
		return err
	}
	s.redisOutage = "Redis does not answer."
	if o, ok := errors.AsType[*errs.OutageError](err); ok {
		s.redisOutage = o.Message
	}
	s.log.WarnContext(ctx, "Redis does not accept work; exports wait until it does", "variable", "EGRESS_REDIS_URL", "error", err)
	return nil
}
