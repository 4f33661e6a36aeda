package face

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"

	"bonafide/kyc"
	"bonafide/model"
)

// The engine fills every port of this machine's own.
var (
	_ Comparer     = (*Engine)(nil)
	_ Spoofing     = (*Engine)(nil)
	_ AgeEstimator = (*Engine)(nil)
	_ Encoder      = (*Engine)(nil)
)

// Local is the provider's name in what the engine answers.
const Local = "local"

// InstallLibrary says how to get ONNX Runtime.
const InstallLibrary = "make tools (or: npm install --ignore-scripts onnxruntime-node@1.30.0 and --onnxruntime FILE)"

// Options of an engine.
type Options struct {
	// Models finds the networks; nil: there are none.
	Models *model.Store
	// Library is ONNX Runtime's shared library; empty: it is looked for in
	// Dirs, beside the program and where operating systems keep libraries.
	Library string
	Dirs    []string
	// Cores is how many networks may run at one time; 0 means the number of
	// processors Go may use.
	Cores int
}

// Engine looks at faces with networks on this machine. The library and each
// network are loaded when they are first needed and stay loaded until Close.
// It is safe for parallel use.
type Engine struct {
	o     Options
	slots *semaphore.Weighted

	mu     sync.Mutex
	lib    *library
	nets   map[string]*loaded
	closed bool
	busy   sync.WaitGroup
}

// loaded is a network with its row of the manifest.
type loaded struct {
	*net
	entry model.Entry
}

// Open makes an engine. It never fails: what is missing shows in Capabilities
// and when it is needed (Unavailable face_not_configured, whose message holds
// the command that installs it).
func Open(o Options) *Engine {
	if o.Cores <= 0 {
		o.Cores = runtime.GOMAXPROCS(0)
	}
	if o.Models == nil {
		o.Models = model.Open()
	}
	return &Engine{o: o, slots: semaphore.NewWeighted(int64(o.Cores)), nets: map[string]*loaded{}}
}

// Close waits for what runs and frees the networks. The engine answers
// Unavailable afterwards.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.busy.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	for slot, n := range e.nets {
		n.close()
		delete(e.nets, slot)
	}
}

// net gives the network of a slot.
func (e *Engine) net(ctx context.Context, slot string) (*loaded, *kyc.Error) {
	if err := ctx.Err(); err != nil {
		return nil, stopped(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, kyc.Errorf(kyc.Unavailable, "face_closed", "the face engine is shutting down")
	}
	if n, ok := e.nets[slot]; ok {
		return n, nil
	}
	lib, err := e.library()
	if err != nil {
		return nil, err
	}
	file, ok := e.o.Models.Find(slot)
	if !ok {
		return nil, kyc.Errorf(kyc.Unavailable, "face_not_configured", "the model for %s is missing; install it with: %s", slot, model.Install(slot))
	}
	bytes, err := file.Bytes()
	if err != nil {
		return nil, notConfigured(err)
	}
	n, bad := newNet(lib, bytes, 1, 3, int64(file.Input.Height), int64(file.Input.Width))
	if bad != nil {
		return nil, notConfigured(bad)
	}
	e.nets[slot] = &loaded{n, file.Entry}
	return e.nets[slot], nil
}

// library loads ONNX Runtime once; a failure is tried again at the next call,
// so that an installation needs no restart. The caller holds mu.
func (e *Engine) library() (*library, *kyc.Error) {
	if e.lib != nil {
		return e.lib, nil
	}
	path := e.libraryPath()
	if path == "" {
		return nil, kyc.Errorf(kyc.Unavailable, "face_not_configured", "ONNX Runtime is missing; install it with: %s", InstallLibrary)
	}
	lib, err := loadLibrary(path)
	if err != nil {
		return nil, notConfigured(err)
	}
	e.lib = lib
	return lib, nil
}

func (e *Engine) libraryPath() string {
	if e.o.Library != "" {
		return e.o.Library
	}
	return findLibrary(e.o.Dirs...)
}

// run runs a network when a processor is free.
func (e *Engine) run(ctx context.Context, n *loaded, in []float32) (map[string][]float32, *kyc.Error) {
	if err := e.slots.Acquire(ctx, 1); err != nil {
		return nil, stopped(err)
	}
	defer e.slots.Release(1)
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, kyc.Errorf(kyc.Unavailable, "face_closed", "the face engine is shutting down")
	}
	e.busy.Add(1)
	e.mu.Unlock()
	defer e.busy.Done()
	out, err := n.run(in)
	if err != nil {
		return nil, failed(err)
	}
	return out, nil
}

// one runs a network that answers one row of numbers and holds it to the
// manifest.
func (e *Engine) one(ctx context.Context, n *loaded, in []float32) ([]float32, *kyc.Error) {
	n.center(in)
	out, err := e.run(ctx, n, in)
	if err != nil {
		return nil, err
	}
	row := out[n.names[0]]
	if len(row) != n.entry.Output.Size {
		return nil, failed(errors.New("the answer of " + n.entry.Name + " has another shape"))
	}
	for _, v := range row {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, failed(errors.New("the answer of " + n.entry.Name + " is no number"))
		}
	}
	return row, nil
}

// order is where red, green and blue go.
func (n *loaded) order() [3]int {
	if n.entry.Input.Color == "bgr" {
		return [3]int{2, 1, 0}
	}
	return [3]int{0, 1, 2}
}

// center takes the network's mean away.
func (n *loaded) center(in []float32) {
	plane := len(in) / 3
	for c, m := range n.entry.Input.Mean {
		for i := range plane {
			in[c*plane+i] -= m
		}
	}
}

// room makes the input of a network.
func (n *loaded) room() []float32 { return make([]float32, n.size) }

func (n *loaded) made() Made { return Made{Provider: Local, Model: n.entry.ID()} }

// failed is a network that could not be run; it may be tried again.
func failed(err error) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, "face_failed", "the face engine failed: %w", err)
}

func notConfigured(err error) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, "face_not_configured", "the face engine cannot be used: %w", err)
}

// stopped is the answer when the caller went away or the time was over.
func stopped(err error) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, "face_timeout", "looking at the face was stopped; it may be tried again: %w", err)
}
