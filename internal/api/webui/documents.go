package webui

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// pages are what the build says about its pages. frontend/build/documents.ts writes them.
type pages struct {
	// Start is the hash of the script inside the pages, as the Content-Security-Policy names it.
	Start     string     `json:"start"`
	Documents []document `json:"documents"`
}

// document is the document of a screen: the HTML of its entry with links to what the screen loads, so
// that the browser loads it at once. The pages before the log-in have another entry than the console.
type document struct {
	// Address is the path of the screen. "*" stands for any segment.
	Address string `json:"address"`
	// File is the name of the document among the files.
	File string `json:"file"`
}

// A hash that the Content-Security-Policy can name.
var policyHash = regexp.MustCompile(`^sha256-[A-Za-z0-9+/]{43}=$`)

// readPages returns what the build says about its pages, nothing without a list.
func readPages(files fs.FS) (pages, error) {
	body, err := readFile(files, "documents/list.json")
	if body == nil || err != nil {
		return pages{}, err
	}
	var list pages
	if err := json.Unmarshal(body, &list); err != nil {
		return pages{}, fmt.Errorf("read the list of the console's documents: %w", err)
	}
	if !policyHash.MatchString(list.Start) {
		return pages{}, fmt.Errorf("the list of the console's documents has the hash %q", list.Start)
	}
	for _, d := range list.Documents {
		if _, err := path.Match(d.Address, ""); err != nil {
			return pages{}, fmt.Errorf("the document %s has the address %q: %w", d.File, d.Address, err)
		}
		if _, err := fs.Stat(files, d.File); err != nil {
			return pages{}, fmt.Errorf("find a document of the console: %w", err)
		}
	}
	return list, nil
}

// indexFile is the document of the console at addresses that have no document of their own.
const indexFile = "index.html"

// documentOf returns the file of the document at an address, indexFile if no screen has it. A trailing
// slash is ignored.
func documentOf(documents []document, address string) string {
	address = strings.TrimSuffix(address, "/")
	for _, d := range documents {
		if match, err := path.Match(d.Address, address); match && err == nil {
			return d.File
		}
	}
	return indexFile
}
