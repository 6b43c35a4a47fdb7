// Command engine runs FerretDB, which speaks MongoDB's protocol, for the tests of one process, on an
// empty data directory. It prints the URI and the data directory, each on a line. When its standard
// input is closed, which also happens if the process of the tests is killed, it stops and deletes the
// data. The program of Egress does not contain FerretDB.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	signal.Ignore(os.Interrupt) // Ctrl-C ends the tests, which close the input
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "egress-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	mongodb, err := startServer(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mongodb.Close()) }()
	if _, err := fmt.Fprintf(out, "%s\n%s\n", mongodb.uri, dir); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}
