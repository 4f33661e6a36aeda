package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/kyc"
)

// Stream adds a route that answers with server-sent events (WHATWG HTML
// section 9.2). params are the names of the path's parameters with a sentence
// each. The handler is asked once; it sends events until it returns or the
// context ends, which it does when the caller goes away. An error before the
// first event is answered as a problem document; after it, the stream ends.
// Nothing is committed for a stream: handlers only read.
func (p *Porch) Stream(op Operation, params map[string]string, h func(ctx context.Context, r *http.Request, send func(Event) error) error) {
	described := p.describe(op)
	for name, doc := range params {
		described.Parameters = append(described.Parameters, &huma.Param{Name: name, In: "path", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	described.Responses["200"] = &huma.Response{Description: "Events, one after the other.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	p.API.OpenAPI().AddOperation(&described)
	p.routes[op.routePattern()] = true
	p.mux.HandleFunc(op.routePattern(), func(w http.ResponseWriter, r *http.Request) {
		x := exchangeFrom(r.Context())
		x.op = &op
		if err := p.admit(r.Context(), x, w, r); err != nil {
			p.refuse(w, x, err)
			return
		}
		begun := false
		control := http.NewResponseController(w)
		send := func(e Event) error {
			if !begun {
				begun = true
				w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
				w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects would turn progress into silence
				w.WriteHeader(http.StatusOK)
			}
			_ = control.SetWriteDeadline(time.Now().Add(streamTime)) // a writer without deadlines has none to break
			if err := e.write(w); err != nil {
				return err
			}
			return control.Flush()
		}
		ctx, stop := context.WithCancel(kyc.WithRequest(r.Context(), kyc.Request{ID: x.id}))
		defer stop()
		go func() {
			select {
			case <-p.closing:
				stop()
			case <-ctx.Done():
			}
		}()
		if err := h(ctx, r, send); err != nil && !begun {
			p.refuse(w, x, err)
		}
	})
	p.documented(op)
}

// CloseStreams ends every open stream, so that a server that stops need not
// wait for callers who would listen on. They come back to the next one.
func (p *Porch) CloseStreams() { p.close() }

// Closing is closed when the streams end, for those that pages open themselves.
func (p *Porch) Closing() <-chan struct{} { return p.closing }

// streamTime is how long one event may take to be sent.
const streamTime = 10 * time.Second

// Event is one server-sent event. An Event without a name and data is a
// comment that keeps the connection open.
type Event struct {
	ID   int64 // 0: none
	Name string
	Data any
}

func (e Event) write(w http.ResponseWriter) error {
	if e.Name == "" && e.Data == nil {
		_, err := fmt.Fprint(w, ": still here\n\n")
		return err
	}
	data, err := json.Marshal(e.Data) // no line breaks in it
	if err != nil {
		return err
	}
	id := ""
	if e.ID > 0 {
		id = "id: " + strconv.FormatInt(e.ID, 10) + "\n"
	}
	_, err = fmt.Fprintf(w, "%sevent: %s\ndata: %s\n\n", id, e.Name, data)
	return err
}
