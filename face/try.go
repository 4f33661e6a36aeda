package face

import (
	"context"

	"bonafide/kyc"
	"bonafide/model"
)

// Try opens a network that somebody wants to add and runs it once on an empty
// picture, as its description says, so that one that cannot do its work is told of
// before it is stored. Errors: Invalid model_unreadable, where ONNX Runtime cannot
// open it, and model_unfit, where it takes or answers something else; Unavailable
// face_not_configured, where there is no ONNX Runtime, and face_timeout.
func (e *Engine) Try(ctx context.Context, entry model.Entry, b []byte) *kyc.Error {
	e.mu.Lock()
	lib, err := e.library()
	e.mu.Unlock()
	if err != nil {
		return err
	}
	opened, bad := newNet(lib, b, 1, 3, int64(entry.Input.Height), int64(entry.Input.Width))
	if bad != nil {
		return kyc.Errorf(kyc.Invalid, "model_unreadable", "ONNX Runtime %s cannot use it for %s: %w", lib.version, entry.Slot, bad)
	}
	defer opened.close()
	n := &loaded{opened, entry}
	if entry.Slot == model.FaceDetection {
		var out map[string][]float32
		if out, err = e.run(ctx, n, n.room()); err == nil {
			if _, bad := decode(out, entry.Input.Width); bad != nil {
				err = failed(bad)
			}
		}
	} else {
		_, err = e.one(ctx, n, n.room())
	}
	if err != nil && ctx.Err() == nil {
		return kyc.Errorf(kyc.Invalid, "model_unfit", "it does not do the work of %s on an empty picture: %s", entry.Slot, err.Message)
	}
	return err
}
