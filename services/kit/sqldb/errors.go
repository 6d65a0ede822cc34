package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What a caller can act upon. Everything else a driver reports is passed on as it is, a defect or an outage.
var (
	// ErrNoRows: QueryRow found nothing.
	ErrNoRows = errors.New("no rows")
	// ErrBusy: a lock was not to be had in time, or the engine broke a deadlock or a serialisation cycle. Nothing was
	// written; deciding again may succeed.
	ErrBusy = fault.New(fault.Unavailable, "OVERLOADED", "系统繁忙，请几秒后重试；重试时请使用同一请求编号，不会重复提交。",
		"The system is busy. Try again in a few seconds with the same request id; nothing is done twice.")
	// ErrTimeout: a statement took longer than one may, and was stopped by the server. Nothing was written.
	ErrTimeout = fault.New(fault.Deadline, "DEADLINE_EXCEEDED", "处理超时，请稍后重试；重试时请使用同一请求编号，不会重复提交。",
		"The request took too long. Try again with the same request id; nothing is done twice.")
	// ErrConnection: the connection was lost. If that happened during a commit, nobody knows whether it took place.
	ErrConnection = fault.New(fault.Unavailable, "UNAVAILABLE", "服务暂时不可用，请稍后重试；重试时请使用同一请求编号，不会重复提交。",
		"The service is not available at the moment. Try again shortly with the same request id; nothing is done twice.")
	// ErrSync: the disk refused to make data durable. What the file holds is unknown until it is opened again, so the
	// process must end.
	ErrSync = errors.New("the disk did not make data durable")
)

// UniqueError is the violation of a unique constraint or index.
type UniqueError struct {
	// Name is the name of the constraint or unique index: as created, or the one PostgreSQL makes up, such as person_pkey
	// or person_city_phone_key. SQLite reports the same names.
	Name string
}

func (e *UniqueError) Error() string { return "unique constraint " + e.Name + " violated" }

// ConstraintError is the violation of any other constraint: NOT NULL, CHECK, a foreign key or a trigger that refuses. It is
// a defect of the writer.
type ConstraintError struct{ Detail string }

func (e *ConstraintError) Error() string { return "constraint violated: " + e.Detail }

// StateError is a PostgreSQL error raised by one of our own functions, told apart by its SQLSTATE.
type StateError struct{ State string }

func (e *StateError) Error() string { return "refused by the database with state " + e.State }

// SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	stateUnique        = "23505"
	classConstraint    = "23"
	stateCheck         = "23514"
	classConnection    = "08"
	classOperator      = "57" // admin shutdown, crash shutdown, cannot connect now
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateLockTimeout   = "55P03"
	stateQueryCanceled = "57014"

	stateIdleTransaction = "25P03"

	classOwn = "TT" // raised by functions of ours
)

// TranslatePostgres turns an error of pgx into one of this package. The text of a server error names tables and constraints;
// its detail, which may quote rows, is dropped, since errors end up in logs.
func TranslatePostgres(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, sql.ErrNoRows):
		return ErrNoRows
	case errors.As(err, &pg):
		return translateState(pg)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case lostConnection(err):
		return fmt.Errorf("%w: %w", ErrConnection, err)
	}
	return err
}

func translateState(pg *pgconn.PgError) error {
	switch {
	case pg.Code == stateUnique:
		return &UniqueError{Name: pg.ConstraintName}
	case pg.Code[:2] == classOwn:
		return &StateError{State: pg.Code}
	case pg.Code == stateCheck && pg.ConstraintName == "": // a partition's own constraint has no name: one was made while the row was on its way to another
		return fmt.Errorf("%w: %s", ErrBusy, pg.Message)
	case pg.Code[:2] == classConstraint:
		return &ConstraintError{Detail: pg.Message}
	case pg.Code == stateSerialization, pg.Code == stateDeadlock, pg.Code == stateLockTimeout:
		return fmt.Errorf("%w: %s", ErrBusy, pg.Message)
	case pg.Code == stateQueryCanceled: // by its timeout, or by an operator: who gives a request up has no answer of the server
		return fmt.Errorf("%w: %s", ErrTimeout, pg.Message)
	case pg.Code == stateIdleTransaction:
		return fmt.Errorf("%w: %s", ErrTimeout, pg.Message)
	case pg.Code[:2] == classConnection, pg.Code[:2] == classOperator:
		return fmt.Errorf("%w: %s", ErrConnection, pg.Message)
	}
	return fmt.Errorf("%s (SQLSTATE %s)", pg.Message, pg.Code)
}

func lostConnection(err error) bool {
	var operation *net.OpError
	var connect *pgconn.ConnectError
	return errors.As(err, &operation) || errors.As(err, &connect) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
