package store

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// AnswerKnown is the constraint that an answer violates which the official has given before.
const AnswerKnown = "answer_texts_pkey"

const (
	newAnswer  = `INSERT INTO answer_texts (city, official, likeness) VALUES ($1, $2, $3)`
	sameAnswer = newAnswer + ` ON CONFLICT (city, official, likeness) DO NOTHING`
)

// NewAnswer keeps the likeness of an answer that was judged to be new. When the official gave one like it meanwhile, the Change fails with
// AnswerKnown.
func NewAnswer(city, official string, likeness []byte) change.Statement {
	return change.Exec(newAnswer, city, official, likeness)
}

// SameAnswer keeps the likeness of an answer that was thin already.
func SameAnswer(city, official string, likeness []byte) change.Statement {
	return change.Exec(sameAnswer, city, official, likeness)
}

// AnsweredBefore tells whether the official has given an answer like this.
func (s *Store) AnsweredBefore(ctx context.Context, city, official string, likeness []byte) (bool, error) {
	var one int
	err := s.db.QueryRow(ctx, `SELECT 1 FROM answer_texts WHERE city = $1 AND official = $2 AND likeness = $3`, city, official, likeness).Scan(&one)
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
