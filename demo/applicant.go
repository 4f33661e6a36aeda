package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/engine"
	"bonafide/kyc"
)

// applicant carries the sample applicant to a decision and prints the way.
func (d demonstration) applicant(ctx context.Context, workflow string, org kyc.ID) error {
	hook, err := listenForHook(ctx)
	if err != nil {
		return err
	}
	defer hook.Close()
	var endpoint struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	if err := d.live.do(ctx, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": hook.url, "enabled_events": []string{"session.approved", "session.declined", "session.requires-review"},
		"description": "receiver of the demonstration"}, &endpoint); err != nil {
		return err
	}
	hook.trust(endpoint.Secret)

	now := time.Now().UTC()
	person := document.Specimen{Surname: "Mirabel", GivenNames: "Ada Quilla", DateOfBirth: now.AddDate(-31, -2, -9), Sex: "F", Number: "BF2604711", Expiry: now.AddDate(6, 1, 0)}
	picture, err := document.DrawSpecimen(person)
	if err != nil {
		return err
	}
	d.printf("\nSample applicant: Ada Quilla Mirabel, passport of fictional Utopia (UTO), drawn by this program, %d kB\n\n", len(picture)/1024)
	var session struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}
	if err := d.live.do(ctx, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "demo-" + now.Format("20060102150405"),
		"fields": map[string]any{"first_name": "Ada Quilla", "last_name": "Mirabel", "date_of_birth": person.DateOfBirth.Format(time.DateOnly)}}, &session); err != nil {
		return err
	}
	d.say("session created", session.ID)
	if err := d.live.upload(ctx, "/api/v1/sessions/"+session.ID+"/documents", "passport.png", picture); err != nil {
		return err
	}
	d.say("passport uploaded", "encrypted at rest under the applicant's own key")
	submitted := time.Now()
	if err := d.live.do(ctx, "POST", "/api/v1/sessions/"+session.ID+"/submit", nil, nil); err != nil {
		return err
	}
	id, _ := kyc.Undress("session", session.ID)
	view, err := d.wait(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, id)
	if err != nil {
		return err
	}
	d.story(view)
	d.printf("\n  decision  %s   (%s from submission)\n", strings.ToUpper(string(view.Run.Outcome)), time.Since(submitted).Round(time.Millisecond))
	d.printf("  path      %s\n", strings.Join(view.Path, " → "))
	if event, ok := hook.wait(ctx, 10*time.Second); ok {
		d.printf("  webhook   %s arrived, signature verified\n", event)
	} else {
		d.printf("  webhook   has not arrived yet; it is tried again\n")
	}
	replay, err := d.Engine.Replay(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, view.Run.ID)
	if err != nil {
		return err
	}
	if replay.Difference != nil {
		return fmt.Errorf("the replay differs: %s", replay.Difference)
	}
	d.printf("  replay    %d recorded inputs lead to the same decision, state %s\n", replay.Inputs, short(replay.StateHash))
	return d.live.do(ctx, "DELETE", "/api/v1/webhooks/endpoints/"+endpoint.ID, nil, nil)
}

func (d demonstration) say(what, detail string) {
	d.printf("  %7.3f s  %-22s %s\n", time.Since(d.started).Seconds(), what, detail)
}

// wait polls until the session needs nobody, as a customer would.
func (d demonstration) wait(ctx context.Context, t kyc.Tenant, id kyc.ID) (engine.View, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := d.Sessions.Session(ctx, t, id)
		if err != nil {
			return engine.View{}, err
		}
		if s.Status.Ended() || s.Status == kyc.SessionReview {
			return d.Engine.RunView(ctx, t, s.RunID)
		}
		select {
		case <-ctx.Done():
			return engine.View{}, fmt.Errorf("the sample session is still %s", s.Status)
		case <-tick.C:
		}
	}
}

// story prints each check with what it found.
func (d demonstration) story(v engine.View) {
	for _, r := range v.Attempts {
		took := time.Duration(0)
		if r.Answer != nil {
			took = r.Answer.FinishedAt.Sub(r.Answer.StartedAt)
		}
		d.printf("  %7.3f s  %-22s %s", r.At.Sub(d.started).Seconds(), r.Policy, r.Status)
		if took > time.Millisecond {
			d.printf("  (%s)", took.Round(time.Millisecond))
		}
		d.printf("\n")
		if r.Answer == nil {
			continue
		}
		for _, f := range r.Answer.Fields {
			switch f.Name {
			case "last_name", "first_name", "date_of_birth", "document_number", "expiry_date", "issuing_country":
				d.printf("%36s%-16s %s\n", "", f.Name, f.Value)
			}
		}
		for _, reason := range r.Answer.Reasons {
			d.printf("%36s%s\n", "", reason.Message)
		}
		for _, l := range r.Answer.Lists {
			kind := ""
			if l.Fictional {
				kind = ", FICTIONAL entries"
			}
			d.printf("%36slist %s: %d entries, version %s%s\n", "", l.List, l.Entries, short(l.Version), kind)
		}
	}
}

// short is the beginning of a digest, enough to tell two apart.
func short(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	return digest[:min(len(digest), 12)]
}
