// Command shape fails if a file has more than 350 lines, or a type too many methods: a receiver more than
// 40, or an interface more than 12. A type that large has several jobs. Split it by noun, and let each caller take the part it needs:
// a type or interface that embeds smaller ones is not counted with their methods.
//
//	go run ./scripts/shape
package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
)

const (
	maxLines     = 350
	maxReceiver  = 40 // declared methods of a type
	maxInterface = 12 // declared methods of an interface
)

// allowed are interfaces that may have more methods, with the reason.
var allowed = map[string]string{}

func main() {
	problems, err := check(os.DirFS("."), allowed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Printf("No file has more than %d lines, no receiver declares more than %d methods, and no interface more than %d, except %d with a reason.\n",
		maxLines, maxReceiver, maxInterface, len(allowed))
}

// check returns one sentence per file and type that is too large, and per exception that is not needed.
func check(tree fs.FS, allowed map[string]string) ([]string, error) {
	s, err := read(tree)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(s.lines)) {
		if n := s.lines[name]; n > maxLines {
			problems = append(problems, fmt.Sprintf("%s has %d lines, more than %d: split it by noun.", name, n, maxLines))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.receivers)) {
		if n := s.receivers[name]; n > maxReceiver {
			problems = append(problems, fmt.Sprintf("%s has %d methods, more than %d: split it.", name, n, maxReceiver))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.interfaces)) {
		if n := s.interfaces[name]; n > maxInterface && allowed[name] == "" {
			problems = append(problems, fmt.Sprintf("The interface %s has %d methods, more than %d: split it, or state the reason in scripts/shape.", name, n, maxInterface))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(allowed)) {
		if s.interfaces[name] <= maxInterface {
			problems = append(problems, fmt.Sprintf("The interface %s has %d methods: it needs no exception in scripts/shape.", name, s.interfaces[name]))
		}
	}
	return problems, nil
}
