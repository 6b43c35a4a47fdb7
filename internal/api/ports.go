package api

import (
	"context"
	"time"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/users"
)

// What the server is wired with.
var (
	_ Auth        = (*auth.Service)(nil)
	_ Keys        = (*auth.Keys)(nil)
	_ Audit       = (*audit.Trail)(nil)
	_ Jobs        = (*jobs.Service)(nil)
	_ Features    = (*flags.Flags)(nil)
	_ Definitions = (*run.Runner)(nil)
	_ Directory   = run.Directory(nil)
)

// Auth signs admins in and knows their sessions and tenants; *auth.Service.
type Auth interface {
	Login(ctx context.Context, email, password, address string) (token string, session *auth.Session, err error)
	Logout(ctx context.Context, token string) (sessionID string, err error)
	// Members returns the admins who have a role in a tenant, by e-mail address.
	Members(ctx context.Context, tenant string) ([]auth.Admin, error)
	// Member returns one of them, or CodeNotFound.
	Member(ctx context.Context, tenant, adminID string) (*auth.Admin, error)
	// Invite gives somebody a role in a tenant; the token is "" for who can sign in already.
	Invite(ctx context.Context, tenant, email string, role auth.Role) (admin *auth.Admin, token string, err error)
	Reinvite(ctx context.Context, tenant, adminID string) (admin *auth.Admin, token string, err error)
	// SetRole changes a role, or takes it away where it is "", and returns the admin as before.
	SetRole(ctx context.Context, tenant, adminID string, role auth.Role) (before *auth.Admin, err error)
	// Invited returns whom a token invites, and where; Accept gives them a password and begins a session.
	Invited(ctx context.Context, token string) (*auth.Admin, *auth.Tenant, error)
	Accept(ctx context.Context, token, name, password string) (admin *auth.Admin, sessionToken string, session *auth.Session, err error)
	// Account returns the admin with an e-mail address and where they may work; nil where there is none.
	Account(ctx context.Context, email string) (*auth.Admin, []auth.Membership, error)
	Authenticate(ctx context.Context, token string) (*auth.Identity, error)
	// Check is Authenticate for connections that outlive a request; it does not count as use.
	Check(ctx context.Context, sessionID, tenant string) (auth.Membership, error)
	Memberships(ctx context.Context, a *auth.Admin) ([]auth.Membership, error)
	Enter(ctx context.Context, a *auth.Admin, tenant string) (auth.Membership, error)
}

// Keys issues key pairs and knows who has signed a request; *auth.Keys.
type Keys interface {
	Verify(ctx context.Context, header string, t auth.Target) (*auth.Signer, error)
	Issue(ctx context.Context, tenant, adminID, by, note string) (pair *auth.KeyPair, secret string, err error)
	List(ctx context.Context, tenant, adminID string) ([]auth.KeyPair, error)
	Pair(ctx context.Context, tenant, adminID, accessKey string) (*auth.KeyPair, error)
	Annotate(ctx context.Context, tenant, accessKey, note string) error
	Revoke(ctx context.Context, tenant, accessKey string) error
	// Emails returns the e-mail addresses of admins by id; those who are gone are left out.
	Emails(ctx context.Context, adminIDs []string) (map[string]string, error)
}

// Audit keeps who did what, and who looked at whose data; *audit.Trail.
type Audit interface {
	// Append adds records of something that happened now.
	Append(ctx context.Context, records ...audit.Record) error
	// Once adds a record of a look, unless the same was noted within the hour.
	Once(ctx context.Context, r audit.Record) error
	// Records returns a page of a tenant's records, newest first.
	Records(ctx context.Context, tenant string, q audit.Query) ([]audit.Record, error)
}

// Jobs admits, shows and cancels export jobs; *jobs.Service.
type Jobs interface {
	// Replay returns the job that the request's idempotency key has made before, or nil.
	Replay(ctx context.Context, r jobs.Request) (*export.Job, error)
	Create(ctx context.Context, r jobs.Request) (job *export.Job, replayed bool, err error)
	Job(ctx context.Context, tenant, id string) (*export.Job, error)
	List(ctx context.Context, tenant string, q jobs.ListQuery) (page []*export.Job, next string, err error)
	Snapshot(ctx context.Context, tenant, requesterID string) ([]*export.Job, error)
	// Cancel ends a live job; by is the e-mail address of the admin who asks for it.
	Cancel(ctx context.Context, tenant, id, by string) (*export.Job, error)
	// OpenStream begins the stream of a sync job's file, which is good once: CodeStreamTaken where it is not to be had.
	OpenStream(ctx context.Context, tenant, id string, kind export.FileKind) (*jobs.Stream, error)
	// Confirm compares what the client of a stream has received with what was sent.
	Confirm(ctx context.Context, tenant, id string, c jobs.Confirmation) (*export.Job, error)
	// Retention is how long the files of a job are kept from its end on, where its tenant has no time of its own.
	Retention() time.Duration
	// QueuePosition returns the place of a queued job from 1, and 0 for any other job.
	QueuePosition(ctx context.Context, job *export.Job) (int64, error)
	// Link signs a link to a file afresh; CodeNotFound where the file is gone.
	Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error)
}

// Features are a tenant's flags; *flags.Flags.
type Features interface {
	// Features returns every feature and whether it is on. CodeUnavailable where that cannot be found out.
	Features(ctx context.Context, tenant string) (map[export.Feature]bool, error)
	// SetFeature switches a feature; CodeUnsupported where features are not switched here.
	SetFeature(ctx context.Context, tenant string, f export.Feature, on bool) error
}

// Settings keeps what owners set; *mongo.Accounts. What was set, the tenant says.
type Settings interface {
	// SetRetention says how long a tenant's files are kept, to the second.
	SetRetention(ctx context.Context, tenant string, d time.Duration) error
	// SetLegacySignatures allows requests of a tenant whose query is not signed, or does not any more.
	SetLegacySignatures(ctx context.Context, tenant string, allowed bool) error
}

// Outbox is the e-mails that were kept and not sent; mongo.Outbox.
type Outbox interface {
	// Messages returns up to limit mails of a tenant, newest first, without their texts: of one admin where userID is not "",
	// and before the one whose OutboxID is before, where that is not "".
	Messages(ctx context.Context, tenant, userID, before string, limit int) ([]*export.Message, error)
	// Message returns a mail of a tenant by its OutboxID, or CodeNotFound.
	Message(ctx context.Context, tenant, id string) (*export.Message, error)
}

// Control tells every server something that is no job; jobs.Bus.
type Control interface {
	Control(ctx context.Context, m jobs.ControlMessage) error
}

// Definitions looks at a definition before it becomes a job; *run.Runner. Errors are CodeInvalid and name the field,
// where the definition does not fit the tenant.
type Definitions interface {
	// Words returns the definition as a sentence, once it is known to fit the tenant.
	Words(ctx context.Context, tenant string, def export.Definition) (string, error)
	// Count returns how many users match now.
	Count(ctx context.Context, tenant string, def export.Definition) (int64, error)
	// Preview tells what the file would hold, with its first rows, limit of them at most.
	Preview(ctx context.Context, tenant string, def export.Definition, limit int) (run.Preview, error)
}

// Users reads a tenant's users for the screen; *mongo.Users. Fields of type password are not in them.
type Users interface {
	// ListUsers returns a page by user id. Errors of the query are CodeInvalid; fields of the filter begin with "filter".
	ListUsers(ctx context.Context, tenant string, q users.Query, cursor string, limit int) (users.Page, error)
	CountUsers(ctx context.Context, tenant string, q users.Query) (int64, error)
	// GetUser returns one user, or CodeNotFound.
	GetUser(ctx context.Context, tenant, id string) (users.User, error)
	Figures(ctx context.Context, tenant, storeID string, now time.Time) (users.Figures, error)
	// WalkUsers begins a walk through the users of a definition. CodeInvalid names what of it is wrong.
	WalkUsers(ctx context.Context, tenant string, def export.Definition) (next Walk, err error)
}

// Walk returns the next users of a walk by id: at most limit, those behind after ("" for the first), when skip were passed over.
type Walk = func(ctx context.Context, after string, skip, limit int64) ([]users.User, error)

// Records finds and changes a tenant's users for programs; mongo's.
type Records interface {
	// FindUsers returns users by what programs know of them, and how many there are.
	FindUsers(ctx context.Context, tenant string, l users.Lookup) (found []users.User, total int64, err error)
	FindAccounts(ctx context.Context, tenant string, skip, limit int64) (found []users.Account, total int64, err error)
	// CreateUser adds a user; CodeExists, naming the field, where there is one with this id, e-mail address or user name.
	CreateUser(ctx context.Context, tenant string, u users.User) error
	// What changes a user is CodeNotFound where there is none.
	DeleteUser(ctx context.Context, tenant, id string) error
	SetAttributes(ctx context.Context, tenant, id string, values map[string]any, replace bool, at time.Time) error
	SetForeignKey(ctx context.Context, tenant, id, system, key string, at time.Time) error
	SetProfile(ctx context.Context, tenant, id, appID string, profile []byte, at time.Time) error
	PutSchema(ctx context.Context, tenant string, fields users.Schema) error
	DeleteField(ctx context.Context, tenant, slug string) (bool, error)
}

// Places remembers where the pages of a walk end; redis.Places. Without it pages cost more, and that is all.
type Places interface {
	// Place returns the id with which a page has ended, "" where that is not remembered.
	Place(ctx context.Context, walk string, page int64) (id string, err error)
	Remember(ctx context.Context, walk string, page int64, id string) error
}

// Directory is what a tenant has beside its users; run.Directory.
type Directory interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
	Registry(ctx context.Context, tenant string) (users.Registry, error)
	Stores(ctx context.Context, tenant string) ([]users.Store, error)
	Products(ctx context.Context, tenant string) ([]users.Product, error)
	AccountNames(ctx context.Context, tenant string, ids []string) (map[string]string, error)
}
