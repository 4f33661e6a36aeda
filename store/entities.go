package store

import (
	"context"

	"bonafide/kyc"
)

type (
	individualDoc struct {
		bare
		*kyc.Individual
	}
	paperDoc struct {
		bare
		*kyc.EntityDocument
	}
	profileDoc struct {
		bare
		*kyc.ServiceProfile
	}
	executionDoc struct {
		bare
		*kyc.Execution
	}
	processDoc struct {
		bare
		*kyc.ProcessResult
	}
	matchlistDoc struct {
		bare
		*kyc.Matchlist
	}
	matchlistEntryDoc struct {
		bare
		*kyc.MatchlistEntry
	}
)

// encodeEntities takes an object of the entities surface apart.
func encodeEntities(o kyc.Object) (record, error) {
	switch v := o.(type) {
	case *kyc.Individual:
		return record{kind: kindIndividual, doc: individualDoc{Individual: v}, secret: &v.Private, owner: v.ID, gone: v.Private.Unreadable,
			cols: []any{flag(v.State == kyc.EntityDeleted)}}, nil
	case *kyc.EntityDocument:
		return record{kind: kindPaper, doc: paperDoc{EntityDocument: v}, secret: &v.Private, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), flag(!v.DeletedAt.IsZero())}}, nil
	case *kyc.ServiceProfile:
		r := record{kind: kindProfile, doc: profileDoc{ServiceProfile: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), v.ServiceName, v.State, flag(monitored(v))}}
		if v.Private.CustomerReference != "" {
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.Execution:
		r := record{kind: kindExecution, doc: executionDoc{Execution: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), string(v.WorkflowID), v.ServiceName, v.State, v.Result, micros(v.StartedAt), micros(v.EndedAt)}}
		if v.Private.Comment != "" || len(v.Private.Overrides)+len(v.Private.Issues) > 0 { // most run without a word
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.ProcessResult:
		r := record{kind: kindProcess, doc: processDoc{ProcessResult: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), string(v.ExecutionID), v.ServiceName, v.StepName, v.StepType, v.ObjectType,
				v.Class, v.Result, v.Hit, v.State, v.SystemStatus, v.ManualWord()}}
		if len(v.Private.Supplementary)+len(v.Private.Notes)+len(v.Private.Comments) > 0 {
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.Matchlist:
		return record{kind: kindMatchlist, doc: matchlistDoc{Matchlist: v}, cols: []any{flag(!v.DeletedAt.IsZero())}}, nil
	case *kyc.MatchlistEntry:
		return record{kind: kindMatchlistEntry, doc: matchlistEntryDoc{MatchlistEntry: v}, secret: &v.Private, cols: []any{string(v.MatchlistID), v.Hash}}, nil
	}
	return encodeConsole(o)
}

// monitored says that the service profile has a monitoring that is on.
func monitored(p *kyc.ServiceProfile) bool {
	for i := range p.Subscriptions {
		if p.Subscriptions[i].Enabled {
			return true
		}
	}
	return false
}

// The readers of the entities surface.
var (
	readIndividual = newReader(kindIndividual, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Individual) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindIndividual, x, v.ID, &v.Private)
		if unreadable {
			v.Private = kyc.IndividualData{Unreadable: true}
		}
		return err
	})

	readPaper = newReader(kindPaper, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.EntityDocument) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindPaper, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.EntityDocumentData{Unreadable: true}
		}
		return err
	})

	readProfile = newReader(kindProfile, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.ServiceProfile) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindProfile, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.ServiceProfileData{Unreadable: true}
		}
		return err
	})

	readExecution = newReader(kindExecution, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Execution) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindExecution, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.ExecutionWords{Unreadable: true}
		}
		return err
	})

	readProcess = newReader(kindProcess, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.ProcessResult) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindProcess, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.ProcessData{Unreadable: true}
		}
		return err
	})

	readMatchlist = newReader(kindMatchlist, nil, nil, metaOnly(func(v *kyc.Matchlist) *kyc.Meta { return &v.Meta }))

	readMatchlistEntry = newReader(kindMatchlistEntry, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.MatchlistEntry) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindMatchlistEntry, x, "", &v.Private)
		return err
	})
)
