package store

import (
	"strings"
	"time"

	"bonafide/kyc"
)

// kind is how one sort of object lies in its table: the common columns, the
// indexed ones, the document and, for personal data, the sealed part.
type kind struct {
	what  string
	table string
	// fixed says for each indexed column whether it keeps its first value:
	// an update compares it instead of writing it, which spares its indexes.
	fixed  []bool
	sealed bool
	// final says that an object is written once: no later revision is taken
	// and none is removed.
	final bool

	insert, update, remove *SQL
	// stale and conflict are the errors of a lost compare-and-set and of a
	// unique value. Commit hands out copies.
	stale, conflict error
}

// newKind makes a kind. A column that begins with = is fixed. taken is the code of the error when a unique value
// exists already; without one it can only be the row itself.
func newKind(what, table, taken string, sealed bool, cols ...string) *kind {
	k := &kind{what: what, table: table, fixed: make([]bool, len(cols)), sealed: sealed}
	names := []string{"id", "org_id", "env", "rev", "created_at", "updated_at"}
	sets, same := "rev = ?, updated_at = ?", ""
	for i, c := range cols {
		c, k.fixed[i] = strings.CutPrefix(c, "=")
		names = append(names, c)
		if k.fixed[i] {
			same += " AND " + c + " = ?"
		} else {
			sets += ", " + c + " = ?"
		}
	}
	names, sets = append(names, "doc"), sets+", doc = ?"
	if sealed {
		names, sets = append(names, "secret"), sets+", secret = ?"
	}
	k.insert = merging(NewSQL("INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + marks(len(names)) + ")"))
	k.update = merging(NewSQL("UPDATE " + table + " SET " + sets + " WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND rev = ?" + same))
	k.stale = kyc.Stale("the " + what)
	k.conflict = k.stale
	if taken != "" {
		k.conflict = kyc.Errorf(kyc.Conflict, taken, "another %s has this already", what)
	}
	k.remove = NewSQL("DELETE FROM " + table + " WHERE id = ? AND org_id || '' = ? AND env || '' = ?")
	return k
}

// written marks a kind whose objects are evidence: written once, then only
// read.
func written(k *kind) *kind {
	k.final = true
	return k
}

// errFinal is the answer to whoever wants to change or remove such an object.
func (k *kind) errFinal() error {
	return kyc.Errorf(kyc.Conflict, "written_once", "a %s is written once; it is neither changed nor removed", k.what)
}

// columns appends the values of the columns that are fixed, or of the others.
func (k *kind) columns(args, values []any, fixed bool) []any {
	for i, v := range values {
		if k.fixed[i] == fixed {
			args = append(args, v)
		}
	}
	return args
}

// place is what sealed bytes are tied to: table, column and object.
func (k *kind) place(id kyc.ID) string { return k.table + "|secret|" + string(id) }

// The kinds. The order of columns is the order of record.cols in encode.go.
var (
	kindOrg      = newKind("organisation", "org", "", false)
	kindUser     = newKind("user", "account", "email_taken", false, "email", "external")
	kindKey      = newKind("API key", "api_key", "prefix_taken", false, "prefix")
	kindWorkflow = newKind("workflow", "workflow", "slug_taken", false, "surface", "slug", "status", "is_default", "name", "template_type", "industry", "entity_types", "tags")
	kindVersion  = newKind("workflow version", "workflow_version", "", false, "=workflow_id", "=number")
	kindSubject  = newKind("subject", "subject", "external_ref_taken", true, "external_ref", "status", "merged_into")
	kindSession  = newKind("session", "session", "", true, "status", "=surface", "workflow_id", "external_ref", "=subject_id", "token_hash", "expires_at", "tags")
	kindUpload   = newKind("upload", "upload", "", false, "=session_id", "=subject_id")
	kindRun      = newKind("run", "run", "", false, "=session_id", "status", "due_at", "lease_owner")
	kindCase     = newKind("case", "review_case", "", true, "session_id", "status", "queue", "priority", "assigned_to", "entered_at", "active_at", "due_at", "reason_code")
	kindNote     = newKind("note", "note", "", true, "=case_id", "=subject_id")
	kindList     = newKind("list", "list", "", false, "type", "mode", "archived_at")
	kindListItem = newKind("list item", "list_item", "", true, "=list_id", "hash")
	kindEndpoint = newKind("webhook endpoint", "endpoint", "", true, "status", "events")
	kindDelivery = newKind("delivery", "delivery", "", true, "=event_id", "=endpoint_id", "=event_name", "state", "attempt", "due_at", "lease_owner")

	// The onboarding surface.
	kindJourney  = newKind("journey", "journey", "", true, "=subject_id", "=parent_id", "archived")
	kindTransfer = newKind("transfer", "transfer", "", true, "=session_id", "=subject_id", "expires_at")
	kindExam     = written(newKind("exam", "exam", "", true, "=session_id", "=subject_id", "=policy", "=input_hash"))
	kindRuling   = written(newKind("ruling", "ruling", "", true, "=session_id", "=subject_id"))
	kindWatch    = newKind("watchlist", "watch", "", true, "status", "frequency", "next_at", "tags")
	kindWatched  = newKind("watched party", "watched", "", true, "=watch_id", "=subject_id", "session_id", "tags")
	kindWatchRun = written(newKind("monitoring run", "watch_run", "", false, "=watch_id"))

	kindInquiry = newKind("inquiry", "inquiry", "", true, "=subject_id", "=external_ref", "result", "monitor", "next_at")

	// The entities surface.
	kindIndividual = newKind("individual", "individual", "", true, "deleted")
	kindPaper      = newKind("document", "entity_document", "", true, "=subject_id", "deleted")
	kindProfile    = newKind("service profile", "service_profile", "profile_exists", true, "=subject_id", "=service_name", "state", "monitored")
	kindExecution  = newKind("execution", "execution", "execution_running", true, "=subject_id", "=workflow_id", "=service_name", "state", "result", "started_at", "ended_at")
	kindProcess    = newKind("process result", "process_result", "", true, "=subject_id", "=execution_id", "=service_name", "=step_name", "=step_type", "=object_type",
		"=class", "=result", "=hit", "state", "system_status", "manual_status")
	kindMatchlist      = newKind("matchlist", "matchlist", "", false, "deleted")
	kindMatchlistEntry = newKind("matchlist entry", "matchlist_entry", "entry_exists", true, "=matchlist_id", "hash")
)

// micros is a time as it is stored; zero stays zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is a stored time.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// separator stands between and around the words of a column that holds
// several, so that one word is found as separator+word+separator.
const separator = "\x1f"

func joined(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return separator + strings.Join(words, separator) + separator
}
