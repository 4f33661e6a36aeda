package document

import (
	"context"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"bonafide/imagefile"
	"bonafide/kyc"
)

// Config says where the tools are. The zero value looks for everything in the
// usual places.
type Config struct {
	// Tesseract, Pdftoppm and ZXingReader are commands; empty means their
	// usual name, looked up in PATH; "-" switches the tool off.
	Tesseract   string
	Pdftoppm    string
	ZXingReader string
	// ModelsDir holds mrz.traineddata where it is installed.
	ModelsDir string
	// TessdataDirs are searched after ModelsDir for *.traineddata; the usual
	// places of the operating system come last.
	TessdataDirs []string
	// Decoder is the command, with its first arguments, that runs [DecodeChild]:
	// files whose decoders cannot be bounded (HEIC, WebP, TIFF, PDF) are opened in
	// that process. Empty: WebP and TIFF are opened here, HEIC is refused, and PDF
	// pages are drawn by pdftoppm, if it is there.
	Decoder []string
	// CacheDir keeps compiled WebAssembly between starts. Empty, or where nothing can
	// be written: as without Decoder for PDF.
	CacheDir string
	// NoPDFium renders PDF pages with pdftoppm only.
	NoPDFium bool
	// Cores is how many child processes and decoders may run at one time;
	// 0 means the number of processors Go may use.
	Cores int
	// Deadline of one Read; default 20 s. It is a safety net: what a reading
	// tries is bounded by counted work, so that load does not change results.
	Deadline time.Duration
	// OpenDeadline of opening one file, before anything is read; default 8 s, or
	// Deadline where that is set. What runs in a process of its own is killed then.
	OpenDeadline time.Duration
}

// Read reads one document from its files: pictures or PDFs of its pages. It
// never answers half a result: either a Reading (perhaps without a zone) or
// an error. Errors of kind Invalid, TooLarge and UnsupportedMedia are about
// the files; kind Unavailable has code ocr_not_configured or
// ocr_model_not_configured (the program or its model is not installed, the
// message says what to do), or ocr_timeout and ocr_failed (may be tried
// again).
//
// The same files on the same day are read once: the last readings are kept in
// memory for a few minutes.
func (r *Reader) Read(ctx context.Context, files []File, now time.Time) (Reading, *kyc.Error) {
	key := keyOf(files, now)
	if reading, ok := r.memory.get(key); ok {
		return reading, nil
	}
	reading, err := r.read(ctx, files, now)
	if err != nil {
		return Reading{}, err
	}
	r.class(ctx, &reading, files)
	r.memory.put(key, reading)
	return reading, nil
}

// Reader reads documents. It is safe for use by many goroutines; how much it
// does at one time is bounded by Config.Cores.
type Reader struct {
	cfg       Config
	tesseract string // resolved command, "" when missing
	pdftoppm  string
	zxing     string
	// slots bounds child processes; the opener bounds what decoders and pages hold
	// together in memory.
	slots   *semaphore.Weighted
	opener  *imagefile.Opener
	memory  memory
	warmth  pdfWarmth
	version versionCache
	// system are the folders of models outside of the configuration.
	system func() []string
}

// New makes a Reader. It looks the tools up and starts nothing; what is
// missing shows in Capabilities and when it is needed.
func New(cfg Config) *Reader {
	if cfg.Cores <= 0 {
		cfg.Cores = runtime.GOMAXPROCS(0)
	}
	if cfg.OpenDeadline <= 0 {
		cfg.OpenDeadline = cfg.Deadline
	}
	if cfg.OpenDeadline <= 0 {
		cfg.OpenDeadline = 8 * time.Second
	}
	if cfg.Deadline <= 0 {
		cfg.Deadline = 20 * time.Second
	}
	r := &Reader{
		cfg:       cfg,
		tesseract: lookUp(cfg.Tesseract, "tesseract"),
		pdftoppm:  lookUp(cfg.Pdftoppm, "pdftoppm"),
		zxing:     lookUp(cfg.ZXingReader, "ZXingReader"),
		slots:     semaphore.NewWeighted(int64(cfg.Cores)),
	}
	r.opener = imagefile.NewOpener(cfg.Decoder, r.slots)
	r.system = systemTessdata
	return r
}

// Close forgets what was read, and ends what [Reader.Prepare] began.
func (r *Reader) Close() error {
	r.closePDF()
	r.memory.close()
	return nil
}

// lookUp resolves a command; "-" switches it off.
func lookUp(configured, usual string) string {
	switch configured {
	case "-":
		return ""
	case "":
		configured = usual
	}
	path, err := exec.LookPath(configured)
	if err != nil {
		return ""
	}
	return path
}

// read does the work of Read and Inspect. With an error it gives what was
// seen before it, for Inspect to show.
func (r *Reader) read(ctx context.Context, files []File, now time.Time) (Reading, *kyc.Error) {
	if len(files) == 0 {
		return Reading{}, kyc.Errorf(kyc.Invalid, "empty_file", "there is no file to read")
	}
	if err := r.warmPDF(ctx, files...); err != nil {
		return Reading{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Deadline)
	defer cancel()

	reading := Reading{Kind: Unknown, Fields: []kyc.Field{}, Findings: []kyc.Reason{}, Barcodes: []Barcode{}, Pages: []Page{}, Verdicts: []Verdict{}}
	var sheets []*sheetPage
	for i, file := range files {
		pages, err := r.open(ctx, file)
		if err != nil {
			return reading, err
		}
		for n := range pages {
			p := &pages[n]
			p.file, p.upload, p.number = i, file.Upload, n
			if len(reading.Pages) == 0 {
				reading.Quality = qualityOf(p.img)
				reading.Quality.Width, reading.Quality.Height = p.width, p.height
			}
			reading.Findings = append(reading.Findings, editingFindings(p)...)
			reading.Pages = append(reading.Pages, Page{
				Upload: p.upload, File: i, Page: n, Width: p.width, Height: p.height, Text: p.text, Software: p.meta.Software,
			})
			codes, err := r.barcodes(ctx, p)
			if err != nil {
				return reading, err
			}
			reading.Barcodes = append(reading.Barcodes, codes...)
			if slices.ContainsFunc(codes, func(c Barcode) bool { return c.straight }) {
				reading.straightened(p)
			}
			sheets = append(sheets, p)
		}
	}
	if r.zxing == "" {
		reading.NotLookedFor = append(reading.NotLookedFor, NoBarcodes)
	}
	if _, ok := r.findModel("eng"); !ok && slices.ContainsFunc(sheets, func(p *sheetPage) bool { return p.text == "" }) {
		reading.NotLookedFor = append(reading.NotLookedFor, NoPrint)
	}
	code := licenceOf(reading.Barcodes)
	best, bestPage, err := r.zoneOf(ctx, &reading, sheets, code, now)
	if err != nil {
		return reading, err
	}
	reading.Engine = r.engine(ctx, best)
	if len(sheets) > 0 && sheets[0].text == "" {
		onFirst := best
		if bestPage != sheets[0] {
			onFirst = nil
		}
		reading.Verdicts = verdictsOf(sheets[0], reading.Quality, onFirst)
		for _, v := range reading.Verdicts {
			reading.Findings = append(reading.Findings, v.asFinding())
		}
	}
	if best != nil {
		if err := r.describe(ctx, &reading, best, bestPage, sheets, now); err != nil {
			return reading, err
		}
	}
	if code != nil {
		// The front is the first page without the code.
		var front *sheetPage
		if at := slices.IndexFunc(sheets, func(p *sheetPage) bool { return p.file != code.File || p.number != code.Page }); at >= 0 {
			front = sheets[at]
		}
		if err := r.describeLicence(ctx, &reading, code, front); err != nil {
			return reading, err
		}
	}
	return reading, nil
}

// readsZones reports whether OCR and a model for zones are installed.
func (r *Reader) readsZones() bool {
	_, missing := r.zoneModel()
	return missing == nil
}

// zoneOf finds the best zone of a document. A licence whose barcode was read
// has none, except the enhanced ones of some states; there each page gets one
// look, so that a page of another document still shows itself, and more only
// where the first saw signs of a zone (lookAgain). How each page looks is written into its row of the reading, straightened where it is a page
// in a photograph, and upright where a zone shows that.
func (r *Reader) zoneOf(ctx context.Context, reading *Reading, sheets []*sheetPage, code *Barcode, now time.Time) (best *zone, page *sheetPage, err *kyc.Error) {
	spent, again := 0, maxDocumentTries
	if code != nil {
		spent = maxDocumentTries
	}
	for i, p := range sheets {
		seen := viewOf(p, p.straight(), 0)
		if (best == nil || !best.good()) && (code == nil || r.readsZones()) {
			z, err := r.findZone(ctx, p, now, &spent)
			if err != nil {
				return nil, nil, err
			}
			if tries := min(lookAgain(p, z), again); code != nil && tries > 0 {
				spent = maxDocumentTries - tries
				more, err := r.findZone(ctx, p, now, &spent)
				if err != nil {
					return nil, nil, err
				}
				again -= spent - (maxDocumentTries - tries)
				spent = maxDocumentTries
				if z == nil || more != nil && more.score > z.score {
					z = more
				}
			}
			if z != nil {
				seen = z.view
			}
			if z != nil && (best == nil || z.score > best.score) {
				best, page = z, p
			}
		}
		reading.Pages[i].look(seen.img)
	}
	return best, page, nil
}

// zoneStripe is the length of a stripe of print, in widths of its page, from which
// it may be a zone: those of the specimens in the data folder have 0.56 to 1, the
// bars of their licences at most 0.35.
const zoneStripe = 0.5

// lookAgain says how many runs a page beside the barcode of a licence is worth
// after the first one: those of any page where something was read that is a zone
// but not all of one, two where there is only a long stripe of print, which cost
// the first and one more, and none otherwise.
func lookAgain(p *sheetPage, z *zone) int {
	switch {
	case z != nil && z.good():
		return 0
	case z != nil:
		return maxTries
	}
	img := p.img
	if flat := p.straight(); flat != nil {
		img = flat.img
	}
	if bands := findBands(img); len(bands) > 0 && bands[0].length >= zoneStripe*float64(img.Rect.Dx()) {
		return 2
	}
	return 0
}
