package s3

import (
	"net/http"

	"github.com/egress-io/egress/internal/pipeline"
)

// Advice that several codes share.
const (
	checkPermissions = "Check the bucket policy and the permissions of the credentials."
	checkCredentials = "Check the credentials of the file storage (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or the role)."
	checkBucket      = "Create the bucket, or correct EGRESS_S3_BUCKET."
	checkRegion      = "Correct EGRESS_S3_REGION."
	checkEndpoint    = "Check EGRESS_S3_ENDPOINT."
	checkChecksums   = "Check EGRESS_S3_CHECKSUMS and what this storage supports."
	checkClock       = "Correct the clock of this machine."
	checkSpace       = "Free space in the storage, or raise its quota."
	checkEncryption  = "Check the encryption key of the bucket (KMS)."
	checkAccount     = "Check the account at the storage provider."
)

// The environment variables that Check may name.
const (
	varBucket    = "EGRESS_S3_BUCKET"
	varEndpoint  = "EGRESS_S3_ENDPOINT"
	varRegion    = "EGRESS_S3_REGION"
	varPathStyle = "EGRESS_S3_PATH_STYLE"
	varChecksums = "EGRESS_S3_CHECKSUMS"
	varAccessKey = "AWS_ACCESS_KEY_ID"
	varSecretKey = "AWS_SECRET_ACCESS_KEY" //nolint:gosec // the name of a variable
)

// rule classifies an error code or an HTTP status.
type rule struct {
	class    pipeline.FailureClass
	advice   string // for permanent classes
	variable string // the environment variable that is most likely wrong; "" if none
}

// rulesByCode lists the error codes with another class than their HTTP status, or with better
// advice (Amazon S3 API Reference, "Error responses"; also codes of MinIO and Ceph).
var rulesByCode = map[string]rule{
	// the bucket does not exist
	"NoSuchBucket":      {pipeline.Missing, checkBucket, varBucket},
	"InvalidBucketName": {pipeline.Invalid, checkBucket, varBucket},

	// credentials and permissions
	"AccessDenied":            {pipeline.Denied, checkPermissions, varBucket},
	"AllAccessDisabled":       {pipeline.Denied, checkPermissions, varBucket},
	"UnauthorizedAccess":      {pipeline.Denied, checkPermissions, varBucket},
	"AccountProblem":          {pipeline.Denied, checkAccount, varAccessKey},
	"NotSignedUp":             {pipeline.Denied, checkAccount, varAccessKey},
	"InvalidAccessKeyId":      {pipeline.Denied, checkCredentials, varAccessKey},
	"XAdminUserNotFound":      {pipeline.Denied, checkCredentials, varAccessKey}, // 404 of the Versity gateway
	"SignatureDoesNotMatch":   {pipeline.Denied, checkCredentials, varSecretKey},
	"InvalidSecurity":         {pipeline.Denied, checkCredentials, varAccessKey},
	"CredentialsNotSupported": {pipeline.Denied, checkCredentials, varAccessKey},
	"MissingSecurityHeader":   {pipeline.Denied, checkCredentials, varAccessKey},
	"ExpiredToken":            {pipeline.Denied, checkCredentials, varAccessKey},
	"InvalidToken":            {pipeline.Denied, checkCredentials, varAccessKey},
	"TokenRefreshRequired":    {pipeline.Denied, checkCredentials, varAccessKey},
	"RequestTimeTooSkewed":    {pipeline.Denied, checkClock, varAccessKey},
	"RequestExpired":          {pipeline.Denied, checkClock, varAccessKey},

	// settings that do not fit the storage
	"AuthorizationHeaderMalformed":       {pipeline.Invalid, checkRegion, varRegion},
	"IllegalLocationConstraint":          {pipeline.Invalid, checkRegion, varRegion},
	"IllegalLocationConstraintException": {pipeline.Invalid, checkRegion, varRegion},
	"PermanentRedirect":                  {pipeline.Invalid, checkRegion, varRegion},
	"InvalidRequest":                     {pipeline.Invalid, checkChecksums, varChecksums},
	"InvalidArgument":                    {pipeline.Invalid, checkChecksums, varChecksums},
	"InvalidDigest":                      {pipeline.Invalid, checkChecksums, varChecksums},
	"NotImplemented":                     {pipeline.Invalid, checkChecksums, varChecksums},
	"KMS.DisabledException":              {pipeline.Invalid, checkEncryption, varBucket},
	"KMS.InvalidStateException":          {pipeline.Invalid, checkEncryption, varBucket},
	"KMS.NotFoundException":              {pipeline.Invalid, checkEncryption, varBucket},
	"XMinioStorageFull":                  {pipeline.Invalid, checkSpace, varBucket},
	"QuotaExceeded":                      {pipeline.Denied, checkSpace, varBucket},
	"XMinioAdminBucketQuotaExceeded":     {pipeline.Invalid, checkSpace, varBucket},

	// rate limits, whatever the status
	"SlowDown":                 {class: pipeline.Throttled},
	"ServiceUnavailable":       {class: pipeline.Throttled}, // "Reduce your request rate"
	"TooManyRequests":          {class: pipeline.Throttled},
	"TooManyRequestsException": {class: pipeline.Throttled},
	"RequestLimitExceeded":     {class: pipeline.Throttled},
	"BandwidthLimitExceeded":   {class: pipeline.Throttled},
	"Throttling":               {class: pipeline.Throttled},
	"ThrottlingException":      {class: pipeline.Throttled},
	"RequestThrottled":         {class: pipeline.Throttled},
	"Busy":                     {class: pipeline.Throttled},
	"XMinioServerBusy":         {class: pipeline.Throttled},

	// transient, although the status suggests otherwise
	"RequestTimeout":              {class: pipeline.Unavailable}, // 400: the body arrived too slowly
	"IncompleteBody":              {class: pipeline.Unavailable}, // 400: the connection broke
	"BadDigest":                   {class: pipeline.Unavailable}, // 400: the body was damaged in transit
	"XAmzContentSHA256Mismatch":   {class: pipeline.Unavailable}, // 400: likewise
	"XAmzContentChecksumMismatch": {class: pipeline.Unavailable}, // 400: likewise
	"InvalidPart":                 {class: pipeline.Unavailable}, // 400: the next attempt restarts the file
	"InvalidPartOrder":            {class: pipeline.Unavailable}, // 400: likewise
	"NoSuchUpload":                {class: pipeline.Unavailable}, // 404: likewise
	"OperationAborted":            {class: pipeline.Unavailable}, // 409: another operation is in progress
	"TemporaryRedirect":           {class: pipeline.Unavailable}, // 307: DNS is not updated yet
	"InternalError":               {class: pipeline.Unavailable}, // may have status 200
}

// expiredCodes are the codes after which new credentials may help.
var expiredCodes = map[string]bool{"ExpiredToken": true, "InvalidToken": true, "TokenRefreshRequired": true}

// resendCodes are the codes for a damaged or incomplete request: an immediate retry may help.
var resendCodes = map[string]bool{
	"RequestTimeout": true, "IncompleteBody": true, "BadDigest": true, "XAmzContentSHA256Mismatch": true,
	"XAmzContentChecksumMismatch": true, "OperationAborted": true,
}

// ruleFor classifies a response by its code, or by its status if the code is unknown. A proxy's
// error page has no code.
func ruleFor(status int, code string) rule {
	if r, known := rulesByCode[code]; known {
		return r
	}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return rule{class: pipeline.Throttled}
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return rule{pipeline.Denied, checkPermissions, varBucket}
	case status == http.StatusNotFound:
		return rule{pipeline.Missing, "Check EGRESS_S3_BUCKET and EGRESS_S3_ENDPOINT.", varEndpoint}
	case status == http.StatusMovedPermanently:
		return rule{pipeline.Invalid, checkRegion, varRegion}
	case status == http.StatusRequestTimeout || status == http.StatusConflict || status == http.StatusTooEarly:
		return rule{class: pipeline.Unavailable}
	case status == http.StatusInsufficientStorage:
		return rule{pipeline.Invalid, checkSpace, varBucket}
	case status == http.StatusNotImplemented:
		return rule{pipeline.Invalid, checkChecksums, varChecksums}
	case status >= 300 && status < 500:
		return rule{pipeline.Invalid, checkEndpoint, varEndpoint}
	default: // a server error, or an unreadable response
		return rule{class: pipeline.Unavailable}
	}
}
