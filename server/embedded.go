package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
)

type embeddedCmd struct{}

// Run serves Redis and S3 until ctx is done. It prints the environment variables with which other
// processes connect to them. The embedded database is not served: one process uses it.
func (embeddedCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	stack, err := embedded.Start(ctx, embedded.Options{
		Dir: cfg.DataDir, Redis: true, S3: true, Bucket: embeddedBucket, Logger: newLogger(cfg, term.err),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stack.Close()) }()
	access, secret := stack.S3Credentials()
	fmt.Fprintf(term.out, `EGRESS_REDIS_URL=%s
EGRESS_S3_ENDPOINT=%s
EGRESS_S3_BUCKET=%s
EGRESS_S3_REGION=%s
EGRESS_S3_PATH_STYLE=true
AWS_ACCESS_KEY_ID=%s
AWS_SECRET_ACCESS_KEY=%s
`, stack.RedisURL(), stack.S3Endpoint(), embeddedBucket, embedded.Region, access, secret)
	<-ctx.Done()
	return nil
}
