package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how far a command is, on a terminal; elsewhere it is silent.
type bar struct{ b *progressbar.ProgressBar }

func newBar(t terminal, what string, total int64, options ...progressbar.Option) bar {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return bar{}
	}
	return bar{progressbar.NewOptions64(max(total, 1), append([]progressbar.Option{
		progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(what), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true),
	}, options...)...)}
}

func (b bar) set(n int64) {
	if b.b != nil {
		_ = b.b.Set64(n) // a terminal that went away is no reason to stop
	}
}

func (b bar) finish() {
	if b.b != nil {
		_ = b.b.Finish()
	}
}
