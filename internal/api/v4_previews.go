package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/decode"
	"github.com/egress-io/egress/internal/exporter"
)

// previewHandlers show what an export would contain.
type previewHandlers struct{ *exportRequests }

// PreviewUserExport answers POST /v4/user-export-previews.
func (h *previewHandlers) PreviewUserExport(c *fiber.Ctx) error {
	estimate, err := acceptsEstimate(c)
	if err != nil {
		return err
	}
	def, err := decode.Definition(c.BodyRaw())
	if err != nil {
		return err
	}
	p, err := h.exports.Preview(c.UserContext(), h.exportCaller(c), def, estimate)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewPreview(def, &p))
}

// viewPreview returns the API's view of a preview. An export of state events only has no users
// file: its preview contains only the number of users.
func viewPreview(def export.Definition, p *exporter.Preview) gen.Preview {
	v := gen.Preview{
		Columns: []gen.Column{}, Rows: append([][]string{}, p.Rows...), Words: p.Words, Users: p.Users,
		Accuracy: gen.Accuracy(p.Accuracy), Partial: p.Cut,
		About:  gen.Estimate{Rows: p.RowsAbout, Bytes: p.BytesAbout},
		Groups: gen.ColumnGroups(p.Groups), SampledUsers: p.Sample,
		Notes: append([]gen.Warning{}, p.Notes...),
	}
	for _, column := range p.Columns {
		v.Columns = append(v.Columns, gen.Column{Name: column.Name, Source: column.Source, Type: orNull(column.Type)})
	}
	if !def.HasUsersFile() {
		v.Columns, v.Rows, v.About, v.SampledUsers, v.Partial = []gen.Column{}, [][]string{}, gen.Estimate{}, 0, false
		return v
	}
	return v
}

// CountUserExport answers POST /v4/user-export-counts.
func (h *previewHandlers) CountUserExport(c *fiber.Ctx) error {
	estimate, err := acceptsEstimate(c)
	if err != nil {
		return err
	}
	def, err := decode.Definition(c.BodyRaw())
	if err != nil {
		return err
	}
	n, err := h.exports.Count(c.UserContext(), h.exportCaller(c), def, estimate)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusOK, viewCount(n))
}
