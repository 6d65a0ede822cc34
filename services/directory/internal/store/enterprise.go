package store

import (
	"context"
	"database/sql"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Enterprise is an enterprise with where its journal stands.
type Enterprise struct {
	enterprise.Enterprise
	History
}

const enterpriseColumns = `SELECT e.city, e.id, e.display_name, coalesce(e.uscc, ''), e.kind, e.county, e.created, e.version, e.head, e.changed FROM enterprises e `

// Enterprise returns an enterprise; ErrNotFound if there is none.
func (s *Store) Enterprise(ctx context.Context, city, id string) (Enterprise, error) {
	e, err := scanEnterprise(s.DB().QueryRow(ctx, enterpriseColumns+`WHERE e.city = $1 AND e.id = $2`, city, id))
	return e, found(err)
}

// EnterpriseByUSCC returns the enterprise with a credit code; ErrNotFound if there is none.
func (s *Store) EnterpriseByUSCC(ctx context.Context, city string, uscc enterprise.USCC) (Enterprise, error) {
	e, err := scanEnterprise(s.DB().QueryRow(ctx, enterpriseColumns+`WHERE e.city = $1 AND e.uscc = $2`, city, string(uscc)))
	return e, found(err)
}

// Enterprises returns a city's enterprises in the order of their ids, from behind after.
func (s *Store) Enterprises(ctx context.Context, city, after string, limit int) ([]Enterprise, error) {
	return sqldb.Collect(scanEnterprise)(s.DB().Query(ctx, enterpriseColumns+`WHERE e.city = $1 AND e.id > $2 ORDER BY e.id LIMIT $3`, city, after, limit))
}

// EnterprisesOf returns those that a person claims or is confirmed to belong to, in the order of their ids, from behind after.
func (s *Store) EnterprisesOf(ctx context.Context, city, person, after string, limit int) ([]Enterprise, error) {
	return sqldb.Collect(scanEnterprise)(s.DB().Query(ctx, enterpriseColumns+`JOIN members m ON m.city = e.city AND m.enterprise = e.id
		WHERE m.city = $1 AND m.person = $2 AND m.state <> $3 AND e.id > $4 ORDER BY e.id LIMIT $5`,
		city, person, int32(enterprise.Removed), after, limit))
}

func scanEnterprise(row sqldb.Row) (Enterprise, error) {
	var e Enterprise
	var created, version, changed int64
	var head []byte
	err := row.Scan(&e.City, &e.ID, &e.DisplayName, (*string)(&e.USCC), (*int32)(&e.Kind), &e.County, &created, &version, &head, &changed)
	if err != nil {
		return e, err
	}
	e.Created = instant(created)
	e.History, err = history(version, head, changed)
	return e, err
}

func enterpriseAt(city, id string) (At, error) {
	month, err := ids.Month(id)
	return At{City: city, Aggregate: "enterprises/" + id, Month: month}, err
}

// AddEnterprise adds an enterprise with the claim of who registers it. If its credit code has got an owner meanwhile, the
// commit fails with ErrUSCCTaken (through Taken).
func AddEnterprise(c *change.Change, e *Enterprise, m enterprise.Member, now time.Time, actor string) error {
	at, err := enterpriseAt(e.City, e.ID)
	if err != nil {
		return err
	}
	if e.History, err = Append(c, at, History{}, now, actor, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_EnterpriseCreated{
		EnterpriseCreated: &directoryv1.EnterpriseCreated{Enterprise: e.ID, County: e.County, Kind: int32(e.Kind)}}}); err != nil {
		return err
	}
	if e.History, err = Append(c, at, e.History, now, actor, memberChanged(m)); err != nil {
		return err
	}
	var uscc any
	if e.USCC != "" {
		uscc = string(e.USCC)
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO enterprises (city, id, display_name, uscc, kind, county, created, version, head, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.City, e.ID, e.DisplayName, uscc, int32(e.Kind), e.County, micros(e.Created), e.Version, e.Hash[:], micros(e.Time)))
	writeMember(c, m)
	return nil
}

func memberChanged(m enterprise.Member) *directoryv1.DirectoryEvent {
	return &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_MemberChanged{MemberChanged: &directoryv1.MemberChanged{
		Enterprise: m.Enterprise, Person: m.Person, State: int32(m.State), Admin: m.Admin}}}
}

// SaveMember stores a membership as it is now. The enterprise's journal, which it goes through, is what makes two who decide
// at once take turns.
func SaveMember(c *change.Change, e *Enterprise, m enterprise.Member, now time.Time, actor string) error {
	at, err := enterpriseAt(e.City, e.ID)
	if err != nil {
		return err
	}
	before := e.Version
	if e.History, err = Append(c, at, e.History, now, actor, memberChanged(m)); err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Guard(`UPDATE enterprises SET version = $1, head = $2, changed = $3 WHERE city = $4 AND id = $5 AND version = $6`,
		e.Version, e.Hash[:], micros(e.Time), e.City, e.ID, before))
	writeMember(c, m)
	return nil
}

func writeMember(c *change.Change, m enterprise.Member) {
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO members (city, enterprise, person, state, admin, created, confirmed)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (city, enterprise, person) DO UPDATE SET state = excluded.state, admin = excluded.admin, created = excluded.created, confirmed = excluded.confirmed`,
		m.City, m.Enterprise, m.Person, int32(m.State), flag(m.Admin), micros(m.Created), maybe(m.Confirmed)))
}

const memberColumns = `SELECT city, enterprise, person, state, admin, created, confirmed FROM members `

// Member returns a membership, ended ones included; ErrNotFound if there never was one.
func (s *Store) Member(ctx context.Context, city, enterpriseID, person string) (enterprise.Member, error) {
	m, err := scanMember(s.DB().QueryRow(ctx, memberColumns+`WHERE city = $1 AND enterprise = $2 AND person = $3`, city, enterpriseID, person))
	return m, found(err)
}

// Members returns who speaks or claims to speak for an enterprise.
func (s *Store) Members(ctx context.Context, city, enterpriseID string) ([]enterprise.Member, error) {
	return sqldb.Collect(scanMember)(s.DB().Query(ctx, memberColumns+`WHERE city = $1 AND enterprise = $2 AND state <> $3 ORDER BY person`,
		city, enterpriseID, int32(enterprise.Removed)))
}

// Confirmed returns the confirmed memberships of a person, newest first, at most limit.
func (s *Store) Confirmed(ctx context.Context, city, person string, limit int) ([]enterprise.Member, error) {
	return sqldb.Collect(scanMember)(s.DB().Query(ctx, memberColumns+`WHERE city = $1 AND person = $2 AND state = $3 ORDER BY confirmed DESC, enterprise LIMIT $4`,
		city, person, int32(enterprise.Confirmed), limit))
}

func scanMember(row sqldb.Row) (enterprise.Member, error) {
	var m enterprise.Member
	var admin, created int64
	var confirmed sql.NullInt64
	err := row.Scan(&m.City, &m.Enterprise, &m.Person, (*int32)(&m.State), &admin, &created, &confirmed)
	m.Admin, m.Created, m.Confirmed = admin == 1, instant(created), maybeInstant(confirmed)
	return m, err
}

// AddProject adds an investment project. Its history is its own, so that registering projects does not get into the way of
// who confirms members.
func AddProject(c *change.Change, p enterprise.Project, now time.Time, actor string) error {
	month, err := ids.Month(p.ID)
	if err != nil {
		return err
	}
	at := At{City: p.City, Aggregate: "projects/" + p.ID, Month: month}
	if _, err := Append(c, at, History{}, now, actor, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_ProjectCreated{
		ProjectCreated: &directoryv1.ProjectCreated{Project: p.ID, Enterprise: p.Enterprise, County: p.County,
			InvestmentFen: p.InvestmentFen, Jobs: p.Jobs}}}); err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO projects (city, enterprise, id, display_name, county, stage, investment_fen, jobs, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.City, p.Enterprise, p.ID, p.DisplayName, p.County, p.Stage, p.InvestmentFen, p.Jobs, micros(p.Created)))
	return nil
}

// Projects returns an enterprise's projects, oldest first.
func (s *Store) Projects(ctx context.Context, city, enterpriseID string) ([]enterprise.Project, error) {
	const text = `SELECT city, enterprise, id, display_name, county, stage, investment_fen, jobs, created FROM projects
		WHERE city = $1 AND enterprise = $2 ORDER BY id`
	return sqldb.Collect(scanProject)(s.DB().Query(ctx, text, city, enterpriseID))
}

// Project returns a project of an enterprise; ErrNotFound if there is none.
func (s *Store) Project(ctx context.Context, city, enterpriseID, id string) (enterprise.Project, error) {
	const text = `SELECT city, enterprise, id, display_name, county, stage, investment_fen, jobs, created FROM projects
		WHERE city = $1 AND enterprise = $2 AND id = $3`
	p, err := scanProject(s.DB().QueryRow(ctx, text, city, enterpriseID, id))
	return p, found(err)
}

func scanProject(row sqldb.Row) (enterprise.Project, error) {
	var p enterprise.Project
	var created int64
	err := row.Scan(&p.City, &p.Enterprise, &p.ID, &p.DisplayName, &p.County, &p.Stage, &p.InvestmentFen, &p.Jobs, &created)
	p.Created = instant(created)
	return p, err
}
