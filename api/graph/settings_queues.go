package graph

import "bonafide/kyc"

type queueRules struct {
	Name      string         `json:"name" doc:"What workflows and manual cases call the queue." maxLength:"100" example:"sanctions"`
	FourEyes  bool           `json:"four_eyes,omitempty" doc:"Whether a second, different reviewer must decide each of its cases. A case that was once in such a queue stays one that two decide, wherever it is moved."`
	SLAHours  float64        `json:"sla_hours,omitempty" doc:"Hours a case may wait whose workflow names none; 0: a day." minimum:"0" maximum:"8760"`
	Hours     *openingHours  `json:"hours,omitempty" doc:"When the queue is worked; absent: always. Hours that a case may wait count within them alone."`
	Skills    []string       `json:"skills,omitempty" doc:"What a reviewer must have, all of it, to take, be given, judge or decide its cases (403 skills_missing): short words of yours that people get on the Team page of the console. A reviewer_id that is no user of the organisation has none, and neither has a key that names nobody." maxItems:"20" nullable:"false"`
	Checklist []string       `json:"checklist,omitempty" doc:"What a reviewer confirms with each decision about its cases: at the console's desk by ticking, here with checklist of approve and reject." maxItems:"20" nullable:"false"`
	Quality   *qualityShares `json:"quality,omitempty" doc:"Its own shares of decided cases that are looked at again; absent: those of the environment."`
}

type openingHours struct {
	Zone   string     `json:"zone" doc:"IANA time zone." example:"Europe/Berlin" maxLength:"100"`
	Open   []openSpan `json:"open" doc:"Times at which somebody works." maxItems:"50" nullable:"false"`
	Closed []string   `json:"closed,omitempty" doc:"Days on which nobody does, YYYY-MM-DD in the zone." maxItems:"400" nullable:"false"`
}

type openSpan struct {
	Day  string `json:"day" doc:"Day of the week." enum:"sun,mon,tue,wed,thu,fri,sat"`
	From string `json:"from" doc:"HH:MM." example:"09:00" maxLength:"5"`
	To   string `json:"to" doc:"HH:MM, 24:00 at the latest." example:"17:30" maxLength:"5"`
}

func showQueues(list []kyc.ReviewQueue) []queueRules {
	out := []queueRules{}
	for _, q := range list {
		one := queueRules{Name: q.Name, FourEyes: q.FourEyes, SLAHours: q.SLAHours, Skills: q.Skills, Checklist: q.Checklist, Quality: (*qualityShares)(q.Quality)}
		if h := q.Hours; h != nil {
			one.Hours = &openingHours{Zone: h.Zone, Open: []openSpan{}, Closed: h.Closed}
			for _, s := range h.Open {
				one.Hours.Open = append(one.Hours.Open, openSpan(s))
			}
		}
		out = append(out, one)
	}
	return out
}

func queuesOf(list []queueRules) []kyc.ReviewQueue {
	var out []kyc.ReviewQueue
	for _, q := range list {
		one := kyc.ReviewQueue{Name: q.Name, FourEyes: q.FourEyes, SLAHours: q.SLAHours, Skills: q.Skills, Checklist: q.Checklist, Quality: (*kyc.QualityShares)(q.Quality)}
		if h := q.Hours; h != nil {
			one.Hours = &kyc.OpeningHours{Zone: h.Zone, Closed: h.Closed}
			for _, s := range h.Open {
				one.Hours.Open = append(one.Hours.Open, kyc.OpenSpan(s))
			}
		}
		out = append(out, one)
	}
	return out
}
