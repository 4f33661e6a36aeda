package kyc

import "context"

// EventFinder reads the audit chain.
type EventFinder interface {
	Events(ctx context.Context, t Tenant, f EventFilter, p Page) ([]Event, int, error)
}

// OneHand reports whether two words that must be two people's come from one: the
// same signed-in person, in whatever name, or a person once as themselves and
// once by an API key they made. Two words by keys are the customer's own system,
// which vouches for its people by name.
func OneHand(ctx context.Context, s EventFinder, t Tenant, first, second Actor) (bool, error) {
	key, user := second, first
	if key.Kind != ActorKey {
		key, user = user, key
	}
	switch {
	case user.Kind != ActorUser:
		return false, nil
	case key.Kind == ActorUser:
		return key.ID == user.ID, nil
	case key.Kind != ActorKey:
		return false, nil
	}
	made, _, err := s.Events(ctx, t, EventFilter{Object: "api_key", ObjectID: ID(key.ID), Action: "key.create"}, Page{Limit: 1})
	if err != nil {
		return false, err
	}
	for _, e := range made {
		if e.Actor.Kind == ActorUser && e.Actor.ID == user.ID {
			return true, nil
		}
	}
	return false, nil
}
