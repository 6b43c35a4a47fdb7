package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressBar shows the progress of a command. It prints nothing if standard error is not a
// terminal.
type progressBar struct{ terminalBar *progressbar.ProgressBar }

func newProgressBar(t terminal, description string, total int64, options ...progressbar.Option) progressBar {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return progressBar{}
	}
	return progressBar{progressbar.NewOptions64(max(total, 1), append([]progressbar.Option{
		progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(description), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true),
	}, options...)...)}
}

func (b progressBar) set(n int64) {
	if b.terminalBar != nil {
		_ = b.terminalBar.Set64(n) // a closed terminal must not stop the command
	}
}

// setOf sets the total, too.
func (b progressBar) setOf(n, total int64) {
	if b.terminalBar != nil {
		b.terminalBar.ChangeMax64(max(total, 1))
	}
	b.set(n)
}

func (b progressBar) finish() {
	if b.terminalBar != nil {
		_ = b.terminalBar.Finish()
	}
}
