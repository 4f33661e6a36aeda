package desk

import (
	"context"

	"bonafide/capture"
	"bonafide/kyc"
)

// noFilms refuses films, for a surface whose face is looked at in one picture.
type noFilms struct{}

func noFilm() error {
	return kyc.Errorf(kyc.Conflict, "liveness_not_asked", "this session asks for no film")
}

// Open refuses: Conflict liveness_not_asked, as the other two do.
func (noFilms) Open(context.Context, string, string) (capture.Try, error) {
	return capture.Try{}, noFilm()
}

// Frames refuses.
func (noFilms) Frames(context.Context, string, string, string, []capture.Frame) error {
	return noFilm()
}

// Judge refuses.
func (noFilms) Judge(context.Context, string, string, string) (capture.Verdict, error) {
	return capture.Verdict{}, noFilm()
}

// noPeople refuses related parties, for a surface without them.
type noPeople struct{}

func nobody() error {
	return kyc.Errorf(kyc.Conflict, "subsessions_not_asked", "this session asks for no other people")
}

// Invite refuses: Conflict subsessions_not_asked, as the other two do.
func (noPeople) Invite(context.Context, string, string, capture.NewParty) (capture.Party, error) {
	return capture.Party{}, nobody()
}

// Relink refuses.
func (noPeople) Relink(context.Context, string, string) (capture.Party, error) {
	return capture.Party{}, nobody()
}

// Remove refuses.
func (noPeople) Remove(context.Context, string, string) error { return nobody() }
