package s3

import (
	"context"
	"fmt"
	"mime"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxLifetime is the longest that a link can live: signature version 4 allows no more.
const maxLifetime = 7 * 24 * time.Hour

// Presign signs a link that downloads the object at key under the name filename. It tells when the link really ends,
// which is earlier than asked for where a link cannot live that long, or where the credentials that sign it end sooner
// (those of a role last an hour or a few).
func (s *Storage) Presign(ctx context.Context, key, filename string, lifetime time.Duration) (string, time.Time, error) {
	credentials, err := s.creds.Retrieve(ctx)
	if err != nil {
		return "", time.Time{}, wrap(ctx, "sign a link", err)
	}
	now := s.now()
	lifetime = min(lifetime, maxLifetime)
	if credentials.CanExpire {
		lifetime = min(lifetime, credentials.Expires.Sub(now))
	}
	lifetime = lifetime.Truncate(time.Second)
	if lifetime <= 0 {
		return "", time.Time{}, fmt.Errorf("sign a link: it would have no time to live")
	}
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": filename})
	link, err := s.presign.PresignGetObject(ctx, &awss3.GetObjectInput{
		Bucket: &s.bucket, Key: &key, ResponseContentDisposition: &disposition,
	}, awss3.WithPresignExpires(lifetime))
	if err != nil {
		return "", time.Time{}, wrap(ctx, "sign a link", err)
	}
	return link.URL, now.Add(lifetime), nil
}
