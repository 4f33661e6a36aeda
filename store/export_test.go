package store

import (
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

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
		"inquiry_due": sqlInquiriesDue, "watch_due": sqlWatchesDue, "watched_watch": sqlWatchedAfter,
		"entity_document_subject": sqlPapers, "service_profile_subject": sqlProfileByName, "service_profile_monitored": sqlProfilesMonitored,
		"execution_running": sqlExecutionRunning,
		"session_ended":     sqlDue, "subject_look": sqlPeople,
	}
	var t kyc.Tenant
	all["console_session_token"], all["console_session_user"], all["second_factor_user"] = sqlConsoleSession, sqlConsoleSessions, sqlSecondFactor
	for index, f := range map[string]kyc.SessionFilter{"session_ref": {ExternalRef: "x"}, "session_subject": {SubjectID: "x"}, "session_tenant": {}, "journey_archived": {Surface: kyc.SurfaceSteps}} {
		all[index], _ = readSession.listing(sessionsOf(t, f), kyc.Page{})
	}
	for index, f := range map[string]kyc.WatchedFilter{"watched_session": {SessionID: "x"}, "watched_subject": {SubjectID: "x", WatchID: "x"}} {
		all[index], _ = readWatched.listing(watchedOf(t, f), kyc.Page{})
	}
	for index, f := range map[string]kyc.InquiryFilter{"inquiry_subject": {SubjectID: "x"}, "inquiry_ref": {ExternalRef: "x"}} {
		all[index], _ = readInquiry.listing(inquiriesOf(t, f), kyc.Page{})
	}
	all["subject_merged"], _ = readSubject.listing(subjectsOf(t, kyc.SubjectFilter{MergedInto: "x", Deactivated: true}), kyc.Page{After: "x"})
	all["review_case_quality"] = sqlQualityFacts
	all["backtest_due"] = sqlBacktestsDue
	all["backtest_workflow"], _ = readBacktestHead.listing(backtestsOf(t, kyc.BacktestFilter{WorkflowID: "x"}), kyc.Page{})
	all["event_subject"], _ = eventListing(eventsOf(t, kyc.EventFilter{SubjectID: "x", Object: "x"}), kyc.Page{})
	all["individual_tenant"], _ = readIndividual.listing(individualsOf(t, kyc.IndividualFilter{Oldest: true}), kyc.Page{})
	all["service_profile_service"], _ = readProfile.listing(profilesOf(t, kyc.ProfileFilter{ServiceName: "x"}), kyc.Page{})
	all["matchlist_entry_list"], _ = readMatchlistEntry.listing(matchlistEntriesOf(t, "x"), kyc.Page{After: "x"})
	for index, f := range map[string]kyc.ExecutionFilter{"execution_tenant": {}, "execution_updated": {UpdatedInstead: true}, "execution_subject": {SubjectID: "x", States: []string{"x"}},
		"execution_workflow": {WorkflowID: "x"}} {
		all[index], _ = readExecution.listing(executionsOf(t, f), kyc.Page{})
	}
	for index, f := range map[string]kyc.ProcessFilter{"process_result_execution": {ExecutionID: "x", SubjectID: "x"}, "process_result_hit": {SubjectID: "x", Hits: []string{"x", "y"}}} {
		all[index], _ = readProcess.listing(processOf(t, f), kyc.Page{})
	}
	return all
}

// OfSessions are the tables whose rows can be read only while their session can
// (marked), and those that wiping a session overwrites or empties (wiped).
func OfSessions() (marked, wiped map[string]bool) {
	marked, wiped = map[string]bool{}, map[string]bool{}
	for _, k := range []*kind{kindSession, kindSubject, kindUpload, kindCase, kindNote, kindDelivery, kindJourney, kindTransfer, kindExam, kindRuling, kindExecution, kindProcess, kindHitReview,
		kindFace, kindWatched} {
		marked[k.table] = k.mark != ""
	}
	for _, q := range slices.Concat(sqlWipeOwn, sqlWipePerson) {
		text := strings.TrimPrefix(strings.TrimPrefix(q.Text, "UPDATE "), "DELETE FROM ")
		table, _, _ := strings.Cut(text, " ")
		wiped[table] = true
	}
	return marked, wiped
}

// ProcessListings are lists of process results of an individual, by the index
// that must hold all they look at until the rows of the page are known. Each
// has all the filters that go with it.
func ProcessListings() map[string][]*SQL {
	some, now := []string{"x", "y"}, time.Unix(1, 0)
	full := kyc.ProcessFilter{SubjectID: "x", ServiceName: "x", StepNames: some, StepTypes: some, ObjectTypes: some, Classes: some, Results: some, States: some,
		SystemStatuses: some, ManualStatuses: some, CreatedFrom: now, CreatedTo: now, UpdatedFrom: now, UpdatedTo: now}
	updated := full
	updated.UpdatedInstead, updated.Oldest = true, true
	all := map[string][]*SQL{}
	for _, c := range []struct {
		index  string
		filter kyc.ProcessFilter
	}{
		{"process_result_subject", kyc.ProcessFilter{SubjectID: "x"}},
		{"process_result_subject", kyc.ProcessFilter{SubjectID: "x", Oldest: true}},
		{"process_result_subject", full},
		{"process_result_updated", updated},
		{"process_result_updated", kyc.ProcessFilter{SubjectID: "x", UpdatedInstead: true}},
		{"process_result_updated", kyc.ProcessFilter{SubjectID: "x", UpdatedInstead: true, Oldest: true, UpdatedFrom: now}},
	} {
		q, _ := readProcess.listing(processOf(kyc.Tenant{}, c.filter), kyc.Page{})
		all[c.index] = append(all[c.index], q)
	}
	return all
}

// WaitingQueries are the texts that list and count waiting cases.
func WaitingQueries(t kyc.Tenant, f kyc.WaitingFilter) []*SQL {
	list, _ := waitingListing(t, f, kyc.Page{Limit: 50})
	count, _ := waitingCount(t, f)
	return []*SQL{list, count}
}

// NextQuery is the text that finds the next case for somebody.
func NextQuery(queue string, beyond ...string) *SQL {
	q, _ := waitingListing(kyc.Tenant{}, nextOf(queue, beyond), kyc.Page{Limit: 20})
	return q
}

// QualityListing is the text that lists drawn cases.
func QualityListing(t kyc.Tenant, f kyc.QualityFilter) *SQL {
	q, _ := readCase.listing(qualityOf(t, f), kyc.Page{Limit: 10})
	return q
}

// CaseListing is the text that lists cases.
func CaseListing(t kyc.Tenant, f kyc.CaseFilter) *SQL {
	q, _ := readCase.listing(casesOf(t, f), kyc.Page{Limit: 10})
	return q
}
