package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/pipeline"
)

// Outage converts errors of the server or the connection to an errs.OutageError that wraps err. It
// returns other errors unchanged.
func Outage(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*errs.OutageError](err); ok {
		return err
	}
	message := err.Error()
	contains := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(message, w) {
				return true
			}
		}
		return false
	}
	switch {
	case contains("(AuthenticationFailed)", "bad auth", "(UserNotFound)"): // "bad auth" is Atlas's
		return &errs.OutageError{Kind: errs.OutageCredentialsRefused, Message: "MongoDB rejects the user name or password.",
			Advice: "Check them and authSource in the URI; special characters are percent-encoded.", Err: err}
	case contains("(Unauthorized)"):
		return &errs.OutageError{Kind: errs.OutagePermissionMissing, Message: "MongoDB does not permit what Egress needs.",
			Advice: "Put user and password into the URI, and give the user readWrite on the databases of Egress.", Err: err}
	}
	if o := errs.TLSOutage("MongoDB", err); o != nil {
		return o
	}
	// The driver retries until its timeout. The cause is in its description of the servers.
	if selection, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		for _, s := range selection.Desc.Servers {
			if s.LastError == nil {
				continue
			}
			if o := errs.TLSOutage("MongoDB", s.LastError); o != nil {
				o.Err = err
				return o
			}
		}
	}
	if driver.IsNetworkError(err) || driver.IsTimeout(err) || contains("server selection error") {
		return &errs.OutageError{Kind: errs.OutageUnreachable, Message: "MongoDB does not answer.", Err: err}
	}
	return err
}

// deniedCodes are the server errors that persist until somebody changes credentials or roles
// (mongo/src/mongo/base/error_codes.yml; 8000 is Atlas's).
var deniedCodes = map[int]string{
	11:   "UserNotFound",
	13:   "Unauthorized",
	18:   "AuthenticationFailed",
	31:   "RoleNotFound",
	8000: "AtlasError",
}

// markDenied wraps an error as a permanent pipeline.DependencyError if the database denies the
// credentials or the role. It returns other errors unchanged.
func markDenied(err error) error {
	server, ok := errors.AsType[driver.ServerError](err)
	if !ok {
		return err
	}
	for code, name := range deniedCodes {
		if server.HasErrorCode(code) {
			return &pipeline.DependencyError{
				Class: pipeline.Denied, Code: name, Err: err,
				Advice: "Check the user and its role in EGRESS_MONGODB_URI and EGRESS_USERS_MONGODB_URI.",
			}
		}
	}
	return err
}

// readError describes why a read of documents ended. It returns the cause of ctx if ctx has ended,
// and wraps pipeline.ErrCursorLost if a new cursor may continue the read.
func readError(ctx context.Context, noun string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err = markDenied(err)
	_, refused := errors.AsType[*pipeline.DependencyError](err)
	switch {
	case !refused && isCursorLost(err):
		return fmt.Errorf("read %s: %w: %w", noun, pipeline.ErrCursorLost, err)
	default:
		return fmt.Errorf("read %s: %w", noun, err)
	}
}

// lostCodes are the server errors after which a new cursor may work: the cursor is gone, or its
// server changes role, shuts down or is unreachable (mongo/src/mongo/base/error_codes.yml).
var lostCodes = []int{
	6,     // HostUnreachable
	7,     // HostNotFound
	43,    // CursorNotFound
	63,    // StaleShardVersion
	89,    // NetworkTimeout
	91,    // ShutdownInProgress
	133,   // FailedToSatisfyReadPreference
	150,   // StaleEpoch
	175,   // QueryPlanKilled
	189,   // PrimarySteppedDown
	237,   // CursorKilled
	262,   // ExceededTimeLimit
	9001,  // SocketException
	10107, // NotWritablePrimary
	11600, // InterruptedAtShutdown
	11602, // InterruptedDueToReplStateChange
	13388, // StaleConfig
	13435, // NotPrimaryNoSecondaryOk
	13436, // NotPrimaryOrSecondary
}

func isCursorLost(err error) bool {
	if driver.IsNetworkError(err) || driver.IsTimeout(err) {
		return true
	}
	server, ok := errors.AsType[driver.ServerError](err)
	if !ok {
		return false
	}
	return slices.ContainsFunc(lostCodes, server.HasErrorCode)
}

func wrapError(err error, action string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}
