//go:build dist

package frontend

import "embed"

const root = "dist"

//go:embed all:dist
var embedded embed.FS
