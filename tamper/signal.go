package tamper

import (
	"math"

	"bonafide/kyc"
)

// Class says what kind of evidence a signal is.
type Class string

// The classes. A contradiction is certain whatever the picture looks like and
// reaches the default threshold of 60 alone; a doubt needs company; a hint is of
// the picture or its file, and all hints together never give more than
// HintsMost; a note gives no points.
const (
	Contradiction Class = "contradiction"
	Doubt         Class = "doubt"
	Hint          Class = "hint"
	Note          Class = "note"
)

// HintsMost is what all hints give together, at most.
const HintsMost = 24.0

// Weight is one row of the table of signals.
type Weight struct {
	Class  Class
	Points float64 // 0-100, at a value of 1
}

// Weights is the table of all signals by code. What design/documents.md calls
// strong is a contradiction, medium and weak are hints.
func Weights() map[string]Weight {
	return map[string]Weight{
		// The machine-readable zone by itself.
		"mrz_check_digit_failed":   {Contradiction, 65},
		"impossible_date_of_birth": {Contradiction, 65},
		"impossible_expiry":        {Contradiction, 65},
		"unknown_issuer":           {Contradiction, 60}, // at value 1; less where the zone was not read surely
		"unknown_nationality":      {Contradiction, 60},
		"mrz_implausible":          {Doubt, 25},
		"name_unreadable":          {Doubt, 15},
		"mrz_repaired":             {Doubt, 5},
		"document_unreadable":      {Contradiction, 60},

		// The barcode of a licence without the front that it must agree with.
		"front_missing":      {Contradiction, 60},
		"front_not_compared": {Doubt, 20},

		// Documents that everybody knows.
		"specimen_document": {Contradiction, 70},
		"fictional_issuer":  {Contradiction, 90},

		// Dates and ages.
		"document_expired":       {Doubt, 20},
		"expires_too_far_ahead":  {Doubt, 40},
		"expires_in_no_document": {Contradiction, 60},
		"under_age":              {Doubt, 20},
		"over_age":               {Doubt, 20},

		// What the document says in two places. The reader reports a value that is
		// printed almost, or a date that contradicts, only where OCR was sure of
		// the print and look-alike characters explain nothing: one of the two was
		// changed.
		"name_unconfirmed":       {Contradiction, 60},
		"number_unconfirmed":     {Contradiction, 60},
		"birth_date_unconfirmed": {Contradiction, 60},
		"expiry_unconfirmed":     {Contradiction, 60},
		"visual_number_differs":  {Contradiction, 60},
		"visual_name_differs":    {Contradiction, 60},
		"visual_date_differs":    {Contradiction, 65},
		"visual_code_differs":    {Contradiction, 60}, // at value 1; less where the zone was not read surely
		"barcode_number_differs": {Contradiction, 65},
		"barcode_name_differs":   {Contradiction, 65},
		"barcode_date_differs":   {Contradiction, 65},
		"barcode_code_differs":   {Contradiction, 60},
		"repeated_document":      {Doubt, 40},

		// What the barcode of a licence says against its zone and its front.
		"barcode_birth_date_differs": {Contradiction, 65},
		"barcode_expiry_differs":     {Contradiction, 65},
		"licence_dates_out_of_order": {Contradiction, 60},
		"licence_age_dates_differ":   {Contradiction, 60},
		"impossible_issue_date":      {Contradiction, 60},
		"licence_element_repeated":   {Doubt, 20}, // a card of the real ones that were read does it, too
		"front_name_differs":         {Contradiction, 60},
		"front_number_differs":       {Contradiction, 60},
		"front_birth_date_differs":   {Contradiction, 60},
		"front_expiry_differs":       {Contradiction, 60},

		// What the applicant says.
		"documents_disagree":      {Contradiction, 65},
		"form_birth_date_differs": {Contradiction, 60},
		"form_name_differs":       {Contradiction, 60},
		"form_number_differs":     {Contradiction, 60},
		"form_name_close":         {Doubt, 10},

		// The chip.
		"chip_not_authentic": {Contradiction, 85},
		"chip_differs":       {Contradiction, 85},
		"chip_in_doubt":      {Doubt, 30},
		"chip_authentic":     {Note, 0},

		// A second portrait that is not the first one's face.
		"second_portrait_differs": {Doubt, 30},

		// The same again.
		"repeated_image":  {Contradiction, 65},
		"similar_image":   {Contradiction, 60},
		"duplicate_image": {Contradiction, 65},
		"duplicate_face":  {Contradiction, 65},

		// The file and its pixels.
		"editing_software":    {Hint, 20},
		"document_software":   {Hint, 10},
		"local_recompression": {Hint, 12},
		"screen_pattern":      {Hint, 10},
		"screenshot_size":     {Hint, 5},
		"no_camera_data":      {Hint, 3},
	}
}

// UnknownSignal weighs what has no row: findings of later readers.
const UnknownSignal = 20.0

// Signal is one thing that was found.
type Signal struct {
	Code  string `json:"code"`
	Class Class  `json:"class"`
	// Weight is what it gives at a value of 1, Value how far it applies (0-1)
	// and Points what it gave: their product, less where the hints are full.
	Weight float64 `json:"weight"`
	Value  float64 `json:"value"`
	Points float64 `json:"points"`
	// Document is the one it is about: primary, secondary or tertiary.
	Document string `json:"document"`
	// Message says it in a sentence, Evidence in figures and names: which
	// sources, distances, programs, sessions. No value of the person is in it.
	Message  string         `json:"message"`
	Evidence map[string]any `json:"evidence,omitempty"`
	Region   *kyc.Region    `json:"region,omitempty"`
}

// Tally adds signals up.
type Tally struct {
	Signals []Signal
	hints   float64
	total   float64
}

// Add weighs a signal by its code and value and keeps it; one that gives nothing
// is kept only as a note. It gives the points.
func (t *Tally) Add(s Signal) float64 {
	w, known := Weights()[s.Code]
	if !known {
		w = Weight{Doubt, max(s.Weight, UnknownSignal)}
	}
	s.Class, s.Weight, s.Value = w.Class, w.Points, tenth(min(1, max(0, s.Value)))
	s.Points = tenth(s.Weight * s.Value)
	if s.Class == Hint {
		s.Points = tenth(min(s.Points, HintsMost-t.hints))
		t.hints += s.Points
	}
	if s.Points == 0 && s.Class != Note {
		return 0
	}
	t.total += s.Points
	t.Signals = append(t.Signals, s)
	return s.Points
}

// Score is the sum, 0 to 100.
func (t *Tally) Score() float64 { return tenth(min(100, t.total)) }

// Sum is the points of all signals, which may be more than 100.
func (t *Tally) Sum() float64 { return t.total }

// tenth keeps points readable and equal on every machine.
func tenth(v float64) float64 { return math.Round(v*100) / 100 }
