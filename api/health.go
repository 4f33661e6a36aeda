package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"bonafide/kyc"
)

// own adds the porch's own routes: health, metrics, the OpenAPI document and
// its page.
func (p *Porch) own(metrics http.Handler, healthOnly bool) {
	p.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	p.mux.HandleFunc("GET /readyz", p.readyz)
	if metrics != nil {
		p.mux.Handle("GET /metrics", metrics)
	}
	if healthOnly {
		return
	}
	p.mux.HandleFunc("GET /openapi.json", p.serveJSON)
	p.mux.HandleFunc("GET /docs", p.servePage)
}

// Capability is one thing this installation can or cannot do.
type Capability struct {
	Area      string `json:"area"` // documents, faces, chips, screening, providers
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Version   string `json:"version,omitempty"`
	// Reason says why it is not available or what is wrong with it, Install
	// which command changes that.
	Reason  string `json:"reason,omitempty"`
	Install string `json:"install,omitempty"`
}

// readyTime is how long all conditions together may think.
const readyTime = 3 * time.Second

// readyz answers 200 when every condition holds, 503 with the reasons
// otherwise. The reasons are our own words, not the errors' causes. What the
// installation can and cannot do is listed for information.
func (p *Porch) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	type reason struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	}
	reasons := []reason{}
	for _, c := range p.ready {
		if err := c.Check(ctx); err != nil {
			e := kyc.AsError(err)
			message := e.Message
			if e.Kind == kyc.Internal {
				message = "not ready; the log says why"
				p.log.Warn("not ready", "condition", c.Name, "error", err)
			}
			reasons = append(reasons, reason{c.Name, message})
		}
	}
	if len(reasons) > 0 {
		answerJSON(w, http.StatusServiceUnavailable, map[string]any{"status": "not_ready", "reasons": reasons})
		return
	}
	able := []Capability{}
	if p.capabilities != nil {
		able = p.capabilities(ctx)
	}
	answerJSON(w, http.StatusOK, map[string]any{"status": "ready", "reasons": reasons, "capabilities": able})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a caller who has gone away cannot be told
}
