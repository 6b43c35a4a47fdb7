package main

import (
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// withVariableNames returns the text of a parse error. If an invalid value came from an environment
// variable, the text names the variable. Kong names the flag in all cases.
func withVariableNames(parser *kong.Kong, args []string, err error) string {
	text := err.Error()
	for _, flag := range flagsOf(parser.Model.Node) {
		name := "--" + flag.Name
		if len(flag.Envs) == 0 || !strings.HasPrefix(text, name) {
			continue
		}
		given := slices.ContainsFunc(args, func(arg string) bool { return arg == name || strings.HasPrefix(arg, name+"=") })
		rest := strings.TrimPrefix(text, name)
		if _, set := os.LookupEnv(flag.Envs[0]); set && !given && !isFlagName(rest) {
			return flag.Envs[0] + trimType(rest)
		}
	}
	return text
}

// isFlagName reports whether rest continues the name of a flag, e.g. "-users" after "--demo".
func isFlagName(rest string) bool {
	return rest != "" && (rest[0] == '-' || rest[0] >= 'a' && rest[0] <= 'z')
}

// trimType removes the placeholder that Kong appends to the flag ("=HOST:PORT").
func trimType(rest string) string {
	if strings.HasPrefix(rest, "=") {
		if _, after, found := strings.Cut(rest, ": "); found {
			return ": " + after
		}
	}
	return rest
}

// flagsOf returns the flags of a node and of all nodes below it.
func flagsOf(node *kong.Node) []*kong.Flag {
	flags := slices.Clone(node.Flags)
	for _, child := range node.Children {
		flags = append(flags, flagsOf(child)...)
	}
	return flags
}
