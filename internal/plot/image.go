package plot

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
)

// The size of an image as it is shown, in pixels. The drawing is done at density times that
// size: a PNG is sharp on dense screens, and an SVG, for which the library rounds every
// coordinate to a whole number, is exact to half a pixel.
const (
	ImageWidth, ImageHeight = 960, 540
	density                 = 2
)

// SVG writes p as a picture of ImageWidth by ImageHeight with a light background of its
// own. Text is text, in a font without serifs. Its only errors are those of w and of the
// drawing itself.
func SVG(w io.Writer, p Picture) error {
	s := sceneOf(&p)
	var drawing strings.Builder
	if err := draw(&drawing, &p, &s, chartdraw.SVG, otherFonts); err != nil {
		return fmt.Errorf("cannot draw the SVG: %w", err)
	}
	// The library's drawing has no size, title or description of its own: an outer picture
	// gives them, for browsers and for people who hear a page read aloud.
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`,
		ImageWidth, ImageHeight, sheetWidth, sheetHeight)
	if s.title != "" {
		out.WriteString("<title>" + html.EscapeString(s.title) + "</title>")
	}
	if s.sentence != "" {
		out.WriteString("<desc>" + html.EscapeString(s.sentence) + "</desc>")
	}
	out.WriteString(drawing.String() + "</svg>\n")
	_, err := io.WriteString(w, out.String())
	return err
}

// PNG writes p as a picture of twice ImageWidth by twice ImageHeight pixels, in a font that
// the program brings with it. Its only errors are those of w and of the drawing itself.
func PNG(w io.Writer, p Picture) error {
	s := sceneOf(&p)
	if err := draw(w, &p, &s, chartdraw.PNG, 100); err != nil {
		return fmt.Errorf("cannot draw the PNG: %w", err)
	}
	return nil
}
