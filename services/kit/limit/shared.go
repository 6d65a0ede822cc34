package limit

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// take is what Local does, in microseconds of the server's clock. It answers with how long to wait, 0 when one was taken.
var take = redis.NewScript(`
local each, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + each
local wait = full - now - each * most
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
`)

// New makes the limiter of a process: one that shares its counts through a Redis, or one of its own without.
func New(r *redisdb.Client, name string, wall clock.Clock) Limiter {
	local := NewLocal(wall)
	if r == nil {
		return local
	}
	return &shared{redis: r, name: name, local: local}
}

// shared counts in Redis, and here as well: when Redis goes away, what was taken just before is not given again.
type shared struct {
	redis *redisdb.Client
	name  string
	local *Local
}

// Take implements Limiter.
func (s *shared) Take(ctx context.Context, key string, rate Rate) (time.Duration, bool) {
	if wait, ok := s.local.Take(ctx, key, rate); !ok {
		return wait, false // a flood at one replica does not even reach Redis
	}
	var wait int64
	err := s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) (err error) {
		// A key is the only one of its group, so that keys spread over a cluster.
		wait, err = take.Run(ctx, c, []string{s.redis.Key(s.name+":"+key, "full")}, rate.each().Microseconds(), max(1, rate.Most)).Int64()
		return err
	})
	if err != nil || wait <= 0 {
		return 0, true // Redis away: what this replica counts holds
	}
	return time.Duration(wait) * time.Microsecond, false
}
