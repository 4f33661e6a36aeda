package store

import (
	"context"

	"bonafide/kyc"
)

// The readers, one per kind.
var (
	readOrg      = newReader(kindOrg, nil, nil, metaOnly(func(v *kyc.Org) *kyc.Meta { return &v.Meta }))
	readUser     = newReader(kindUser, nil, nil, metaOnly(func(v *kyc.User) *kyc.Meta { return &v.Meta }))
	readWorkflow = newReader(kindWorkflow, nil, nil, metaOnly(func(v *kyc.Workflow) *kyc.Meta { return &v.Meta }))
	readVersion  = newReader(kindVersion, nil, nil, metaOnly(func(v *kyc.WorkflowVersion) *kyc.Meta { return &v.Meta }))
	readUpload   = newReader(kindUpload, nil, nil, func(_ context.Context, _ *DB, x *raw, v *kyc.Upload) error {
		v.Meta, v.Withheld = x.meta, x.kept != kyc.KeptReadable
		return nil
	})
	readList = newReader(kindList, nil, nil, metaOnly(func(v *kyc.List) *kyc.Meta { return &v.Meta }))

	readKey = newReader(kindKey, nil, []string{"last_used_at"}, func(_ context.Context, _ *DB, x *raw, v *kyc.APIKey) error {
		v.Meta, v.LastUsedAt = x.meta, moment(x.ints[0])
		return nil
	})

	readRun = newReader(kindRun, []string{"lease_owner"}, []string{"due_at"}, func(_ context.Context, _ *DB, x *raw, v *kyc.Run) error {
		v.Meta, v.LeaseOwner, v.DueAt = x.meta, x.texts[0], moment(x.ints[0])
		return nil
	})

	readSession = newReader(kindSession, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Session) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindSession, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.SessionData{Unreadable: true}
		}
		return err
	})

	readSubject = newReader(kindSubject, nil, []string{"look_at"}, func(ctx context.Context, db *DB, x *raw, v *kyc.Subject) error {
		v.Meta, v.LookAt = x.meta, moment(x.ints[0])
		unreadable, err := opened(ctx, db, kindSubject, x, v.ID, &v.Private)
		if unreadable {
			v.Private = kyc.SubjectData{Unreadable: true}
		}
		return err
	})

	readJourney = newReader(kindJourney, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Journey) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindJourney, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.JourneyData{Unreadable: true}
		}
		return err
	})

	readTransfer = newReader(kindTransfer, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Transfer) (err error) {
		v.Meta = x.meta
		v.Unreadable, err = opened(ctx, db, kindTransfer, x, v.SubjectID, &v.FileName)
		return err
	})

	readExam = newReader(kindExam, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Exam) (err error) {
		v.Meta = x.meta
		v.Unreadable, err = opened(ctx, db, kindExam, x, v.SubjectID, &v.Answer)
		return err
	})

	readRuling = newReader(kindRuling, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Ruling) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindRuling, x, v.SubjectID, &v.Words)
		if unreadable {
			v.Words = kyc.RulingWords{Unreadable: true}
		}
		return err
	})

	readWatch = newReader(kindWatch, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Watch) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindWatch, x, "", &v.Alert)
		return err
	})

	readWatched = newReader(kindWatched, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Watched) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindWatched, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.WatchedData{Unreadable: true}
		}
		return err
	})

	readInquiry = newReader(kindInquiry, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Inquiry) error {
		v.Meta = x.meta
		unreadable, err := opened(ctx, db, kindInquiry, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.InquiryData{Unreadable: true}
		}
		return err
	})

	readWatchRun = newReader(kindWatchRun, nil, nil, metaOnly(func(v *kyc.MonitorRun) *kyc.Meta { return &v.Meta }))

	readCase = newReader(kindCase, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Case) error {
		v.Meta = x.meta
		if len(x.secret) == 0 && x.kept == kyc.KeptReadable {
			return formerWords(ctx, db, x, v)
		}
		unreadable, err := opened(ctx, db, kindCase, x, v.SubjectID, &v.Private)
		if unreadable {
			v.Private = kyc.CaseData{Unreadable: true}
		}
		return err
	})

	readNote = newReader(kindNote, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Note) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindNote, x, v.SubjectID, &v.Text)
		return err
	})

	readListItem = newReader(kindListItem, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.ListItem) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindListItem, x, "", &v.Value)
		return err
	})

	readEndpoint = newReader(kindEndpoint, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.Endpoint) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindEndpoint, x, "", &v.Secrets)
		return err
	})

	readKeySet = newReader(kindKeySet, nil, nil, func(ctx context.Context, db *DB, x *raw, v *kyc.SignatureKeys) error {
		v.Meta = x.meta
		_, err := opened(ctx, db, kindKeySet, x, "", &v.Seeds)
		return err
	})

	readDelivery = newReader(kindDelivery, []string{"event_id", "endpoint_id", "event_name", "state"}, []string{"attempt", "due_at"},
		func(ctx context.Context, db *DB, x *raw, v *kyc.Delivery) (err error) {
			v.Meta = x.meta
			v.EventID, v.EndpointID, v.EventName, v.State = kyc.ID(x.texts[0]), kyc.ID(x.texts[1]), x.texts[2], kyc.DeliveryState(x.texts[3])
			v.Attempt, v.DueAt = int(x.ints[0]), moment(x.ints[1])
			var answers map[int]string
			v.Unreadable, err = opened(ctx, db, kindDelivery, x, v.SubjectID, &answers)
			for i := range v.Attempts {
				v.Attempts[i].Answer = answers[i]
			}
			return err
		})
)

// metaOnly finishes an object of which only the Meta has columns.
func metaOnly[T any](meta func(*T) *kyc.Meta) func(context.Context, *DB, *raw, *T) error {
	return func(_ context.Context, _ *DB, x *raw, v *T) error {
		*meta(v) = x.meta
		return nil
	}
}
