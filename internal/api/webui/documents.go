package webui

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// document is the document of a screen: the HTML of its entry with links to what the screen loads, so
// that the browser loads it at once. The pages before the log-in have another entry than the console. frontend/build/documents.ts writes the documents and their list.
type document struct {
	// Address is the path of the screen. "*" stands for any segment.
	Address string `json:"address"`
	// File is the name of the document among the files.
	File string `json:"file"`
}

// readDocuments returns the documents of the built front end, none without a list.
func readDocuments(files fs.FS) ([]document, error) {
	body, err := readFile(files, "documents/list.json")
	if body == nil || err != nil {
		return nil, err
	}
	var documents []document
	if err := json.Unmarshal(body, &documents); err != nil {
		return nil, fmt.Errorf("read the list of the console's documents: %w", err)
	}
	for _, d := range documents {
		if _, err := path.Match(d.Address, ""); err != nil {
			return nil, fmt.Errorf("the document %s has the address %q: %w", d.File, d.Address, err)
		}
		if _, err := fs.Stat(files, d.File); err != nil {
			return nil, fmt.Errorf("find a document of the console: %w", err)
		}
	}
	return documents, nil
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
