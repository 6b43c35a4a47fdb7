package s3

import (
	"context"
	"fmt"
	"mime"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxLifetime is the maximum lifetime of a presigned URL with AWS Signature Version 4.
const maxLifetime = 7 * 24 * time.Hour

// Presign returns a URL that downloads the object at key under the name filename, and when it
// expires. It expires earlier than requested if lifetime exceeds maxLifetime, or if the credentials
// expire first (a role's credentials last some hours).
func (s *Storage) Presign(ctx context.Context, key, filename string, lifetime time.Duration) (string, time.Time, error) {
	credentials, err := s.creds.Retrieve(ctx)
	if err != nil {
		return "", time.Time{}, wrap(ctx, "presign a URL", err)
	}
	now := s.now()
	lifetime = min(lifetime, maxLifetime)
	if credentials.CanExpire {
		lifetime = min(lifetime, credentials.Expires.Sub(now))
	}
	lifetime = lifetime.Truncate(time.Second)
	if lifetime <= 0 {
		return "", time.Time{}, fmt.Errorf("presign a URL: its lifetime would be zero")
	}
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": filename})
	link, err := s.clients.Load().presign.PresignGetObject(ctx, &awss3.GetObjectInput{
		Bucket: &s.bucket, Key: &key, ResponseContentDisposition: &disposition,
	}, awss3.WithPresignExpires(lifetime))
	if err != nil {
		return "", time.Time{}, wrap(ctx, "presign a URL", err)
	}
	return link.URL, now.Add(lifetime), nil
}
