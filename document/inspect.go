package document

import (
	"context"
	"time"

	"bonafide/imagefile"
	"bonafide/kyc"
)

// Inspection is what intake sees in one file, in the shape of
// `bonafide inspect` (one JSON object a line). Mrz is null when there is no
// zone; Error stands alone when the file was refused.
type Inspection struct {
	File     string       `json:"file"`
	Type     string       `json:"content_type,omitempty"`
	Kind     Kind         `json:"kind"`
	Class    Class        `json:"class"`
	Quality  Quality      `json:"quality"`
	Verdicts []Verdict    `json:"verdicts"`
	MRZ      *MRZ         `json:"mrz"`
	Fields   []kyc.Field  `json:"fields"`
	Barcodes []Barcode    `json:"barcodes"`
	Fraud    []kyc.Reason `json:"fraud"`
	Pages    []Page       `json:"pages"`
	Engine   string       `json:"engine,omitempty"`
	Notes    []string     `json:"notes,omitempty"` // what could not be looked at, and why
	Error    *Refusal     `json:"error,omitempty"`
}

// Refusal is why a file was not read.
type Refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Inspect reads one file on its own. Where OCR is missing it still says what
// can be seen without: type, quality, barcodes.
func (r *Reader) Inspect(ctx context.Context, f File, now time.Time) Inspection {
	out := Inspection{File: f.Name, Kind: Unknown, Class: unknownClass(), Fields: []kyc.Field{}, Barcodes: []Barcode{}, Fraud: []kyc.Reason{}, Verdicts: []Verdict{}, Pages: []Page{}}
	t, err := imagefile.Sniff(f.Bytes)
	if err == nil {
		out.Type = t.ContentType
		var reading Reading
		reading, err = r.read(ctx, []File{f}, now)
		out.Quality = reading.Quality
		if err == nil {
			r.class(ctx, &reading, []File{f})
			out.Class = reading.Class
			out.Verdicts = reading.Verdicts
			out.Kind, out.MRZ, out.Fields = reading.Kind, reading.MRZ, reading.Fields
			out.Barcodes, out.Fraud, out.Pages, out.Engine = reading.Barcodes, reading.Findings, reading.Pages, reading.Engine
		}
	}
	if err != nil {
		out.Error = &Refusal{err.Code, err.Message}
	}
	if r.zxing == "" {
		out.Notes = append(out.Notes, "barcodes were not looked for; install the reader with: "+installBarcodes)
	}
	if m, err := r.zoneModel(); err == nil && m.name != "mrz" {
		out.Notes = append(out.Notes, "the zone was read with the general OCR model, which misses about half; "+installModel)
	}
	if _, ok := r.findModel("eng"); !ok {
		out.Notes = append(out.Notes, "the printed text was not compared with the zone; install the model eng with: "+installOCR)
	}
	return out
}
