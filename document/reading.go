package document

import (
	"slices"

	"bonafide/aamva"
	"bonafide/kyc"
)

// Kind is what sort of document a reading is about.
type Kind string

// The kinds that the machine-readable zone can tell apart. Unknown means that
// no zone was found; it says nothing about what the paper is.
const (
	Passport Kind = "passport"
	IDCard   Kind = "id_card"
	Visa     Kind = "visa"
	Unknown  Kind = "unknown"
)

// What [Reading.NotLookedFor] may hold.
const (
	NoBarcodes = "barcodes" // no program that reads them: there may be some
	NoPrint    = "print"    // no OCR model for the printed text, with which a zone is compared
)

// File is one file of a document, as it arrived.
type File struct {
	// Name is for the caller only; it is never trusted for the content type.
	Name string
	// Kind is the data requirement it serves (document_front, document_back).
	Kind string
	// Upload is written into the regions of what is read from this file.
	Upload kyc.ID
	Bytes  []byte
}

// Quality is how good the first page of the first file is. The figures are
// facts about the picture; thresholds belong to the caller.
type Quality struct {
	// Width and Height are in pixels, upright.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Blur is the variance of the Laplacian of the page scaled to 800 pixels
	// in width; below about 60 print is hard to read. Higher is sharper.
	Blur float64 `json:"blur"`
	// Luma is the mean brightness, 0 (black) to 255 (white).
	Luma float64 `json:"luma"`
	// Glare is the share of the page, 0 to 1, that lies in blown-out spots:
	// tiles of 1/32 of the width that are white through and through. The
	// white margin of a scan counts too.
	Glare float64 `json:"glare"`
}

// Page is one page as it was read.
type Page struct {
	Upload kyc.ID `json:"upload,omitempty"`
	File   int    `json:"file"` // 0-based place in the files given
	Page   int    `json:"page"` // 0-based page in that file
	// Width and Height of the upright page in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Turned is how many degrees clockwise the page was turned after its EXIF
	// orientation was honoured: 0, 90, 180 or 270.
	Turned int `json:"turned"`
	// Skew is the tilt of the zone's lines in degrees on the upright page,
	// positive clockwise.
	Skew float64 `json:"skew"`
	// Straight is set where the page was found in a photograph and what was read
	// of it was read off the straightened page; nil for the picture as it is.
	Straight *Straight `json:"straight,omitempty"`
	// Class is what the page looks like.
	Class Class `json:"class"`
	// Text is the text of a born-digital PDF page; empty for pictures.
	Text string `json:"-"`
	// Look is how the upright page looks (tamper.LookOf); nil when it is too
	// plain to be known again.
	Look *kyc.Look `json:"-"`
	// Software are the programs that the file's metadata names: EXIF and XMP of
	// pictures, creator and producer of a PDF.
	Software []string `json:"-"`
}

// Reading is what one document said. For the same bytes, the same clock and
// the same versions of the tools it is always the same.
type Reading struct {
	Kind Kind `json:"kind"`
	// Class is what the document looks like, also without a zone.
	Class   Class   `json:"class"`
	Quality Quality `json:"quality"`
	Pages   []Page  `json:"pages"`
	// MRZ is the machine-readable zone, nil when none was found.
	MRZ *MRZ `json:"mrz,omitempty"`
	// Fields are the values under the names of kyc.Field.
	Fields []kyc.Field `json:"fields"`
	// Verdicts are what is bad about the picture of the first page and how it is
	// taken better; empty when there is nothing to say.
	Verdicts []Verdict `json:"verdicts"`
	// Findings are what speaks against the document, most serious first.
	Findings []kyc.Reason `json:"findings"`
	// Barcodes are the codes found on the pages.
	Barcodes []Barcode `json:"barcodes"`
	// Comparisons say how the parts of the document agree with each other.
	Comparisons []Comparison `json:"comparisons,omitempty"`
	// NotLookedFor names what was not looked for because nothing that could is
	// installed: NoBarcodes, NoPrint.
	NotLookedFor []string `json:"not_looked_for,omitempty"`
	// VisualText is the printed text of the page with the zone, where it was
	// read.
	VisualText string `json:"-"`
	// Engine names what did the reading, such as
	// "tesseract 5.3.0 (mrz 1452847-ece2a54f)".
	Engine string `json:"engine,omitempty"`
}

// Field gives a field by name.
func (r Reading) Field(name string) (kyc.Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return kyc.Field{}, false
}

// Licence gives the driving licence or card whose barcode was read.
func (r Reading) Licence() (aamva.Licence, bool) {
	for _, b := range r.Barcodes {
		if l, ok := b.Licence(); ok {
			return l, true
		}
	}
	return aamva.Licence{}, false
}

// Verified reports whether something on the document protects what was read
// of it: a machine-readable zone, or the barcode of a licence.
func (r Reading) Verified() bool {
	_, licence := r.Licence()
	return r.MRZ != nil || licence
}

// Unsought reports whether a part was not looked for (see NotLookedFor).
func (r Reading) Unsought(part string) bool { return slices.Contains(r.NotLookedFor, part) }

// Has reports whether there is a finding with that code.
func (r Reading) Has(code string) bool {
	for _, f := range r.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}
