package main

import (
	"errors"

	"github.com/egress-io/egress/internal/export"
)

// errNotHere is why a scenario is left out.
var errNotHere = errors.New("not measured")

// The kinds of children.
const (
	kindLook        = "look"        // finds out what the users have
	kindRaw         = "raw"         // a cursor that only counts
	kindPipeline    = "pipeline"    // a run whose storage keeps nothing
	kindWhole       = "whole"       // a run that is stored and proven
	kindGateway     = "gateway"     // the embedded S3
	kindFile        = "file"        // a run into a file, to be compared
	kindMongoexport = "mongoexport" // no child of ours
)

// shape is which columns a file has.
type shape string

const (
	scalars shape = "14" // one row per user: the eight columns of every file, six attributes
	grants  shape = "23" // one row per grant: the eight, four attributes, the eleven of a grant
	every   shape = ""   // one row per user: all attributes and foreign keys
)

// scenario is one thing that is measured.
type scenario struct {
	name        string
	kind        string
	shape       shape
	readers     int
	compression export.Compression
}

// The names that the report looks for.
const (
	rawGrants       = "raw/23"
	rawAgain        = "raw/23/again"
	pipelineScalars = "pipeline/14"
	pipelineGrants  = "pipeline/23"
	mongoexportCSV  = "mongoexport/14"
	wholeGrants     = "whole/23"
)

// scenarios returns what is measured, in the order of a round. mongoexport comes right behind what it is compared with.
func scenarios() []scenario {
	return []scenario{
		{name: "raw/14", kind: kindRaw, shape: scalars, readers: 1},
		{name: rawGrants, kind: kindRaw, shape: grants, readers: 1},
		{name: "raw/whole", kind: kindRaw, readers: 1},
		{name: pipelineScalars, kind: kindPipeline, shape: scalars, readers: 1, compression: export.CompressionNone},
		{name: mongoexportCSV, kind: kindMongoexport, shape: scalars, readers: 1},
		{name: pipelineGrants, kind: kindPipeline, shape: grants, readers: 1, compression: export.CompressionNone},
		{name: "pipeline/23/2-readers", kind: kindPipeline, shape: grants, readers: 2, compression: export.CompressionNone},
		{name: "pipeline/23/gzip", kind: kindPipeline, shape: grants, readers: 1, compression: "gzip"},
		{name: "pipeline/23/gzip/2-readers", kind: kindPipeline, shape: grants, readers: 2, compression: "gzip"},
		{name: "pipeline/23/zstd", kind: kindPipeline, shape: grants, readers: 1, compression: "zstd"},
		{name: wholeGrants, kind: kindWhole, shape: grants, readers: 1, compression: export.CompressionNone},
		{name: "whole/23/2-readers", kind: kindWhole, shape: grants, readers: 2, compression: export.CompressionNone},
		{name: rawAgain, kind: kindRaw, shape: grants, readers: 1},
	}
}
