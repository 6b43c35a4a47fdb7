package sqlite

// The steps of the schemas. A step is never changed once a release has it: append another one. The
// tables have the names and the documents of the collections of package mongo.

const fileTable = `CREATE TABLE file (owner TEXT NOT NULL) STRICT;`

// controlSchema are the steps of the control file.
var controlSchema = []string{fileTable + `
CREATE TABLE tenants (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;

CREATE TABLE admins (id TEXT PRIMARY KEY, email TEXT NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX admins_email ON admins (email);

CREATE TABLE sessions (id TEXT PRIMARY KEY, admin_id TEXT NOT NULL, expires INTEGER NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX sessions_admin ON sessions (admin_id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE invitations (
	id TEXT PRIMARY KEY,
	key TEXT UNIQUE, -- one invitation per tenant and address
	token_hash TEXT, tenant TEXT, doc BLOB NOT NULL
) STRICT;
CREATE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_tenant ON invitations (tenant, id DESC);

CREATE TABLE password_resets (id TEXT PRIMARY KEY, admin_id TEXT NOT NULL, expires INTEGER NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX password_resets_admin ON password_resets (admin_id);
CREATE INDEX password_resets_expires ON password_resets (expires);

CREATE TABLE key_pairs (
	id TEXT PRIMARY KEY,
	slot TEXT UNIQUE, -- one of an admin's slots while the key pair is active
	tenant TEXT NOT NULL, admin_id TEXT NOT NULL, doc BLOB NOT NULL
) STRICT;
CREATE INDEX key_pairs_tenant ON key_pairs (tenant, admin_id);
CREATE INDEX key_pairs_admin ON key_pairs (admin_id);

CREATE TABLE factors (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE factor_challenges (id TEXT PRIMARY KEY, account TEXT NOT NULL, expires INTEGER NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX factor_challenges_account ON factor_challenges (account);
CREATE INDEX factor_challenges_expires ON factor_challenges (expires);
CREATE TABLE factor_claims (id TEXT PRIMARY KEY, expires INTEGER, doc BLOB NOT NULL) STRICT;
CREATE INDEX factor_claims_expires ON factor_claims (expires);

CREATE TABLE jobs (
	id TEXT PRIMARY KEY,
	live TEXT UNIQUE, -- the requester's slot, while the job is live
	idem TEXT UNIQUE, -- the idempotency key with its owner, until it is freed
	tenant TEXT NOT NULL, requester_id TEXT NOT NULL, mode TEXT NOT NULL, status TEXT NOT NULL,
	attempt INTEGER NOT NULL, sequence INTEGER NOT NULL,
	created INTEGER NOT NULL, completed INTEGER, expires INTEGER, dirty INTEGER NOT NULL, mail_due INTEGER,
	doc BLOB NOT NULL
) STRICT;
CREATE INDEX jobs_tenant ON jobs (tenant, id DESC);
CREATE INDEX jobs_requester ON jobs (tenant, requester_id, id DESC);
CREATE INDEX jobs_expires ON jobs (status, expires);
CREATE INDEX jobs_live ON jobs (id) WHERE live IS NOT NULL;
CREATE INDEX jobs_dirty ON jobs (id) WHERE dirty;
CREATE INDEX jobs_mail ON jobs (id) WHERE mail_due IS NOT NULL;
CREATE TABLE claims (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE turns (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;

CREATE TABLE outbox (id TEXT PRIMARY KEY, tenant TEXT NOT NULL, user_id TEXT NOT NULL, key TEXT NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX outbox_tenant ON outbox (tenant, key DESC);
CREATE INDEX outbox_user ON outbox (tenant, user_id, key DESC);

CREATE TABLE audit (
	id TEXT PRIMARY KEY,
	once TEXT UNIQUE,
	place TEXT UNIQUE, -- the position in the chain
	tenant TEXT NOT NULL, kind TEXT NOT NULL, seq INTEGER, time INTEGER NOT NULL, doc BLOB NOT NULL
) STRICT;
CREATE INDEX audit_tenant ON audit (tenant, id DESC, kind, time);
CREATE INDEX audit_kind ON audit (tenant, kind, id DESC);
CREATE INDEX audit_seq ON audit (tenant, seq, id);
CREATE TABLE audit_heads (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;

-- How far a copy into this database is (package transfer).
CREATE TABLE transfers (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
`, `
-- What lists of jobs compare, in their index: the table's rows are large.
ALTER TABLE jobs ADD COLUMN email TEXT; -- of the requester
ALTER TABLE jobs ADD COLUMN search TEXT; -- stored.JobText
UPDATE jobs SET email = email_of_job(doc), search = text_of_job(doc);
DROP INDEX jobs_tenant;
CREATE INDEX jobs_list ON jobs (tenant, id DESC, status, email, requester_id, search);
`, `
CREATE TABLE saved_filters (
	id TEXT PRIMARY KEY,
	key TEXT UNIQUE, -- a tenant and a folded name
	tenant TEXT NOT NULL, doc BLOB NOT NULL
) STRICT;
CREATE INDEX saved_filters_tenant ON saved_filters (tenant, id);
CREATE TABLE preferences (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
`}

// tenantSchema are the steps of a tenant's file.
//
// The columns of users hold values of the usual type only. A user with another shape, which only
// another program stores, has odd = 1: while a file has one, conditions are evaluated on all
// documents.
var tenantSchema = []string{fileTable + `
CREATE TABLE users (
	seq INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	store TEXT, email TEXT, username TEXT, -- e-mail address and user name folded (users.Fold)
	registered INTEGER, last_login INTEGER, updated INTEGER, -- milliseconds since 1970
	odd INTEGER NOT NULL,
	doc BLOB NOT NULL
) STRICT;
CREATE INDEX users_store ON users (store, id);
CREATE INDEX users_email ON users (email) WHERE email IS NOT NULL;
CREATE INDEX users_username ON users (username) WHERE username IS NOT NULL;
CREATE INDEX users_registered ON users (registered, store);
CREATE INDEX users_last_login ON users (last_login, store);
CREATE INDEX users_updated ON users (updated, store);
CREATE INDEX users_odd ON users (seq) WHERE odd;
-- The definitions of the indexes of users that a first import has dropped, until it builds them.
CREATE TABLE dropped_indexes (name TEXT PRIMARY KEY, sql TEXT NOT NULL) STRICT;

-- The foreign keys and the accounts of users; user is users.seq.
CREATE TABLE foreign_keys (system TEXT NOT NULL, key TEXT NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (system, key, user)) STRICT, WITHOUT ROWID;
CREATE INDEX foreign_keys_user ON foreign_keys (user);
CREATE TABLE account_users (account TEXT NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (account, user)) STRICT, WITHOUT ROWID;
CREATE INDEX account_users_user ON account_users (user);

CREATE TABLE state_events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc BLOB NOT NULL) STRICT;

CREATE TABLE stores (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE products (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE accounts (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE schema (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE registry (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
CREATE TABLE upgrades (id TEXT PRIMARY KEY, doc BLOB NOT NULL) STRICT;
`, `
-- The accounts of users' grants that are not in account_users; user is users.seq.
CREATE TABLE grant_accounts (account TEXT NOT NULL, user INTEGER NOT NULL, PRIMARY KEY (account, user)) STRICT, WITHOUT ROWID;
CREATE INDEX grant_accounts_user ON grant_accounts (user);
INSERT INTO grant_accounts (account, user) SELECT DISTINCT value, seq FROM users, json_each(accounts_of_grants(doc));
`, `
-- Lists in the order of a value: the id orders users with equal values, and the store is compared
-- without the row. Users without an email address or username are in a list too. buildUserIndexes
-- builds the indexes.
DROP INDEX IF EXISTS users_email;
DROP INDEX IF EXISTS users_username;
DROP INDEX IF EXISTS users_registered;
DROP INDEX IF EXISTS users_last_login;
DROP INDEX IF EXISTS users_updated;
INSERT OR REPLACE INTO dropped_indexes (name, sql) VALUES
	('users_email', 'CREATE INDEX users_email ON users (email, id, store)'),
	('users_username', 'CREATE INDEX users_username ON users (username, id, store)'),
	('users_registered', 'CREATE INDEX users_registered ON users (registered, id, store)'),
	('users_last_login', 'CREATE INDEX users_last_login ON users (last_login, id, store)'),
	('users_updated', 'CREATE INDEX users_updated ON users (updated, id, store)');
`}
