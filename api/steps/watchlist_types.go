package steps

import (
	"bonafide/kyc"
	"bonafide/monitor"
)

type WatchPath struct {
	ID string `path:"watchlist_id" doc:"The watchlist's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

type WatchSubjectPath struct {
	WatchPath
	Subject string `path:"subject_id" doc:"The watched subject's id." maxLength:"64"`
}

type alertConfig struct {
	OnNewMatch     bool `json:"on_new_match" doc:"Whether kyc.watchlist.new_match is sent."`
	OnStatusChange bool `json:"on_status_change" doc:"Whether kyc.watchlist.status_changed is sent."`
}

type newAlerts struct {
	OnNewMatch        *bool  `json:"on_new_match,omitempty" doc:"Send kyc.watchlist.new_match; true for a new watchlist."`
	OnStatusChange    *bool  `json:"on_status_change,omitempty" doc:"Send kyc.watchlist.status_changed; true for a new watchlist."`
	WebhookURL        string `json:"webhook_url,omitempty" doc:"Not available here: messages go to your webhook endpoints, which sign. A value is refused with not_available." maxLength:"2048"`
	NotificationEmail string `json:"notification_email,omitempty" doc:"Not available here: no mailer is set up. A value is refused with not_available." maxLength:"254"`
}

func (a *newAlerts) change() *monitor.AlertChange {
	if a == nil {
		return nil
	}
	return &monitor.AlertChange{OnNewMatch: a.OnNewMatch, OnStatusChange: a.OnStatusChange, WebhookURL: a.WebhookURL, NotificationEmail: a.NotificationEmail}
}

type newWatchSubject struct {
	FullName       string   `json:"full_name" doc:"Name in any script and order; stored encrypted." minLength:"1" maxLength:"500"`
	Identifier     string   `json:"identifier,omitempty" doc:"Number of a document, or an address of a crypto asset; stored encrypted." maxLength:"200"`
	IdentifierType string   `json:"identifier_type,omitempty" doc:"What the identifier is; absent: document." enum:"document,wallet"`
	Tags           []string `json:"tags,omitempty" doc:"Your own words; kept in the clear, so put no names here." maxItems:"20" nullable:"false"`
	SessionID      string   `json:"session_id,omitempty" doc:"The session this party comes from. Erasing that session's customer erases this party, too." maxLength:"64"`
}

type newWatchlist struct {
	Name      string            `json:"name" doc:"What people call it; kept in the clear." minLength:"1" maxLength:"200" example:"Board members"`
	Subjects  []newWatchSubject `json:"subjects,omitempty" doc:"Who is on it from the beginning." maxItems:"1000" nullable:"false"`
	Lists     []string          `json:"lists_to_monitor,omitempty" doc:"Lists to ask, besides those your organisation requires; none named: the required ones, or all that are loaded." maxItems:"50" nullable:"false"`
	Frequency string            `json:"check_frequency,omitempty" doc:"How often everybody is asked for again; on_update: whenever a list changes." enum:"daily,weekly,on_update" default:"daily"`
	Alert     *newAlerts        `json:"alert_config,omitempty" doc:"What you want to be told of; absent: everything."`
	Tags      []string          `json:"tags,omitempty" doc:"Your own words; kept in the clear." maxItems:"20" nullable:"false"`
	Status    string            `json:"status,omitempty" doc:"A paused watchlist is not screened by itself." enum:"active,paused" default:"active"`
}

type changedWatchlist struct {
	Name      *string    `json:"name,omitempty" doc:"New name." minLength:"1" maxLength:"200"`
	Lists     *[]string  `json:"lists_to_monitor,omitempty" doc:"New lists; [] is all."`
	Frequency *string    `json:"check_frequency,omitempty" doc:"New frequency." enum:"daily,weekly,on_update"`
	Alert     *newAlerts `json:"alert_config,omitempty" doc:"New alerts; what is absent stays."`
	Tags      *[]string  `json:"tags,omitempty" doc:"New tags, as a whole."`
	Status    *string    `json:"status,omitempty" doc:"Pause it, or go on." enum:"active,paused"`
}

type watchlist struct {
	ID        string      `json:"watchlist_id" doc:"The watchlist's id."`
	Name      string      `json:"name" doc:"What people call it."`
	Subjects  int         `json:"subject_count" doc:"How many are on it." minimum:"0"`
	Lists     []string    `json:"lists_to_monitor" doc:"Lists that are asked; empty: the required ones, or all that are loaded." nullable:"false"`
	Frequency string      `json:"check_frequency" doc:"How often." enum:"daily,weekly,on_update"`
	Alert     alertConfig `json:"alert_config" doc:"What you are told of."`
	Tags      []string    `json:"tags" doc:"Your own words." nullable:"false"`
	Status    string      `json:"status" doc:"Whether it is screened by itself." enum:"active,paused"`
	LastRunID *string     `json:"last_run_id" doc:"Its newest run; null before the first." nullable:"true"`
	CheckedAt stamp       `json:"last_checked_at" doc:"When that was; null before."`
	NextAt    stamp       `json:"next_check_at" doc:"When it is due; null while it waits for its lists to change or is paused."`
	IsSandbox bool        `json:"is_sandbox" doc:"Whether it lives in the sandbox."`
	CreatedAt stamp       `json:"created_at" doc:"When it was made."`
	UpdatedAt stamp       `json:"updated_at" doc:"When it last changed."`
}

func showWatchlist(w monitor.Counted) watchlist {
	out := watchlist{ID: string(w.ID), Name: w.Name, Subjects: w.Parties, Lists: words(w.Lists), Frequency: string(w.Frequency),
		Alert: alertConfig{OnNewMatch: w.Alert.OnNewMatch, OnStatusChange: w.Alert.OnStatusChange}, Tags: words(w.Tags), Status: string(w.Status),
		LastRunID: reference(w.LastRunID), CheckedAt: at(w.LastCheckedAt), IsSandbox: w.Tenant.Env == kyc.Sandbox, CreatedAt: at(w.CreatedAt), UpdatedAt: at(w.UpdatedAt)}
	if w.Status == kyc.WatchActive {
		out.NextAt = at(w.NextAt)
	}
	return out
}

type watchMatch struct {
	ListName   string  `json:"list_name" doc:"The list." example:"ofac_sdn"`
	EntityID   string  `json:"entity_id" doc:"The source's own id of the entry."`
	Status     string  `json:"match_status" doc:"What a reviewer says of it." enum:"open,false_positive,true_positive"`
	Confidence float64 `json:"confidence_score" doc:"How well it matches." minimum:"0" maximum:"1"`
	Since      stamp   `json:"since" doc:"When it was found."`
}

type watchSubject struct {
	ID             string       `json:"subject_id" doc:"The watched subject's id."`
	WatchlistID    string       `json:"watchlist_id" doc:"Its watchlist."`
	FullName       *string      `json:"full_name" doc:"The name; null when the data was erased." nullable:"true"`
	Identifier     *string      `json:"identifier" doc:"The identifier; null without one." nullable:"true"`
	IdentifierType *string      `json:"identifier_type" doc:"What it is; null without one." enum:"document,wallet" nullable:"true"`
	Tags           []string     `json:"tags" doc:"Your own words; the role of a party that a session brought." nullable:"false"`
	SessionID      *string      `json:"session_id" doc:"The session it comes from; null without one." nullable:"true"`
	CustomerID     *string      `json:"customer_id" doc:"The customer it is, or whose session named it; null without one." nullable:"true"`
	Status         string       `json:"match_status" doc:"The gravest of its matches; clear when every list was asked and knows nothing; unchecked before; unreadable when the data was erased." enum:"unchecked,clear,open,false_positive,true_positive,unreadable"`
	Matches        []watchMatch `json:"matches" doc:"What is known." nullable:"false"`
	CheckedAt      stamp        `json:"last_checked_at" doc:"When every list last answered; null before."`
	CreatedAt      stamp        `json:"created_at" doc:"When it was put on the watchlist."`
	UpdatedAt      stamp        `json:"updated_at" doc:"When it last changed or was checked."`
}

func showWatchSubject(w kyc.Watched) watchSubject {
	return watchSubject{ID: string(w.ID), WatchlistID: string(w.WatchID), FullName: text(w.Private.FullName), Identifier: text(w.Private.Identifier),
		IdentifierType: text(string(w.IdentifierType)), Tags: words(w.Tags), SessionID: reference(w.SessionID), CustomerID: reference(w.SubjectID), Status: monitor.State(&w),
		Matches: shown(w.Private.Matches, func(s kyc.MatchState) watchMatch {
			return watchMatch{ListName: s.List, EntityID: s.EntryID, Status: s.Status, Confidence: s.Score, Since: at(s.Since)}
		}), CheckedAt: at(w.LastCheckedAt), CreatedAt: at(w.CreatedAt), UpdatedAt: at(w.UpdatedAt)}
}

type judgedMatch struct {
	ListName string `json:"list_name" doc:"The list." minLength:"1" maxLength:"64"`
	EntityID string `json:"entity_id" doc:"The source's own id of the entry." minLength:"1" maxLength:"500"`
	Status   string `json:"match_status" doc:"What you say of it." enum:"open,false_positive,true_positive"`
}

type changedSubject struct {
	FullName       *string       `json:"full_name,omitempty" doc:"New name; the subject is asked for again at once, and its false positives are open again." minLength:"1" maxLength:"500"`
	Identifier     *string       `json:"identifier,omitempty" doc:"New identifier; an empty one removes it." maxLength:"200"`
	IdentifierType *string       `json:"identifier_type,omitempty" doc:"What it is." enum:"document,wallet"`
	Tags           *[]string     `json:"tags,omitempty" doc:"New tags, as a whole."`
	Matches        []judgedMatch `json:"matches,omitempty" doc:"Your word on matches." maxItems:"1000" nullable:"false"`
}

type listTally struct {
	Checked int `json:"checked" doc:"Subjects for whom the list answered." minimum:"0"`
	Matches int `json:"matches" doc:"Matches on it." minimum:"0"`
}

type monitorResult struct {
	ID         string               `json:"run_id" doc:"The run's id."`
	WatchID    string               `json:"watchlist_id" doc:"The watchlist."`
	Trigger    string               `json:"trigger" doc:"Why it ran." enum:"schedule,list_update,request"`
	Status     string               `json:"status" doc:"ok only when every list answered from fresh data for everybody. Only then do subjects without a match have none." enum:"ok,not_configured,unavailable,stale,error"`
	Checked    int                  `json:"subjects_checked" doc:"Subjects for whom at least one list answered." minimum:"0"`
	Failed     int                  `json:"subjects_failed" doc:"Subjects for whom no list answered, or for whom no question could be put (a name without a usable word, an address no list can hold)." minimum:"0"`
	Unreadable int                  `json:"subjects_unreadable" doc:"Subjects whose data was erased." minimum:"0"`
	Total      int                  `json:"total_matches" doc:"Matches in force; false positives do not count." minimum:"0"`
	Previous   int                  `json:"previous_matches" doc:"Those that were known at the last run." minimum:"0"`
	New        int                  `json:"new_matches_count" doc:"Those found since." minimum:"0"`
	HasChanges bool                 `json:"has_changes" doc:"Whether a match is new, changed or gone."`
	ByList     map[string]listTally `json:"results_by_list" doc:"By list."`
	Lists      []resultListState    `json:"lists" doc:"Which lists were asked, in which version and state." nullable:"false"`
	Changed    []string             `json:"changed_subjects" doc:"Subjects with a new, changed or gone match." nullable:"false"`
	TookMS     int64                `json:"duration_ms" doc:"How long it took." minimum:"0"`
	At         stamp                `json:"checked_at" doc:"When."`
}

func showMonitorRun(r kyc.MonitorRun) monitorResult {
	out := monitorResult{ID: string(r.ID), WatchID: string(r.WatchID), Trigger: r.Trigger, Status: string(monitor.Complete(r)), Checked: r.Checked, Failed: r.Failed,
		Unreadable: r.Unreadable, Total: r.TotalMatches, Previous: r.PreviousMatches, New: r.NewMatches, HasChanges: r.HasChanges, ByList: map[string]listTally{},
		Lists: shown(r.Lists, showListState), Changed: shown(r.Changed, func(id kyc.ID) string { return string(id) }), TookMS: r.DurationMS, At: at(r.CheckedAt)}
	for list, t := range r.ByList {
		out.ByList[list] = listTally(t)
	}
	return out
}
