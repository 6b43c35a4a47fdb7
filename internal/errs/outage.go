package errs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
)

// OutageKind says why a service that Egress depends on does not work.
type OutageKind string

// The kinds of outage.
const (
	OutageUnreachable        OutageKind = "unreachable"         // the service does not respond
	OutageOutOfMemory        OutageKind = "out_of_memory"       // the service has no memory left for a write
	OutageReadOnly           OutageKind = "read_only"           // the service rejects writes at the moment
	OutageCredentialsRefused OutageKind = "credentials_refused" // the service rejects the user name or the password
	OutagePermissionMissing  OutageKind = "permission_missing"  // the user lacks a permission that Egress needs
	OutageTLSFailed          OutageKind = "tls_failed"          // the certificate is invalid, or the service does not speak TLS
	OutageSettingsRefused    OutageKind = "settings_refused"    // the service rejects another setting
)

// Permanent reports whether the outage lasts until the operator changes the settings.
func (k OutageKind) Permanent() bool {
	switch k {
	case OutageCredentialsRefused, OutagePermissionMissing, OutageTLSFailed, OutageSettingsRefused:
		return true
	default:
		return false
	}
}

// OutageError says why a service that Egress depends on does not work.
type OutageError struct {
	Kind    OutageKind
	Message string // one sentence without host names, user names and secrets: "Redis is out of memory."
	Advice  string // a sentence that tells the operator what to do; or ""
	Err     error  // the cause, for the log only
}

func (o *OutageError) Error() string {
	if o.Err == nil {
		return o.Message
	}
	return strings.TrimSuffix(o.Message, ".") + ": " + o.Err.Error()
}

// Unwrap returns the cause.
func (o *OutageError) Unwrap() error { return o.Err }

// TLSOutage returns the OutageError of a failed TLS handshake with a service, nil if err has
// another cause.
func TLSOutage(service string, err error) *OutageError {
	const caAdvice = "Set SSL_CERT_FILE to a file with the certificate authorities to trust."
	outage := func(message, advice string) *OutageError {
		return &OutageError{Kind: OutageTLSFailed, Message: message, Advice: advice, Err: err}
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return outage("The certificate of "+service+" is for another host name.", "Use a host name that the certificate contains.")
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return outage("The certificate of "+service+" has expired or is not valid yet.", "Renew the certificate, and check the clocks of both machines.")
	}
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	if unknown || unverified {
		return outage("The certificate of "+service+" is not trusted.", caAdvice)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return outage("The server at the address of "+service+" does not speak TLS.", "Use a URL without TLS, or the port that serves TLS.")
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok || err != nil && strings.Contains(err.Error(), "remote error: tls: ") {
		return outage(strings.ToUpper(service[:1])+service[1:]+" rejected the TLS handshake.", "It may require a client certificate or another TLS version.")
	}
	return nil
}
