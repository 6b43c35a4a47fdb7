package embedded

import (
	"context"
	"log/slog"
	"strings"
)

// quietLogger returns a logger for a library. It logs the library's messages of level info and
// above at level debug and drops the others. It keeps only the first line of a message and no
// attributes, since libraries quote requests, which contain personal data.
func quietLogger(l *slog.Logger) *slog.Logger { return slog.New(quietHandler{l.Handler()}) }

type quietHandler struct{ slog.Handler }

func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo && h.Handler.Enabled(ctx, slog.LevelDebug)
}

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	message, _, _ := strings.Cut(r.Message, "\n")
	quieted := slog.NewRecord(r.Time, slog.LevelDebug, message, r.PC)
	return h.Handler.Handle(ctx, quieted)
}

// WithAttrs drops the attributes: they contain errors, which quote values.
func (h quietHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h quietHandler) WithGroup(string) slog.Handler { return h }
