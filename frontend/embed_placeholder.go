//go:build !dist

package frontend

import "embed"

const root = "placeholder"

//go:embed placeholder
var embedded embed.FS
