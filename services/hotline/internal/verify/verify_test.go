package verify_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/verify"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// What somebody with the database in their hands could do, each seen.
func TestEveryEditIsFound(t *testing.T) {
	edits := map[string]string{
		"a state":               `UPDATE tickets SET state = 'CLOSED' WHERE version = 2`,
		"a holder":              `UPDATE tickets SET official = 'x' WHERE version = 2`,
		"a version":             `UPDATE tickets SET version = 1 WHERE version = 2`,
		"a hash":                `UPDATE tickets SET hash = previous FROM journal WHERE journal.version = 2`,
		"a snapshot":            `UPDATE tickets SET snapshot = (SELECT o.snapshot FROM tickets o WHERE o.id <> tickets.id ORDER BY o.id LIMIT 1)`,
		"an issue link":         `UPDATE tickets SET issue = 'x' WHERE version = 2`,
		"a ticket that is gone": `DELETE FROM tickets WHERE version = 2`,
	}
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		for name, edit := range edits {
			if dsn != "sqlite::memory:" && name != "a state" {
				continue // a database of its own for each edit, where that is cheap; one edit elsewhere
			}
			t.Run(name, func(t *testing.T) {
				w := desktest.New(t, dsn)
				ref := w.File(t)
				w.File(t)
				if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, ref, policytest.Attendant); err != nil {
					t.Fatal(err)
				}
				if found := look(t, w); len(found.Faults) > 0 {
					t.Fatalf("before the edit: %v", found.Faults)
				}
				if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(edit)}}); err != nil {
					t.Fatal(err)
				}
				if found := look(t, w); len(found.Faults) == 0 {
					t.Error("the edit went unseen")
				}
			})
		}
	})
}

// What keeps who did it is what its history makes of it too: the history names a person in full, the ticket does not.
func TestWhoActedIsNoFault(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := w.File(t)
	if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, ref, policytest.Attendant); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Supervise(t.Context(), desktest.Caller(policytest.MayorOffice), desk.Call{}, ref, "text"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Reject(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, ref, "police", "reason"); err != nil {
		t.Fatal(err)
	}
	if found := look(t, w); len(found.Faults) > 0 {
		t.Errorf("nobody edited it: %v", found.Faults)
	}
}

// The same for a common issue.
func TestEveryEditOfAnIssueIsFound(t *testing.T) {
	edits := map[string]string{
		"a state":               `UPDATE common_issues SET state = 'SOLVED'`,
		"a lead unit":           `UPDATE common_issues SET lead_unit = 'x'`,
		"a date":                `UPDATE common_issues SET due_time = due_time + 1`,
		"a version":             `UPDATE common_issues SET version = 7`,
		"a snapshot":            `UPDATE common_issues SET snapshot = (SELECT t.snapshot FROM tickets t)`,
		"a hash":                `UPDATE common_issues SET hash = (SELECT t.hash FROM tickets t)`,
		"an issue that is gone": `DELETE FROM common_issues`,
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			w := desktest.New(t, "sqlite::memory:")
			w.File(t)
			view, err := w.OpenIssue(t.Context(), desktest.Caller(policytest.MayorOffice), desk.Call{}, desk.IssueOpening{City: policytest.Code, Month: "2026-03",
				Lead: policytest.Housing, Date: "2026-03-31", Title: "title", Plan: "plan"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.ReportIssue(t.Context(), desktest.Caller(policytest.HousingLeader), desk.Call{}, desktest.Ref(view.Issue.ID), "report", false); err != nil {
				t.Fatal(err)
			}
			look := func() int {
				var found change.Verified
				if err := verify.Issues(t.Context(), w.Store.DB(), &found); err != nil {
					t.Fatal(err)
				}
				return len(found.Faults)
			}
			if n := look(); n > 0 {
				t.Fatalf("%d faults before the edit", n)
			}
			if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(edit)}}); err != nil {
				t.Fatal(err)
			}
			if look() == 0 {
				t.Error("the edit went unseen")
			}
		})
	}
}

// The same for what officials noted beside a ticket. Its erasure is no fault.
func TestEveryEditOfANoteIsFound(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		for name, c := range map[string]struct {
			edit   string
			faults int
		}{
			"a text":         {`UPDATE contents SET body = 'x' WHERE kind = 'INTERNAL_NOTE'`, 2},
			"an author":      {`UPDATE contents SET author = 'FILER' WHERE kind = 'INTERNAL_NOTE'`, 2},
			"another's text": {`INSERT INTO contents (city, month, ticket, id, kind, author, person, create_time, title, body, name, phone, secret) SELECT city, month, ticket, 'x', kind, author, person, create_time, title, body, name, phone, secret FROM contents WHERE kind = 'INTERNAL_NOTE' ORDER BY id LIMIT 1`, 1},
			"an erasure":     {`DELETE FROM contents WHERE kind = 'INTERNAL_NOTE'`, 0},
		} {
			if dsn != "sqlite::memory:" && name != "a text" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				w := desktest.New(t, dsn)
				ref := w.File(t)
				for _, by := range []string{policytest.Dispatcher, policytest.MayorOffice} {
					if _, _, err := w.Note(t.Context(), desktest.Caller(by), desk.Call{}, ref, "note"); err != nil {
						t.Fatal(err)
					}
				}
				look := func() int {
					found, err := change.Verify(t.Context(), w.Store.DB())
					if err != nil {
						t.Fatal(err)
					}
					if err := verify.Notes(t.Context(), w.Store.DB(), &found); err != nil {
						t.Fatal(err)
					}
					return len(found.Faults)
				}
				if n := look(); n > 0 {
					t.Fatalf("%d faults before the edit", n)
				}
				if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(c.edit)}}); err != nil {
					t.Fatal(err)
				}
				if n := look(); n != c.faults {
					t.Errorf("%d faults, want %d", n, c.faults)
				}
			})
		}
	})
}

func look(t *testing.T, w *desktest.World) change.Verified {
	t.Helper()
	var found change.Verified
	if err := verify.Tickets(t.Context(), w.Store.DB(), &found); err != nil {
		t.Fatal(err)
	}
	return found
}
