package onboarding

import (
	"slices"

	"bonafide/field"
)

// Party is somebody a form names, by the place of the name among the answers.
// Paths are field_ids joined by "/", with "*" for each item of a list:
// "owners/*/full_name". It is the shape of the checks' configs.
type Party struct {
	Path    string `json:"path"`
	Role    string `json:"role"` // one of EntityRoles(); empty for a company without one
	Company bool   `json:"company"`
	// Own: the name is that of the applicant, who fills in the form.
	Own         bool   `json:"own"`
	DateOfBirth string `json:"date_of_birth,omitempty"` // path in the same item
	Nationality string `json:"nationality,omitempty"`   // for a company: where it is incorporated

	lists, media bool
}

// MaxParties is how many name fields a definition may have.
const MaxParties = 200

// Parties are all name fields of the forms.
func (d *Definition) Parties() []Party {
	var out []Party
	known := false
	d.eachField(func(p place) {
		f := p.field
		if f.Type != "name" {
			return
		}
		party := Party{
			Path: p.path, Company: f.NameType == "company", Role: f.EntityRole,
			lists: on(f.ValidateLists) || p.lists, media: on(f.ValidateAdverseMedia),
		}
		if party.Role == "" {
			party.Role = p.role
		}
		if party.Role == "" && !party.Company {
			party.Role = "individual"
		}
		// The first name a form asks for is the applicant's; further ones may be
		// anybody's and are asked about on their own.
		party.Own = !party.Company && !p.listed && !known && d.applicant(party.Role)
		known = known || party.Own
		party.DateOfBirth = p.sibling(birthDate)
		wanted := "nationality"
		if party.Company {
			wanted, party.DateOfBirth = "incorporation", ""
		}
		party.Nationality = p.sibling(func(f *field.Field) bool { return f.Type == "country" && f.CountryType == wanted })
		out = append(out, party)
	})
	return out
}

// applicant reports whether a role is that of the person who fills in the
// form: in a workflow for individuals it may be any, because that workflow can
// be the one a subsession's party walks through.
func (d *Definition) applicant(role string) bool {
	return role == "individual" || role == "representative" || !slices.Contains(d.EntityTypes, "company")
}

// ScreenedParties are those the lists are asked about: the names with
// validate_lists, or every name where no field says so, because run_lists that
// asks about nobody would be a policy nobody meant.
func (d *Definition) ScreenedParties() []Party {
	return chosen(d.Parties(), func(p Party) bool { return p.lists })
}

// MediaParties are those the news are searched for: the names with
// validate_adverse_media; where no field says so and the whole workflow asks
// for adverse media, those the lists are asked about.
func (d *Definition) MediaParties() []Party {
	all := d.Parties()
	some := slices.DeleteFunc(slices.Clone(all), func(p Party) bool { return !p.media })
	if len(some) > 0 || !d.searchesMedia() {
		return some
	}
	return chosen(all, func(p Party) bool { return p.lists })
}

// searchesMedia reports whether the workflow as a whole asks for adverse media.
func (d *Definition) searchesMedia() bool {
	return d.ValidationConfig.RunAdverseMedia || d.HasTask(RunAdverseMedia) || d.ValidationConfig.AutomationRules.Needs().AdverseMedia
}

func chosen(all []Party, test func(Party) bool) []Party {
	some := slices.DeleteFunc(slices.Clone(all), func(p Party) bool { return !test(p) })
	if len(some) == 0 {
		return all
	}
	return some
}

// WalletRef is one wallet field, by its path among the answers.
type WalletRef struct {
	Path    string `json:"path"`
	Network string `json:"network"` // BTC, ETH, …, or any
}

// wallets are all wallet fields.
func (d *Definition) wallets() []*field.Field {
	var out []*field.Field
	d.eachField(func(p place) {
		if p.field.Type == "wallet" {
			out = append(out, p.field)
		}
	})
	return out
}

// ScreenedWallets are the wallet fields that are screened: those with
// validate_crypto, and those that leave it to the workflow when that asks for
// it.
func (d *Definition) ScreenedWallets() []WalletRef {
	out := []WalletRef{}
	asked := d.ValidationConfig.RunCrypto || d.HasTask(RunCryptoCheck) || d.ValidationConfig.AutomationRules.Needs().Crypto
	d.eachField(func(p place) {
		if f := p.field; f.Type == "wallet" && (on(f.ValidateCrypto) || f.ValidateCrypto == nil && asked) {
			out = append(out, WalletRef{Path: p.path, Network: f.Network})
		}
	})
	return out
}

// place is one field of a form and what lies around it.
type place struct {
	path   string
	prefix string // path of the object the field is in
	field  *field.Field
	around []field.Field // the fields of that object
	// What the entity arrays around the field pass on.
	role   string
	lists  bool
	listed bool // inside the items of a list
}

// sibling gives the path of the first field beside this one that fits.
func (p place) sibling(fits func(*field.Field) bool) string {
	for i := range p.around {
		if fits(&p.around[i]) {
			return p.prefix + p.around[i].FieldID
		}
	}
	return ""
}

// birthDate recognises the date of birth among the date fields, which have no
// semantic type of their own: by its name, or because an age is asked of it.
func birthDate(f *field.Field) bool { return f.IsBirthDate() }

// eachField shows every field of every form, nested ones after the field they
// are in. Fields of all form steps count as beside each other: a person's name
// may be asked in one step and the nationality in the next.
func (d *Definition) eachField(show func(place)) {
	top := d.Fields()
	var walk func(fields []field.Field, outer place)
	walk = func(fields []field.Field, outer place) {
		for i := range fields {
			f, p := &fields[i], outer
			p.path, p.field, p.around = outer.prefix+f.FieldID, f, fields
			show(p)
			if f.Type == "object" {
				inner := p
				inner.prefix = p.path + "/"
				walk(f.Fields, inner)
			}
			if len(f.ItemFields) > 0 {
				inner := p
				inner.prefix, inner.listed = p.path+"/*/", true
				inner.lists = p.lists || on(f.ValidateLists)
				if f.EntityRole != "" {
					inner.role = f.EntityRole
				}
				walk(f.ItemFields, inner)
			}
		}
	}
	walk(top, place{})
}

// on reports whether an optional flag is set to true.
func on(b *bool) bool { return b != nil && *b }
