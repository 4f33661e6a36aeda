package roster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// ftmEntity is one line of a FollowTheMoney export (OpenSanctions
// entities.ftm.json).
type ftmEntity struct {
	ID         string               `json:"id"`
	Caption    string               `json:"caption"`
	Schema     string               `json:"schema"`
	Properties map[string]ftmValues `json:"properties"`
	Datasets   ftmValues            `json:"datasets"`
}

// ftmValues are the values of a property: a list of strings by the model; a
// single value, numbers and nulls are found in files people made themselves.
type ftmValues []string

// UnmarshalJSON reads any of these; what is no text or number is left out.
func (v *ftmValues) UnmarshalJSON(raw []byte) error {
	var plain []string
	if json.Unmarshal(raw, &plain) == nil {
		*v = plain
		return nil
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		items = []json.RawMessage{raw}
	}
	for _, item := range items {
		var text string
		var number json.Number
		switch {
		case json.Unmarshal(item, &text) == nil && text != "":
			*v = append(*v, text)
		case json.Unmarshal(item, &number) == nil && number != "":
			*v = append(*v, number.String())
		}
	}
	return nil
}

// ftmTypes are the schemata that can be a party; others (Address, Sanction,
// Ownership, Passport…) are parts of one and are left out.
var ftmTypes = map[string]EntityType{
	"Person": TypePerson, "Company": TypeEntity, "Organization": TypeEntity, "LegalEntity": TypeUnknown, "PublicBody": TypeEntity,
	"Vessel": TypeVessel, "Airplane": TypeAircraft, "CryptoWallet": TypeUnknown, "Security": TypeEntity,
}

var ftmIDs = map[string]string{
	"passportNumber": "passport", "idNumber": "national_id", "socialSecurityNumber": "national_id", "taxNumber": "tax_id", "vatCode": "tax_id", "innCode": "tax_id",
	"registrationNumber": "registration", "ogrnCode": "registration", "uscCode": "registration", "leiCode": "lei", "swiftBic": "swift", "imoNumber": "imo", "mmsi": "mmsi",
	"callSign": "call_sign", "uniqueEntityId": "registration", "okpoCode": "registration", "kppCode": "registration", "serialNumber": "msn", "isin": "isin",
}

// parseFTM reads JSON lines. A last line that is not closed means the file is
// cut off.
func parseFTM(ctx context.Context, ins []Input) (Parsed, error) {
	in, err := single(ins)
	if err != nil {
		return Parsed{}, err
	}
	var out Parsed
	rows, offices, collections, reader := newGroups(&out, in.name), newFTMOffices(), newSets(), newFTMReader()
	err = eachJSONLineParallel(ctx, in, "FollowTheMoney", parseFTMLine, func(line []byte, read ftmLine) error {
		if read.e == nil && !read.office {
			return nil
		}
		if read.e != nil && rows.byID[read.e.ID] == nil {
			return rows.place(read.e)
		}
		x, err := reader.read(line) // it adds to what other lines said
		if err != nil {
			return err
		}
		if read.office {
			offices.take(x)
			return nil
		}
		e := rows.byID[x.ID]
		x.into(e, ftmTypes[x.Schema])
		e.Datasets = collections.of(append(slices.Clone(e.Datasets), x.Datasets...))
		return nil
	})
	if err != nil {
		return Parsed{}, err
	}
	offices.settle(rows.byID)
	return out, rows.flush()
}

// ftmLine is what a line says by itself: a party, or that it speaks of an
// office or a tie.
type ftmLine struct {
	e      *Entity
	office bool
}

// parseFTMLine makes a reader of lines for one processor.
func parseFTMLine() func(line []byte) (ftmLine, error) {
	reader, collections := newFTMReader(), newSets()
	var room []Entity
	return func(line []byte) (ftmLine, error) {
		x, bad := reader.read(line)
		if bad != nil || x.ID == "" || x.Schema == "" {
			return ftmLine{}, kyc.Errorf(kyc.Invalid, "list_format", "no id or schema; is it FollowTheMoney?")
		}
		kind, party := ftmTypes[x.Schema]
		if !party {
			return ftmLine{office: aboutOffice(x.Schema)}, nil
		}
		if len(room) == 0 {
			room = make([]Entity, 256)
		}
		e := &room[0]
		room = room[1:]
		e.ID, e.Type = x.ID, TypeUnknown
		x.into(e, kind)
		e.Datasets = collections.of(x.Datasets)
		return ftmLine{e: e}, nil
	}
}

// ReadLine reads one line of bounded length.
func ReadLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLineBytes {
			return nil, errTooLarge
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// into takes over what the matcher and the reviewer need.
func (x *ftmEntity) into(e *Entity, kind EntityType) {
	e.Type = kind
	p := x.Properties
	if e.Names == nil {
		e.Names = make([]Name, 0, 1+len(p["name"])+len(p["alias"])+len(p["weakAlias"]))
	}
	named := func(text string, q Quality) {
		if q != QualityWeak && !mostlyLatin(text) {
			q = QualityNative
		}
		e.addName(text, q)
	}
	if x.Caption != "" && x.Caption != x.ID {
		e.addName(x.Caption, QualityPrimary)
	}
	for i, n := range p["name"] {
		if i == 0 && len(e.Names) == 0 {
			e.addName(n, QualityPrimary)
		}
		named(n, QualityStrong)
	}
	for _, key := range []string{"alias", "previousName", "abbreviation"} {
		for _, n := range p[key] {
			named(n, QualityStrong)
		}
	}
	for _, n := range p["weakAlias"] {
		named(n, QualityWeak)
	}
	if len(p["name"]) == 0 && len(p["lastName"]) > 0 && len(p["firstName"]) > 0 {
		named(p["firstName"][0]+" "+p["lastName"][0], QualityPrimary)
	}
	for _, b := range p["birthDate"] {
		e.addBirth(ParseSpan(b))
	}
	for _, g := range p["gender"] {
		e.Gender = Gender(g)
	}
	for _, key := range []string{"nationality", "citizenship", "country", "jurisdiction", "flag", "mainCountry"} {
		for _, c := range p[key] {
			e.addCountry(ftmCountry(c))
		}
	}
	for key, values := range p {
		if kind, ok := ftmIDs[key]; ok {
			for _, v := range values {
				e.addIdentifier(kind, v, "")
			}
		}
	}
	for _, key := range p["publicKey"] { // of a wallet: an address of its currency
		kind := "crypto"
		if c := strings.ToLower(Clean(p["currency"].first())); c != "" && len(c) <= 10 {
			kind = "crypto_" + c
		}
		e.addIdentifier(kind, key, "")
	}
	sortIdentifiers(e.Identifiers)
	for _, t := range p["topics"] {
		e.Topics = addOnce(e.Topics, Clean(t))
	}
	for _, title := range p["position"] {
		e.addPosition(datedPosition(title))
	}
	for _, key := range []string{"programId", "program"} {
		for _, v := range p[key] {
			e.addProgram(v)
		}
	}
	for _, a := range p["address"] {
		e.addAddress(a)
	}
}

// ftmCountry turns FollowTheMoney's lower-case codes into ISO's.
func ftmCountry(c string) string {
	switch c = strings.ToUpper(Clean(c)); c {
	case "SUHH", "SU":
		return "RU"
	case "UK":
		return "GB"
	default:
		return c
	}
}

// datedPosition takes the years out of a title such as "Minister of Health
// (2001-2005)"; "(2010-)" is held still.
func datedPosition(title string) kyc.Position {
	p := kyc.Position{Title: Clean(title)}
	at := strings.LastIndexByte(p.Title, '(')
	if at < 1 || !strings.HasSuffix(p.Title, ")") {
		return p
	}
	since, until, ok := strings.Cut(strings.ReplaceAll(p.Title[at+1:len(p.Title)-1], "–", "-"), "-")
	year := func(s string) bool { _, err := strconv.Atoi(s); return err == nil && len(s) == 4 }
	if !ok || !year(since) || until != "" && !year(until) {
		return p
	}
	p.Title, p.Since, p.Until = strings.TrimSpace(p.Title[:at]), since, until
	return p
}
