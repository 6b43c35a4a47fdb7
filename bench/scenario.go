package main

import (
	"errors"

	"github.com/egress-io/egress/internal/export"
)

// errUnavailable means that a scenario cannot run on this machine.
var errUnavailable = errors.New("not measured")

// Kinds of child processes.
const (
	kindInspect     = "look"        // reads the tenant's data
	kindRaw         = "raw"         // a cursor that only counts
	kindPipeline    = "pipeline"    // a run whose storage discards everything
	kindWhole       = "whole"       // a run with storing and verification
	kindGateway     = "gateway"     // the embedded S3
	kindFile        = "file"        // a run that writes a local file
	kindMongoexport = "mongoexport" // runs mongoexport, not a child
)

// shape selects the columns of a file.
type shape string

const (
	scalars   shape = "14" // one row per user: the eight fixed columns, six attributes
	grants    shape = "23" // one row per grant: the eight fixed columns, four attributes, the grant
	allFields shape = ""   // one row per user: all attributes and foreign keys
)

// scenario is one measurement.
type scenario struct {
	name        string
	kind        string
	shape       shape
	readers     int
	compression export.Compression
}

// Names that the report refers to.
const (
	rawGrants       = "raw/23"
	rawAgain        = "raw/23/again"
	pipelineScalars = "pipeline/14"
	pipelineGrants  = "pipeline/23"
	mongoexportCSV  = "mongoexport/14"
	wholeGrants     = "whole/23"
)

// scenarios returns all scenarios in the order of a round. mongoexport directly follows the run
// that it is compared with.
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
