package office

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
)

type settingsPage struct {
	CanWrite, CanReasons  bool
	Problems              []kyc.Problem
	Parts                 []choice // the headings of the page
	Saved                 string   // the part that was saved just now
	Brand                 kyc.Branding
	OrgName               string
	Dual, FourEyes        bool
	Unaware               bool // the second of two does not see the first opinion
	Claim, Link           int  // minutes
	Queues                []queueForm
	Quality               qualityForm
	Routing               []ruleForm
	TeamSkills            string // that anybody has
	Policies, Lists       string
	MaxAge                int // hours
	Retention             retentionForm
	Reasons               string
	OwnReasons            bool
	Languages             string
	Face, Live, Age, OCR  string
	Server, Secret, Films string
	NewsURL, NewsSecret   string
}

func (o *office) settings(v *console.Visit) error { return o.showSettings(v, nil, nil) }

// showSettings draws the settings in force; put changes what stands in the
// forms, for what could not be taken.
func (o *office) showSettings(v *console.Visit, problems []kyc.Problem, put func(*settingsPage)) error {
	org, err := o.Store.Org(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	page := settingsOf(org, org.EnvSettings(v.Tenant().Env))
	if err := o.drawRouting(v, &page, org.EnvSettings(v.Tenant().Env)); err != nil {
		return err
	}
	if err := o.fewSkilled(v, &page, org.EnvSettings(v.Tenant().Env)); err != nil {
		return err
	}
	if page.Retention, err = o.retentionInForce(v, org.EnvSettings(v.Tenant().Env)); err != nil {
		return err
	}
	page.CanWrite, page.CanReasons = v.May("settings:write"), v.May("reasons:write")
	page.Problems, page.Parts = named(problems, settingsLabels()), settingsParts()
	if part := v.R.URL.Query().Get("saved"); slices.ContainsFunc(page.Parts, func(c choice) bool { return c.Value == part }) {
		page.Saved = part
	}
	if put != nil {
		put(&page)
	}
	if len(problems) > 0 {
		return v.Refuse("settings", "Settings", page)
	}
	return v.Show("settings", "Settings", page)
}

// settingsParts are the headings in the order of the page.
func settingsParts() []choice {
	return choices("", "branding", "Branding", "languages", "Languages", "review", "Reviews", "queues", "Queues of reviews", "routing", "Routing rules", "quality", "Quality checks", "links", "Applicants' links", "screening", "Screening",
		"reasons", "Reasons of decisions", "providers", "Providers", "retention", "Retention")
}

// settingsLabels are the labels of the page's fields by where the API says that
// something is wrong.
func settingsLabels() map[string]string {
	return map[string]string{"/branding": "Branding", "/branding/name": "Name on top of the pages", "/branding/accent": "Colour on light ground", "/branding/accent_dark": "Colour on dark ground",
		"/languages": "Languages applicants may choose", "/claim_lapse_minutes": "A claimed case is free again after so many idle minutes", "/capture_ttl_minutes": "An unused link lives for so many minutes",
		"/mandatory_policies": "Checks on every path to an approval", "/required_lists": "Lists that a screening must have asked", "/list_max_age_hours": "A list is stale after so many hours",
		"/news": "Server of adverse media", "/news/url": "Server of adverse media", "/news/secret": "Adverse media: webhook endpoint whose secret signs", "/reasons": "Reasons of decisions",
		"/providers": "Providers", "/providers/face_match": "Comparing faces", "/providers/liveness": "Liveness", "/providers/liveness_page": "Your own page in which a service films",
		"/providers/age_estimation": "Estimating ages", "/providers/document_ocr": "Reading documents", "/providers/http": "Your own server", "/providers/http/url": "Address of your own server",
		"/providers/http/secret": "Your own server: webhook endpoint whose secret signs", "/faces/template_days": "Templates of faces are kept for so many days", "/template_days": "Templates of faces are kept for so many days",
		"/queue/name": "The queue's name", "/queue/sla_hours": "Hours a case may wait", "/queue/hours/zone": "Time zone", "/queue/hours/open": "Opening times", "/queue/hours/closed": "Closed days",
		"/queue/checklist": "Checklist", "/queue/skills": "Skills that a reviewer needs", "/queues": "Queues of reviews", "/quality": "Quality checks",
		"/quality/share": "Per cent of all cases", "/quality/approvals": "Per cent of approvals", "/quality/rejections": "Per cent of rejections",
		"/queue/quality/share": "Per cent of all its cases", "/queue/quality/approvals": "Per cent of its approvals", "/queue/quality/rejections": "Per cent of its rejections",
		"/routing": "Routing rules", "/rule": "The rule", "/rule/name": "The rule's name", "/rule/queue": "Send to the queue", "/rule/risk_from": "Risk of at least", "/rule/priority_from": "Priority of at least",
		"/rule/workflows": "Workflows", "/rule/reasons": "Reasons", "/rule/countries": "Countries", "/rule/subjects": "Whom the case is about", "/retention": "Retention"}
}

// savedAt is where the page shows that a part was saved.
func savedAt(part string) string { return "/console/settings?saved=" + part + "#" + part }

func settingsOf(org kyc.Org, s kyc.Settings) settingsPage {
	d := kyc.DefaultSettings()
	or := func(x, y time.Duration) time.Duration {
		if x > 0 {
			return x
		}
		return y
	}
	page := settingsPage{Brand: s.Branding, OrgName: org.Name, Dual: s.DualReview, Unaware: s.SecondUnaware, Queues: queueForms(s.Queues), Routing: ruleForms(s.Routing), Quality: qualityFormOf(&s.Quality), FourEyes: s.PublishFourEyes, Claim: int(or(s.ClaimLapse, d.ClaimLapse) / time.Minute),
		Link: int(or(s.CaptureTTL, d.CaptureTTL) / time.Minute), Policies: strings.Join(s.MandatoryPolicies, "\n"), Lists: strings.Join(s.RequiredLists, "\n"),
		MaxAge: int(or(s.ListMaxAge, d.ListMaxAge) / time.Hour), Languages: strings.Join(s.Languages, ", "), OwnReasons: len(s.Reasons) > 0,
		Face: strings.Join(s.Providers.Order(kyc.AskFaceMatch), ", "), Live: strings.Join(s.Providers.Order(kyc.AskLiveness), ", "), Age: strings.Join(s.Providers.Order(kyc.AskAgeEstimation), ", "),
		OCR: strings.Join(s.Providers.Order(kyc.AskDocumentOCR), ", "), Server: s.Providers.HTTP.URL, Secret: s.Providers.HTTP.Secret, Films: s.Providers.LivenessPage, NewsURL: s.News.URL, NewsSecret: s.News.Secret}
	reasons := s.Reasons
	if len(reasons) == 0 {
		reasons = kyc.DefaultReasons()
	}
	for _, r := range reasons {
		page.Reasons += r.For + " | " + r.Code + " | " + r.Text + "\n"
	}
	return page
}

// saveSettings changes one part of the settings.
func (o *office) saveSettings(v *console.Visit) error {
	return o.savePart(v, v.R.PathValue("part"), "/api/v1/settings")
}

// saveReasons changes the reasons of decisions, which has a scope of its own.
func (o *office) saveReasons(v *console.Visit) error {
	return o.savePart(v, "reasons", "/api/v1/settings/reasons")
}

// savePart changes a part by an operation of the public API, which has the
// rules.
func (o *office) savePart(v *console.Visit, part, path string) error {
	if err := v.Form(); err != nil {
		return err
	}
	switch part {
	case "retention":
		return o.saveRetention(v)
	case "queues":
		return o.saveQueue(v)
	case "routing":
		return o.saveRule(v)
	}
	body, put, problems := settingsBody(part, v.R.PostForm.Get)
	if body == nil && len(problems) == 0 {
		return kyc.Missing("settings", "of this address")
	}
	if len(problems) == 0 {
		var err error
		if problems, err = o.ask(v, http.MethodPut, path, body); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return o.showSettings(v, problems, put)
	}
	return v.On(savedAt(part), "The settings were changed.")
}

// settingsBody makes the request to the API from a form. put brings what was
// written back into the page when it cannot be taken.
func settingsBody(part string, get func(string) string) (body map[string]any, put func(*settingsPage), problems []kyc.Problem) {
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(get(name)))
		if err != nil {
			problems = append(problems, kyc.Problem{Path: "/" + name, Code: "not_a_number", Message: words(name) + " is a whole number"})
		}
		return n
	}
	names := func(name string) []string {
		out := lines(strings.ReplaceAll(get(name), ",", "\n"))
		if out == nil {
			return []string{}
		}
		return out
	}
	switch part {
	case "branding":
		b := kyc.Branding{Name: strings.TrimSpace(get("name")), Contact: strings.TrimSpace(get("contact")), Accent: strings.TrimSpace(get("accent")), AccentDark: strings.TrimSpace(get("accent_dark"))}
		return map[string]any{"branding": b}, func(p *settingsPage) { p.Brand = b }, nil
	case "languages":
		return map[string]any{"languages": names("languages")}, func(p *settingsPage) { p.Languages = get("languages") }, nil
	case "review":
		body = map[string]any{"dual_review": get("dual") != "", "second_unaware": get("unaware") != "", "publish_four_eyes": get("four_eyes") != "", "claim_lapse_minutes": number("claim_lapse_minutes")}
		return body, nil, problems
	case "quality":
		var f qualityForm
		f.read(get)
		if f.Share == "" && f != (qualityForm{}) {
			f.Share = "0"
		}
		q, wrong := f.shares("/quality")
		if q == nil {
			q = &kyc.QualityShares{}
		}
		return map[string]any{"quality": q}, func(p *settingsPage) { p.Quality = f }, append(problems, wrong...)
	case "links":
		return map[string]any{"capture_ttl_minutes": number("capture_ttl_minutes")}, nil, problems
	case "screening":
		body = map[string]any{"mandatory_policies": names("policies"), "required_lists": names("lists"), "list_max_age_hours": number("list_max_age_hours"),
			"news": pair(get("news_url"), get("news_secret"))}
		return body, func(p *settingsPage) {
			p.Policies, p.Lists, p.NewsURL, p.NewsSecret = get("policies"), get("lists"), get("news_url"), get("news_secret")
		}, problems
	case "reasons":
		list := []kyc.ReasonCode{}
		for i, line := range lines(get("reasons")) {
			cells := strings.SplitN(line, "|", 3)
			if len(cells) != 3 {
				problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/reasons/%d", i), Code: "format_invalid", Message: fmt.Sprintf("line %d is not decision | code | sentence", i+1)})
				continue
			}
			list = append(list, kyc.ReasonCode{For: strings.TrimSpace(cells[0]), Code: strings.TrimSpace(cells[1]), Text: strings.TrimSpace(cells[2])})
		}
		return map[string]any{"reasons": list}, func(p *settingsPage) { p.Reasons = get("reasons") }, problems
	case "providers":
		body := map[string]any{"face_match": names("face_match"), "liveness": names("liveness"), "age_estimation": names("age_estimation"), "document_ocr": names("document_ocr")}
		if server := pair(get("server"), get("secret")); len(server) > 0 {
			body["http"] = server
		}
		if films := strings.TrimSpace(get("liveness_page")); films != "" {
			body["liveness_page"] = films
		}
		return map[string]any{"providers": body}, func(p *settingsPage) {
			p.Face, p.Live, p.Age, p.OCR, p.Server, p.Secret, p.Films = get("face_match"), get("liveness"), get("age_estimation"), get("document_ocr"), get("server"), get("secret"), get("liveness_page")
		}, nil
	}
	return nil, nil, nil
}

// pair is an address and whose secret signs; empty when neither is written.
func pair(address, secret string) map[string]string {
	out := map[string]string{}
	if address = strings.TrimSpace(address); address != "" {
		out["url"] = address
	}
	if secret = strings.TrimSpace(secret); secret != "" {
		out["secret"] = secret
	}
	return out
}

// answer keeps what the API says.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// ask asks the public API as the person who is signed in. Problems are what
// they can mend; an error is everything else.
func (o *office) ask(v *console.Visit, method, path string, body any) ([]kyc.Problem, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("writing a request to the API: %w", err)
	}
	r, err := http.NewRequestWithContext(v.Ctx(), method, path, bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("making a request to the API: %w", err)
	}
	r.RequestURI, r.Host, r.RemoteAddr = path, v.R.Host, v.R.RemoteAddr
	r.Header.Set("Content-Type", "application/json")
	a := &answer{header: http.Header{}}
	o.API(v.Who, a, r)
	if a.status == 0 || a.status/100 == 2 {
		return nil, nil
	}
	var said struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Errors []struct {
			Path    string `json:"path"`
			Pointer string `json:"pointer"`
			Code    string `json:"code"`
			Message string `json:"message"`
			Detail  string `json:"detail"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &said); err != nil || a.status >= 500 {
		return nil, kyc.Errorf(kyc.Internal, "api_answer", "the API answered %d", a.status)
	}
	if a.status == http.StatusForbidden {
		return nil, kyc.Errorf(kyc.Forbidden, "scope_missing", "%s", said.Detail)
	}
	var out []kyc.Problem
	for _, p := range said.Errors {
		one := kyc.Problem{Path: p.Path, Code: p.Code, Message: p.Message}
		if one.Path == "" {
			one.Path = p.Pointer
		}
		if one.Message == "" {
			one.Message = p.Detail
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		out = []kyc.Problem{{Code: said.Code, Message: said.Detail}}
	}
	return out, nil
}
