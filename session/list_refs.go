package session

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonafide/flow"
	"bonafide/kyc"
)

// absentLists warns of lists that a graph names and that are not here, or
// archived. It is no error: drafts may be made before their lists, and a run
// that meets such a list ends in review, never in a pass.
func (m *Workflows) absentLists(ctx context.Context, t kyc.Tenant, c *flow.Compiled) ([]kyc.Problem, error) {
	if c == nil {
		return nil, nil
	}
	var out []kyc.Problem
	for _, node := range slices.Sorted(maps.Keys(c.Nodes)) {
		n := c.Nodes[node]
		if n.Policy != "check_against_list" || strings.Contains(node, "/") { // a subworkflow's own matter
			continue
		}
		var config struct {
			ListIDs []string `json:"list_ids"`
		}
		if len(n.Config) > 0 && json.Unmarshal(n.Config, &config) != nil {
			continue // the compiler has complained
		}
		for i, name := range config.ListIDs {
			code, message := "list_not_found", "there is no such list here; the check will not pass"
			if id, ok := kyc.Undress("list", name); ok {
				l, err := m.d.Store.List(ctx, t, id)
				switch {
				case err != nil && kyc.KindOf(err) != kyc.NotFound:
					return nil, err
				case err == nil && l.ArchivedAt.IsZero():
					continue
				case err == nil:
					code, message = "list_archived", "the list is archived; restore it, or the check will not pass"
				}
			}
			out = append(out, kyc.Problem{Path: fmt.Sprintf("/graph/nodes/%s/config/list_ids/%d", node, i), Code: code, Message: message, Node: node})
		}
	}
	return out, nil
}
