package api

// notServed is the only list of the endpoints of Zephr's Admin API that Egress does not serve.
// openapi.yaml and docs/compatibility.md contain it; TestNotServedIsDocumented compares them, and
// rewrites them with EGRESS_UPDATE=1. Remove an endpoint here when Egress serves it.
var notServed = []notServedSubject{
	{
		"Members and roles",
		"Members are invited, changed and removed in the console, or in a session with POST /v4/admins, PATCH /v4/admins/{user_id} and DELETE /v4/admins/{user_id}.",
		[]string{"POST /v3/admin/users", "POST /v3/admin/roles", "PUT /v3/admin/roles/:role_id", "DELETE /v3/admin/roles/:role_id"},
	},
	{
		"Sessions of admins",
		"Egress accepts no session token in an address, because addresses are logged. GET /v4/me shows the admin of a session.",
		[]string{"GET /v3/admin/sessions/:session_id"},
	},
	{
		"GraphQL",
		"Egress has no GraphQL interface. The API reference at /docs/api/ lists what it serves.",
		[]string{"POST /v4/admin/graphql"},
	},
	{
		"Accounts",
		"Egress does not create, change or delete accounts. GET /v3/accounts lists them.",
		[]string{
			"POST /v3/accounts", "PUT /v3/accounts/:account_id", "DELETE /v3/accounts/:account_id",
			"POST /v4/accounts/:account_id/users",
		},
	},
	{
		"Grants of accounts",
		"Egress does not change grants of accounts. GET /v3/accounts/{account_id}/grants lists them.",
		[]string{
			"POST /v3/accounts/:account_id/grants", "DELETE /v3/accounts/:account_id/grants/:grant_id",
			"GET /v4/accounts/:account_id/grants", "POST /v4/accounts/:account_id/grants", "DELETE /v4/accounts/:account_id/grants/:grant_id",
		},
	},
	{
		"Products",
		"Egress does not create, change or delete products. GET /v3/products lists them.",
		[]string{"POST /v3/products", "PUT /v3/products/:product_id", "DELETE /v3/products/:product_id"},
	},
	{
		"Entitlements",
		"Egress has no entitlements. The grants of a user name products.",
		[]string{
			"GET /v3/entitlements", "POST /v3/entitlements",
			"GET /v3/entitlements/:entitlement_id", "POST /v3/entitlements/:entitlement_id", "DELETE /v3/entitlements/:entitlement_id",
		},
	},
	{
		"Bundles",
		"Egress has no bundles. The grants of a user name products.",
		[]string{"GET /v3/bundles", "PUT /v3/bundles", "GET /v3/bundles/:bundle_id", "PUT /v3/bundles/:bundle_id", "DELETE /v3/bundles/:bundle_id"},
	},
	{
		"Meters",
		"Egress has no meters, because it does not deliver content.",
		[]string{"GET /v3/meters", "GET /v3/meters/:meter_id", "POST /v3/meters/:meter_id", "DELETE /v3/meters/:meter_id"},
	},
	{
		"Credits",
		"Egress has no credits, because it does not deliver content.",
		[]string{"GET /v3/credits", "POST /v3/credits", "GET /v3/credits/:credit_id", "POST /v3/credits/:credit_id", "DELETE /v3/credits/:credit_id"},
	},
	{
		"Gifts",
		"Egress has no gifts.",
		[]string{"GET /v3/gift", "POST /v3/gift", "DELETE /v3/gift/:gift_id"},
	},
	{
		"Promo codes",
		"Egress has no promo codes.",
		[]string{"POST /zephr/integration/promo-codes/v1/redemptions"},
	},
	{
		"Payments",
		"Egress processes no payments.",
		[]string{"PATCH /blaize/payment/braintree/subscriptions/:external_id", "DELETE /blaize/payment/braintree/subscriptions/:external_id"},
	},
	{
		"Access to content",
		"Egress does not decide what a user may read, because it does not deliver content.",
		[]string{"GET /v3/users/:user_id/accessModel", "POST /v3/users/:user_id/authorization/refresh", "POST /v3/decision-engine"},
	},
	{
		"Sessions of users",
		"Egress has no sessions of users, because users do not log in to it.",
		[]string{
			"POST /v3/sessions", "GET /v3/sessions/:session_id", "GET /v3/users/:user_id/sessions", "GET /v4/users/:user_id/sessions",
			"POST /v4/sessions/:site", "GET /v4/sessions/:site/:session_id", "DELETE /v4/sessions/:site/:session_id",
			"POST /v4/anonymous-sessions/:site",
		},
	},
	{
		"Log-in of users",
		"Egress stores no passwords of users, because users do not log in to it.",
		[]string{
			"POST /v3/users/token-exchange", "POST /v3/users/:user_id/legacyPassword", "POST /v4/users/reset", "POST /zephr/oauth2/token",
		},
	},
	{
		"User segments",
		"Egress has no user segments. POST /v4/user-export-jobs exports the users who match a filter.",
		[]string{
			"GET /v4/users/segments", "POST /v4/users/segments", "GET /v4/users/segments/:segment_id", "DELETE /v4/users/segments/:segment_id",
			"GET /v4/users/:user_id/segments",
		},
	},
	{
		"Bulk updates of users",
		"Egress has no bulk updates over HTTP. Change users one by one with PATCH /v3/users/{user_id}/attributes, or import a file with the command egress import.",
		[]string{"GET /v4/user-updates", "POST /v4/user-updates", "GET /v4/user-updates/:job_id"},
	},
	{
		"Companies",
		"Egress has no companies. GET /v3/accounts lists the accounts.",
		[]string{
			"GET /v3/companies", "POST /v3/companies", "GET /v3/companies/:company_id", "PUT /v3/companies/:company_id", "DELETE /v3/companies/:company_id",
			"POST /v4/companies", "GET /v4/companies/:company_id",
		},
	},
	{
		"Rules",
		"Egress has no rules for features or requests, because it does not deliver content.",
		[]string{
			"GET /v3/feature-rules", "DELETE /v3/feature-rules/:rule_id", "GET /v3/feature-rules/:rule_id/versions", "POST /v3/feature-rules/:rule_id/versions",
			"GET /v3/feature-rules/:rule_id/versions/:version_id", "DELETE /v3/feature-rules/:rule_id/versions/:version_id",
			"PUT /v3/feature-rules/:rule_id/versions/:version_id/tags",
			"GET /v3/request-rules", "PUT /v3/request-rules", "DELETE /v3/request-rules/:rule_id", "POST /v3/request-rules/:rule_id/versions",
			"GET /v3/request-rules/:rule_id/versions/:version_id", "DELETE /v3/request-rules/:rule_id/versions/:version_id",
		},
	},
	{
		"Forms",
		"Egress has no forms, because it does not deliver content.",
		[]string{"GET /v3/forms", "GET /v3/forms/:slug", "PUT /v3/forms/:slug", "DELETE /v3/forms/:slug"},
	},
	{
		"Site content",
		"Egress has no static items, pages, thumbnails, resources or templates, because it does not deliver content.",
		[]string{
			"GET /v3/static", "GET /v3/static/:item_id", "PUT /v3/static/:item_id", "DELETE /v3/static/:item_id",
			"POST /v4/pages/upload-url", "POST /v4/thumbnails/upload-url", "PUT /v4/resources/:resource_id/content",
			"GET /zephr/public/template-components/v1/template-components/:template_id",
		},
	},
	{
		"Content cache",
		"Egress has no content cache, because it does not deliver content.",
		[]string{
			"GET /v3/cache-configurations", "POST /v3/cache-configurations", "GET /v3/cache-configurations/:configuration_id",
			"PUT /v3/cache-configurations/:configuration_id", "DELETE /v3/cache-configurations/:configuration_id",
			"POST /v3/cache-management/evict-origin", "POST /v4/cache-management/evict-origin", "POST /v4/cache-management/evict-origin/:site",
		},
	},
	{
		"Certificates and health of sites",
		"Egress has no sites. GET /readyz reports the state of Egress itself.",
		[]string{"POST /v3/certs", "DELETE /v3/certs", "GET /v3/healthchecks/origin"},
	},
	{
		"Email templates",
		"Egress sends no emails to users, and those to admins have a fixed text.",
		[]string{"GET /v4/email-templates", "GET /v4/email-templates/:slug", "PUT /v4/email-templates/:slug", "DELETE /v4/email-templates/:slug"},
	},
	{
		"Webhooks",
		"Egress calls no webhooks. GET /v4/audit-log with the parameter after returns the new records of the audit log.",
		[]string{
			"GET /v3/webhooks", "POST /v3/webhooks", "GET /v3/webhooks/:webhook_id", "PUT /v3/webhooks/:webhook_id", "DELETE /v3/webhooks/:webhook_id",
		},
	},
	{
		"Tenants",
		"The operator creates tenants on the server. Owners change the settings of a tenant in the console, or with PUT /v4/settings in a session.",
		[]string{"POST /v3/configuration", "POST /v3/initialize"},
	},
}
