package media

import (
	"strings"
	"testing"
	"time"

	"bonafide/screen"
)

// saying is one sentence and what it says of a party.
type saying struct {
	name     string
	text     string
	role     Role // "" for nothing, "-" for cleared
	category string
}

// judged reads a text as an article of a language.
func judged(t *testing.T, l *Library, language, name, text string) (verdict, bool) {
	t.Helper()
	n, err := screen.NewNamesake(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := l.read(&Article{Text: text, Language: language, Published: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}, n, DefaultThreshold)
	return r.judge()
}

func TestWhatSentencesSay(t *testing.T) {
	t.Parallel()
	l := Open(Options{})
	count := 0
	for language, list := range sayings() {
		for _, s := range list {
			count++
			v, ok := judged(t, l, language, s.name, s.text)
			got := v.role
			switch {
			case !ok:
				got = ""
			case v.clearing != "":
				got = "-"
			}
			if got != s.role || s.category != "" && v.category != s.category {
				t.Errorf("%s: %q says of %s: %q %q, want %q %q\n  %+v", language, s.text, s.name, got, v.category, s.role, s.category, v.facts)
			}
		}
	}
	if count < 80 {
		t.Fatalf("only %d sentences", count)
	}
}

func sayings() map[string][]saying {
	return map[string][]saying{
		"en": {
			{"John Carter", "John Carter was convicted of fraud on Monday.", Convicted, "fraud"},
			{"John Carter", "A London court has convicted John Carter of money laundering.", Convicted, "laundering"},
			{"John Carter", "John Carter convicted of bribery after six-week trial", Convicted, "corruption"},
			{"John Carter", "John Carter, 52, was sentenced to eight years in prison for tax evasion.", Convicted, "tax"},
			{"John Carter", "John Carter pleaded guilty to wire fraud.", Convicted, "fraud"},
			{"John Carter", "The conviction of John Carter for terrorism financing was widely reported.", Convicted, "terrorism"},
			{"John Carter", "John Carter's conviction for fraud came after a long trial.", Convicted, "fraud"},
			{"John Carter", "John Carter, the former head of a bank in Geneva, was jailed for five years over a Ponzi scheme.", Convicted, "fraud"},
			{"John Carter", "Former judge John Carter was convicted of taking bribes.", Convicted, "corruption"},
			{"John Carter", "Peter Lang and John Carter were found guilty of drug trafficking.", Convicted, "trafficking"},
			{"Peter Lang", "Peter Lang and John Carter were found guilty of drug trafficking.", Convicted, "trafficking"},
			{"John Carter", "John Carter was sanctioned by the US Treasury for helping a cartel.", Sanctioned, ""},
			{"John Carter", "The European Union imposed sanctions on John Carter.", Sanctioned, ""},
			{"John Carter", "Prosecutors charged John Carter with embezzlement.", Charged, "fraud"},
			{"John Carter", "John Carter has been indicted on ransomware charges.", Charged, "cybercrime"},
			{"John Carter", "John Carter faces charges of human trafficking.", Charged, "trafficking"},
			{"John Carter", "Charges against John Carter include bribery and extortion.", Charged, "corruption"},
			{"John Carter", "The trial of John Carter for insider trading opens today.", Charged, "fraud"},
			{"John Carter", "Police arrested John Carter in Dubai on suspicion of money laundering.", Arrested, "laundering"},
			{"John Carter", "John Carter was later arrested at the airport.", Arrested, "crime"},
			{"John Carter", "Detectives have detained businessman John Carter over a phishing scheme.", Arrested, "cybercrime"},
			{"John Carter", "An arrest warrant for John Carter was issued in the fraud case.", Arrested, "fraud"},
			{"John Carter", "John Carter is accused of bribing officials.", Accused, "corruption"},
			{"John Carter", "The regulator accuses John Carter of market manipulation.", Accused, "fraud"},
			{"John Carter", "John Carter laundered millions through shell companies.", Accused, "laundering"},
			{"John Carter", "John Carter defrauded Maria Silva of her savings.", Accused, "fraud"},
			{"John Carter", "Maria Silva was defrauded by John Carter.", Accused, "fraud"},
			{"John Carter", "Peter Lang testified against John Carter in the bribery trial.", Charged, "corruption"},
			{"John Carter", "John Carter is under investigation for tax fraud.", Investigated, "tax"},
			{"John Carter", "Police opened an investigation into John Carter over alleged corruption.", Investigated, "corruption"},
			{"John Carter", "Investors sued John Carter over the collapsed scheme.", Sued, ""},

			{"Maria Silva", "John Carter defrauded Maria Silva of her savings.", Victim, ""},
			{"Maria Silva", "Maria Silva was defrauded by John Carter.", Victim, ""},
			{"Maria Silva", "Maria Silva, a victim of the fraud, told reporters she had lost everything.", Victim, ""},
			{"Maria Silva", "John Carter was convicted of defrauding Maria Silva.", Victim, ""},
			{"Maria Silva", "Maria Silva lost her savings in the Ponzi scheme.", Victim, ""},
			{"Ann Porter", "Judge Ann Porter sentenced John Carter to eight years for fraud.", Judge, ""},
			{"John Carter", "Judge Ann Porter sentenced John Carter to eight years for fraud.", Convicted, "fraud"},
			{"Ann Porter", "John Carter was sentenced by Judge Ann Porter for fraud.", Judge, ""},
			{"Ann Porter", "Ann Porter, the presiding judge, said the fraud was brazen.", Judge, ""},
			{"Ann Porter", "Prosecutor Ann Porter charged John Carter with bribery.", Prosecutor, ""},
			{"Ann Porter", "Ann Porter, a lawyer for John Carter, denied the fraud charges.", Lawyer, ""},
			{"Ann Porter", "John Carter's lawyer, Ann Porter, called the fraud trial a farce.", Lawyer, ""},
			{"Ann Porter", "Ann Porter represents John Carter, who is accused of fraud.", Lawyer, ""},
			{"Ann Porter", "Detective Inspector Ann Porter arrested John Carter for fraud.", Police, ""},
			{"Ann Porter", "Ann Porter testified against John Carter in the fraud trial.", Witness, ""},
			{"Ann Porter", "Journalist Ann Porter uncovered the money laundering ring.", Journalist, ""},
			{"Ann Porter", "Ann Porter accuses John Carter of fraud.", Official, ""},

			{"John Carter", "John Carter was acquitted of fraud.", "-", "fraud"},
			{"John Carter", "The jury cleared John Carter of bribery.", "-", "corruption"},
			{"John Carter", "John Carter was found not guilty of money laundering.", "-", "laundering"},
			{"John Carter", "Prosecutors dropped all charges against John Carter in the bribery case.", "-", "corruption"},
			{"John Carter", "Charges against John Carter were dropped.", "-", "crime"},
			{"John Carter", "John Carter was never charged with fraud.", "-", "fraud"},
			{"John Carter", "John Carter was not convicted of fraud.", "-", "fraud"},
			{"John Carter", "John Carter was arrested in 2019 on fraud charges but cleared of fraud a year later.", "-", "fraud"},
			{"John Carter", "The conviction of John Carter was quashed on appeal.", "-", ""},
			{"John Carter", "John Carter denied any wrongdoing in the bribery affair.", Named, ""},
			{"John Carter", "John Carter, who is accused of fraud, denied any wrongdoing.", Accused, "fraud"},
			{"John Carter", "John Carter was acquitted of fraud but convicted of money laundering.", Convicted, "laundering"},

			{"John Carter", "John Carter, whose brother was convicted of fraud, opened a museum.", Named, ""},
			{"John Carter", "John Carter's brother was convicted of fraud.", Named, ""},
			{"John Carter", "The brother of John Carter was arrested for drug smuggling.", Named, ""},
			{"John Carter", "The lawyer of John Carter was convicted of fraud.", Named, ""},
			{"John Carter", "John Carter spoke after the banker was convicted of fraud.", Named, ""},
			{"John Carter", "John Carter opened a school. Peter Lang was convicted of fraud.", "", ""},
			{"John Carter", "According to John Carter, Peter Lang was convicted of fraud.", Named, ""},
			{"Peter Lang", "According to John Carter, Peter Lang was convicted of fraud.", Convicted, "fraud"},
			{"John Carter", "John Carter and his brother were convicted of fraud.", Convicted, "fraud"},
			{"John Carter", "John Carter, whose company collapsed, was convicted of fraud.", Convicted, "fraud"},
			{"John Carter", "John Carter ran a bank. He was convicted of fraud on Monday.", Convicted, "fraud"},
			{"John Carter", "John Carter, 52, ran a bank in Leeds. Carter was jailed for fraud on Monday.", Convicted, "fraud"},
			{"John Carter", "John Carter met Anna Carter in Leeds. Carter was jailed for fraud.", "", ""},
			{"John Carter", "John Carter wrote a book about fraud.", Named, "fraud"},
			{"John Carter", "John Carter opened the new museum in Leeds.", "", ""},
			{"Northgate Trading Ltd", "Northgate Trading was fined for anti-money laundering failings.", Fined, "regulatory"},
			{"Northgate Trading Ltd", "The regulator fined Northgate Trading Ltd £2m over weak money laundering controls.", Fined, "regulatory"},
			{"Northgate Trading Ltd", "Northgate Trading was fined and convicted of money laundering.", Convicted, "laundering"},
			{"Northgate Trading Ltd", "Regulators accused Northgate Trading Ltd of tax fraud.", Accused, "tax"},
			{"Mark King", "Mark King was charged with fraud.", Charged, "fraud"},
			{"Viktor Kuznetsov", "Police arrested Victor Kuznetzov for money laundering.", Arrested, "laundering"},
			{"Mohammed al-Rashid", "Muhammad Al Rashid was convicted of terrorism offences.", Convicted, "terrorism"},
		},
		"de": {
			{"Peter Schmidt", "Peter Schmidt wurde am Montag wegen Betrugs zu drei Jahren Haft verurteilt.", Convicted, "fraud"},
			{"Peter Schmidt", "Das Landgericht verurteilte Peter Schmidt wegen Steuerhinterziehung.", Convicted, "tax"},
			{"Peter Schmidt", "Das Gericht hat Peter Schmidt wegen Geldwäsche verurteilt.", Convicted, "laundering"},
			{"Peter Schmidt", "Die Polizei nahm Peter Schmidt wegen Drogenhandels fest.", Arrested, "trafficking"},
			{"Peter Schmidt", "Gegen Peter Schmidt wird wegen Korruption ermittelt.", Investigated, "corruption"},
			{"Peter Schmidt", "Die Staatsanwaltschaft wirft Peter Schmidt Betrug vor.", Accused, "fraud"},
			{"Peter Schmidt", "Peter Schmidt ist wegen Bestechung angeklagt.", Charged, "corruption"},
			{"Peter Schmidt", "Peter Schmidt wurde vom Vorwurf des Betrugs freigesprochen.", "-", "fraud"},
			{"Peter Schmidt", "Peter Schmidt, dessen Bruder wegen Betrugs verurteilt wurde, schwieg.", Named, ""},
			{"Anna Weber", "Richterin Anna Weber verurteilte Peter Schmidt wegen Betrugs.", Judge, ""},
			{"Anna Weber", "Anna Weber wurde von Peter Schmidt um ihr Erspartes betrogen.", Victim, ""},
			{"Peter Schmidt", "Das Verfahren gegen Peter Schmidt wegen Betrugs wurde eingestellt.", "-", "fraud"},
		},
		"fr": {
			{"Jean Dupont", "Jean Dupont a été condamné pour fraude fiscale.", Convicted, "tax"},
			{"Jean Dupont", "Le tribunal a condamné Jean Dupont pour corruption.", Convicted, "corruption"},
			{"Jean Dupont", "Jean Dupont a été mis en examen pour blanchiment.", Charged, "laundering"},
			{"Jean Dupont", "La police a arrêté Jean Dupont pour trafic de drogue.", Arrested, "trafficking"},
			{"Jean Dupont", "Jean Dupont a été relaxé des faits d'escroquerie.", "-", "fraud"},
			{"Claire Martin", "La juge Claire Martin a condamné Jean Dupont pour escroquerie.", Judge, ""},
			{"Claire Martin", "L'avocate Claire Martin défend Jean Dupont, accusé de fraude.", Lawyer, ""},
			{"Jean Dupont", "Jean Dupont, dont le frère a été condamné pour fraude, se tait.", Named, ""},
		},
		"es": {
			{"Carlos Ruiz", "Carlos Ruiz fue condenado por blanqueo de capitales.", Convicted, "laundering"},
			{"Carlos Ruiz", "La Audiencia condenó a Carlos Ruiz por cohecho.", Convicted, "corruption"},
			{"Carlos Ruiz", "La policía detuvo a Carlos Ruiz por narcotráfico.", Arrested, "trafficking"},
			{"Carlos Ruiz", "Carlos Ruiz ha sido absuelto del delito de estafa.", "-", "fraud"},
			{"Lucía Gómez", "La jueza Lucía Gómez condenó a Carlos Ruiz por estafa.", Judge, ""},
			{"Carlos Ruiz", "Carlos Ruiz, cuyo hermano fue detenido por estafa, declaró ayer.", Named, ""},
			{"Lucía Gómez", "Lucía Gómez fue estafada por Carlos Ruiz.", Victim, ""},
		},
		"pt": {
			{"João Almeida", "João Almeida foi condenado por corrupção.", Convicted, "corruption"},
			{"João Almeida", "A polícia prendeu João Almeida por lavagem de dinheiro.", Arrested, "laundering"},
			{"João Almeida", "João Almeida foi absolvido do crime de burla.", "-", "fraud"},
			{"Rita Costa", "A juíza Rita Costa condenou João Almeida por fraude fiscal.", Judge, ""},
			{"João Almeida", "A polícia investiga João Almeida por tráfico de drogas.", Investigated, "trafficking"},
		},
		"it": {
			{"Marco Bianchi", "Marco Bianchi è stato condannato per riciclaggio.", Convicted, "laundering"},
			{"Marco Bianchi", "La polizia ha arrestato Marco Bianchi per corruzione.", Arrested, "corruption"},
			{"Marco Bianchi", "Marco Bianchi è stato assolto dall'accusa di truffa.", "-", "fraud"},
			{"Laura Conti", "Il giudice Laura Conti ha condannato Marco Bianchi per truffa.", Judge, ""},
			{"Marco Bianchi", "Marco Bianchi, indagato per evasione fiscale, respinge le accuse.", Investigated, "tax"},
		},
		"nl": {
			{"Jan de Vries", "Jan de Vries is veroordeeld voor witwassen.", Convicted, "laundering"},
			{"Jan de Vries", "De politie heeft Jan de Vries aangehouden wegens drugshandel.", Arrested, "trafficking"},
			{"Jan de Vries", "Jan de Vries werd vrijgesproken van fraude.", "-", "fraud"},
			{"Els Bakker", "Rechter Els Bakker veroordeelde Jan de Vries wegens omkoping.", Judge, ""},
			{"Jan de Vries", "Jan de Vries wordt verdacht van belastingfraude.", Accused, "tax"},
		},
	}
}

func TestHeadlines(t *testing.T) {
	t.Parallel()
	l := Open(Options{})
	for title, want := range map[string]Role{
		"John Carter Jailed For Fraud":                     Convicted,
		"JOHN CARTER ARRESTED OVER BRIBERY CLAIMS":         Arrested,
		"John Carter convicted of fraud":                   Convicted,
		"Court Acquits John Carter Of Fraud":               "-",
		"John Carter's Brother Convicted Of Fraud":         Named,
		"Prosecutors Charge Banker John Carter With Fraud": Charged,
	} {
		n, _ := screen.NewNamesake("John Carter", nil)
		r := l.read(&Article{Title: title, Language: "en"}, n, DefaultThreshold)
		v, _ := r.judge()
		got := v.role
		if v.clearing != "" {
			got = "-"
		}
		if got != want {
			t.Errorf("%q: %q, want %q %+v", title, got, want, v.facts)
		}
	}
}

// Sentences about nobody in question change nothing of what an article says.
func TestUnrelatedSentencesChangeNothing(t *testing.T) {
	t.Parallel()
	l := Open(Options{})
	before := []string{"The weather in Leeds was mild.", "Shops open at nine.", "Anna Berg won the race in Oslo."}
	after := []string{"Trains run late on Sunday.", "Olga Stern opened a school in Graz."}
	for _, s := range sayings()["en"] {
		alone, ok := judged(t, l, "en", s.name, s.text)
		for _, b := range before {
			for _, a := range after {
				more, ok2 := judged(t, l, "en", s.name, b+" "+s.text+" "+a)
				if ok != ok2 || alone.role != more.role || alone.clearing != more.clearing || alone.category != more.category {
					t.Errorf("%q says %q %q %q, with others around it %q %q %q", s.text, alone.role, alone.clearing, alone.category, more.role, more.clearing, more.category)
				}
			}
		}
	}
}

// A name is the same in either order, with or without a comma.
func TestOrderOfNames(t *testing.T) {
	t.Parallel()
	l := Open(Options{})
	for language, list := range sayings() {
		for _, s := range list {
			given, family, ok := strings.Cut(s.name, " ")
			if !ok || strings.Contains(s.name, "Ltd") {
				continue
			}
			straight, found := judged(t, l, language, s.name, s.text)
			for _, other := range []string{family + " " + given, family + ", " + given, strings.ToUpper(s.name)} {
				v, found2 := judged(t, l, language, other, s.text)
				if found != found2 || straight.role != v.role || straight.clearing != v.clearing {
					t.Errorf("%q says %q of %s and %q of %s", s.text, straight.role, s.name, v.role, other)
				}
			}
		}
	}
}

func TestLanguagesAreToldApart(t *testing.T) {
	t.Parallel()
	all := lexicons()
	for code, text := range map[string]string{
		"en": "The man who was arrested by the police on Monday was not at home, and his brother said that they had been there.",
		"de": "Der Mann, der am Montag von der Polizei festgenommen wurde, war nicht zu Hause, und sein Bruder sagte, dass sie dort waren.",
		"fr": "L'homme qui a été arrêté par la police lundi n'était pas chez lui, et son frère a dit qu'ils étaient dans la ville.",
		"es": "El hombre que fue detenido por la policía el lunes no estaba en su casa, y su hermano dijo que ellos estaban con él.",
		"pt": "O homem que foi detido pela polícia na segunda-feira não estava em casa, e o seu irmão disse que eles estavam com ele.",
		"it": "L'uomo che è stato arrestato dalla polizia lunedì non era in casa, e suo fratello ha detto che erano nella città.",
		"nl": "De man die op maandag door de politie werd aangehouden was niet thuis, en zijn broer zei dat zij daar ook waren.",
	} {
		if got := languageOf(all, cutSentences(text, false)); got != code {
			t.Errorf("%s is taken for %q", code, got)
		}
	}
	for text, code := range map[string]string{
		"Jan Quist is accused of financing terrorism.": "en", // "is" and "of" are Dutch, too
		"Jan Quist is aangehouden.":                    "nl",
		"Is of":                                        "", // nothing tells them apart
	} {
		if got := languageOf(all, cutSentences(text, false)); got != code {
			t.Errorf("%q is taken for %q, not %q", text, got, code)
		}
	}
}

// An article in a language without word lists that names the party is shown as
// unread and never passes for harmless.
func TestOtherLanguagesAreNotRead(t *testing.T) {
	t.Parallel()
	l := Open(Options{})
	v, ok := judged(t, l, "fi", "Matti Virtanen", "Matti Virtanen tuomittiin petoksesta.")
	if !ok || !v.unread {
		t.Errorf("%+v %v", v, ok)
	}
}
