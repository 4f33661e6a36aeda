package journey

import (
	"context"
	"maps"

	"bonafide/kyc"
)

// Enrich completes the data of a session's message when it is sent with what
// no event may hold: form_data by field_key (field_id where there is none) and
// the customer's metadata. What other rooms' events of the session lack
// (custom_tags of the pinned version, workflow_name, parent_session_id) is
// added as well. After the person's key was destroyed a replayed message goes
// without the personal part. Events about anything else are left alone.
func (m *Machine) Enrich(ctx context.Context, e kyc.Event, data map[string]any) error {
	if e.Surface != kyc.SurfaceSteps || e.Object != "session" || e.ObjectID == "" {
		return nil
	}
	s, err := m.d.Store.Session(ctx, e.Tenant, e.ObjectID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil //nolint:nilerr // the message goes as it is
		}
		return err
	}
	v, err := m.viewOf(ctx, s)
	if err != nil {
		return err
	}
	common := v.common()
	for _, key := range []string{"workflow_name", "workflow_version", "custom_tags", "parent_session_id"} {
		if _, there := data[key]; !there {
			if value, ok := common[key]; ok {
				data[key] = value
			}
		}
	}
	if alive(&v.session) != nil {
		return nil //nolint:nilerr // erased since
	}
	data["form_data"] = v.formData()
	metadata := maps.Clone(v.session.Private.Metadata)
	if metadata == nil {
		metadata = map[string]any{}
	}
	data["metadata"] = metadata
	return nil
}

// formData are the answers by portable key.
func (v *view) formData() map[string]any {
	out := map[string]any{}
	for _, f := range v.def.Fields() {
		value, ok := v.session.Private.Fields[f.FieldID]
		if !ok {
			continue
		}
		name := f.FieldKey
		if name == "" {
			name = f.FieldID
		}
		out[name] = value
	}
	return out
}
