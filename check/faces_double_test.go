package check

import (
	"context"
	"image"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/sheet"
)

// gallery is everybody who looks at faces, in memory. Pictures are told apart
// by the text that stands for their bytes.
type gallery struct {
	pictures map[string]*kyc.Error // why a file is no picture
	likeness face.Comparison
	// strangers are the portraits on which Compare finds no face.
	strangers map[string]*kyc.Error
	// straightened are files that are photographs of a page.
	straightened map[string]bool
	compareErr   *kyc.Error
	// beside are the portraits whose face stands elsewhere on the photograph than
	// the others do, unplaced those of which nobody says where it stands.
	beside, unplaced map[string]bool
	// alike are likenesses of pairs of files that differ from the rest.
	alike    map[string]float64
	alive    face.Aliveness
	aliveErr *kyc.Error
	age      face.Age
	// onPage are the further faces on every document.
	onPage    []face.Other
	onPageErr *kyc.Error
	ageErr    *kyc.Error

	template    face.Template
	templateErr *kyc.Error
	// frames are what is seen on the frames of a film, by file.
	frames     map[string]face.Observation
	observeErr *kyc.Error
	service    face.LivenessResult
	serviceErr *kyc.Error
	serviceAsk string

	// met are the faces of other sessions.
	met      []kyc.FaceTemplate
	kept     []kyc.FaceTemplate // by the check
	sessions []kyc.Session
	asking   kyc.FaceFilter
	storeErr error
	// commitErr keeps the check from storing a face.
	commitErr error

	// absent leaves nobody for a question.
	absent bool
	asked  []string // portrait:selfie, in order
}

// drawn is a picture that remembers its file.
type drawn struct {
	*image.Gray
	file string
}

func goodGallery() *gallery {
	local := face.Made{Provider: "local", Model: "test-net sha256:1234", Calibration: "test-1"}
	box := face.Face{X: 100, Y: 60, W: 80, H: 90, Score: 0.99}
	return &gallery{
		likeness: face.Comparison{Made: local, Raw: 0.41, Score: 0.95, Portrait: box, Selfie: box},
		alive:    face.Aliveness{Made: local, Raw: 0.97, Confidence: 97, Assessable: true},
		age:      face.Age{Made: local, Years: 36.4},
		template: face.Template{Model: "net-1", Vector: []float32{1, 0}},
	}
}

func (g *gallery) Picture(_ context.Context, f document.File) (image.Image, *kyc.Error) {
	if err := g.pictures[string(f.Bytes)]; err != nil {
		return nil, err
	}
	return drawn{image.NewGray(image.Rect(0, 0, 400, 300)), string(f.Bytes)}, nil
}

// Leaf gives the page of straightened files besides; what is drawn there is the
// file's name with a stroke.
func (g *gallery) Leaf(ctx context.Context, f document.File) (document.Leaf, *kyc.Error) {
	img, err := g.Picture(ctx, f)
	if err != nil {
		return document.Leaf{}, err
	}
	out := document.Leaf{Picture: img}
	if g.straightened[string(f.Bytes)] {
		out.Straight = drawn{image.NewGray(image.Rect(0, 0, 300, 200)), string(f.Bytes) + "'"}
		out.Back, _ = sheet.MapTo([4]sheet.Point{{X: 20, Y: 10}, {X: 320, Y: 10}, {X: 320, Y: 210}, {X: 20, Y: 210}}, 300, 200)
	}
	return out, nil
}

func (g *gallery) Comparer(*kyc.CheckRequest) face.Comparer {
	if g.absent {
		return nil
	}
	return g
}

func (g *gallery) Spoofing(*kyc.CheckRequest) face.Spoofing {
	if g.absent {
		return nil
	}
	return g
}

func (g *gallery) AgeEstimator(*kyc.CheckRequest) face.AgeEstimator {
	if g.absent {
		return nil
	}
	return g
}

func (g *gallery) Encoder(*kyc.CheckRequest) face.Encoder {
	if g.absent {
		return nil
	}
	return g
}

func (g *gallery) Template(context.Context, image.Image) (face.Template, *kyc.Error) {
	return g.template, g.templateErr
}

// Likeness is the first number of the other template: the distance of these
// faces is what a test says.
func (g *gallery) Likeness(a, b face.Template) (face.Comparison, *kyc.Error) {
	if a.Model != b.Model {
		return face.Comparison{}, kyc.Errorf(kyc.Invalid, "template_model_differs", "two models")
	}
	return face.Comparison{Score: float64(b.Vector[0])}, nil
}

func (g *gallery) Compare(_ context.Context, portrait, selfie image.Image) (face.Comparison, *kyc.Error) {
	g.asked = append(g.asked, portrait.(drawn).file+":"+selfie.(drawn).file) //nolint:forcetypeassert // it made them
	if err := g.strangers[portrait.(drawn).file]; err != nil {               //nolint:forcetypeassert // it made them
		return face.Comparison{}, err
	}
	out := g.likeness
	if strings.HasSuffix(portrait.(drawn).file, "'") { //nolint:forcetypeassert // it made them
		out.Portrait.X, out.Portrait.Y = out.Portrait.X-20, out.Portrait.Y-10
	}
	if g.beside[portrait.(drawn).file] { //nolint:forcetypeassert // it made them
		out.Portrait.X = 330
	}
	if g.unplaced[portrait.(drawn).file] { //nolint:forcetypeassert // it made them
		out.Portrait = face.Face{}
	}
	if like, ok := g.alike[g.asked[len(g.asked)-1]]; ok {
		out.Score = like
	}
	return out, g.compareErr
}

// Portraits gives what onPage says; by default the portrait alone.
func (g *gallery) Portraits(context.Context, image.Image) ([]face.Other, *kyc.Error) {
	return append([]face.Other{{Face: g.likeness.Portrait, Portrait: 1}}, g.onPage...), g.onPageErr
}

// Others sees nobody but the portrait.
func (g *gallery) Others(context.Context, image.Image, image.Image, bool) ([]face.Other, *kyc.Error) {
	return []face.Other{}, nil
}

func (g *gallery) Alive(context.Context, image.Image) (face.Aliveness, *kyc.Error) {
	return g.alive, g.aliveErr
}

func (g *gallery) EstimateAge(context.Context, image.Image) (face.Age, *kyc.Error) {
	return g.age, g.ageErr
}

// about is an error of whoever looks at faces.
func about(path, code string) *kyc.Error {
	return kyc.InvalidInput(code, "it cannot be looked at", []kyc.Problem{{Path: path, Code: code}})
}

func (g *gallery) FaceTemplates(_ context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error) {
	if f.SessionID == "" {
		g.asking = f
	}
	var out []kyc.FaceTemplate
	for _, x := range g.met {
		if x.Tenant == t && (f.SessionID == "" || x.SessionID == f.SessionID) && (f.Now.IsZero() || x.ExpiresAt.After(f.Now)) && (f.Model == "" || x.Model == f.Model) && (f.Except == "" || x.Model != f.Except) && x.ID > after && len(out) < limit && !x.CreatedAt.Before(f.Since) {
			out = append(out, x)
		}
	}
	return out, g.storeErr
}

func (g *gallery) FaceTemplatesOf(_ context.Context, t kyc.Tenant, ids []kyc.ID) ([]kyc.FaceTemplate, error) {
	var out []kyc.FaceTemplate
	for _, x := range g.met {
		if x.Tenant == t && slices.Contains(ids, x.ID) {
			out = append(out, x)
		}
	}
	return out, g.storeErr
}

func (g *gallery) Commit(_ context.Context, c *kyc.Change) error {
	if g.commitErr != nil {
		return g.commitErr
	}
	for _, o := range c.Put {
		t := *o.(*kyc.FaceTemplate) //nolint:forcetypeassert // the check stores nothing else
		g.kept, g.met = append(g.kept, t), append(g.met, t)
	}
	return nil
}

// Cosine: this gallery's likeness is its own measure.
func (g *gallery) Cosine(_ string, like float64) (float64, *kyc.Error) { return like, g.templateErr }

func (g *gallery) Session(_ context.Context, _ kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	for _, s := range g.sessions {
		if s.ID == id {
			return s, nil
		}
	}
	return kyc.Session{}, kyc.Missing("session", string(id))
}

// meet adds a session whose face has that likeness.
func (g *gallery) meet(like float32, days int, change func(*kyc.FaceTemplate, *kyc.Session)) kyc.ID {
	at := now.AddDate(0, 0, -days)
	s := kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: kyc.Tenant{Org: "org", Env: kyc.Live}, CreatedAt: at}, SubjectID: kyc.NewID(at), Status: kyc.SessionApproved, WorkflowID: "w1"}
	t := kyc.FaceTemplate{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: s.Tenant, CreatedAt: at}, SessionID: s.ID, SubjectID: s.SubjectID, Model: "net-1", ExpiresAt: now.AddDate(1, 0, 0), Vector: kyc.FaceVector{like, 0}}
	if change != nil {
		change(&t, &s)
	}
	g.met, g.sessions = append(g.met, t), append(g.sessions, s)
	return s.ID
}

func (g *gallery) Observe(_ context.Context, at time.Duration, img image.Image) (face.Observation, *kyc.Error) {
	if g.observeErr != nil {
		return face.Observation{}, g.observeErr
	}
	d, ok := img.(drawn)
	if !ok {
		return face.Observation{At: at}, nil // a blank picture
	}
	o := g.frames[d.file]
	o.At = at
	return o, nil
}

func (g *gallery) LivenessResult(_ context.Context, a kyc.Asking, provider, id string) (face.LivenessResult, *kyc.Error) {
	g.serviceAsk = string(a.Tenant.Org) + " " + a.Call + " " + provider + " " + id
	return g.service, g.serviceErr
}
