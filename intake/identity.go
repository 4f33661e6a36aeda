package intake

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"bonafide/checklist"
	"bonafide/kyc"
)

// idTypes are the identity documents that are taken, by the words of
// submissions, in the words of document reading.
func idTypes() map[string]string {
	return map[string]string{
		"passport": "passport", "id_card": "id_card", "national_id": "id_card", "drivers_license": "driving_licence",
		"driving_licence": "driving_licence", "residence_permit": "residence_permit",
	}
}

// documentTypes are the words that requirements show.
func documentTypes() []string {
	return []string{"passport", "drivers_license", "id_card", "residence_permit"}
}

// twoSided are those of them whose back is asked for.
func twoSided() []string { return []string{"drivers_license", "id_card", "residence_permit"} }

// identify judges the documents and selfies of ID_VERIFICATION, or the further
// proof that it asked for before.
func (m *Machine) identify(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	s := v.journey.Step(def.ID)
	if e := s.Escalation; e != nil && e.DoneAt.IsZero() {
		return m.escalated(ctx, v, *e, b, w)
	}
	if _, sent := b.get("escalation"); sent {
		b.fail("escalation", "escalation_not_asked", "this session asks for no further proof")
	}
	types := readTypes(b)
	var wanted []wish
	if uploads := b.object("uploads", true); uploads != nil {
		wanted = wishes(uploads, def.Slots(types))
		needTypes(b, wanted, types)
	}
	b.close()
	w.replaces = func(u *kyc.Upload) bool { return u.Kind != kindChip }
	if err := m.gather(ctx, v, def.ID, b, wanted, w); err != nil {
		return err
	}
	kinds := map[string]string{"primary": types.Primary, "secondary": types.Secondary, "tertiary": types.Tertiary}
	for i := range w.uploads {
		w.uploads[i].DocumentType = kinds[w.uploads[i].Asked]
	}
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	g, why, err := m.ask(ctx, v, v.asks(def.ID), false, &r, w)
	if err != nil {
		return err
	}
	w.judge(g, why)
	for _, x := range w.exams {
		if x.Policy == checklist.PolicyDocument && x.Answer.Status == kyc.StatusOK {
			read := readName(x.Answer.Fields)
			w.fields = append(w.fields, func(f map[string]any) { called(f, read) })
		}
	}
	w.weighRisk(v, g)
	return nil
}

// readTypes reads which documents were handed in.
func readTypes(b *body) checklist.IDTypes {
	read := func(member string, required bool) string {
		word := b.text(member, maxName, required)
		if word == "" {
			return ""
		}
		kind, ok := idTypes()[strings.ToLower(word)]
		if !ok {
			b.fail(member, "document_type_invalid", "use %s", strings.Join(documentTypes(), ", "))
		}
		return kind
	}
	return checklist.IDTypes{Primary: read("document_type", true), Secondary: read("secondary_document_type", false), Tertiary: read("tertiary_document_type", false)}
}

// needTypes asks for the kind of each further document that is handed in, and
// for the sides that its kind has.
func needTypes(b *body, list []wish, types checklist.IDTypes) {
	for _, one := range []struct{ asked, member, kind string }{
		{"secondary", "secondary_document_type", types.Secondary}, {"tertiary", "tertiary_document_type", types.Tertiary}} {
		shown := slices.ContainsFunc(list, func(x wish) bool { return x.slot.Asked == one.asked })
		front := slices.ContainsFunc(list, func(x wish) bool { return x.slot.Asked == one.asked && x.slot.Side == "front" })
		if _, said := b.members[one.member]; shown && !said {
			b.fail(one.member, "required", "say what the further document is")
		}
		if shown && !front {
			b.failAt("/uploads/"+one.asked+"_id_front", "required", "%s_id_front is needed", one.asked)
		}
	}
}

// weighRisk reads the fraud analysis that was asked in line. Where the risk is
// at or above the threshold of a checklist that escalates, a step that would be
// completed asks for a further proof instead. A risk that nobody could put a
// number to is a high one.
func (w *work) weighRisk(v *view, g grade) {
	at := slices.IndexFunc(w.exams, func(x kyc.Exam) bool { return x.Policy == checklist.PolicyFraud })
	if at < 0 {
		return
	}
	x := w.exams[at]
	w.fraud = fraudOf(x)
	_, limit, escalates := v.def.EscalationAsk()
	if g != good || !escalates || w.fraud.RiskScore < float64(limit) {
		return
	}
	w.end, w.fraud.Escalated = kyc.StepInProgress, true
	score, threshold := w.fraud.RiskScore, float64(limit)
	w.apply = append(w.apply, func(v *view, s *kyc.StepState) {
		s.Escalation = &kyc.StepEscalation{Type: checklist.EscalationNFC, RiskScore: score, Threshold: threshold, AskedAt: v.now}
	})
}

// fraudOf shows a fraud analysis. Without a score the risk is the highest.
func fraudOf(x kyc.Exam) *Fraud {
	f := x.Answer.Fact()
	out := &Fraud{Status: f.Status, RiskScore: 100, Reasons: f.Reasons, Details: f.Details, ExamID: x.ID}
	if f.Score != nil {
		out.RiskScore = *f.Score
	}
	return out
}

const kindChip = "nfc"

// group names the files of a chip (ICAO Doc 9303 part 10).
var group = regexp.MustCompile(`^DG([1-9]|1[0-6])$`)

// escalated judges the further proof (seed 001, third scenario). Chip data that
// verifies completes the step; anything else, a refusal too, fails it at once.
// Only where nobody could look an attempt is used and the proof asked for again.
func (m *Machine) escalated(ctx context.Context, v *view, asked kyc.StepEscalation, b *body, w *work) error {
	in := b.object("escalation", false)
	if in == nil && len(*b.problems) == 0 {
		return kyc.Errorf(kyc.Conflict, "escalation_required", "the step waits for the further proof %s; send it as escalation", asked.Type)
	}
	b.close()
	if in == nil {
		return b.err()
	}
	in.choice("type", true, asked.Type)
	if refused, _ := in.flag("refused", false); refused {
		in.close()
		if err := b.err(); err != nil {
			return err
		}
		w.used, w.end, w.reason = true, kyc.StepFailed, reasonEscalation
		w.escalation(false)
		return nil
	}
	w.replaces = func(u *kyc.Upload) bool { return u.Kind == kindChip }
	if err := m.chip(ctx, v, b, in, w); err != nil {
		return err
	}
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	// The documents of this step stay, and so does what was read from them: the
	// chip is compared with it.
	if err := m.recollect(ctx, v, &r, w.step); err != nil {
		return err
	}
	proof, _, _ := v.def.EscalationAsk()
	g, _, err := m.ask(ctx, v, []checklist.Ask{proof}, false, &r, w)
	if err != nil {
		return err
	}
	switch w.judge(g, reasonAway); g {
	case good:
		w.escalation(true)
	case repeat, hopeless:
		w.end, w.reason = kyc.StepFailed, reasonEscalation
		w.escalation(false)
	case away:
	}
	return nil
}

// escalation closes the question for the further proof.
func (w *work) escalation(passed bool) {
	w.apply = append(w.apply, func(v *view, s *kyc.StepState) {
		if s.Escalation != nil {
			done := *s.Escalation
			done.DoneAt, done.Passed = v.now, passed
			s.Escalation = &done
		}
	})
}

// recollect lets the checks of an escalation see what its own step found.
func (m *Machine) recollect(ctx context.Context, v *view, r *kyc.CheckRequest, step string) error {
	exams, err := m.d.Store.Exams(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	for _, x := range v.known(exams, "") {
		if x.StepID != step {
			continue
		}
		r.Checks[x.Policy] = x.Answer.Fact()
		if x.Answer.Status == kyc.StatusOK && x.Policy != checklist.PolicyChip {
			kyc.Extract(r.Extracted, x.Answer.Fields, v.now)
		}
	}
	return nil
}

// neededFiles are the files of a chip without which its check fails: what the
// state signed, the zone and the portrait.
func neededFiles() []string { return []string{"SOD", "DG1", "DG2"} }

// chip reads the files of a chip, sent in the body or named as uploads.
func (m *Machine) chip(ctx context.Context, v *view, b, in *body, w *work) error {
	files := in.object("uploads", false)
	if files != nil {
		if _, both := in.get("sod"); both {
			in.fail("sod", "uploads_and_files", "send the files or name uploads, not both")
		}
		in.seen["data_groups"] = true
		in.close()
		var slots []checklist.Slot
		for _, name := range append(files.names(), neededFiles()...) {
			if name != "SOD" && !group.MatchString(name) || slices.ContainsFunc(slots, func(s checklist.Slot) bool { return s.Name == name }) {
				continue
			}
			slots = append(slots, checklist.Slot{Name: name, Required: slices.Contains(neededFiles(), name), Kind: kindChip, Side: name})
		}
		wanted := wishes(files, slots)
		return m.gather(ctx, v, w.step, b, wanted, w)
	}
	type file struct {
		name  string
		bytes []byte
	}
	var list []file
	read := func(from *body, member, name string, required bool) {
		if text := from.text(member, MaxFile, required); text != "" {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil || len(raw) == 0 {
				from.fail(member, "base64_invalid", "the file in base64")
				return
			}
			list = append(list, file{name, raw})
		}
	}
	read(in, "sod", "SOD", true)
	if groups := in.object("data_groups", true); groups != nil {
		for _, name := range groups.names() {
			if group.MatchString(name) {
				read(groups, name, name, slices.Contains(neededFiles(), name))
			}
		}
		for _, name := range neededFiles()[1:] {
			if _, there := groups.members[name]; !there {
				groups.fail(name, "required", "%s is needed", name)
			}
		}
		groups.close()
	}
	in.close()
	if err := b.err(); err != nil {
		return err
	}
	for _, f := range list {
		if err := m.keep(ctx, v, checklist.Slot{Kind: kindChip, Side: f.name}, f.bytes, w); err != nil {
			return err
		}
	}
	return nil
}

// keep stores bytes that came in a body. They are taken away again when the
// submission comes to nothing.
func (m *Machine) keep(ctx context.Context, v *view, s checklist.Slot, data []byte, w *work) error {
	sum := sha256.Sum256(data)
	t := kyc.Transfer{Meta: kyc.Meta{Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID, ContentType: anyBytes,
		Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	w.take(v, w.step, s, t)
	u := &w.uploads[len(w.uploads)-1]
	u.BlobKey = strings.Join([]string{string(t.Tenant.Org), string(t.Tenant.Env), string(t.SessionID), string(u.ID)}, "/")
	w.transfers = nil // they were never announced
	w.blobs = append(w.blobs, u.BlobKey)
	return m.d.Store.PutBlob(ctx, t.Tenant, t.SubjectID, u.BlobKey, data)
}
