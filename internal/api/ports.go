package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/users"
)

// The implementations that the server uses.
var (
	_ Auth     = (*auth.Service)(nil)
	_ Keys     = (*auth.Keys)(nil)
	_ Factors  = (*auth.Factors)(nil)
	_ Audit    = (*audit.Recorder)(nil)
	_ Refusals = (*audit.Refusals)(nil)
	_ Jobs     = (*jobs.Service)(nil)
	_ Features = (*flags.Flags)(nil)
	_ Exports  = (*exporter.Exporter)(nil)
)

// Audit stores and reads audit records; *audit.Recorder.
type Audit interface {
	audit.Writer
	// Records returns a page of a tenant's records, newest first.
	Records(ctx context.Context, tenant string, q audit.Query) ([]audit.Record, error)
	// Follow returns the records after the one with this ID ("" for the first), in the order of the
	// chain. Records that are appended later always follow. It returns audit.ErrUnknownRecord if
	// the tenant has no record with this id.
	Follow(ctx context.Context, tenant, after string, limit int) ([]audit.Record, error)
}

// Refusals records requests that were refused before authentication; *audit.Refusals.
type Refusals interface {
	// LogIn records a rate-limited log-in. It does not block: the record is written later.
	LogIn(a audit.ThrottledLogIn)
}

// Jobs shows export jobs; *jobs.Service.
type Jobs interface {
	Job(ctx context.Context, tenant, id string) (*export.Job, error)
	List(ctx context.Context, tenant string, q jobs.ListQuery) (page []*export.Job, next string, err error)
	// ExportDays returns the last days of a zone, oldest first, with the jobs of a tenant.
	ExportDays(ctx context.Context, tenant string, zone *time.Location) ([]jobs.ExportDay, error)
	// KeptDays returns the days of a zone on which stored files of a tenant are deleted.
	KeptDays(ctx context.Context, tenant string, zone *time.Location) ([]jobs.KeptDay, error)
	// Retention returns how long the files of a job are stored after its end, unless its tenant sets
	// another time.
	Retention() time.Duration
	QueuePositions
}

// Features reads and changes a tenant's feature flags; *flags.Flags.
type Features interface {
	// Features returns every feature and whether it is enabled, or CodeUnavailable.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
	// SetFeature enables or disables a feature. It returns CodeUnsupported if another system
	// manages the features.
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Settings changes a tenant's settings; *mongo.Admins. The current values are in auth.Tenant.
type Settings interface {
	// SetRetention sets how long a tenant's files are kept, in whole seconds.
	SetRetention(ctx context.Context, tenant string, d time.Duration) error
	// SetLegacySignatures sets whether a tenant accepts signatures that do not cover the query.
	SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error
	// SetSecondFactorRequired sets whether sessions need a second factor in a tenant.
	SetSecondFactorRequired(ctx context.Context, tenant string, required bool) error
	// SetZephrSignatures sets whether a tenant accepts Zephr's signature schemes.
	SetZephrSignatures(ctx context.Context, tenant string, accepted bool) error
	// SetDefaultStore sets the user store of users who are created without one; "" for the first one.
	SetDefaultStore(ctx context.Context, tenant, store string) error
}

// SavedFilters stores filters under names; savedfilters.Store.
type SavedFilters = savedfilters.Store

// Preferences stores what the console remembers for an admin; preferences.Store.
type Preferences = preferences.Store

// Outbox reads the e-mails that were kept instead of sent; mongo.Outbox.
type Outbox interface {
	// Messages returns up to limit e-mails of a tenant, newest first, without their text. If userID
	// is not "", only those to this admin. If before is not "", only those before the one with this
	// OutboxID.
	Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error)
	// Message returns an e-mail of a tenant by its OutboxID, or CodeNotFound.
	Message(ctx context.Context, tenant, id string) (*export.Message, error)
}

// Mail sends e-mails that do not concern exports; *mail.Mailer. It is nil if no mail server is
// configured.
type Mail interface {
	// SendInvitation blocks until the mail server has accepted the e-mail, or returns the error.
	SendInvitation(ctx context.Context, m auth.InvitationMail) error
	// SendReset does not block: the time to send would reveal whether an address has an account.
	SendReset(m auth.ResetMail)
}

// Control sends control messages to every server; jobs.Bus.
type Control interface {
	Control(ctx context.Context, m jobs.ControlMessage) error
}

// DefinitionCompiler compiles definitions; *exporter.Exporter.
type DefinitionCompiler interface {
	Compile(ctx context.Context, tenant string, def export.Definition) (*exporter.Compiled, error)
}

// Exports are the use cases of exports; *exporter.Exporter.
type Exports interface {
	Start(ctx context.Context, c exporter.Caller, def export.Definition, idempotencyKey string, warnings ...export.Warning) (*export.Job, error)
	Preview(ctx context.Context, c exporter.Caller, def export.Definition, estimate bool) (exporter.Preview, error)
	Count(ctx context.Context, c exporter.Caller, def export.Definition, estimate bool) (users.Count, error)
	DefinitionCompiler
	CountCompiled(ctx context.Context, c *exporter.Compiled) (int64, error)
	Cancel(ctx context.Context, c exporter.Caller, id string) (*export.Job, error)
	CancelTabClosed(ctx context.Context, c exporter.Caller, id string) (*export.Job, error)
	Linker(c exporter.Caller, job *export.Job) exporter.Linker
	FileChecker
	Download(ctx context.Context, c exporter.Caller, id string, kind export.FileKind) (url string, expires time.Time, err error)
	Stream(ctx context.Context, c exporter.Caller, id string, kind export.FileKind) (*jobs.Stream, error)
	Confirm(ctx context.Context, c exporter.Caller, id string, got jobs.Confirmation) (*export.Job, error)
}

// FileChecker says which files can be downloaded; *exporter.Exporter.
type FileChecker interface {
	// CheckFile returns nil if a file of a job can be downloaded.
	CheckFile(job *export.Job, f export.File) error
}

// IDChecker finds ids that Egress cannot export; *browse.Users.
type IDChecker interface {
	// CheckIDs returns CodeNonStringID if users, or documents of the other kinds, have ids that are
	// not strings.
	CheckIDs(ctx context.Context, tenant string, kinds ...export.FileKind) error
}

// Users reads a tenant's users for the console; *browse.Users. Fields of type password are omitted.
type Users interface {
	// ListUsers returns a page of users in the order of the query. Errors of the query are CodeInvalidRequest; fields
	// of the filter begin with "filter".
	ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error)
	CountUsers(ctx context.Context, tenant string, q users.Query) (int64, error)
	// EstimateUsers returns the result of CountUsers if it is known soon, otherwise an estimate.
	EstimateUsers(ctx context.Context, tenant string, q users.Query) (users.Count, error)
	// GetUser returns one user, or CodeNotFound.
	GetUser(ctx context.Context, tenant, id string) (users.User, error)
	Figures(ctx context.Context, tenant, storeID string, now time.Time) (users.Figures, error)
	// RegisteredDays returns the users of a store that registered on each of the last 30 days of a zone,
	// oldest first.
	RegisteredDays(ctx context.Context, tenant, storeID string, now time.Time, zone *time.Location) ([]users.DayCount, error)
	IDChecker
	// WalkUsers returns an iterator over selected users.
	WalkUsers(tenant string, s filter.Selection, schema users.Schema) Walk
}

// Walk returns the next users, sorted by id: at most limit of those after the id after ("" for the
// first), without the first skip.
type Walk = func(ctx context.Context, after string, skip, limit int64) ([]users.User, error)

// Records finds and changes a tenant's users for programs; *browse.Users with *mongo.UserWriter.
type Records interface {
	// FindUsers returns the users of a lookup and their total number.
	FindUsers(ctx context.Context, tenant string, l users.Lookup) (found []users.User, total int64, err error)
	CustomerAccounts
	AccountChanges
	UserChanges
	PutSchema(ctx context.Context, tenant string, fields users.Schema) error
	DeleteField(ctx context.Context, tenant, slug string) (bool, error)
}

// CustomerAccounts reads a tenant's accounts; *browse.Users.
type CustomerAccounts interface {
	// FindAccounts returns accounts, ordered by id, and their total number. If search is not "", it
	// returns those whose name contains it.
	FindAccounts(ctx context.Context, tenant, search string, skip, limit int64) (found []users.Account, total int64, err error)
	// Account returns an account, or CodeNotFound.
	Account(ctx context.Context, tenant, id string) (users.Account, error)
	// AccountUsers returns the ids of the users of an account, ordered, and whether more follow.
	AccountUsers(ctx context.Context, tenant, account string, skip, limit int64) (ids []string, more bool, err error)
	// AccountGrants returns the grants of an account, ordered by user, and whether more follow.
	AccountGrants(ctx context.Context, tenant, account string, skip, limit int64) (grants []users.Grant, more bool, err error)
	// AccountGrant returns a grant of an account, or CodeNotFound.
	AccountGrant(ctx context.Context, tenant, account, id string) (users.Grant, error)
}

// AccountChanges adds users to accounts and removes them; *mongo.UserWriter.
type AccountChanges interface {
	// AddUserAccount adds a user to an account, and reports whether the user was not in it. It returns
	// CodeNotFound if the user does not exist. It does not look whether the account exists.
	AddUserAccount(ctx context.Context, tenant, id, account string, at time.Time) (added bool, err error)
	// RemoveUserAccount returns CodeNotFound if the user does not exist or is not in the account.
	RemoveUserAccount(ctx context.Context, tenant, id, account string, at time.Time) error
}

// UserChanges changes a tenant's users; *mongo.UserWriter.
type UserChanges interface {
	// CreateUser adds a user. It returns CodeExists, with the field, if the id, e-mail address or
	// user name belongs to another user.
	CreateUser(ctx context.Context, tenant string, u users.User) error
	// The following methods return CodeNotFound if the user does not exist.
	DeleteUser(ctx context.Context, tenant, id string) error
	SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error
	SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error
	SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error
	// ChangeUser sets members by their paths, such as "attributes.country"; nil removes a member. It
	// returns CodeExists, with the field, if the e-mail address or user name belongs to another user.
	ChangeUser(ctx context.Context, tenant, id string, values map[string]any, at time.Time) error
	// RemoveForeignKey returns CodeNotFound if the user has another key, too.
	RemoveForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error
	// ChangeProfile replaces an extended profile by what change returns for it, nil if it is missing.
	// It may call change several times.
	ChangeProfile(ctx context.Context, tenant, id, appID string, change func(json.RawMessage) (json.RawMessage, error), at time.Time) error
	// PutGrant adds a grant, or replaces the one with the same id.
	PutGrant(ctx context.Context, tenant, id string, g users.Grant, at time.Time) error
	// DeleteGrant returns CodeNotFound if the user has no grant with this id, too.
	DeleteGrant(ctx context.Context, tenant, id, grantID string, at time.Time) error
	// AddProducts adds the products that are missing.
	AddProducts(ctx context.Context, tenant string, products []users.Product) (int, error)
}

// PageEnds stores the last id of each page of a walk; redis.PageEnds. Without it pages cost more.
type PageEnds interface {
	// LastID returns the last id of a page, "" if it is not stored.
	LastID(ctx context.Context, walk string, page int64) (id string, err error)
	Remember(ctx context.Context, walk string, page int64, id string) error
}

// Directory reads a tenant's schema, stores, products and account names; pipeline.Directory.
type Directory interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	Registry(ctx context.Context, tenant string) (users.Registry, error)
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
	Products(ctx context.Context, tenant string) ([]users.Product, error)
	AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error)
}
