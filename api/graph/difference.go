package graph

import (
	"encoding/json"

	"bonafide/flow"
)

type fieldChange struct {
	Path string          `json:"path" doc:"JSON Pointer below the node or section."`
	Old  json.RawMessage `json:"old,omitempty" doc:"Value before; absent when it is new."`
	New  json.RawMessage `json:"new,omitempty" doc:"Value after; absent when it is gone."`
}

type nodeChange struct {
	ID     string        `json:"id" doc:"The node."`
	Fields []fieldChange `json:"fields" doc:"What changed in it." nullable:"false"`
}

type routeChange struct {
	Node  string `json:"node" doc:"The node it leaves."`
	Label string `json:"label" doc:"Which route." example:"on_pass"`
	Old   string `json:"old,omitempty" doc:"Where it led; absent when it is new."`
	New   string `json:"new,omitempty" doc:"Where it leads; absent when it is gone."`
}

type difference struct {
	FromVersion      *int          `json:"from_version" doc:"Version in force; null when there is none."`
	ToVersion        int           `json:"to_version" doc:"The draft's version."`
	IsSame           bool          `json:"is_same" doc:"Whether nothing changed that the hash would notice."`
	NodesAdded       []string      `json:"nodes_added" doc:"Ids of new nodes." nullable:"false"`
	NodesRemoved     []string      `json:"nodes_removed" doc:"Ids of nodes that are gone." nullable:"false"`
	NodesChanged     []nodeChange  `json:"nodes_changed" doc:"Nodes that both have and that differ, field by field." nullable:"false"`
	Routes           []routeChange `json:"routes" doc:"Edges that lead elsewhere, are new or gone." nullable:"false"`
	Definition       []fieldChange `json:"definition" doc:"Changes outside the nodes, such as the entry." nullable:"false"`
	DataRequirements []fieldChange `json:"data_requirements" doc:"Changes of what capture collects." nullable:"false"`
}

func showDifference(d flow.Difference) difference {
	fields := func(list []flow.FieldChange) []fieldChange {
		return all(list, func(f flow.FieldChange) fieldChange { return fieldChange(f) }).Body.Data
	}
	return difference{
		IsSame: d.Same(), NodesAdded: words(d.NodesAdded), NodesRemoved: words(d.NodesRemoved),
		NodesChanged:     all(d.NodesChanged, func(n flow.NodeChange) nodeChange { return nodeChange{n.ID, fields(n.Fields)} }).Body.Data,
		Routes:           all(d.Routes, func(r flow.RouteChange) routeChange { return routeChange(r) }).Body.Data,
		Definition:       fields(d.Definition),
		DataRequirements: fields(d.Requirements),
	}
}
