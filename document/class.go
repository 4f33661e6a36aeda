package document

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"bonafide/kyc"
)

// The types of documents beside Kind, and what may be said of a side.
const (
	ClassPassport       = "passport"
	ClassIDCard         = "id_card"
	ClassDrivingLicence = "driving_licence"
	ClassVisa           = "visa"
	ClassProofOfAddress = "proof_of_address"
	ClassUnknown        = "unknown"

	SideFront = "front"
	SideBack  = "back"
)

// Class is what a page looks like. It is not what the document is proved to
// be: Kind says that, and only a machine-readable zone gives it.
type Class struct {
	// Type is passport, id_card, driving_licence, visa, proof_of_address or
	// unknown.
	Type string `json:"type"`
	// Side is front or back; empty where the type has one side only or the side
	// cannot be told.
	Side string `json:"side,omitempty"`
	// Confidence is 0 to 1. It is 0.97 and more where a zone that verifies or the
	// barcode of a licence says it, 0.9 for zones that do not verify, and at most
	// 0.8 where only printed words do. It is no measured rate.
	Confidence float64 `json:"confidence"`
	// Why names what said so: zone, barcode or words.
	Why string `json:"why,omitempty"`
}

func unknownClass() Class { return Class{Type: ClassUnknown} }

// classify gives each page its class, and the document that of its surest page.
// A document whose pages show both sides has none of its own.
func classify(r *Reading, words func(page int) string) {
	r.Class = unknownClass()
	sides := map[string]bool{}
	for i := range r.Pages {
		p := &r.Pages[i]
		p.Class = unknownClass()
		zone := r.zonePage() == i
		at := slices.IndexFunc(r.Barcodes, func(b Barcode) bool {
			_, licence := b.Licence()
			return licence && b.File == p.File && b.Page == p.Page
		})
		switch {
		case zone:
			p.Class = classOfZone(*r.MRZ)
		case at >= 0:
			licence, _ := r.Barcodes[at].Licence()
			p.Class = Class{Type: licence.Kind, Side: SideBack, Confidence: 0.98, Why: "barcode"}
		default:
			p.Class = classOfWords(words(i))
		}
		if p.Class.Type == ClassUnknown {
			continue
		}
		sides[p.Class.Side] = true
		if p.Class.Confidence > r.Class.Confidence {
			r.Class = p.Class
		}
	}
	if len(sides) > 1 {
		r.Class.Side = ""
	}
}

// zonePage is the place among the pages of the one with the zone, or -1.
func (r *Reading) zonePage() int {
	if r.MRZ == nil {
		return -1
	}
	for _, f := range r.Fields {
		if f.Source == "mrz" && f.Region != nil {
			return slices.IndexFunc(r.Pages, func(p Page) bool { return p.Upload == f.Region.Upload && p.Page == f.Region.Page })
		}
	}
	return -1
}

// classOfZone reads class and side off the zone: cards of the size of a bank
// card (TD1) carry it on their back (Doc 9303 part 5), all others on the side
// with the portrait.
func classOfZone(m MRZ) Class {
	c := Class{Type: string(m.Kind()), Confidence: 0.9, Why: "zone"}
	if m.Valid && len(m.Doubts) == 0 {
		c.Confidence = 0.99
	}
	switch {
	case c.Type == ClassUnknown:
		return unknownClass()
	case m.Format == TD1:
		c.Side = SideBack
	case c.Type == ClassIDCard:
		c.Side = SideFront
	}
	return c
}

// titles are the words that documents call themselves by, folded as plain
// does. Longer ones come first where one holds another.
func titles() []struct{ class, words string } {
	return []struct{ class, words string }{
		{ClassDrivingLicence, "driving licence|driver license|drivers license|driver s license|driver s licence|driver licence|drivers licence|fuhrerschein|permis de conduire|permiso de conduccion|licencia de conducir|patente di guida|prawo jazdy|rijbewijs|korkort|carta de conducao|ajokortti|forerkort|ridicsky prukaz|vodicsky preukaz|vezetoi engedely|vozacka dozvola|vozniska dovoljenje|juhiluba|vairuotojo pazymejimas|permis de conducere|surucu belgesi"},
		{ClassIDCard, "identity card|identification card|personalausweis|carte nationale d identite|carte d identite|carta d identita|carta identita|documento nacional de identidad|dowod osobisty|identiteitskaart|identity document|cartao de cidadao|obcansky prukaz|osobna iskaznica|osebna izkaznica|szemelyi igazolvany|buletin de identitate|carte de identitate|identitetskort|henkilokortti|isikutunnistus|asmens tapatybes kortele|personas apliecibas|kimlik karti|residence permit|titre de sejour|aufenthaltstitel|permanent resident"},
		{ClassVisa, "visum|visa"},
		{ClassPassport, "passport|reisepass|passeport|pasaporte|passaporto|passaporte|paszport|paspoort|cestovni pas|putovnica|potni list|utlevel|pasaport|passi|pase"},
	}
}

// bills are groups of words of letters that prove an address; a letter needs
// one of the first and two of the others.
func bills() (kinds, parts []string) {
	return []string{"electricity", "gas bill", "water bill", "utility", "energy", "broadband", "council tax", "bank statement", "account statement", "statement of account", "tax bill", "tenancy", "lease agreement", "mortgage", "stromrechnung", "kontoauszug", "meldebescheinigung", "mietvertrag", "gasrechnung", "facture", "releve de compte", "quittance de loyer", "avis d imposition", "factura", "extracto bancario", "recibo de luz", "bolletta", "estratto conto", "rachunek", "invoice", "rechnung", "telephone bill", "phone bill", "internet bill", "electric bill"},
		[]string{"amount due|total due|balance|betrag|montant|importe|importo|saldo|amount", "account number|customer number|kundennummer|numero de client|numero de cliente|account no|customer no|meter|contract", "bill date|invoice date|statement date|date of issue|due date|billing period|rechnungsdatum|date de facture|fecha|datum|statement period|date", "service address|billing address|supply address|delivery address|street|road|avenue|strasse|rue|calle|via|postcode|postal code|plz|address"}
}

// accented are the letters of the titles' languages that plain takes the
// accents off, and bare what is left of each.
const (
	accented = "äàáâãåąăčćçďđéèêëěęėģíìîïįıķľłĺļñńňņóòôöõøőřŕšśşșťțúùûüůűųūýźžżğ"
	bare     = "aaaaaaaacccddeeeeeeegiiiiiikllllnnnnooooooorrssssttuuuuuuuuyzzzg"
)

// plain folds text to lower-case letters without accents, digits and single
// blanks, with one at each end.
func plain(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	blank := true
	for _, c := range strings.ToLower(text) {
		if at := strings.IndexRune(accented, c); at >= 0 {
			c = rune(bare[len([]rune(accented[:at]))])
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(c)
			blank = false
		} else if !blank {
			b.WriteByte(' ')
			blank = true
		}
	}
	if !blank {
		b.WriteByte(' ')
	}
	return b.String()
}

// classOfWords tells a page by the words printed on it. Two titles of
// different classes leave it unknown, except that a visa or an identity card
// may speak of a passport.
func classOfWords(text string) Class {
	folded := plain(text)
	has := func(words string) bool {
		for word := range strings.SplitSeq(words, "|") {
			if strings.Contains(folded, " "+word+" ") {
				return true
			}
		}
		return false
	}
	kinds, parts := bills()
	if len(folded) > 120 && has(strings.Join(kinds, "|")) {
		n := 0
		for _, words := range parts {
			if has(words) {
				n++
			}
		}
		if n >= 2 {
			return Class{Type: ClassProofOfAddress, Confidence: min(0.8, 0.4+0.1*float64(n)), Why: "words"}
		}
	}
	var found []string
	for _, t := range titles() {
		if has(t.words) {
			found = append(found, t.class)
		}
	}
	if len(found) == 2 && found[1] == ClassPassport && found[0] != ClassDrivingLicence {
		found = found[:1]
	}
	if len(found) != 1 {
		return unknownClass()
	}
	c := Class{Type: found[0], Confidence: 0.7, Why: "words"}
	if c.Type == ClassVisa {
		c.Confidence = 0.5 // a word of bank cards, too
	}
	if c.Type == ClassIDCard || c.Type == ClassDrivingLicence {
		// Titles stand on the side with the portrait.
		c.Side = SideFront
	}
	return c
}

// class adds the classes to a reading. Where neither zone nor barcode nor text
// says what the first page is, its print is read for it; that OCR fails or is
// missing leaves it unknown.
func (r *Reader) class(ctx context.Context, reading *Reading, files []File) {
	print, read := reading.VisualText, false
	classify(reading, func(page int) string {
		p := reading.Pages[page]
		switch {
		case p.Text != "":
			return p.Text
		case page != 0:
			return ""
		case print == "" && !read:
			read = true
			var err *kyc.Error
			if print, err = r.VisualText(ctx, files[0]); err != nil {
				return ""
			}
		}
		return print
	})
}
