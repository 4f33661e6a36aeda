package provider

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed protocol.json
var protocol []byte

// Schema is the published protocol of providers called "http", as JSON Schema
// 2020-12: $defs has NAME_request and NAME_answer for face_match,
// other_faces, age_estimation, liveness_create, liveness_result and document_ocr.
func Schema() []byte { return bytes.Clone(protocol) }

// definition compiles one definition of the protocol.
func definition(name string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(protocol))
	if err != nil {
		return nil, fmt.Errorf("reading the protocol: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.AssertFormat()
	const where = "bonafide:///provider"
	if err := c.AddResource(where, doc); err != nil {
		return nil, fmt.Errorf("adding the protocol: %w", err)
	}
	s, err := c.Compile(where + "#/$defs/" + name)
	if err != nil {
		return nil, fmt.Errorf("compiling %s of the protocol: %w", name, err)
	}
	return s, nil
}

// noLoader refuses every reference outside of the protocol.
type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("the protocol refers to no other document")
}
