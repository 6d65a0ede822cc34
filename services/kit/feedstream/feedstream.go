// Package feedstream carries copies of a feed through a Redis stream, as a bell and a cache: who follows the feed is woken at once and need
// not ask its owner. The record stays the owner's database, the bookmark stays with whoever follows; a stream that is flushed, cut, behind or not
// there at all makes reading slower and nothing else.
//
// A Relay beside the store, in every replica, puts what is committed into the stream. Source reads it for a consumer of which every replica needs
// every event, Shared for one whose replicas share the work.
//
// It depends on redisdb, change, feed, feedrpc and the feed contract.
package feedstream

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/proto"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// field is the one field of an entry: an Event of the feed contract.
const field = "e"

// entryID is the place of a position in the stream. Redis refuses an id that is not greater than the last one, so an event is in the stream once,
// however many relays bring it.
func entryID(position int64) string { return strconv.FormatInt(position, 10) + "-0" }

// positionOf is the position of an entry's id; 0 of one that nobody here made.
func positionOf(id string) int64 {
	number, _, _ := strings.Cut(id, "-")
	position, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	return position
}

// keyOf is the key of a service's stream. It has the hash of the feed's first event in it: the same service of another installation, on the same
// Redis by mistake, has another stream, and never brings its events to ours.
func keyOf(ctx context.Context, r *redisdb.Client, service string, owner feed.Source) (string, error) {
	first, err := owner.Read(ctx, 0, 1, 0)
	if err != nil || len(first) == 0 {
		return "", err
	}
	if first[0].Position != 1 {
		return "", fmt.Errorf("the feed of %s begins at position %d", service, first[0].Position)
	}
	return r.Key("feed:"+service, hex.EncodeToString(first[0].Hash[:8])), nil
}

func encode(e *change.FeedEvent) ([]byte, error) { return proto.Marshal(feedrpc.ToProto(e)) }

// decode reads entries up to the first that is not an event at its place.
func decode(entries []redis.XMessage) []change.FeedEvent {
	events := make([]change.FeedEvent, 0, len(entries))
	for _, entry := range entries {
		text, ok := entry.Values[field].(string)
		in := &feedv1.Event{}
		if !ok || proto.Unmarshal([]byte(text), in) != nil {
			break
		}
		e, err := feedrpc.FromProto(in)
		if err != nil || e.Position != positionOf(entry.ID) {
			break
		}
		events = append(events, e)
	}
	return events
}

// newest is the last entry of a stream; false when there is none. One that is not an event has no position.
func newest(ctx context.Context, r *redisdb.Client, key string) (change.FeedEvent, bool, error) {
	var entries []redis.XMessage
	err := r.Do(ctx, func(ctx context.Context, c redis.Cmdable) (err error) {
		entries, err = c.XRevRangeN(ctx, key, "+", "-", 1).Result()
		return err
	})
	if err != nil {
		return change.FeedEvent{}, false, err
	}
	var last change.FeedEvent
	if events := decode(entries); len(events) > 0 {
		last = events[0]
	}
	return last, len(entries) > 0, nil
}

// consecutive is the beginning of some events that has no gap.
func consecutive(events []change.FeedEvent) []change.FeedEvent {
	for i := range events {
		if events[i].Position != events[0].Position+int64(i) {
			return events[:i]
		}
	}
	return events
}
