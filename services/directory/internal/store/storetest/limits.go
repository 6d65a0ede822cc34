package storetest

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func (s *suite) challenge() session.Challenge {
	s.t.Helper()
	x := session.Challenge{City: city, ID: session.NewChallenge(), Phone: "13800000001", CodeMac: []byte("mac"), Expires: s.wall.Now().Add(session.CodeLife)}
	s.must(s.commit(func(c *change.Change) { store.AddChallenge(c, x) }))
	return x
}

func codes(s *suite) {
	ctx := s.t.Context()
	_, err := s.Challenge(ctx, city, "none")
	s.wants(err, store.ErrNotFound)
	x := s.challenge()
	got, err := s.Challenge(ctx, city, x.ID)
	s.must(err)
	s.same(got, x)
	s.must(s.commit(func(c *change.Change) { store.CountTry(c, x) }))
	s.wants(s.commit(func(c *change.Change) { store.CountTry(c, x) }), change.ErrConflict)
	s.wants(s.commit(func(c *change.Change) { store.UseChallenge(c, x) }), change.ErrConflict)
	x.Tries = 1
	s.must(s.commit(func(c *change.Change) { store.UseChallenge(c, x) }))
	_, err = s.Challenge(ctx, city, x.ID)
	s.wants(err, store.ErrNotFound)

	x = s.challenge()
	s.must(s.Commit(ctx, store.Sweep(x.Expires.Add(time.Microsecond))))
	_, err = s.Challenge(ctx, city, x.ID)
	s.wants(err, store.ErrNotFound)
}

func oneCode(s *suite) {
	x := s.challenge()
	won := s.race(16, func(int) error { return s.commit(func(c *change.Change) { store.UseChallenge(c, x) }) }, change.ErrConflict)
	s.same(won, int64(1))
}

func limits(s *suite) {
	ctx := s.t.Context()
	l, err := s.Limit(ctx, city, "kind", []byte("subject"))
	s.must(err)
	s.same(l, store.Limit{City: city, Kind: "kind", Subject: []byte("subject")})
	l.Count, l.Last, l.Log, l.Expires = 3, s.wall.Now(), session.Log{s.wall.Now(), s.wall.Now().Add(time.Second)}, s.wall.Now().Add(time.Hour)
	won := s.race(8, func(int) error {
		return s.commit(func(c *change.Change) { s.must(store.SaveLimit(c, l)) })
	}, change.ErrConflict)
	s.same(won, int64(1))
	l.Version = 1
	got, err := s.Limit(ctx, city, "kind", []byte("subject"))
	s.must(err)
	s.same(got, l)
	l.Count, l.Log = 4, nil
	won = s.race(8, func(int) error {
		return s.commit(func(c *change.Change) { s.must(store.SaveLimit(c, l)) })
	}, change.ErrConflict)
	s.same(won, int64(1))
	s.must(s.commit(func(c *change.Change) { store.CountBack(c, l) }))
	got, err = s.Limit(ctx, city, "kind", []byte("subject"))
	s.must(err)
	l.Count, l.Version = 3, 3
	s.same(got, l)
	s.must(s.commit(func(c *change.Change) { store.ForgetLimit(c, l) }))
	got, err = s.Limit(ctx, city, "kind", []byte("subject"))
	s.must(err)
	s.same(got.Version, int64(0))
}

// crowd: of forty who come at once, exactly as many as allowed get through, and a refused one leaves nothing behind.
func crowd(s *suite) {
	const most = 7
	won := s.race(40, func(i int) error {
		return s.commit(func(c *change.Change) {
			store.CountUpTo(c, store.Limit{City: city, Kind: "own", Subject: []byte{byte(i)}, Last: s.wall.Now(), Expires: s.wall.Now()}, 1)
			store.CountUpTo(c, store.Limit{City: city, Kind: "all", Subject: []byte("x"), Last: s.wall.Now(), Expires: s.wall.Now()}, most)
		})
	}, change.ErrConflict, change.ErrStale)
	var own, all int64
	s.must(s.DB().QueryRow(context.Background(), `SELECT count(*) FROM limits WHERE kind = 'own'`).Scan(&own))
	s.must(s.DB().QueryRow(context.Background(), `SELECT count FROM limits WHERE kind = 'all'`).Scan(&all))
	if won != most || own != most || all != most {
		s.t.Errorf("%d got through, %d left a trace, %d were counted; want %d", won, own, all, most)
	}
}

func revocations(s *suite) {
	ctx := s.t.Context()
	p := s.person("13800000001")
	s.must(s.commit(func(c *change.Change) {
		s.must(store.Revoke(c, &p, "s1", s.wall.Now(), s.wall.Now(), "system/test"))
		s.must(store.Revoke(c, &p, "", s.wall.Now(), s.wall.Now(), "system/test"))
	}))
	s.wall.Advance(time.Minute)
	s.must(s.commit(func(c *change.Change) { s.must(store.Revoke(c, &p, "s1", s.wall.Now(), s.wall.Now(), "system/test")) }))
	got, err := s.Revocations(ctx)
	s.must(err)
	if len(got) != 2 {
		s.t.Fatalf("got %v", got)
	}
	s.wall.Advance(store.TokenLife)
	got, err = s.Revocations(ctx)
	s.must(err)
	s.same(len(got), 0)
	s.must(s.Commit(ctx, store.Sweep(s.wall.Now().Add(time.Second))))
	var rows int
	s.must(s.DB().QueryRow(ctx, `SELECT count(*) FROM revocations`).Scan(&rows))
	s.same(rows, 0)
}
