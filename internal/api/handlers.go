package api

import (
	"strings"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/api/limiter"
	"github.com/egress-io/egress/internal/auth"
)

// handlers implements the operations of openapi.yaml. Each group holds only what it needs.
type handlers struct {
	*healthHandlers

	*sessionHandlers
	*accountHandlers
	*factorHandlers
	*passwordResetHandlers
	*meHandlers

	*memberHandlers
	*invitationHandlers
	*keyPairHandlers
	*featureHandlers
	*settingsHandlers
	*auditHandlers
	*outboxHandlers
	*savedFilterHandlers
	*preferenceHandlers

	*jobHandlers
	*streamHandlers
	*previewHandlers
	*socketHandlers
	*userHandlers

	*zephrUserHandlers
	*zephrGrantHandlers
	*zephrAccountHandlers
	*zephrCatalogHandlers
	*zephrChangeHandlers
	*zephrSchemaHandlers
	*zephrExportHandlers
}

var _ gen.ServerInterface = (*handlers)(nil)

// parts are what several groups of handlers share.
type parts struct {
	authorizer     *authorizer
	auditor        *auditor
	notifier       *notifier
	sessions       *sessions
	logins         *logins
	exportRequests *exportRequests
	permissions    *permissions
	bodyStreamer   *bodyStreamer
	links          *links
}

func newParts(o Options, origin string, https bool, rule *auth.CrossSite) *parts {
	addresses := &clientAddresses{proxies: o.Proxies}
	browserCookies := &cookies{https: https}
	reads := &readLimiter{heavyReads: limiter.New(heavyReads)}
	p := &parts{
		authorizer: &authorizer{
			cookies: browserCookies, readLimiter: reads, arrivals: newArrivals(), auth: o.Auth, keys: o.Keys, users: o.Users, crossSite: rule,
			publicOrigin: origin, now: o.Now, logger: o.Logger,
		},
		auditor:      &auditor{clientAddresses: addresses, audit: o.Audit, accounts: o.Auth, refusals: o.Refusals, logger: o.Logger},
		notifier:     &notifier{hub: o.Hub, control: o.Control, logger: o.Logger},
		permissions:  &permissions{auth: o.Auth, keys: o.Keys},
		bodyStreamer: &bodyStreamer{logger: o.Logger},
		links:        &links{clientAddresses: addresses, configured: strings.TrimSuffix(o.LinkURL, "/"), fallback: origin},
	}
	p.sessions = &sessions{notifier: p.notifier, store: o.Auth}
	p.logins = &logins{clientAddresses: addresses, cookies: browserCookies, notifier: p.notifier, store: o.Auth, logger: o.Logger}
	p.exportRequests = &exportRequests{auditor: p.auditor, exports: o.Exports, positions: o.Jobs, logger: o.Logger}
	return p
}

func newHandlers(o Options, p *parts, origin string) *handlers {
	return &handlers{
		healthHandlers: &healthHandlers{checks: o.Checks, logger: o.Logger},

		sessionHandlers: &sessionHandlers{
			logins: p.logins, sessions: p.sessions, auditor: p.auditor, auth: o.Auth, keys: o.Keys, logger: o.Logger,
		},
		accountHandlers: &accountHandlers{
			logins: p.logins, auditor: p.auditor, authorizer: p.authorizer, auth: o.Auth, keys: o.Keys, factors: o.Factors, now: o.Now,
		},
		factorHandlers: &factorHandlers{auditor: p.auditor, factors: o.Factors},
		passwordResetHandlers: &passwordResetHandlers{
			auditor: p.auditor, notifier: p.notifier, auth: o.Auth, keys: o.Keys, mail: o.Mail, publicOrigin: origin,
		},
		meHandlers: &meHandlers{authorizer: p.authorizer, jobs: o.Jobs, outbox: o.Outbox},

		memberHandlers: &memberHandlers{
			sessions: p.sessions, auditor: p.auditor, auth: o.Auth, keys: o.Keys, factors: o.Factors, now: o.Now,
		},
		invitationHandlers: &invitationHandlers{
			logins: p.logins, auditor: p.auditor, auth: o.Auth, keys: o.Keys, mail: o.Mail, publicOrigin: origin, now: o.Now,
		},
		keyPairHandlers:  &keyPairHandlers{auditor: p.auditor, auth: o.Auth, keys: o.Keys, logger: o.Logger},
		featureHandlers:  &featureHandlers{auditor: p.auditor, features: o.Features},
		settingsHandlers: &settingsHandlers{auditor: p.auditor, notifier: p.notifier, settings: o.Settings, jobs: o.Jobs, directory: o.Directory, logger: o.Logger},
		auditHandlers:    &auditHandlers{auditor: p.auditor, bodyStreamer: p.bodyStreamer, audit: o.Audit, now: o.Now, logger: o.Logger},
		outboxHandlers:   &outboxHandlers{outbox: o.Outbox},
		savedFilterHandlers: &savedFilterHandlers{
			auditor: p.auditor, filters: o.SavedFilters, compiler: o.Exports, keys: o.Keys, now: o.Now,
		},
		preferenceHandlers: &preferenceHandlers{preferences: o.Preferences},

		jobHandlers:     &jobHandlers{exportRequests: p.exportRequests, jobs: o.Jobs},
		streamHandlers:  &streamHandlers{exportRequests: p.exportRequests, permissions: p.permissions},
		previewHandlers: &previewHandlers{exportRequests: p.exportRequests},
		socketHandlers:  &socketHandlers{hub: o.Hub},
		userHandlers:    &userHandlers{auditor: p.auditor, users: o.Users, directory: o.Directory, exports: o.Exports, preferences: o.Preferences, now: o.Now},

		zephrUserHandlers: &zephrUserHandlers{
			auditor: p.auditor, users: o.Users, records: o.Records, directory: o.Directory, exports: o.Exports,
		},
		zephrGrantHandlers:   &zephrGrantHandlers{auditor: p.auditor, users: o.Users, now: o.Now},
		zephrAccountHandlers: &zephrAccountHandlers{auditor: p.auditor, users: o.Users, records: o.Records, now: o.Now},
		zephrCatalogHandlers: &zephrCatalogHandlers{records: o.Records, directory: o.Directory},
		zephrChangeHandlers: &zephrChangeHandlers{
			auditor: p.auditor, users: o.Users, records: o.Records, directory: o.Directory, now: o.Now,
		},
		zephrSchemaHandlers: &zephrSchemaHandlers{auditor: p.auditor, records: o.Records, directory: o.Directory, publicOrigin: origin},
		zephrExportHandlers: &zephrExportHandlers{
			auditor: p.auditor, permissions: p.permissions, bodyStreamer: p.bodyStreamer, users: o.Users, exports: o.Exports,
			pageEnds: o.PageEnds, unpagedExports: limiter.New(unpagedExports), links: p.links, logger: o.Logger,
		},
	}
}
