package roster

// Demo is the fictional demonstration list. Every entry is invented.
func Demo() (Parsed, error) {
	var p Parsed
	for _, e := range demoEntities() {
		if err := p.add("the demonstration list", e); err != nil {
			return Parsed{}, err
		}
	}
	return p, nil
}

// demoEntities are twenty invented parties. Names, dates and numbers were made
// up for this program; countries are left out on purpose, so that nobody real
// is meant.
func demoEntities() []Entity {
	person := func(id, name, born string, program string, aliases ...string) Entity {
		e := Entity{ID: id, Type: TypePerson}
		e.addName(name, QualityPrimary)
		for _, a := range aliases {
			q := QualityStrong
			if !mostlyLatin(a) {
				q = QualityNative
			}
			e.addName(a, q)
		}
		e.addBirth(ParseSpan(born))
		e.addProgram(program)
		return e
	}
	firm := func(id, name string, kind EntityType, program string, aliases ...string) Entity {
		e := person(id, name, "", program, aliases...)
		e.Type = kind
		return e
	}
	weak := person("DEMO-004", "FENNIMORE-KRULL, Oswin Tadeus", "1958", "DEMO-FRAUD")
	weak.addName("The Clockmaker", QualityWeak)
	numbered := person("DEMO-005", "QUISTORRA, Belmiro Anselm", "1971-02-28", "DEMO-SMUGGLING", "QUISTORA, Belmiro")
	numbered.addIdentifier("passport", "ZZ0042117", "")
	wallet := firm("DEMO-016", "GREYLANTERN MIXING SERVICE", TypeEntity, "DEMO-CYBER")
	wallet.addIdentifier("crypto_xbt", "1DemoGreyLanternFictionalAddrXXXX", "")
	ship := firm("DEMO-018", "MOONWHEAT TRADER", TypeVessel, "DEMO-SHIPPING", "MOON WHEAT")
	ship.addIdentifier("imo", "0000000", "")
	return []Entity{
		person("DEMO-001", "VANTABRIK, Zoltavius Emeric", "1966-11-03", "DEMO-TERROR", "WANTABRICK, Zoltawius", "Золтавиус Вантабрик"),
		person("DEMO-002", "AL-QUMRAZIN, Hadrubal Idmar", "1974", "DEMO-TERROR", "AL QOMRAZEEN, Hadroubal", "هدروبال القمرازين"),
		person("DEMO-003", "STELLENGARD, Wilhemina Oda", "1981-07-19", "DEMO-FRAUD", "STELLENGAARD, Wilhelmina"),
		weak,
		numbered,
		person("DEMO-006", "PRZEDOWIK, Jarogniew", "1963-05-30", "DEMO-FRAUD", "Yarognev PSHEDOVIK"),
		person("DEMO-007", "TSUKIHAMARI, Renjirou", "1969", "DEMO-PROLIFERATION", "ツキハマリ レンジロウ"),
		person("DEMO-008", "OKWUBADERO, Temidire Solape", "1985-12-12", "DEMO-CORRUPTION"),
		person("DEMO-009", "HRAFNSKARL, Ingvildur", "1977-01-25", "DEMO-CYBER"),
		person("DEMO-010", "MARCHAND-DUVRELLE, Anatolin Cyr", "1955", "DEMO-CORRUPTION"),
		person("DEMO-011", "BALTHASAROV, Evstigney Lukich", "1960-09-09", "DEMO-PROLIFERATION", "Евстигней Лукич Балтасаров"),
		person("DEMO-012", "KWAN-PHELLIPOE, Orestina", "1990-04-01", "DEMO-FRAUD"),
		firm("DEMO-013", "NORTHERN HALCYON FREIGHT FZE", TypeEntity, "DEMO-SHIPPING", "NHF Halcyon"),
		firm("DEMO-014", "VELVET ANVIL HOLDINGS LTD", TypeEntity, "DEMO-FRAUD"),
		firm("DEMO-015", "BANK OF SAINT ORMOLU", TypeEntity, "DEMO-CORRUPTION", "Ormolu Bank"),
		wallet,
		firm("DEMO-017", "SEVENTH COPPER BRIGADE", TypeEntity, "DEMO-TERROR", "Copper Seventh"),
		ship,
		firm("DEMO-019", "DE-ZZQX", TypeAircraft, "DEMO-SHIPPING"),
		firm("DEMO-020", "INSTITUTE FOR APPLIED THUNDER", TypeEntity, "DEMO-PROLIFERATION"),
	}
}
