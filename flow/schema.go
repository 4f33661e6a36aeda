package flow

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bonafide/kyc"
)

// Schemas keeps the compiled config schemas of checks between compilations,
// because compiling them costs more than everything else a compilation does.
// It is keyed by the schema's own bytes, so a changed catalog needs no new one;
// it grows with the number of different schemas it is shown. The zero value is
// ready; several compilations may use one at the same time.
type Schemas struct {
	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

// noLoader refuses references to other documents: a check's schema is whole,
// and this room reads nothing from outside.
type noLoader struct{}

// Load refuses.
func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("a config schema may not refer to %s", url)
}

// check validates a config and notes each problem with its JSON Pointer below
// the config. A schema that cannot be used refuses every config.
func (s *Schemas) check(spec kyc.CheckSpec, config any, note func(at, message string)) {
	if len(spec.ConfigSchema) == 0 {
		return
	}
	schema, err := s.get(spec)
	if err != nil {
		note("", "the check's own schema cannot be used, so no config can be accepted")
		return
	}
	err = schema.Validate(config)
	if err == nil {
		return
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		note("", "the config cannot be checked against its schema")
		return
	}
	for _, unit := range invalid.BasicOutput().Errors {
		if unit.Error != nil {
			note(unit.InstanceLocation, unit.Error.String())
		}
	}
}

func (s *Schemas) get(spec kyc.CheckSpec) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if schema, ok := s.compiled[string(spec.ConfigSchema)]; ok {
		return schema, nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(spec.ConfigSchema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.AssertFormat() // as the check itself does when it runs
	url := "check:" + spec.Name
	if err := c.AddResource(url, doc); err != nil {
		return nil, err
	}
	schema, err := c.Compile(url)
	if err != nil {
		return nil, err
	}
	if s.compiled == nil {
		s.compiled = map[string]*jsonschema.Schema{}
	}
	s.compiled[string(spec.ConfigSchema)] = schema
	return schema, nil
}
