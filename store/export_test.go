package store

import "bonafide/kyc"

// Lookups are statements that find rows by something else than their primary
// key, by the index they need, for the test that looks at their plans.
func Lookups() map[string]*SQL {
	all := map[string]*SQL{
		"session_token": sqlSessionByToken, "subject_ref": sqlSubjectByRef, "upload_session": sqlUploads,
		"workflow_slug": sqlWorkflowBySlug, "workflow_default": sqlWorkflowDefault, "workflow_version_number": sqlVersion,
		"account_email": sqlUserByEmail, "api_key_prefix": sqlKeyByPrefix, "run_session": sqlRuns, "note_case": sqlNotes,
		"review_case_session": sqlCaseBySession, "review_case_claim": sqlClaimedCases, "list_item_list": sqlAllItems,
		"journey_parent": sqlJourneys, "transfer_session": sqlTransfers, "transfer_expiry": sqlTransfersDue,
		"exam_session": sqlExamByInput, "ruling_session": sqlRulings,
		"watch_due": sqlWatchesDue, "watched_watch": sqlWatchedAfter,
	}
	var t kyc.Tenant
	for index, f := range map[string]kyc.SessionFilter{"session_ref": {ExternalRef: "x"}, "session_subject": {SubjectID: "x"}, "session_tenant": {}, "journey_archived": {Surface: kyc.SurfaceSteps}} {
		all[index], _ = readSession.listing(sessionsOf(t, f), kyc.Page{})
	}
	for index, f := range map[string]kyc.WatchedFilter{"watched_session": {SessionID: "x"}, "watched_subject": {SubjectID: "x", WatchID: "x"}} {
		all[index], _ = readWatched.listing(watchedOf(t, f), kyc.Page{})
	}
	return all
}
