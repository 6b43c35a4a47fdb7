package api

import (
	"runtime/debug"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// OpenSocket answers GET /ws. The guard has looked at session, origin and tenant; what follows happens on a connection
// that is no longer a request.
func (s *server) OpenSocket(c *fiber.Ctx) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return fiber.ErrUpgradeRequired
	}
	m := s.memberOf(c)
	return websocket.New(func(conn *websocket.Conn) { s.hub.serve(conn, m) }, websocket.Config{
		RecoverHandler: func(*websocket.Conn) {
			if v := recover(); v != nil {
				s.logger.Error("a socket panicked", "stack", string(debug.Stack()))
			}
		},
	})(c)
}
