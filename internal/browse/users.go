package browse

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/users"
)

// Options are the parts of a Users. All but Now are required.
type Options struct {
	Source  Source
	Events  pipeline.Documents // the tenants' state events
	Schemas SchemaReader
	Now     func() time.Time // for relative dates; nil for time.Now
}

// SchemaReader reads tenants' schemas; *mongo.Directory.
type SchemaReader interface {
	Schema(ctx context.Context, tenant string) (users.Schema, error)
}

// Users answers requests about tenants' users. A process has one, because it shares and caches
// counts and checks of ids. It is safe for concurrent use.
type Users struct {
	source  Source
	events  pipeline.Documents
	schemas SchemaReader
	now     func() time.Time
	counts  *singleFlight[int64]
	days    *singleFlight[[]users.DayCount]
	samples *singleFlight[[]bson.Raw] // for estimates
	idTypes *singleFlight[string]     // types of ids that are not strings
}

// New returns the users that o.Source reads.
func New(o Options) *Users {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Users{
		source: o.Source, events: o.Events, schemas: o.Schemas, now: o.Now,
		counts:  &singleFlight[int64]{ttl: countTTL, version: o.Source.Writes},
		days:    &singleFlight[[]users.DayCount]{ttl: countTTL, version: o.Source.Writes},
		samples: &singleFlight[[]bson.Raw]{ttl: countTTL},
		idTypes: newIDTypesCache(),
	}
}

// GetUser returns one user, without attributes of type password, or errs.CodeNotFound.
func (u *Users) GetUser(ctx context.Context, tenant, id string) (users.User, error) {
	schema, err := u.schemas.Schema(ctx, tenant)
	if err != nil {
		return users.User{}, err
	}
	raw, err := u.source.Document(ctx, tenant, id)
	if err != nil {
		return users.User{}, err
	}
	return decodeVisible(raw, schema)
}

// findVisible returns the selected users of a window, without attributes of type password.
func (u *Users) findVisible(ctx context.Context, tenant string, s filter.Selection, w Window, schema users.Schema) ([]users.User, error) {
	raws, err := u.source.Find(ctx, tenant, s, w)
	if err != nil {
		return nil, err
	}
	return decodeAllVisible(raws, schema)
}

// decodeAllVisible decodes users, and removes the attributes of type password.
func decodeAllVisible(raws []bson.Raw, schema users.Schema) (_ []users.User, err error) {
	list := make([]users.User, len(raws))
	for i, raw := range raws {
		if list[i], err = decodeVisible(raw, schema); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// decodeVisible decodes a user, and removes the attributes of type password.
func decodeVisible(raw bson.Raw, schema users.Schema) (users.User, error) {
	user, err := users.Decode(raw)
	if err != nil {
		return users.User{}, err
	}
	for _, f := range schema {
		if f.Secret() {
			delete(user.Attributes, f.Slug)
		}
	}
	return user, nil
}

// querySelection compiles a query of the users screen.
func (u *Users) querySelection(ctx context.Context, tenant string, q users.Query, schema users.Schema) (filter.Selection, error) {
	return u.compileSelection(ctx, tenant, q, schema, filter.Search)
}

// searchCompiler compiles a search text at path in the request; filter.Search or filter.ZephrSearch.
type searchCompiler func(text, path string, schema users.Schema) (filter.Condition, error)

func (u *Users) compileSelection(ctx context.Context, tenant string, q users.Query, schema users.Schema, compileSearch searchCompiler) (filter.Selection, error) {
	search, err := compileSearch(q.Search, "search", schema)
	if err != nil {
		return filter.Selection{}, err
	}
	resolved, err := filter.Resolve(q.Filter, "filter", schema, u.now())
	if err != nil {
		return filter.Selection{}, err
	}
	rules, err := filter.Compile(ctx, resolved, "filter", schema, u.source.Catalog(tenant))
	if err != nil {
		return filter.Selection{}, err
	}
	s := filter.InStore(q.StoreID)
	s.Where = filter.AllOf(search, rules)
	return s, nil
}
