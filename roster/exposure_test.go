package roster

import (
	"testing"
	"time"

	"bonafide/kyc"
)

func TestOfficesAreGradedByTheirWords(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]struct {
		office string
		level  int
	}{
		"Minister of Finance": {OfficeMinister, 1}, "ministre des Finances": {OfficeMinister, 1}, "Министр обороны": {OfficeMinister, 1}, "وزير الخارجية": {OfficeMinister, 1}, "财政部长": {OfficeMinister, 1}, "Bakan, İçişleri": {OfficeMinister, 1},
		"Minister of Justice": {OfficeMinister, 1}, "Deputy Minister of Health": {OfficeOfficial, 2}, "Vice-Minister of Trade": {OfficeOfficial, 2}, "заместитель министра юстиции": {OfficeOfficial, 2},
		"Prime Minister of Saudi Arabia": {OfficeHeadOfGovernment, 1}, "Premier ministre": {OfficeHeadOfGovernment, 1}, "Премьер-министр": {OfficeHeadOfGovernment, 1}, "رئيس الوزراء": {OfficeHeadOfGovernment, 1}, "内阁总理大臣": {OfficeHeadOfGovernment, 1}, "국무총리": {OfficeHeadOfGovernment, 1},
		"President of France": {OfficeHeadOfState, 1}, "Vice President of the United States": {OfficeHeadOfState, 1}, "President of the Republic of Chile": {OfficeHeadOfState, 1}, "King of Saudi Arabia": {OfficeHeadOfState, 1}, "Presidente de la República": {OfficeHeadOfState, 1},
		"United States senator": {OfficeLegislator, 1}, "United States representative": {OfficeLegislator, 1}, "member of the House of Lords": {OfficeLegislator, 1}, "député à l’Assemblée": {OfficeLegislator, 1}, "Депутат Государственной думы": {OfficeLegislator, 1}, "عضو مجلس الشورى": {OfficeLegislator, 1}, "参议院议员": {OfficeLegislator, 1}, "Diputada nacional": {OfficeLegislator, 1},
		"Chief Justice of the Supreme Court": {OfficeJudge, 1}, "District judge": {OfficeJudge, 2}, "Судья": {OfficeJudge, 2}, "Governor of the Saudi Central Bank": {OfficeCentralBank, 1}, "President of the Court of Auditors": {OfficeAudit, 1},
		"Chairman of the General Staff": {OfficeMilitary, 1}, "Commander of Royal Air Forces": {OfficeMilitary, 2}, "генерал-майор": {OfficeMilitary, 2}, "Saudi ambassador to Greece": {OfficeDiplomat, 2}, "Ambassador to the United Nations": {OfficeDiplomat, 2}, "Büyükelçi": {OfficeDiplomat, 2},
		"Secretary-General of the Gulf Cooperation Council": {OfficeInternational, 4}, "chairman of a state-owned enterprise": {OfficeStateCompany, 3}, "Party leader": {OfficeParty, 1}, "General Secretary of the Labour Party": {OfficeParty, 2}, "Advisor to the King": {OfficeOfficial, 2}, "Wife of the King of Ebb": {"", 0},
		"Mayor of Ebb": {OfficeLocal, 4}, "Oberbürgermeisterin": {OfficeLocal, 4}, "Member of the City Council": {OfficeLocal, 4}, "Governor of Riyadh Region": {OfficeRegional, 2}, "губернатор области": {OfficeRegional, 2}, "Mufti of the Republic of Tunisia": {OfficeReligious, 2}, "Crown Prince of Saudi Arabia": {OfficeRoyal, 1},
		// What is no public office, or none that the words tell.
		"Shell chief executive": {"", 0}, "president of King Saud University": {"", 0}, "President of the Geological Society of London": {"", 0}, "editor-in-chief": {"", 0}, "full professor": {"", 0}, "Director of Marketing": {"", 0}, "": {"", 0},
	} {
		if office, level := OfficeOf(kyc.Position{Title: title}); office != want.office || level != want.level {
			t.Errorf("%q is %q of level %d, want %q %d", title, office, level, want.office, want.level)
		}
	}
	for _, c := range []struct {
		at     kyc.Position
		office string
		level  int
	}{
		{kyc.Position{Title: "Member of the Assembly", Level: "regional"}, OfficeLegislator, 2},
		{kyc.Position{Title: "Minister of Tides", Level: "national"}, OfficeMinister, 1},
		{kyc.Position{Title: "Kahuna", Level: "local"}, "", 4},
		{kyc.Position{Title: "Kahuna", Office: OfficeJudge}, OfficeJudge, 1},
		{kyc.Position{Title: "Prime Minister", Office: OfficeHead}, OfficeHeadOfGovernment, 1},
		{kyc.Position{Title: "Kahuna", Office: OfficeHead}, OfficeHead, 1},
		{kyc.Position{Title: "Minister of the Gospel", Office: OfficeReligious}, OfficeReligious, 2},
	} {
		if office, level := OfficeOf(c.at); office != c.office || level != c.level {
			t.Errorf("%+v is %q of level %d", c.at, office, level)
		}
	}
}

func TestExposureOfAnEntry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	minister := kyc.Position{Title: "Minister of Tides", Country: "NZ", Since: "2021"}
	mayor := kyc.Position{Title: "Mayor of Ebb", Country: "NZ", Since: "2010", Until: "2014"}
	judge := kyc.Position{Title: "Chief Justice", Country: "NZ", Until: "2008-03"}
	untold := kyc.Position{Title: "Minister of Tides"}
	pep, relative := []string{TopicPEP}, []string{TopicRCA}
	for name, c := range map[string]struct {
		topics []string
		at     []kyc.Position
		ties   []Tie
		home   []string
		want   string
	}{
		"held before ended":     {pep, []kyc.Position{mayor, minister}, nil, []string{"NZ"}, "pep domestic minister 1 current"},
		"high though ended":     {pep, []kyc.Position{mayor, judge}, nil, nil, "pep  judge 1 former 2014-12-31"},
		"foreign outweighs":     {pep, []kyc.Position{mayor, {Title: "Senator", Country: "AU"}}, nil, []string{"NZ"}, "pep foreign legislator 1 unknown"},
		"nobody knows where":    {pep, []kyc.Position{untold}, nil, []string{"NZ"}, "pep unknown minister 1 unknown"},
		"no office":             {pep, nil, nil, []string{"NZ"}, "pep unknown  0 unknown"},
		"international":         {pep, []kyc.Position{{Title: "Director, World Bank", Until: "2030"}}, nil, nil, "pep international_organisation international_organisation 4 current"},
		"former by its words":   {pep, []kyc.Position{{Title: "Former Minister of Tides"}}, nil, nil, "pep  minister 1 former"},
		"ended, nobody knows":   {pep, []kyc.Position{mayor, {Title: "Senator", Status: "ended"}}, nil, nil, "pep  legislator 1 former"},
		"relative":              {relative, nil, nil, nil, "relative   0 unknown"},
		"brother of a minister": {relative, []kyc.Position{minister}, []Tie{{Kind: "associate", ID: "x"}, {Kind: "family", ID: "y"}}, nil, "family_member  minister 1 current"},
		"partner":               {relative, nil, []Tie{{Kind: "associate", ID: "x"}}, nil, "close_associate   0 unknown"},
		"both":                  {[]string{TopicRCA, TopicPEP}, nil, []Tie{{Kind: "family", ID: "x"}}, nil, "pep   0 unknown"},
	} {
		x := Expose(c.topics, c.at, c.ties, c.home, now)
		got := x.Class + " " + x.Kind + " " + x.Office + " " + string(rune('0'+x.Level)) + " " + x.Status
		if !x.FormerSince.IsZero() {
			got += " " + x.FormerSince.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestYearsBehindATitle(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]kyc.Position{
		"Minister of Health (2001-2005)": {Title: "Minister of Health", Since: "2001", Until: "2005"}, "Senator (2010–)": {Title: "Senator", Since: "2010"},
		"Minister (Saudi Arabia)": {Title: "Minister (Saudi Arabia)"}, "(2001-2005)": {Title: "(2001-2005)"}, "Mayor (200-300)": {Title: "Mayor (200-300)"},
	} {
		if got := datedPosition(text); got != want {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}

func FuzzOffice(f *testing.F) {
	f.Add("Minister of Finance", "national", "judge", "2001")
	f.Add("вице-премьер", "", "", "")
	f.Fuzz(func(t *testing.T, title, reach, office, until string) {
		p := kyc.Position{Title: title, Level: reach, Office: office, Until: until}
		if _, level := OfficeOf(p); level < 0 || level > 4 {
			t.Fatalf("level %d", level)
		}
		Expose([]string{TopicPEP}, []kyc.Position{p, datedPosition(title)}, nil, nil, time.Unix(0, 0))
	})
}
