package embedded

import (
	"context"
	"log/slog"
	"strings"
)

// quiet makes a library's logger of ours: what it says from level info upwards is debug to us. Its own debug lines are
// dropped, and of the others all but the first line: they quote whole requests, and with them people's data.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(quietHandler{l.Handler()}) }

type quietHandler struct{ slog.Handler }

func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo && h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	message, _, _ := strings.Cut(r.Message, "\n")
	quieted := slog.NewRecord(r.Time, slog.LevelDebug, message, r.PC)
	return h.Handler.Handle(ctx, quieted)
}

// WithAttrs drops the library's attributes: they quote errors, which quote values.
func (h quietHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h quietHandler) WithGroup(string) slog.Handler { return h }
