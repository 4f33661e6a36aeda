package graph

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

// chipSays is what an app's developer has to know of the files.
const chipSays = "What a phone app read from the chip of a passport or identity card (ICAO Doc 9303 part 10): EF.SOD, the object that the state signed, and the data groups, " +
	"each as the bytes of its file, with tag and length (EF.SOD begins with 77, DG1 with 61, DG2 with 75). SOD, DG1 (the machine-readable zone) and DG2 (the portrait) are needed; " +
	"DG11, DG12, DG14, DG15 and EF.COM may come along; DG3 and DG4 cannot be read by an app and need not. " +
	"The app opens the chip with BAC or PACE and the key of the printed zone (number, date of birth, date of expiry) and sends what it read unchanged. " +
	"The files replace those that were sent before. The check `nfc_chip_auth` verifies them when the session is submitted: it says whether a state signed the data (`details.authentic`), " +
	"what differs from the printed document and the form (`details.mismatches`), and of when the trust list is (`details.trust.as_of`). "

type chipBody struct {
	SOD        string            `json:"sod" doc:"EF.SOD, base64." minLength:"4" maxLength:"65536" example:"d4IG…"`
	DataGroups map[string]string `json:"data_groups" doc:"The data groups by name (DG1, DG2, …), base64." example:"{\"DG1\":\"YVtfH1g…\",\"DG2\":\"dYI…\"}"`
}

type chipAnswer struct {
	Files []Upload `json:"files" doc:"The files as they are kept." nullable:"false"`
}

func (s *surface) chipRoutes() {
	p := s.Porch
	api.Handle(p, fails(said(created(op("send-chip", http.MethodPost, "/sessions/{id}/chip", "Capture", "Send a passport's chip", writeSessions)),
		chipSays+"A text of a JSON body has at most 64 KiB, so that a portrait of more than 48 KiB goes to `/chip/files`."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Body chipBody
		}) (*answer[chipAnswer], error) {
			files, problems := session.NewChip{}, []kyc.Problem(nil)
			read := func(path, name, text string) {
				raw, err := base64.StdEncoding.DecodeString(text)
				if err != nil || len(raw) == 0 {
					problems = append(problems, kyc.Problem{Path: path, Code: "base64_invalid", Message: "the file in base64"})
					return
				}
				files[name] = raw
			}
			read("/sod", "SOD", in.Body.SOD)
			for _, name := range slices.Sorted(maps.Keys(in.Body.DataGroups)) {
				read("/data_groups/"+name, name, in.Body.DataGroups[name])
			}
			if len(problems) > 0 {
				return nil, kyc.InvalidInput("invalid_chip", "the files of the chip cannot be taken", problems)
			}
			return s.chip(ctx, who, in.ID, files)
		})
	send := said(created(op("send-chip-files", http.MethodPost, "/sessions/{id}/chip/files", "Capture", "Send a passport's chip as files", writeSessions)),
		chipSays+"Each file is a part of its own, named sod, com or dg1 to dg16.")
	send.Upload = &api.Upload{MaxFiles: 18, Files: []api.UploadField{
		{Name: "sod", Doc: "EF.SOD.", Required: true}, {Name: "dg1", Doc: "EF.DG1, the machine-readable zone.", Required: true},
		{Name: "dg2", Doc: "EF.DG2, the portrait.", Required: true}, {Name: "com", Doc: "EF.COM, the list of what there is."},
	}}
	for n := 3; n <= 16; n++ {
		send.Upload.Files = append(send.Upload.Files, api.UploadField{Name: fmt.Sprintf("dg%d", n), Doc: fmt.Sprintf("EF.DG%d, where it could be read.", n)})
	}
	api.Handle(p, fails(send, http.StatusConflict), func(ctx context.Context, who api.Principal, in *SessionPath) (*answer[chipAnswer], error) {
		files := session.NewChip{}
		for _, f := range api.FormFrom(ctx).Files {
			name := strings.ToUpper(f.Field)
			if _, twice := files[name]; twice {
				return nil, kyc.InvalidInput("invalid_chip", "the files of the chip cannot be taken", []kyc.Problem{{Path: "/" + f.Field, Code: "duplicate_key", Message: "this file is given twice"}})
			}
			files[name] = f.Bytes
		}
		return s.chip(ctx, who, in.ID, files)
	})
}

func (s *surface) chip(ctx context.Context, who api.Principal, text string, files session.NewChip) (*answer[chipAnswer], error) {
	sid, err := id("session", text)
	if err != nil {
		return nil, err
	}
	kept, err := s.Sessions.Chip(ctx, who.Tenant, who.Actor, sid, files)
	if err != nil {
		return nil, err
	}
	out := chipAnswer{Files: []Upload{}}
	for _, u := range kept {
		out.Files = append(out.Files, showUpload(u))
	}
	return &answer[chipAnswer]{Body: out}, nil
}
