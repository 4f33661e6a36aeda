package roster

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"bonafide/kyc"
)

// popoloName is another name of a person.
type popoloName struct {
	Name string `json:"name"`
	Lang string `json:"lang"`
}

// popoloPerson is a person of a Popolo file (https://www.popoloproject.com,
// EveryPolitician's ep-popolo-v1.0.json), or one line of a collection of such
// files that names country and legislature on each line.
type popoloPerson struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Given       string       `json:"given_name"`
	Family      string       `json:"family_name"`
	Other       []popoloName `json:"other"`
	OtherNames  []popoloName `json:"other_names"`
	Birth       string       `json:"birth_date"`
	Gender      string       `json:"gender"`
	Country     string       `json:"country"`
	Legislature string       `json:"legislature"`
	Identifiers []struct {
		Scheme string `json:"scheme"`
		Value  string `json:"identifier"`
	} `json:"identifiers"`
}

// popoloMember is a seat in a legislature.
type popoloMember struct {
	Person       string `json:"person_id"`
	Organization string `json:"organization_id"`
	Role         string `json:"role"`
	Start        string `json:"start_date"`
	End          string `json:"end_date"`
}

// parsePopolo reads one or several files, each either a Popolo object with
// persons, organizations and memberships, or lines of one person each.
// Everybody in them is a member of a legislature.
func parsePopolo(ctx context.Context, ins []Input) (Parsed, error) {
	var out Parsed
	for _, in := range ins {
		lines := strings.Contains(firstLine(in.peek()), `"legislature"`)
		rows := newGroups(&out, in.name)
		var err error
		if lines {
			err = popoloLines(ctx, in, rows)
		} else {
			err = popoloFile(ctx, in, rows)
		}
		if err == nil {
			err = rows.flush()
		}
		if err != nil {
			return Parsed{}, err
		}
	}
	return out, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(s, " \r\n\t"), "\n")
	return line
}

func popoloLines(ctx context.Context, in Input, rows *groups) error {
	return eachJSONLine(ctx, in, "EveryPolitician", func(line []byte) error {
		var x popoloPerson
		if json.Unmarshal(line, &x) != nil || x.ID == "" || x.Legislature == "" {
			return kyc.Errorf(kyc.Invalid, "list_format", "no id or legislature; is it EveryPolitician?")
		}
		e, err := rows.entry(x.ID)
		if err != nil {
			return err
		}
		x.into(e)
		at := kyc.Position{Title: seatTitle(x.Legislature), Office: OfficeLegislator, Level: "national"}
		country, part, _ := strings.Cut(x.Country, "-")
		if part != "" { // ISO 3166-2: a part of a country
			at.Level = "regional"
		}
		if at.Country = CountryCode(country); at.Country != "" {
			e.addCountry(at.Country)
		}
		e.addPosition(at)
		return nil
	})
}

// seatTitle words "Afghanistan/Wolesi_Jirga" as an office.
func seatTitle(legislature string) string {
	country, chamber, ok := strings.Cut(strings.ReplaceAll(Clean(legislature), "_", " "), "/")
	if !ok {
		return "Member of " + country
	}
	return "Member of the " + strings.TrimPrefix(chamber, "the ") + " (" + country + ")"
}

func (x *popoloPerson) into(e *Entity) {
	e.Type = TypePerson
	e.addName(joinNonEmpty(" ", Clean(x.Name)), QualityPrimary)
	e.addName(joinNonEmpty(" ", Clean(x.Given), Clean(x.Family)), QualityStrong)
	for _, o := range append(x.Other, x.OtherNames...) {
		q := QualityStrong
		if !mostlyLatin(o.Name) {
			q = QualityNative
		}
		e.addName(o.Name, q)
	}
	e.addBirth(ParseSpan(x.Birth))
	if g := Gender(x.Gender); g != "" {
		e.Gender = g
	}
}

// popoloFile reads a whole Popolo object as a stream: its big arrays one item
// at a time.
func popoloFile(ctx context.Context, in Input, rows *groups) error {
	d := json.NewDecoder(in.r)
	fail := func(err error) error {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch own := (*kyc.Error)(nil); {
		case errors.As(err, &own):
			return own
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return truncated(in.name, "the closing brace is missing")
		case errors.As(err, &syntax), errors.As(err, &kind):
			return wrongFormat(in.name, "it is no Popolo object")
		}
		return ReadError(in.name, err)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		if err == nil {
			err = wrongFormat(in.name, "a Popolo file is one JSON object")
		}
		return fail(err)
	}
	people, members, names := false, []popoloMember{}, map[string]string{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fail(err)
		}
		switch key {
		case "persons":
			people = true
			err = eachItem(ctx, d, func() error {
				var x popoloPerson
				if err := d.Decode(&x); err != nil {
					return err
				}
				e, err := rows.entry(x.ID)
				if err == nil {
					x.into(e)
				}
				return err
			})
		case "memberships":
			err = eachItem(ctx, d, func() error {
				var m popoloMember
				if err := d.Decode(&m); err != nil {
					return err
				}
				if members = append(members, m); len(members) > MaxEntities {
					return kyc.Errorf(kyc.TooLarge, "list_too_large", "%s has more than %d memberships", in.name, MaxEntities)
				}
				return nil
			})
		case "organizations":
			err = eachItem(ctx, d, func() error {
				var o struct{ ID, Name, Classification string }
				if err := d.Decode(&o); err != nil {
					return err
				}
				if o.Classification == "legislature" {
					names[o.ID] = Clean(o.Name)
				}
				return nil
			})
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return fail(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fail(err)
	}
	if !people {
		return wrongFormat(in.name, "no persons in it")
	}
	popoloSeats(rows, members, names)
	return nil
}

// eachItem calls one for each item of an array.
func eachItem(ctx context.Context, d *json.Decoder, one func() error) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return &json.UnmarshalTypeError{Value: "no array"}
	}
	for n := 0; d.More(); n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := one(); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// popoloSeats gives each person the seats that the memberships tell of.
func popoloSeats(rows *groups, members []popoloMember, names map[string]string) {
	for _, m := range members {
		if e := rows.byID[m.Person]; e != nil && names[m.Organization] != "" {
			e.addPosition(kyc.Position{Title: "Member of the " + names[m.Organization], Office: OfficeLegislator, Level: "national", Since: Clean(m.Start), Until: Clean(m.End)})
		}
	}
	for _, e := range rows.order {
		slices.SortFunc(e.Positions, comparePositions)
	}
}
