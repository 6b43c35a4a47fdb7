package api

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/auth"
)

// hostPrefix begins the names of cookies over https. Browsers accept such a cookie only from this
// host, with Secure and Path=/, so another site of the same domain cannot set it.
const hostPrefix = "__Host-"

// Names under which clients written for Zephr send a session.
const legacySessionHeader = "Blaize-Admin-Session"

var legacySessionCookies = []string{"blaize_admin_session", "zephr_admin_session"}

// consoleHeader marks a request that the console or a script sent on purpose. Another web site
// cannot send it, because the browser's CORS preflight fails. The console needs it on plain http,
// where browsers do not send Sec-Fetch-Site.
const consoleHeader = fiber.HeaderXRequestedWith

// cookies reads and writes the cookies of sessions and devices.
type cookies struct {
	https bool // clients use https
}

// cookieName returns the name of one of our cookies, with hostPrefix over https.
func (cs *cookies) cookieName(name string) string {
	if cs.https {
		return hostPrefix + name
	}
	return name
}

// sessionToken returns the session token of a request, "" for none, and whether it came in a
// cookie, which browsers add automatically. A header is sent on purpose and takes precedence. Over
// https a cookie without hostPrefix is ignored: another site of the same domain may have set it.
func (cs *cookies) sessionToken(c *fiber.Ctx) (token string, inCookie bool) {
	if token := c.Get(legacySessionHeader); token != "" {
		return token, false
	}
	if token := c.Cookies(cs.cookieName(auth.CookieName)); token != "" {
		return token, true
	}
	if fromBrowser(c) {
		return "", false
	}
	for _, name := range legacySessionCookies {
		if token := c.Cookies(name); token != "" {
			return token, true
		}
	}
	return "", false
}

// cookieOnly reports whether only a cookie authenticates the request.
func (cs *cookies) cookieOnly(c *fiber.Ctx) bool {
	_, inCookie := cs.sessionToken(c)
	return inCookie && c.Get(consoleHeader) == "" && !hasSignature(c)
}

// fromBrowser reports whether a web page sent the request. Zephr's cookies have no hostPrefix, so
// another site of the same domain could set them in a browser. The scripts that use them are not
// browsers.
func fromBrowser(c *fiber.Ctx) bool {
	return c.Get("Sec-Fetch-Mode") != "" || c.Get("Sec-Fetch-Dest") != ""
}

// sessionTokens returns every session token of a request, in any header or cookie.
func (cs *cookies) sessionTokens(c *fiber.Ctx) (tokens []string) {
	add := func(token string) {
		if token != "" && !slices.Contains(tokens, token) {
			tokens = append(tokens, token)
		}
	}
	add(c.Get(legacySessionHeader))
	for _, name := range cs.sessionCookies() {
		add(c.Cookies(name))
	}
	return tokens
}

// sessionCookies returns the names of all cookies that contain a session token, including former
// ones.
func (cs *cookies) sessionCookies() []string {
	return append([]string{cs.cookieName(auth.CookieName), auth.CookieName}, legacySessionCookies...)
}

func (cs *cookies) sessionCookie(value string) *fiber.Cookie {
	return cs.newCookie(auth.CookieName, value)
}

// newCookie returns one of our cookies.
func (cs *cookies) newCookie(name, value string) *fiber.Cookie {
	return &fiber.Cookie{
		Name: cs.cookieName(name), Value: value, Path: "/", HTTPOnly: true, Secure: cs.https,
		SameSite: fiber.CookieSameSiteLaxMode,
	}
}

// deleteSessionCookies deletes the session cookie, and cookies with other names that the request
// sent.
func (cs *cookies) deleteSessionCookies(c *fiber.Ctx) {
	for _, name := range cs.sessionCookies() {
		if name == cs.cookieName(auth.CookieName) || c.Cookies(name) != "" {
			cs.deleteCookie(c, name)
		}
	}
}

// deleteInsecureCookie deletes a cookie from the time when the server did not use https.
func (cs *cookies) deleteInsecureCookie(c *fiber.Ctx) {
	if cs.https && c.Cookies(auth.CookieName) != "" {
		cs.deleteCookie(c, auth.CookieName)
	}
}

func (cs *cookies) deleteCookie(c *fiber.Ctx, name string) {
	cookie := cs.newCookie("", "")
	cookie.Name, cookie.Expires = name, time.Unix(0, 0)
	c.Cookie(cookie)
}

// deviceCookieMaxAge is how long a browser counts as a device on which an admin has logged in.
const deviceCookieMaxAge = 365 * 24 * time.Hour

// deviceCookieName is the name of the cookie that identifies a device.
const deviceCookieName = "egress_device"

// deviceToken returns the device cookie of a request, "" for none.
func (cs *cookies) deviceToken(c *fiber.Ctx) string {
	return c.Cookies(cs.cookieName(deviceCookieName))
}
