package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"bonafide/checklist"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/procedure"
)

// Formats of a version's source: a graph, the list form of surface D, the
// ordered steps of surface A, the checklist of B or the procedure of C.
const (
	FormatGraph      = "graph"
	FormatSteps      = "steps"
	FormatOnboarding = "onboarding"
	FormatChecklist  = checklist.Format
	FormatProcedure  = "procedure"
)

// compiled reports whether a format has no document besides the graph it
// compiles to.
func compiled(format string) bool {
	return format == FormatOnboarding || format == FormatChecklist || format == FormatProcedure
}

// compiler turns stored versions into graphs the engine can trust. A version
// is immutable, so its compilation is cached by its id and the mandatory
// policies; one that links a subworkflow is compiled anew each time, because
// "latest_published" may have moved.
type compiler struct {
	store   WorkflowStore
	catalog map[string]kyc.CheckSpec
	cache   *lru.Cache[string, *flow.Compiled]
	schemas *flow.Schemas
}

func newCompiler(store WorkflowStore, catalog map[string]kyc.CheckSpec) *compiler {
	cache, _ := lru.New[string, *flow.Compiled](256) // fails only for a size below 1
	return &compiler{store: store, catalog: catalog, cache: cache, schemas: &flow.Schemas{}}
}

// version compiles a stored version under an organisation's settings.
func (c *compiler) version(ctx context.Context, v *kyc.WorkflowVersion, settings kyc.Settings) (*flow.Compiled, Document, error) {
	key := string(v.ID) + "|" + strings.Join(settings.MandatoryPolicies, ",")
	if v.Format == FormatChecklist {
		key += "|" + settings.Checks.AutoDecision + "|" + settings.Checks.ExpiryPolicy
	}
	got, cached := c.cache.Get(key)
	if cached && compiled(v.Format) {
		return got, Document{}, nil
	}
	doc, err := readDocument(v, settings)
	if err != nil {
		return nil, doc, err
	}
	if cached {
		return got, doc, nil
	}
	compiled, report, linked := c.compile(ctx, v.Tenant, doc, settings.MandatoryPolicies, v.WorkflowID, false)
	if err := report.Err(); err != nil {
		return nil, doc, err
	}
	if !linked {
		c.cache.Add(key, compiled)
	}
	return compiled, doc, nil
}

// readDocument gives the document of a version. The definition of another
// surface becomes the graph it stands for: the mandatory checks are part of it,
// because it knows whom they are to ask about.
func readDocument(v *kyc.WorkflowVersion, settings kyc.Settings) (Document, error) {
	var doc Document
	var err error
	switch v.Format {
	case FormatOnboarding:
		d, report := onboarding.Parse(v.Source, onboarding.ParseOptions{Lenient: true})
		if err = report.Err(); err == nil {
			doc.Graph = onboarding.Compile(d, onboarding.CompileOptions{Mandatory: settings.MandatoryPolicies})
		}
	case FormatChecklist:
		var d *checklist.Definition
		if d, err = checklist.Read(v.Source); err == nil {
			doc.Graph = checklist.Compile(d, checklist.CompileOptions{Mandatory: settings.MandatoryPolicies,
				Auto: settings.Checks.AutoDecision, ExpiryPolicy: settings.Checks.ExpiryPolicy})
		}
	case FormatProcedure:
		var d *procedure.Definition
		if d, err = procedure.Read(v.Source); err == nil {
			doc.Graph = procedure.Compile(d, procedure.CompileOptions{Mandatory: settings.MandatoryPolicies})
		}
	default:
		err = json.Unmarshal(v.Source, &doc)
	}
	if err != nil {
		return doc, kyc.Errorf(kyc.Internal, "bad_definition", "reading version %d: %w", v.Number, err)
	}
	return doc, nil
}

// compile checks a document and links what it refers to; linked reports
// whether another workflow was read.
func (c *compiler) compile(ctx context.Context, t kyc.Tenant, doc Document, mandatory []string, self kyc.ID, lenient bool) (*flow.Compiled, flow.Report, bool) {
	graph, at, problems := doc.graph()
	if len(problems) > 0 {
		return nil, flow.Report{Errors: problems}, false
	}
	linked := false
	o := flow.Options{Catalog: c.catalog, Requirements: doc.DataRequirements, Mandatory: mandatory, Lenient: lenient, Schemas: c.schemas}
	if present(doc.ScreeningSettings) { // a screening that the author did not draw obeys them too
		o.MandatoryConfig = map[string]json.RawMessage{"watchlist_screening": doc.ScreeningSettings}
	}
	if self != "" {
		o.Self = kyc.Dress("workflow", self)
	}
	o.Resolve = func(workflowID, version string) (json.RawMessage, string, error) {
		linked = true
		return c.resolve(ctx, t, self, workflowID, version)
	}
	compiled, report := flow.Compile(graph, o)
	report.Errors, report.Warnings = rooted(report.Errors, at), rooted(report.Warnings, at)
	return compiled, report, linked
}

// rooted makes the pointers of a graph's problems point into the whole body.
func rooted(problems []kyc.Problem, at string) []kyc.Problem {
	out := slices.Clone(problems)
	for i := range out {
		if !strings.HasPrefix(out[i].Path, "/data_requirements") {
			out[i].Path = at + out[i].Path
		}
	}
	return out
}

// graph gives the graph of a document, whichever way it was submitted, and
// where in the body it stood. Screening settings become defaults of the
// configuration of each watchlist check.
func (d Document) graph() (graph json.RawMessage, at string, problems []kyc.Problem) {
	switch {
	case present(d.Graph) && present(d.Steps):
		return nil, "", []kyc.Problem{{Path: "/steps", Code: "graph_and_steps", Message: "send a graph or steps, not both"}}
	case present(d.Graph):
		graph, at = d.Graph, "/graph"
	case present(d.Steps):
		graph, problems = flow.FromSteps(d.Steps)
		at = "/graph"
		if len(problems) > 0 {
			return nil, "", problems
		}
	default:
		return nil, "", []kyc.Problem{{Path: "/graph", Code: "graph_missing", Message: "a workflow needs a graph"}}
	}
	if present(d.ScreeningSettings) {
		graph, problems = withScreening(graph, d.ScreeningSettings)
	}
	return graph, at, problems
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// withScreening lays the screening settings under the configuration of each
// watchlist_screening node; what the node says itself wins. A graph that
// cannot be read is left to the compiler to complain about.
func withScreening(graph, settings json.RawMessage) (json.RawMessage, []kyc.Problem) {
	var defaults map[string]json.RawMessage
	if err := json.Unmarshal(settings, &defaults); err != nil {
		return graph, []kyc.Problem{{Path: "/screening_settings", Code: "not_an_object", Message: "screening_settings is an object: the configuration of watchlist_screening"}}
	}
	var top map[string]json.RawMessage
	var nodes map[string]map[string]json.RawMessage
	if json.Unmarshal(graph, &top) != nil || json.Unmarshal(top["nodes"], &nodes) != nil {
		return graph, nil
	}
	changed := false
	for _, node := range nodes {
		if string(node["policy"]) != `"watchlist_screening"` {
			continue
		}
		config := map[string]json.RawMessage{}
		if present(node["config"]) && json.Unmarshal(node["config"], &config) != nil {
			continue
		}
		for k, v := range defaults {
			if _, own := config[k]; !own {
				config[k] = v
			}
		}
		node["config"] = encode(config)
		changed = true
	}
	if !changed {
		return graph, nil
	}
	top["nodes"] = encode(nodes)
	return encode(top), nil
}

// encode marshals plain maps and structs of JSON, which cannot fail. "<" and
// "&" stay as they are: they are operators in a graph, not HTML.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimSpace(b.Bytes())
}

// resolve reads the graph of a subworkflow: a published version by number, or
// the one in force.
func (c *compiler) resolve(ctx context.Context, t kyc.Tenant, self kyc.ID, workflowID, version string) (json.RawMessage, string, error) {
	id, ok := kyc.Undress("workflow", workflowID)
	if !ok {
		return nil, "", kyc.Missing("workflow", workflowID)
	}
	if id == self && self != "" {
		return nil, "", kyc.Errorf(kyc.Invalid, "subworkflow_recursion", "a workflow cannot contain itself")
	}
	w, err := c.store.Workflow(ctx, t, id)
	if err != nil {
		return nil, "", err
	}
	number := w.Published
	if version != "" && version != "latest_published" {
		number, err = strconv.Atoi(strings.TrimPrefix(version, "v"))
		if err != nil {
			return nil, "", kyc.Errorf(kyc.Invalid, "unknown_version", "version is a number or latest_published")
		}
	}
	if number == 0 || w.Status == kyc.WorkflowDeleted {
		return nil, "", kyc.Errorf(kyc.Invalid, "workflow_not_published", "the subworkflow was never published")
	}
	v, err := c.store.Version(ctx, t, id, number)
	if err != nil {
		return nil, "", err
	}
	if v.PublishedAt.IsZero() {
		return nil, "", kyc.Errorf(kyc.Invalid, "workflow_not_published", "version %d of the subworkflow was never published", number)
	}
	doc, err := readDocument(&v, kyc.Settings{})
	if err != nil {
		return nil, "", err
	}
	graph, _, problems := doc.graph()
	if len(problems) > 0 {
		return nil, "", fmt.Errorf("reading the subworkflow: %s", problems[0].Message)
	}
	return graph, strconv.Itoa(number), nil
}
