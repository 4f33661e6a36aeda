package check

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/screen"
)

// News searches the news that the operator imported (media.Library).
type News interface {
	Search(ctx context.Context, q media.Query) media.Result
}

var _ News = (*media.Library)(nil)

type mediaConfig struct {
	Threshold   float64    `json:"threshold"`
	Feeds       []string   `json:"feeds"`
	MaxAgeHours float64    `json:"max_age_hours"`
	Limit       int        `json:"limit"`
	FailFrom    float64    `json:"fail_from"`
	Parties     []partyRef `json:"parties"`
	Documents   bool       `json:"documents"`

	URL            string  `json:"url"`
	Secret         string  `json:"secret"`
	TimeoutSeconds float64 `json:"timeout_seconds"`
}

// adverseMedia searches the news: the feeds of this installation, a provider,
// or both.
func adverseMedia(d Deps) Check {
	s := spec("adverse_media", "Adverse media",
		"Searches the news for serious accusations against the person: the feeds that the operator imported (bonafide media), or a provider that speaks the published protocol. "+
			"What an article reports is told by rules that name themselves and the words they rest on; victims, judges and others are no hits, a party that was cleared is shown with little risk. "+
			"A feed that is missing, stale or failed is never a pass.", 2*time.Minute)
	s.Provides = []string{"score", "hits", "details.hit_count", "details.risk_score", "details.categories", "details.articles", "details.feeds_asked", "details.cleared_count"}
	s.ConfigSchema = schema(`
"threshold":{"type":"number","exclusiveMinimum":0,"maximum":1,"description":"Score from which a mention is taken for the party, 0-1; absent: 0.78."},
"feeds":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","pattern":"^[a-z0-9][a-z0-9_-]{0,49}$"},"description":"Ids of the feeds to ask; absent: every imported one, or none beside a provider."},
"max_age_hours":{"type":"number","exclusiveMinimum":0,"maximum":87600,"description":"A feed that was fetched longer ago is stale; absent: the organisation's setting for lists."},
"limit":{"type":"integer","minimum":1,"maximum":100,"default":20,"description":"How many articles to keep for each party, the gravest first."},
"fail_from":{"type":"number","minimum":0,"maximum":100,"default":25,"description":"Risk from which a hit fails the check; below, it asks for a review."},
"url":{"type":"string","pattern":"^https?://","maxLength":2048,"description":"A provider to ask; absent: the organisation's setting, or the imported feeds. Private addresses are refused; redirects are not followed."},
"secret":{"type":"string","minLength":1,"maxLength":200,"description":"Whose secret signs the request: the id of a webhook endpoint of the organisation."},
"timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":30,"default":10,"description":"Limit of one question to the provider."},`+partiesSchema,
		`"dependentRequired":{"url":["secret"],"secret":["url"]}`)
	answers, err := compile("media_answer", json.RawMessage(mediaAnswerSchema))
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if err != nil {
			return broken("schema_broken", "the schema of answers cannot be read")
		}
		return searchNews(ctx, d, r, answers)
	}}
}

func searchNews(ctx context.Context, d Deps, r kyc.CheckRequest, answers validator) kyc.Answer {
	c := mediaConfig{Threshold: media.DefaultThreshold, Limit: 20, FailFrom: 25, TimeoutSeconds: 10}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if c.URL == "" {
		c.URL, c.Secret = r.Settings.News.URL, r.Settings.News.Secret
	}
	local := c.URL == "" || len(c.Feeds) > 0
	if local && d.News == nil {
		return notConfigured("adverse_media_not_configured", "no provider for Adverse media is set up here")
	}
	parties, unanswered, bad := mediaParties(r, c)
	if bad != nil {
		return *bad
	}
	n := &newsDesk{threshold: c.Threshold, words: wordsOf(d, r)}
	for i := range parties {
		p := &parties[i]
		one := map[string]any{"name": first(p.names...), "role": p.role, "company": p.company, "sources": texted(p.sources)}
		n.shown = append(n.shown, one)
		if len(p.names) == 0 {
			n.nameless++
			one["status"] = string(kyc.StatusError)
			continue
		}
		var res media.Result
		if local {
			q := media.Query{Name: p.names[0], Aliases: p.names[1:], Company: p.company, Born: p.who.born, Country: p.who.nationality,
				Feeds: c.Feeds, Threshold: c.Threshold, Limit: n.words.room(c.Limit), MaxAge: r.Settings.ListMaxAge, At: r.Now}
			if p.company {
				q.Born = ""
			}
			if c.MaxAgeHours > 0 {
				q.MaxAge = time.Duration(c.MaxAgeHours * float64(time.Hour))
			}
			res = d.News.Search(ctx, q)
		}
		if c.URL != "" {
			if bad := n.askProvider(ctx, d, r, c, i, p, answers, &res); bad != nil {
				return *bad
			}
		}
		n.sift(ctx, p, &res, c.Limit)
		n.take(p, res, one)
	}
	return n.answer(c, unanswered)
}

// mediaParties are those whom the config names, or the applicant by whatever
// name is known.
func mediaParties(r kyc.CheckRequest, c mediaConfig) ([]party, []string, *kyc.Answer) {
	var parties []party
	var unanswered []string
	if c.Parties != nil || c.Documents {
		var bad *kyc.Answer
		if parties, unanswered, bad = gatherParties(r, c.Parties, c.Documents); bad != nil {
			return nil, nil, bad
		}
	} else {
		paper, form := onPaper(r), onForm(r)
		names := distinct(paper.name(), form.name(), paper.full, form.full)
		if len(names) == 0 {
			names = distinct(onRecord(r).name())
		}
		if len(names) > 0 {
			p := party{names: names, role: roleIndividual, own: true}
			p.who.born, p.who.nationality = first(paper.born, form.born), first(paper.nationality, form.nationality)
			parties = append(parties, p)
		}
	}
	if len(parties) == 0 {
		a := broken("name_missing", "there is no name to search for")
		return nil, nil, &a
	}
	return parties, unanswered, nil
}

// newsDesk joins the answers about all parties.
type newsDesk struct {
	threshold float64
	words     *reviewers
	all       media.Result // the feeds of all answers
	hits      []kyc.Hit
	articles  []any
	findings  []media.Finding // that are hits
	shown     []any
	nameless  int
	cut       bool
	unread    int // articles in languages that are not read
	named     int // articles that name a party and say nothing adverse of it
	provider  string
	hash      string
}

func (n *newsDesk) take(p *party, res media.Result, one map[string]any) {
	top, risk, hits := 0.0, 0.0, 0
	for _, f := range res.Findings {
		n.articles = append(n.articles, showArticle(f, p))
		if !f.Adverse() {
			n.named++
			continue
		}
		if f.Unread {
			n.unread++
		}
		hits++
		top, risk = max(top, f.Score), max(risk, f.Risk)
		n.findings = append(n.findings, f)
		n.hits = append(n.hits, mediaHit(f, p))
	}
	one["hit_count"], one["top_score"], one["risk_score"], one["status"] = hits, round4(top), risk, string(res.Worst())
	n.cut = n.cut || res.Cut
	for _, note := range res.Notes {
		if !slices.Contains(n.all.Notes, note) {
			n.all.Notes = append(n.all.Notes, note)
		}
	}
	if n.all.Err == nil {
		n.all.Err = res.Err
	}
	joined := screen.Result{Lists: n.all.Lists}
	joinResults(&joined, screen.Result{Lists: res.Lists})
	n.all.Lists = joined.Lists
}

func mediaHit(f media.Finding, p *party) kyc.Hit {
	h := kyc.Hit{List: "media:" + f.Feed, Version: f.Version, EntryID: f.ID, Type: "adverse_media", Name: f.Mention, MatchedName: f.Mention, Score: f.Score,
		Features: f.Features, Topics: f.Categories, Risk: f.Risk / 100, Party: p.names[0], Role: p.role}
	for _, row := range f.Why {
		h.RiskFeatures = append(h.RiskFeatures, kyc.HitFeature{Name: "risk", Listed: row.Words, Rule: row.Rule, Points: row.Points / 100})
	}
	return h
}

// showArticle is an article as details hold it.
func showArticle(f media.Finding, p *party) map[string]any {
	published := ""
	if !f.Published.IsZero() {
		published = f.Published.UTC().Format(time.RFC3339)
	}
	why := []any{}
	for _, row := range f.Why {
		why = append(why, map[string]any{"rule": row.Rule, "words": row.Words, "points": row.Points})
	}
	return map[string]any{"id": f.ID, "feed": f.Feed, "title": f.Title, "url": f.URL, "source": f.Source, "language": f.Language, "published": published,
		"category": f.Category, "categories": texted(f.Categories), "role": string(f.Role), "negated": f.Negated, "snippet": f.Snippet, "summary": f.Summary,
		"mention": f.Mention, "party": p.names[0], "score": round4(f.Score), "risk": f.Risk, "why": why, "hit": f.Adverse()}
}

// answer judges everything that was found.
func (n *newsDesk) answer(c mediaConfig, unanswered []string) kyc.Answer {
	a := kyc.Answer{Hits: n.hits, Lists: n.all.Lists, Threshold: number(c.Threshold), Status: n.all.Worst(), Provider: n.provider, RawHash: n.hash}
	slices.SortStableFunc(a.Hits, func(x, y kyc.Hit) int {
		return cmp.Or(-cmp.Compare(x.Risk, y.Risk), -cmp.Compare(x.Score, y.Score))
	})
	top, asked, categories := 0.0, []any{}, []string{}
	for _, f := range n.findings {
		top = max(top, f.Score)
		if !f.Negated {
			categories = append(categories, f.Categories...)
		}
	}
	slices.Sort(categories)
	risk, rows := mediaRisk(n.findings)
	for _, l := range n.all.Lists {
		asked = append(asked, l.List)
	}
	a.Score = number(round4(top))
	a.Details = map[string]any{"hit_count": len(n.hits), "top_score": round4(top), "risk_score": risk, "risk_rows": rows, "categories": texted(slices.Compact(categories)),
		"articles": or(n.articles, []any{}), "sources": sourcesOf(n.findings), "summary": summaryOf(n.findings), "feeds_asked": asked,
		"parties": n.shown, "unanswered": texted(unanswered)}
	for i, f := range n.findings {
		if i == 20 {
			break
		}
		points := f.Risk
		a.Reasons = append(a.Reasons, kyc.Reason{Code: "adverse_article", Severity: critical, Points: &points,
			Message: fmt.Sprintf("article %s of feed %s: role %s, category %s, negated %t, match %.2f, risk %.0f", f.ID, f.Feed, f.Role, first(f.Category, "none"), f.Negated, f.Score, f.Risk)})
	}
	for _, note := range n.all.Notes {
		a.Reasons = append(a.Reasons, reason(warning, "media_note", note))
	}
	for _, l := range n.all.Lists {
		if l.Status != kyc.StatusOK {
			a.Reasons = append(a.Reasons, reason(critical, "feed_"+string(l.Status), fmt.Sprintf("feed %s is %s", strings.TrimPrefix(l.List, "media:"), l.Status)))
		}
	}
	switch {
	case n.all.Err != nil:
		a.Reasons = append([]kyc.Reason{reason(critical, n.all.Err.Code, n.all.Err.Message)}, a.Reasons...)
	case len(n.all.Lists) == 0:
		a.Reasons = []kyc.Reason{reason(critical, "adverse_media_not_configured", "no news is imported here (bonafide media import), and no provider is set up")}
	}
	if n.nameless > 0 {
		a.Status = kyc.StatusError
		a.Reasons = append(a.Reasons, reason(critical, "party_name_missing", fmt.Sprintf("%d of %d parties have no name that can be searched for", n.nameless, len(n.shown))))
	}
	if a.Status != kyc.StatusOK {
		a.Transient = a.Status == kyc.StatusUnavailable
		n.words.tell(&a)
		return a
	}
	a.Verdict = kyc.Pass
	switch {
	case len(n.hits) > 0 && risk >= c.FailFrom && risk > 0:
		a.Verdict = kyc.Fail
	case len(n.hits) > 0:
		a.Verdict = kyc.VerdictReview
	}
	if n.unread > 0 {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(warning, "language_not_read", fmt.Sprintf("%d articles name the party in a language that is not read here", n.unread)))
	}
	if n.cut {
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		a.Reasons = append(a.Reasons, reason(critical, "too_many_articles", "more articles have the words of the name than were read"))
	}
	if n.named > 0 {
		a.Reasons = append(a.Reasons, reason(info, "named_only", fmt.Sprintf("%d articles name the party beside such words, and say nothing adverse of it", n.named)))
	}
	if len(n.hits) == 0 {
		a.Reasons = append(a.Reasons, reason(info, "no_hits", fmt.Sprintf("nothing adverse in %d feeds", len(n.all.Lists))))
	}
	n.words.tell(&a)
	return a
}

func or(list, otherwise []any) []any {
	if list == nil {
		return otherwise
	}
	return list
}

// mediaRisk is the risk of all hits: that of the gravest, and a little for each
// other source that reports something that was not taken back.
func mediaRisk(findings []media.Finding) (float64, []any) {
	worst := 0.0
	sources := map[string]bool{}
	for _, f := range findings {
		worst = max(worst, f.Risk)
		if !f.Negated && f.Risk > 0 {
			sources[f.Source] = true
		}
	}
	rows := []any{}
	if worst > 0 {
		rows = append(rows, map[string]any{"rule": "gravest_article", "points": worst})
	}
	more := math.Min(math.Min(float64(2*max(len(sources)-1, 0)), 6), 100-worst)
	if more > 0 {
		rows = append(rows, map[string]any{"rule": "further_sources", "points": more})
	}
	return worst + more, rows
}

func sourcesOf(findings []media.Finding) []any {
	out := []any{}
	for i, f := range findings {
		if i == 50 {
			break
		}
		out = append(out, map[string]any{"id": f.ID, "title": f.Title, "url": f.URL, "summary": f.Summary + ": " + f.Snippet})
	}
	return out
}

func summaryOf(findings []media.Finding) string {
	if len(findings) == 0 {
		return "no article reports anything adverse"
	}
	gravest := slices.MaxFunc(findings, func(a, b media.Finding) int { return cmp.Compare(a.Risk, b.Risk) })
	return fmt.Sprintf("%d articles; the gravest %s", len(findings), gravest.Summary)
}
