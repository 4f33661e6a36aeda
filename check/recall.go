package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/screen"
)

// Recall finds an earlier answer to the same question about the same material
// of the same session, and the exam it comes from. The hash is that of
// InputHash.
type Recall func(ctx context.Context, r kyc.CheckRequest, hash string) (a kyc.Answer, from kyc.ID, ok bool)

// Option adds something to a menu.
type Option func(*Menu)

// Recalling lets the menu take an earlier answer instead of asking again. lists
// gives the versions of the loaded watchlists, on which screening answers
// depend. The taken answer says details.reused_from.
func Recalling(recall Recall, lists func() []kyc.ListVersion) Option {
	return func(m *Menu) { m.recall, m.lists = recall, lists }
}

// recallable are the policies that depend on nothing but their own inputs: the
// request, the uploads and, for the screening ones, the lists. Policies that
// read the state of checks, stores or other servers are asked each time, and so
// is liveness: each try of the applicant is a question of its own.
func recallable(policy string) bool {
	switch policy {
	case "document_ocr", "document_set", "document_expiration", "id_document_filter", "proof_of_address_check", "age_check", "identity_crossref",
		"cross_validation", "face_match", "nfc_chip_auth", "consent", "age_estimation", "additional_ids":
		return true
	}
	return screens(policy)
}

// screens reports whether a policy asks lists that change. Those keep to reviewers'
// words on their hits, too.
func screens(policy string) bool {
	switch policy {
	case "watchlist_screening", "aml_pep", "adverse_media", "wallet_screening":
		return true
	}
	return false
}

// readsDocuments are the policies that look at what document_set and
// document_ocr found; those answers are part of their inputs.
func readsDocuments(policy string) bool {
	return policy == "face_match" || policy == "cross_validation" || policy == "watchlist_screening" || policy == "aml_pep" || policy == "adverse_media"
}

// InputHash is the SHA-256 in hex of everything an answer depends on: the
// policy and its config, the form, the metadata, what was extracted, the
// material (by content, not by id), the day, the settings of screening and, for
// screening policies, the versions of the lists. It is "" for policies whose
// answer may never be taken again, and where a file has no hash.
func InputHash(r kyc.CheckRequest, lists []kyc.ListVersion) string {
	if !recallable(r.Policy) {
		return ""
	}
	type material struct {
		Kind, Type, SHA256, ContentType, Step, Asked, Field, Side, Role string
	}
	var files []material
	for _, u := range r.Uploads {
		if u.Superseded || !u.RedactedAt.IsZero() {
			continue
		}
		if u.SHA256 == "" {
			return ""
		}
		files = append(files, material{u.Kind, u.DocumentType, u.SHA256, u.ContentType, u.StepID, u.Asked, u.FieldID, u.Side, u.EntityRole})
	}
	type version struct {
		List, Version string
		Status        kyc.AnswerStatus
	}
	var versions []version
	if screens(r.Policy) {
		for _, l := range lists {
			// News is asked by one policy alone, and watchlists by the others.
			if strings.HasPrefix(l.List, "media:") != (r.Policy == "adverse_media") {
				continue
			}
			versions = append(versions, version{l.List, l.Version, l.Status})
		}
		slices.SortFunc(versions, func(a, b version) int { return compareText(a.List, b.List) })
	}
	read := map[string]any{}
	if readsDocuments(r.Policy) {
		for _, name := range []string{"document_set", "document_ocr"} {
			if fact, ok := r.Checks[name]; ok {
				read[name] = map[string]any{"status": fact.Status, "details": materialDetails(fact.Details)}
			}
		}
	}
	var reviewed any // absent without words, so that earlier hashes stay what they were
	if screens(r.Policy) && len(r.Reviewed) > 0 {
		reviewed = kyc.LatestWords(r.Reviewed)
	}
	var face any
	if r.Policy == "face_match" { // which face is compared depends on how liveness ended
		face = r.Established["liveness"]
	}
	// Maps are written with sorted keys and a config is reduced to its value,
	// so that equal inputs have equal bytes.
	all := map[string]any{
		"version": houseVersion, "env": r.Tenant.Env, "policy": r.Policy, "config": configValue(r.Config), "day": today(r.Now).Format(time.DateOnly),
		"country": r.Country, "fields": r.Fields, "metadata": r.Metadata, "extracted": r.Extracted, "uploads": files, "lists": versions, "read": read,
		"face": face, "required_lists": r.Settings.RequiredLists, "list_max_age": r.Settings.ListMaxAge,
	}
	if reviewed != nil {
		all["reviewed"] = reviewed
	}
	if p, ok := procedure.EstablishedPerson(r.Established); ok && screens(r.Policy) && len(p.BirthDates) > 1 {
		all["birth_dates"] = p.BirthDates // the form has the first
	}
	if r.Policy == "adverse_media" && r.Settings.News.URL != "" {
		all["provider"] = r.Settings.News
	}
	if order := orderedAs(r); order != nil {
		all["providers"] = order
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// materialDetails leaves out of details that an answer was taken again, which
// says nothing of the documents.
func materialDetails(details map[string]any) map[string]any {
	out := maps.Clone(details)
	delete(out, reusedFrom)
	return out
}

func configValue(raw json.RawMessage) any {
	var v any
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		return map[string]any{}
	}
	if v == nil {
		return map[string]any{}
	}
	return v
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// reusedFrom is the detail that names the exam an answer was taken from.
const reusedFrom = "reused_from"

// Hash is InputHash with the lists that this menu's checks ask.
func (m *Menu) Hash(r kyc.CheckRequest) string {
	if r.Now.IsZero() {
		r.Now = m.clock.Now()
	}
	var lists []kyc.ListVersion
	if m.lists != nil {
		lists = m.lists()
	}
	return InputHash(r, lists)
}

// remembered gives an earlier answer that is as good as a new one. Only an
// answer that came about is; a failure is asked again.
func (m *Menu) remembered(ctx context.Context, r kyc.CheckRequest) (a kyc.Answer, ok bool) {
	d, known := m.dishes[r.Policy]
	if m.recall == nil || !known || r.Tenant.Env != kyc.Live && r.Tenant.Env != kyc.Sandbox || d.wrong(r.Config) != "" {
		return kyc.Answer{}, false
	}
	defer func() {
		if p := recover(); p != nil {
			a, ok = kyc.Answer{}, false // a broken memory is none
		}
	}()
	hash := m.Hash(r)
	if hash == "" {
		return kyc.Answer{}, false
	}
	a, from, ok := m.recall(ctx, r, hash)
	if !ok || a.Status != kyc.StatusOK || !stillFresh(a, r) || (a.Provider == providerSandbox) != (r.Tenant.Env == kyc.Sandbox) {
		return kyc.Answer{}, false
	}
	if a.Details = maps.Clone(a.Details); a.Details == nil {
		a.Details = map[string]any{}
	}
	a.Details[reusedFrom] = string(from)
	return a, true
}

// stillFresh reports whether the lists an answer asked are not older now than
// its check allows.
func stillFresh(a kyc.Answer, r kyc.CheckRequest) bool {
	limit := r.Settings.ListMaxAge
	if hours := configNumber(r.Config, "max_age_hours", 0); hours > 0 {
		limit = time.Duration(hours * float64(time.Hour))
	}
	if limit <= 0 {
		limit = screen.DefaultMaxAge
	}
	return !screens(r.Policy) || !slices.ContainsFunc(a.Lists, func(l kyc.ListVersion) bool { return r.Now.Sub(l.AsOf) > limit })
}
