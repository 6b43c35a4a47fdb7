// Package frontend carries the browser's pages inside the binary. What Vite builds into dist is embedded by the build tag
// "dist", which make build sets; without it, on a clean clone that never saw Node, a page that says so stands in.
package frontend

import (
	"io/fs"
)

// Files returns the pages as they are served, index.html at the root, and whether they are the built ones (true) or the
// placeholder (false). Next to a built text file may be its compressed forms, <name>.br and <name>.gz.
func Files() (files fs.FS, built bool) {
	files, err := fs.Sub(embedded, root)
	if err != nil { // root is a constant, and a valid path
		panic("frontend: " + err.Error())
	}
	return files, root == "dist"
}
