package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/journey"
)

func (s *surface) publicRoutes() {
	p := s.Porch
	api.Handle(p, public("get-public-session", http.MethodGet, "", "Where the session stands"),
		func(ctx context.Context, _ api.Principal, in *TokenPath) (*answer[state], error) {
			return showLook(s.Machine.Look(ctx, in.Token))
		})
	api.Handle(p, said(public("get-public-workflow", http.MethodGet, "/workflow", "What the applicant is asked"),
		"The steps that are shown, with the texts of the applicant's language. Nothing in it tells how the answers are judged."),
		func(ctx context.Context, _ api.Principal, in *struct {
			TokenPath
			Language string `query:"language" doc:"Show the texts in this language (BCP 47); default: the session's." maxLength:"35"`
		}) (*answer[form], error) {
			got, err := s.Machine.Form(ctx, in.Token, in.Language)
			if err != nil {
				return nil, err
			}
			return &answer[form]{Body: form{got}}, nil
		})
	api.Handle(p, public("list-public-corrections", http.MethodGet, "/corrections", "What has to be put right"),
		func(ctx context.Context, _ api.Principal, in *TokenPath) (*answer[listing[openItem]], error) {
			list, err := s.Machine.Corrections(ctx, in.Token)
			if err != nil {
				return nil, err
			}
			return whole(list, showOpen), nil
		})
	api.Handle(p, fails(said(created(public("record-consent", http.MethodPost, "/consent", "Record a consent")),
		"Keeps what was shown (by its hash), when, and from which address."), http.StatusConflict), s.consent)
}

func showLook(st journey.State, err error) (*answer[state], error) {
	if err != nil {
		return nil, err
	}
	return &answer[state]{Body: showPublic(st)}, nil
}

type newConsent struct {
	Kind     string `json:"kind,omitempty" doc:"What it is about: terms, privacy, biometrics, …" maxLength:"100" default:"onboarding"`
	Version  string `json:"version,omitempty" doc:"Version of the text." maxLength:"100"`
	Text     string `json:"text,omitempty" doc:"The text that was shown; only its SHA-256 is kept."`
	TextHash string `json:"text_hash,omitempty" doc:"SHA-256 of the text in hex, in place of the text." maxLength:"64"`
	Given    *bool  `json:"given,omitempty" doc:"false records a refusal." default:"true"`
}

func (s *surface) consent(ctx context.Context, _ api.Principal, in *struct {
	TokenPath
	Body newConsent
}) (*answer[consent], error) {
	b := in.Body
	n := journey.NewConsent{Kind: b.Kind, Version: b.Version, Text: b.Text, TextHash: b.TextHash, Given: b.Given == nil || *b.Given, Address: api.Address(ctx)}
	if n.Kind == "" {
		n.Kind = "onboarding"
	}
	got, err := s.Machine.Consent(ctx, in.Token, n)
	if err != nil {
		return nil, err
	}
	return &answer[consent]{Body: showConsent(got)}, nil
}
