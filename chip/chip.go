package chip

import (
	"context"
	"slices"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// Files are the files of an electronic passport as an app read them.
type Files struct {
	// SOD is EF.SOD, the signed object with the hashes of the data groups.
	SOD []byte
	// DataGroups are EF.DG1 to EF.DG16 by their numbers.
	DataGroups map[int][]byte
}

// Options are what the files are held against.
type Options struct {
	// Trust holds the country signing certificates.
	Trust *Trust
	// Now is the day of the check.
	Now time.Time
	// MaxAge is how old the newest master list may be; 0 means
	// DefaultTrustAge. Certificates that were put there one by one have no age
	// but their validity.
	MaxAge time.Duration
	// Printed are the fields of the photographed document under the names of
	// kyc.Field; what is missing is not compared.
	Printed []kyc.Field
}

// DefaultTrustAge is how old the newest master list may be. The authorities
// publish new ones every few weeks.
const DefaultTrustAge = 180 * 24 * time.Hour

// NotProven is Report.ChipAuthenticity: passive authentication proves the
// data. That the chip is no copy takes a live exchange with it.
const NotProven = "not_proven"

// Signer is a certificate that vouches for the files.
type Signer struct {
	Country   string    `json:"country"` // ISO 3166-1 alpha-2, as the certificate says
	Serial    string    `json:"serial"`  // hex
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// Report is what passive authentication (ICAO Doc 9303 part 11, 5.1)
// found.
type Report struct {
	// Status is ok when the files were judged, not_configured without any
	// trusted certificate and stale when the trust lists are too old. Only ok
	// says anything about the files.
	Status kyc.AnswerStatus `json:"status"`
	// Authentic is true only when everything holds: data groups 1 and 2 are
	// there, the signed object covers every file that was given, a document
	// signer signed it whom a trusted state certified, and nothing about the
	// certificates is in doubt. Whether the files belong to the photographed
	// document is not part of it.
	Authentic bool `json:"authentic"`
	// Matches is true when no value of the chip contradicts Options.Printed.
	Matches          bool   `json:"matches"`
	ChipAuthenticity string `json:"chip_authenticity"`
	// Reasons are critical (the files are not authentic or belong to another
	// document), warning (a person must look) or info, most serious first.
	Reasons []kyc.Reason `json:"reasons"`
	// Fields are the values of data group 1: source "chip", confidence 1. They
	// are given only when the files are authentic.
	Fields []kyc.Field `json:"fields"`
	// MRZ is the zone of data group 1; nil when there is none. It is not proven
	// unless Authentic says so.
	MRZ *document.MRZ `json:"-"`
	// Given are the numbers of the data groups that were given, Covered those
	// that the signed object has a hash of.
	Given   []int `json:"data_groups"`
	Covered []int `json:"covered"`
	// Compared are the names of the fields that were held against Printed.
	Compared []string `json:"compared"`
	Expired  bool     `json:"expired"`
	// IssuedOn is the date of issue of data group 12 or the time of signing;
	// zero when neither is known.
	IssuedOn time.Time  `json:"issued_on,omitzero"`
	Signer   *Signer    `json:"signer,omitempty"`
	State    *Signer    `json:"country_signer,omitempty"`
	Trust    TrustState `json:"trust"`
}

// Has reports whether there is a reason with that code.
func (c Report) Has(code string) bool {
	return slices.ContainsFunc(c.Reasons, func(r kyc.Reason) bool { return r.Code == code })
}

// Limits of what is looked at. A signed object has 1 to 10 kB, a portrait
// rarely more than 100 kB.
const (
	maxSOD    = 64 << 10
	maxDG     = 1 << 20
	maxDGs    = 16
	maxGroups = 16 // highest number of a data group
)

// Verify verifies the files of a chip by passive authentication and
// compares them with the photographed document. It never panics, and what it
// does is bounded by the limits above; a cancelled context ends it with status
// error. The reasons' codes:
//
// critical: sod_missing, sod_too_large, sod_malformed, dg1_missing,
// dg2_missing, data_group_unknown, data_group_too_large, data_group_empty,
// data_group_altered, data_group_not_covered, hash_algorithm_unsupported,
// signer_missing, signer_not_for_documents, signer_not_trusted, signer_revoked,
// signature_invalid, issuer_differs,
// dg1_malformed, dg1_check_digit_failed, fictional_issuer,
// chip_number_differs, chip_birth_date_differs, chip_expiry_differs,
// chip_issuer_differs
//
// warning: signer_expired, signer_not_yet_valid, country_signer_expired,
// signer_not_valid_at_issue, hash_algorithm_weak, issuer_unconfirmed,
// dg1_implausible, chip_nationality_differs, chip_sex_differs
//
// info: document_expired, passive_authentication_passed
func Verify(ctx context.Context, files Files, o Options) (report Report) {
	report = Report{Status: kyc.StatusOK, ChipAuthenticity: NotProven, Reasons: []kyc.Reason{}, Fields: []kyc.Field{}, Given: []int{}, Covered: []int{}, Compared: []string{}}
	trusted := o.Trust.current()
	report.Trust = trusted.state
	limit := o.MaxAge
	if limit <= 0 {
		limit = DefaultTrustAge
	}
	switch {
	case report.Trust.Certificates == 0:
		return report.stop(kyc.StatusNotConfigured, "trust_not_configured", "no country signing certificate is loaded")
	case !report.Trust.AsOf.IsZero() && o.Now.Sub(report.Trust.AsOf) > limit:
		return report.stop(kyc.StatusStale, "trust_stale", "the newest trust list is of "+report.Trust.AsOf.UTC().Format(time.DateOnly)+" and too old")
	case ctx.Err() != nil:
		return report.stop(kyc.StatusUnavailable, "cancelled", "the check was stopped before it began")
	}
	v := visit{report: &report, files: files, o: o, anchors: trusted, authentic: true, matches: true}
	// The parsers of the libraries were not written for hostile files.
	if !guardedly(v.authenticate) {
		v.fail("sod_malformed", "the signed object cannot be read")
	}
	if !guardedly(v.readZone) {
		v.fail("dg1_malformed", "data group 1 cannot be read")
	}
	report.Authentic, report.Matches = v.authentic, v.matches
	if report.Authentic {
		report.Fields = v.fields
		report.Reasons = append(report.Reasons, kyc.Reason{Code: "passive_authentication_passed", Severity: info,
			Message: "the state's signature over the chip's data verifies; that the chip is no copy is not proven"})
	}
	sortReasons(report.Reasons)
	return report
}

func (c *Report) stop(status kyc.AnswerStatus, code, message string) Report {
	c.Status = status
	c.Reasons = append(c.Reasons, kyc.Reason{Code: code, Severity: critical, Message: message})
	return *c
}

// guardedly runs f and reports false when it panics.
func guardedly(f func()) (whole bool) {
	defer func() {
		if recover() != nil {
			whole = false
		}
	}()
	f()
	return true
}

// visit is one verification under way.
type visit struct {
	report             *Report
	files              Files
	o                  Options
	anchors            *anchors
	fields             []kyc.Field
	authentic, matches bool
}

func (v *visit) say(severity, code, message string) {
	v.report.Reasons = append(v.report.Reasons, kyc.Reason{Code: code, Severity: severity, Message: message})
}

// fail and doubt are about the authenticity of the files.
func (v *visit) fail(code, message string) {
	v.authentic = false
	v.say(critical, code, message)
}

func (v *visit) doubt(code, message string) {
	v.authentic = false
	v.say(warning, code, message)
}

// authenticate does passive authentication: presence, hashes, signature and
// chain of certificates.
func (v *visit) authenticate() {
	groups := v.groups()
	sod, problem := openSOD(v.files.SOD)
	if problem != "" {
		v.fail(problem, "the signed object (EF.SOD) is missing, too large or no such object")
		return
	}
	v.report.Covered = sod.covered()
	v.hashes(sod, groups)
	v.signatures(sod)
}

// groups checks which data groups there are and gives the numbers of those
// whose hash is to be compared.
func (v *visit) groups() []int {
	var out []int
	for n := range v.files.DataGroups {
		v.report.Given = append(v.report.Given, n)
	}
	slices.Sort(v.report.Given)
	if len(v.report.Given) > maxDGs {
		v.fail("data_group_unknown", "there are more files than a chip has data groups")
		return nil
	}
	for _, n := range v.report.Given {
		switch size := len(v.files.DataGroups[n]); {
		case n < 1 || n > maxGroups:
			v.fail("data_group_unknown", "a file is no data group 1 to 16")
		case size == 0:
			v.fail("data_group_empty", groupName(n)+" is empty")
		case size > maxDG:
			v.fail("data_group_too_large", groupName(n)+" is larger than a chip holds")
		default:
			out = append(out, n)
		}
	}
	// The zone and the portrait are what ties the chip to a person. Whoever
	// leaves one of them out may have had a reason.
	if !slices.Contains(v.report.Given, 1) {
		v.fail("dg1_missing", "data group 1, the machine-readable zone, is missing")
	}
	if !slices.Contains(v.report.Given, 2) {
		v.fail("dg2_missing", "data group 2, the portrait, is missing")
	}
	return out
}

// DataGroupOf tells by the first byte of a file which data group it holds (Doc
// 9303 part 10, table 39); 0 is none.
func DataGroupOf(file []byte) int {
	if len(file) == 0 {
		return 0
	}
	return 1 + slices.Index([]byte{0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70}, file[0])
}
