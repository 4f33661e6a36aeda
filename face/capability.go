package face

import (
	"context"
	"os"

	"bonafide/model"
)

// Capability is one thing the engine can or cannot do here.
type Capability struct {
	Name      string `json:"name"` // onnxruntime, or the model's slot
	Available bool   `json:"available"`
	// Version is the library's version, or the model's name and fingerprint.
	Version string `json:"version,omitempty"`
	// Reason says why it is not available, Install how to get it.
	Reason  string `json:"reason,omitempty"`
	Install string `json:"install,omitempty"`
}

// Capabilities lists the library and the networks. With probe each of them is
// loaded, which says most; without, only their files are looked at, which is
// cheap enough to be asked every second.
func (e *Engine) Capabilities(ctx context.Context, probe bool) []Capability {
	out := []Capability{e.capableLibrary(probe)}
	for _, slot := range []string{model.FaceDetection, model.FaceTemplate, model.AntispoofA, model.AntispoofB, model.Age} {
		c := Capability{Name: slot}
		file, ok := e.o.Models.Find(slot)
		if ok {
			c.Available, c.Version = true, file.ID()
		} else {
			c.Reason = "the model is missing"
			for _, st := range e.o.Models.Status() {
				if st.Slot == slot && st.Status == "refused" {
					c.Reason = st.Reason
				}
			}
		}
		if ok && probe && out[0].Available {
			if _, err := e.net(ctx, slot); err != nil {
				c.Available, c.Reason = false, err.Message
			}
		}
		if !c.Available {
			c.Install = model.Install(slot)
		}
		out = append(out, c)
	}
	return out
}

func (e *Engine) capableLibrary(probe bool) Capability {
	c := Capability{Name: "onnxruntime"}
	e.mu.Lock()
	defer e.mu.Unlock()
	if probe && e.lib == nil {
		if _, err := e.library(); err != nil {
			c.Reason, c.Install = err.Message, InstallLibrary
			if !e.HasLibrary() {
				c.Reason = noLibrary // the error says the command, too
			}
			return c
		}
	}
	if e.lib != nil {
		c.Available, c.Version = true, e.lib.version
		return c
	}
	c.Available = e.HasLibrary()
	if !c.Available {
		c.Reason, c.Install = noLibrary, InstallLibrary
	}
	return c
}

const noLibrary = "ONNX Runtime's library is missing"

// HasLibrary reports whether there is a file that ONNX Runtime may be loaded from.
func (e *Engine) HasLibrary() bool {
	path := e.libraryPath()
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Mode().IsRegular()
}
