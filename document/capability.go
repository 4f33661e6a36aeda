package document

import (
	"context"

	"bonafide/imagefile"
)

// Capability is one thing this installation can or cannot do.
type Capability struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Version   string `json:"version,omitempty"`
	// Reason is what is wrong with it, or short of it.
	Reason string `json:"reason,omitempty"`
	// Install says how to get it.
	Install string `json:"install,omitempty"`
}

// Capabilities asks each tool whether it is there. It starts the small ones
// to learn their versions; it does not start the PDF engine, which is part of
// this program, but tells what [Reader.Prepare] came to.
func (r *Reader) Capabilities(ctx context.Context) []Capability {
	ocr := Capability{Name: "ocr", Available: r.tesseract != "", Install: installOCR}
	if ocr.Available {
		ocr.Version = "tesseract " + r.version.get(ctx, r.tesseract)
	}
	out := []Capability{ocr}
	for _, name := range []string{"mrz", "eng"} {
		c := Capability{Name: "ocr_model_" + name, Install: installOCR}
		if name == "mrz" {
			c.Install = installModel
		}
		if m, ok := r.findModel(name); ok {
			c.Available, c.Version = true, fingerprint(m.dir+"/"+m.name+".traineddata")
		}
		out = append(out, c)
	}
	pdf := Capability{Name: "pdf", Available: true, Version: "PDFium (built in)"}
	if !r.drawsPDF() {
		pdf = Capability{Name: "pdf", Available: r.pdftoppm != "", Version: "pdftoppm " + toolVersion(ctx, r.pdftoppm, "-v"), Install: installPoppler}
	}
	if r.failedPDF() {
		pdf.Reason = "PDFium could not be compiled into " + r.cfg.CacheDir + "; it takes a folder that can be written, 19 MB there and 512 MB of memory for some seconds"
	}
	codes := Capability{Name: "barcodes", Available: r.zxing != "", Install: installBarcodes}
	if codes.Available {
		codes.Version = "ZXingReader"
	}
	heic := Capability{Name: "heic", Available: imagefile.HasHEIC && len(r.cfg.Decoder) > 0, Install: "send JPEG, or build without the tag noheic"}
	if heic.Available {
		heic.Version = "libheif (built in)"
	}
	return append(out, pdf, codes, heic)
}
