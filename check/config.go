package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema writes the JSON Schema 2020-12 of a config object. properties is the
// inside of its "properties"; rest, when not empty, holds further keywords.
func schema(properties, rest string) json.RawMessage {
	if rest != "" {
		rest = "," + rest
	}
	return json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"properties":{` + properties + `}` + rest + `}`)
}

// compile prepares a schema. The schemas of the menu are constants, so an
// error is a mistake in this room that TestEverySchemaCompiles finds.
func compile(name string, raw json.RawMessage) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.AssertFormat()
	where := "check:///" + name
	if err := c.AddResource(where, doc); err != nil {
		return nil, fmt.Errorf("adding the schema of %s: %w", name, err)
	}
	s, err := c.Compile(where)
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", name, err)
	}
	return s, nil
}

// noLoader refuses every reference outside the schema itself, so that a
// customer's schema reaches neither files nor servers.
type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("references to other documents are not allowed")
}

// decode reads a config into a struct that holds the defaults. An absent or
// null config leaves them; an unknown name is an error.
func decode(raw json.RawMessage, into any) error {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || string(trimmed) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(trimmed))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the config object")
	}
	return nil
}

// validate checks a config against the compiled schema of its check and
// answers the first thing wrong with it, or "".
func validate(s *jsonschema.Schema, raw json.RawMessage) string {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || string(trimmed) == "null" {
		trimmed = []byte("{}")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(trimmed))
	if err != nil {
		return "it is not JSON"
	}
	err = s.Validate(doc)
	var v *jsonschema.ValidationError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &v):
		for len(v.Causes) > 0 {
			v = v.Causes[0]
		}
		return fmt.Sprintf("/%s does not fit keyword %s", strings.Join(v.InstanceLocation, "/"), strings.Join(v.ErrorKind.KeywordPath(), "/"))
	}
	return "it does not fit its schema"
}
