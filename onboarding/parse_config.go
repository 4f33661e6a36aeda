package onboarding

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/rule"
)

func (r *reader) selfie(o *object) *SelfieConfig {
	c := &SelfieConfig{RequireGoodLighting: true, RequireFaceCentered: true}
	if co := o.child("selfie_config"); co != nil {
		c.RequireGoodLighting = co.flag("require_good_lighting", true)
		c.RequireFaceCentered = co.flag("require_face_centered", true)
		co.done("a selfie config")
	}
	return c
}

// The defaults of a liveness step (seed 004).
const (
	defaultConfidence = 90.0
	defaultRetries    = 3
	maxRetries        = 10
)

func (r *reader) liveness(o *object) *LivenessConfig {
	c := &LivenessConfig{
		MinConfidence: defaultConfidence, ChallengeType: MovementChallenge,
		SaveReferenceImage: true, UseForFaceMatch: true, MaxRetries: defaultRetries,
	}
	co := o.child("liveness_config")
	if co == nil {
		return c
	}
	c.MinConfidence = co.decimal("min_confidence", c.MinConfidence, 0, 100, "liveness_min_confidence_range")
	if co.given("challenge_type") {
		c.ChallengeType = co.text("challenge_type", 1<<20, "liveness_challenge_unknown")
		if co.isText("challenge_type") && c.ChallengeType != MovementChallenge && c.ChallengeType != MovementLightChallenge {
			co.fail("challenge_type", "liveness_challenge_unknown", "a challenge is %s or %s", MovementChallenge, MovementLightChallenge)
		}
	}
	c.SaveReferenceImage = co.flag("save_reference_image", true)
	c.SaveAuditImages = co.flag("save_audit_images", false)
	c.UseForFaceMatch = co.flag("use_for_face_match", true)
	c.MaxRetries = co.whole("max_retries", c.MaxRetries, 1, maxRetries, "liveness_max_retries_range")
	co.done("a liveness config")
	return c
}

// Tasks are the validation tasks in the order of the documentation.
func Tasks() []Task {
	return []Task{CrossValidateDocuments, RunSanctionCheck, RunAdverseMedia, RunCryptoCheck, RunFaceMatch}
}

func (r *reader) tasks(o *object) []Task {
	list := o.list("validation_tasks")
	if v, given := o.get("validation_tasks"); len(list) == 0 && (!given || v.Kind() == jsontext.KindBeginArray) {
		o.fail("validation_tasks", "validation_tasks_required", "a validation step runs at least one task")
	}
	var out []Task
	for i, v := range list {
		at := index(o.path("validation_tasks"), i)
		task := Task(r.text(v, at, 1<<20, "validation_task_unknown"))
		switch {
		case v.Kind() != jsontext.KindString: // reported already
		case !slices.Contains(Tasks(), task):
			r.fail(at, "validation_task_unknown", "there is no task %.60q; known are %v", task, Tasks())
		case !slices.Contains(out, task): // a task runs once however often it is named
			out = append(out, task)
		}
	}
	return out
}

func (r *reader) subsessions(o *object, required bool) *SubsessionConfig {
	c := &SubsessionConfig{MaxSubsessions: 1}
	co := o.child("subsession_config")
	if co == nil {
		if !o.given("subsession_config") {
			o.fail("subsession_config", "subsession_workflow_required", "a subsession step needs a subsession_config with the workflow_id of the subsessions")
		}
		return c
	}
	c.WorkflowID = co.text("workflow_id", 200, "subsession_workflow_not_found")
	if c.WorkflowID == "" && (!co.given("workflow_id") || co.isText("workflow_id")) {
		co.fail("workflow_id", "subsession_workflow_required", "the workflow of the subsessions is named by its id or slug")
	}
	c.MaxSubsessions = co.whole("max_subsessions", 1, 1, MaxSubsessions, "max_subsessions_range")
	missing := 0
	if required {
		missing = 1
	}
	c.MinSubsessions = co.whole("min_subsessions", missing, 0, MaxSubsessions, "min_subsessions_range")
	if c.MinSubsessions > c.MaxSubsessions {
		co.fail("min_subsessions", "min_subsessions_range", "min_subsessions is above max_subsessions")
	}
	c.RequireComplete = co.flag("require_completion_before_proceed", false)
	c.ImpactParent = co.flag("impact_parent_status", false)
	c.TTLDays = co.whole("ttl_days", 0, 1, MaxTTLDays, "ttl_days_range")
	co.done("a subsession config")
	return c
}

// defaultThreshold of the face comparison (seed 000).
const defaultThreshold = 0.8

func (r *reader) validationConfig(o *object, d *Definition) {
	c := &d.ValidationConfig
	*c = ValidationConfig{
		RunLists: true, FaceMatchThreshold: defaultThreshold, CrossValidateDocuments: true,
		CorrectionResolution: CorrectionResolution{Mode: ModeManualReview, PostReprocessMode: ReprocessReview},
	}
	co := o.child("validation_config")
	var rules jsontext.Value
	if co != nil {
		c.RunLists = co.flag("run_lists", true)
		c.RunCrypto = co.flag("run_crypto", false)
		c.RunAdverseMedia = co.flag("run_adverse_media", false)
		c.AutoFaceMatch = co.flag("auto_face_match", false)
		c.FaceMatchThreshold = co.decimal("face_match_threshold", defaultThreshold, 0, 1, "face_match_threshold_range")
		c.CrossValidateDocuments = co.flag("cross_validate_documents", true)
		r.corrections(co, &c.CorrectionResolution)
		rules, _ = co.get("automation_rules")
		co.done("validation_config")
	}
	parsed, problems, warnings := rule.Parse([]byte(rules), "/validation_config/automation_rules", d)
	c.AutomationRules = parsed
	r.absorb(problems)
	r.warnings = append(r.warnings, warnings...)
}

// corrections takes the seed's two spellings of the same word for either
// property (X3) and keeps the seed's own for each.
func (r *reader) corrections(o *object, c *CorrectionResolution) {
	co := o.child("correction_resolution")
	if co == nil {
		return
	}
	if co.given("mode") {
		switch mode := co.text("mode", 1<<20, "correction_mode_invalid"); mode {
		case ModeManualReview, ModeCompleted:
			c.Mode = mode
		case ModeAutoProcess, ReprocessAutoprocess:
			c.Mode = ModeAutoProcess
		default:
			if co.isText("mode") {
				co.fail("mode", "correction_mode_invalid", "mode is manual_review, auto_process or completed")
			}
		}
	}
	if co.given("post_reprocess_mode") {
		switch mode := co.text("post_reprocess_mode", 1<<20, "post_reprocess_mode_invalid"); mode {
		case ReprocessReview:
			c.PostReprocessMode = mode
		case ModeAutoProcess, ReprocessAutoprocess:
			c.PostReprocessMode = ReprocessAutoprocess
		default:
			if co.isText("post_reprocess_mode") {
				co.fail("post_reprocess_mode", "post_reprocess_mode_invalid", "post_reprocess_mode is manual_review or autoprocess")
			}
		}
	}
	co.done("correction_resolution")
}
